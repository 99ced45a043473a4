"""What is shipped: manifests that are of this chart, and a deployment that the strictest namespaces let in."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import aimcore
from aimcore import __version__
from aimcore.adapters.schemas import definitions
from tests.integration.deploy.charts import refused, rendered
from tests.reference.chart import OWN
from tests.reference.metrics import metrics

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
    entrypoints = Path(aimcore.__file__).parent / "entrypoints"
    read = "".join((entrypoints / name).read_text() for name in ("settings.py", "operator/options.py"))
    variables = set(re.findall(r'"(AIM_\w+)"', read))
    schema = json.loads((DEPLOY / "chart" / "values.schema.json").read_text())
    mine = {"AIM_REGISTRY_CONFIG"}  # credentials of whoever types a command
    assert set(schema["properties"]["settings"]["properties"]) == variables - OWN - mine


def test_the_schema_knows_every_value_and_no_other() -> None:
    values = yaml.safe_load((DEPLOY / "chart" / "values.yaml").read_text())
    schema = json.loads((DEPLOY / "chart" / "values.schema.json").read_text())
    assert set(schema["properties"]) - {"global"} == set(values)  # Helm gives every chart `global`
    for name in ("image", "networkPolicy", "serviceMonitor", "prometheusRule", "dashboard", "workloads"):
        assert set(schema["properties"][name]["properties"]) == set(values[name])
        assert schema["properties"][name]["additionalProperties"] is False


@pytest.mark.parametrize(
    "value",
    [
        *("replica=2", "replicas=two", "namespaces={ML}", "image.digest=latest", "networkPolicy.egressPorts={https}"),
        *("settings.AIM_LOG_LEVL=debug", "runtimeConfig.env[0].value=a", "resources.cpu=1", "tolerations[0].keys=a"),
        *("prometheusRule.enable=true", "dashboard.labels.a.b=c", "userRoles=yes", "affinity.gpuAffinity.a=b"),
    ],
)
def test_a_value_that_means_nothing_is_refused(value: str) -> None:
    assert "don't meet the specifications of the schema" in refused("--set", value)


# --- what watches it -------------------------------------------------------------------------------------------------


def series() -> dict[str, set[str]]:
    """Every metric by the name that Prometheus gives it, with its labels."""
    return {metric.name: set(metric.labels) for metric in metrics()}


def expressions() -> list[tuple[str, str]]:
    """Each query of the alerts and of the dashboard, with where it stands."""
    alerts = yaml.safe_load((DEPLOY / "chart" / "files" / "alerts.yaml").read_text())
    dashboard = json.loads((DEPLOY / "chart" / "files" / "dashboard.json").read_text())
    rules = [(rule["alert"], rule["expr"]) for group in alerts["groups"] for rule in group["rules"]]
    return rules + [
        (panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", ())
    ]


@pytest.mark.parametrize(("where", "query"), expressions())
def test_alerts_and_dashboard_ask_for_metrics_and_labels_that_there_are(where: str, query: str) -> None:
    known = series()
    asked = re.findall(r"\b(aimcore_\w+)(?:\{([^}]*)\})?", query)
    assert asked, where
    for name, selector in asked:
        assert name in known
        assert set(re.findall(r"(\w+)(?:=~|!=|=)", selector)) <= known[name]
    grouped = {label for group in re.findall(r"by \(([^)]*)\)", query) for label in group.split(", ")}
    assert grouped <= set().union(*(known[name] for name, _ in asked))


def test_every_metric_is_on_the_dashboard() -> None:
    dashboard = (DEPLOY / "chart" / "files" / "dashboard.json").read_text()
    assert [name for name in series() if name not in dashboard] == []


def test_alerts_and_dashboard_are_shipped_where_they_are_asked_for() -> None:
    kinds = {"PrometheusRule", "ServiceMonitor"}
    asked = ("serviceMonitor.enabled=true", "prometheusRule.enabled=true", "dashboard.enabled=true")
    shipped = {one["kind"]: one for one in rendered(*(word for value in asked for word in ("--set", value)))}
    assert not kinds & {one["kind"] for one in rendered()}
    assert kinds <= set(shipped)
    assert shipped["PrometheusRule"]["spec"] == yaml.safe_load((DEPLOY / "chart" / "files" / "alerts.yaml").read_text())
    [board] = shipped["ConfigMap"]["data"].values()
    assert json.loads(board)["uid"] == "aim-operator"


# --- helm test -------------------------------------------------------------------------------------------------------


def hook(*values: str) -> dict[str, Any]:
    [pod] = [one for one in rendered(*values) if one["kind"] == "Pod"]
    return pod


def test_the_test_of_the_chart_is_let_through_to_the_metrics_and_is_no_pod_of_the_operator() -> None:
    pod, labels = hook(), hook()["metadata"]["labels"]
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    documents = {one["kind"]: one for one in rendered()}
    [ingress] = documents["NetworkPolicy"]["spec"]["ingress"]
    assert {"podSelector": {"matchLabels": labels}} in ingress["from"]
    assert documents["Service"]["spec"]["selector"].items() - labels.items()
    [container] = pod["spec"]["containers"]
    [operator] = documents["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == operator["image"]
    assert container["securityContext"] == operator["securityContext"]


def test_the_test_of_the_chart_passes_where_an_operator_leads_and_fails_where_none_answers(tmp_path: Path) -> None:
    [python, flag, script, _, _] = hook()["spec"]["containers"][0]["command"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def tried(seconds: int) -> subprocess.CompletedProcess[str]:
        asked = [python, flag, script, f"http://127.0.0.1:{port}/metrics", str(seconds)]
        return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=90)

    failed = tried(0)
    assert (failed.returncode, "Connection refused" in failed.stderr) == (1, True)
    program = Path(sys.executable).parent / "aimcore"
    flags = ["--embedded", str(tmp_path), "--metrics-port", str(port), "--health-port", "0"]
    process = subprocess.Popen([str(program), "operator", *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        passed = tried(60)
    finally:
        process.terminate()
        process.wait(timeout=60)
    assert (passed.returncode, passed.stderr) == (0, "")
    assert passed.stdout.endswith("the operator leads\n")


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
