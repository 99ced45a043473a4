"""The document's examples as stories: what was given, and what came of it.

`sagas/<name>/given.yaml` is planned with the images of the examples; `then.yaml` holds the telling parts of the outcome:
what was made and by which rule, and of every object of ours what its status says. To look at all of a plan:

    aimcore plan tests/integration/sagas/NAME/given.yaml --images examples/quickstart/images -o yaml
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from aimcore.entrypoints.cli.commands import aimcore

SAGAS = sorted((Path(__file__).parent / "sagas").iterdir())
IMAGES = Path(__file__).parents[2] / "examples" / "quickstart" / "images"


@pytest.mark.parametrize("saga", SAGAS, ids=lambda saga: str(saga.name))
def test_the_document_comes_out_as_it_says(saga: Path) -> None:
    assert outcome(saga / "given.yaml") == yaml.safe_load((saga / "then.yaml").read_text(encoding="utf-8"))


def outcome(given: Path) -> dict[str, Any]:
    """The telling parts of the plan."""
    ran = CliRunner().invoke(aimcore, ["plan", str(given), "--images", str(IMAGES), "-o", "json"])
    plan = json.loads(ran.stdout)
    return {
        "exit": ran.exit_code,
        "problems": plan["problems"],
        "assumptions": plan["assumptions"],
        "made": [
            f"{one['action']} {place(one)} [{one['rule']}]" for one in plan["changes"] if one["action"] != "status"
        ],
        "objects": {
            place({"kind": each["kind"], **each["metadata"]}): telling(each, made_in(plan))
            for each in plan["objects"]
            if "status" in each and each["kind"].startswith("AIM")
        },
    }


def made_in(plan: Mapping[str, Any]) -> set[str]:
    return {place(one) for one in plan["changes"] if one["action"] == "create"}


def place(named: Mapping[str, Any]) -> str:
    namespace = named.get("namespace")
    return f"{named['kind']} {f'{namespace}/' if namespace else ''}{named['name']}"


def telling(each: Mapping[str, Any], made: set[str]) -> dict[str, Any]:
    """What one object tells: all of a spec that was made, and of the status what was decided and why."""
    status, metadata = each["status"], each["metadata"]
    told = {name: TOLD[name](status[name]) for name in TOLD if name in status}
    told["why"] = next((one["message"] for one in status["conditions"] if one["type"] == "Ready"), "")
    if not each["kind"].endswith("Template"):
        told["conditions"] = {one["type"]: f"{one['status']} {one['reason']}" for one in status["conditions"]}
    if place({"kind": each["kind"], **metadata}) not in made:
        return told
    owners = [place({**owner, "namespace": metadata.get("namespace")}) for owner in metadata.get("ownerReferences", ())]
    return {"owners": owners, "spec": each["spec"], **told}


def reference(said: Mapping[str, Any]) -> str:
    return f"{place(said)}, scope {said['scope']}"


def resources(said: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {side: {name: layered(value) for name, value in said[side].items()} for side in said}


def layered(value: Mapping[str, Any]) -> str:
    beaten = "".join(f", over {one['layer']} {one['value']}" for one in value.get("passedOver", ()))
    return f"{value['value']} by {value['layer']}{beaten}"


def candidates(said: Mapping[str, Any]) -> dict[str, str]:
    return {one["name"]: f"{one['stage']}: {one['reason']}" for one in said.get("candidates", ())}


def hardware(said: Mapping[str, Any]) -> dict[str, Any]:
    """As it is said, but the nodes by label."""
    affinity = said.get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
    labels = [label for term in affinity.get("nodeSelectorTerms", ()) for label in term["matchExpressions"]]
    nodes = {"nodes": {one["key"]: f"{one['operator']} {', '.join(one['values'])}" for one in labels}} if labels else {}
    return {name: said[name] for name in ("gpu", "cpu") if name in said} | nodes


TOLD: dict[str, Any] = {
    "status": str,
    "sourceType": str,
    "resolvedRuntimeConfig": reference,
    "resolvedModel": reference,
    "resolvedTemplate": reference,
    "resolvedHardware": hardware,
    "resolvedResources": resources,
    "templateSelection": candidates,
    "effectivePullSecrets": lambda said: [one["name"] for one in said],
    "resolvedImage": lambda said: said["reference"],
    "imageMetadata": lambda said: said["model"]["canonicalName"],
}
