"""The quickstart on a running operator, and nodes with GPUs that come afterwards: each service ends as `plan` says.

Each round is another race between the templates that become Ready and the services that wait for them. By hand, for twenty:

    AIMCORE_RACE_ROUNDS=20 .venv/bin/python -m pytest -n 0 tests/integration/operator/test_race.py
"""

from __future__ import annotations

import json
import os
import shutil
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aimcore.entrypoints.cli.commands import aimcore
from tests.integration.operator.test_embedded import ROOT, Embedded, started

ROUNDS = int(os.environ.get("AIMCORE_RACE_ROUNDS", "2"))
QUICKSTART, NODES = ROOT / "examples" / "quickstart", ROOT / "examples" / "cluster" / "nodes.yaml"
RESOLVE_ONLY = ("--workloads", "off")
"""A service that runs keeps what it runs (RUN-16): the choice may differ from what is chosen of everything at once."""
QUIET = 2.0
"""Seconds without a write after which the operator is at rest: longer than it waits for any answer."""
PLURALS = ("aimmodels", "aimservicetemplates", "aimservices", "aimclustermodels", "aimclusterservicetemplates")

Choices = dict[str, Any]
"""What each service runs, by its place."""


@cache
def planned() -> Choices:
    command = ["plan", str(QUICKSTART), str(NODES), "--images", str(QUICKSTART / "images"), *RESOLVE_ONLY, "-o", "json"]
    plan = json.loads(CliRunner().invoke(aimcore, command).stdout)
    return choices(plan["objects"])


def choices(things: list[dict[str, Any]]) -> Choices:
    services = [one for one in things if one["kind"] == "AIMService"]
    return {f"{one['metadata']['namespace']}/{one['metadata']['name']}": _choice(one["status"]) for one in services}


def _choice(status: dict[str, Any]) -> Any:
    template = status.get("resolvedTemplate", {})
    return status["status"], template.get("kind"), template.get("name")


def objects(running: Embedded) -> list[dict[str, Any]]:
    return [one for plural in PLURALS for one in running.ask(f"/{plural}").get("items", [])]


def at_rest(running: Embedded) -> list[dict[str, Any]]:
    """Everything, once nothing of it has been written for a while."""
    seen: dict[str, str] = {}
    since = time.monotonic()

    def rested() -> list[dict[str, Any]]:
        nonlocal seen, since
        there = objects(running)
        versions = {one["metadata"]["uid"]: one["metadata"]["resourceVersion"] for one in there}
        if versions != seen:
            seen, since = versions, time.monotonic()
        told = all("status" in one for one in there)
        return there if there and told and time.monotonic() - since > QUIET else []

    found: list[dict[str, Any]] = running.until(rested)
    return found


@pytest.mark.rule("SEL-2", "SEL-5")
@pytest.mark.parametrize("number", range(ROUNDS))
def test_services_end_as_planned_when_nodes_come_last(number: int, tmp_path: Path) -> None:
    folder = tmp_path / "manifests"
    folder.mkdir()
    for file in QUICKSTART.glob("*.yaml"):
        shutil.copy(file, folder)
    with started(Embedded(folder, tmp_path / "log", *RESOLVE_ONLY)) as running:
        before = choices(at_rest(running))
        assert before.keys() == planned().keys()
        assert before != planned(), "without nodes no template for a GPU can be run"
        shutil.copy(NODES, folder)
        running.until(lambda: _are_ready(objects(running)))
        after = choices(at_rest(running))
    assert after == planned(), f"round {number}"


def _are_ready(there: list[dict[str, Any]]) -> bool:
    """Whether the nodes were noticed: a template with a GPU is Ready."""
    return any(
        one["kind"].endswith("Template")
        and one["spec"].get("hardware", {}).get("gpu", {}).get("models")
        and one["status"]["status"] == "Ready"
        for one in there
    )
