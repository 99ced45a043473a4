"""What is shipped: manifests that are of this chart, and a deployment that the strictest namespaces let in."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from aimcore import __version__
from aimcore.adapters.schemas import definitions
from aimcore.entrypoints.cli.commands_on_clusters import operator

DEPLOY = Path(__file__).parents[3] / "deploy"
MANIFESTS = sorted((DEPLOY / "manifests").glob("*.yaml"))


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_the_manifests_were_rendered_from_this_chart(path: Path) -> None:
    # As `find -L chart -type f | LC_ALL=C sort` in deploy/render.sh; the definitions are a link to the package's own.
    files = {
        f"chart/{one.relative_to(DEPLOY / 'chart')}": one for one in (DEPLOY / "chart").rglob("*") if one.is_file()
    }
    files |= {f"chart/crds/{one.name}": one for one in (DEPLOY / "chart" / "crds").iterdir()}
    content = b"".join(files[name].read_bytes() for name in sorted(files) if "__pycache__" not in name)
    said = re.search(r"with sha256 ([0-9a-f]{64})", path.read_text())
    assert said is not None
    assert said[1] == hashlib.sha256(content).hexdigest(), "run deploy/render.sh, which needs helm"


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_the_manifests_bring_the_definitions_of_this_package(path: Path) -> None:
    shipped = [one for one in documents(path) if one["kind"] == "CustomResourceDefinition"]
    ours = [yaml.safe_load(text) for _, text in definitions()]
    assert sorted(shipped, key=_name) == sorted(ours, key=_name)


def _name(manifest: dict[str, Any]) -> str:
    return str(manifest["metadata"]["name"])


def test_the_chart_has_the_version_of_the_package() -> None:
    chart = yaml.safe_load((DEPLOY / "chart" / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)


def test_every_variable_is_a_setting_unless_the_chart_sets_it_itself() -> None:
    assert isinstance(operator, click.Command)
    told = " ".join(option.help or "" for option in operator.params if isinstance(option, click.Option))
    variables = {*re.findall(r"\[env: (AIM_\w+)", told), "AIM_BASE_IMAGE"}
    schema = json.loads((DEPLOY / "chart" / "values.schema.json").read_text())
    ports = {"AIM_METRICS_PORT", "AIM_HEALTH_PORT"}  # those that probes, service and network policy name
    own = {"AIM_NAMESPACES", "AIM_SYSTEM_NAMESPACE", "AIM_CA_FILE", "AIM_WORKLOADS"} | ports
    assert set(schema["properties"]["settings"]["properties"]) == variables - own


def test_the_schema_knows_every_value_and_no_other() -> None:
    values = yaml.safe_load((DEPLOY / "chart" / "values.yaml").read_text())
    schema = json.loads((DEPLOY / "chart" / "values.schema.json").read_text())
    assert set(schema["properties"]) - {"global"} == set(values)  # Helm gives every chart `global`
    for name in ("image", "networkPolicy", "serviceMonitor", "workloads"):
        assert set(schema["properties"][name]["properties"]) == set(values[name])


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_the_pod_asks_for_no_privilege_and_no_secret_of_its_own(path: Path) -> None:
    [deployment] = [one for one in documents(path) if one["kind"] == "Deployment"]
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["args"][0] == "operator"


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_everything_selects_the_label_that_the_document_looks_for(path: Path) -> None:
    found = {one["kind"]: one for one in documents(path)}
    assert found["Deployment"]["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"] == "aim-operator"
    for selector in (
        found["Service"]["spec"]["selector"],
        found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector == {"app.kubernetes.io/name": "aim-operator", "app.kubernetes.io/instance": "aimcore"}
