"""The chart as people use it, on a real API server: what it lets them do, and its life from install to uninstall."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from aimcore.adapters.memory.kinds import Address
from tests.integration.cluster.control_plane import control_plane
from tests.integration.cluster.driver import RealCluster
from tests.integration.cluster.programs import missing, programs, require
from tests.integration.deploy.charts import CHART, helm, refused, rendered
from tests.integration.deploy.rights import granted, of_the_operator
from tests.integration.deploy.test_rights import applied

MANIFESTS = sorted((CHART.parent / "manifests").glob("*.yaml"))
WRITING = ("create", "update", "patch", "delete", "deletecollection")
ROLES = ("view", "edit", "admin")
MAY = {
    **{("aimservices", verb): ("edit", "admin") for verb in WRITING},
    **{("aimmodels", verb): ("edit", "admin") for verb in WRITING},
    **{("aimservicetemplates", verb): ("edit", "admin") for verb in WRITING},
    **{("aimtemplatecaches", verb): ("edit", "admin") for verb in WRITING},
    **{("aimruntimeconfigs", verb): ("admin",) for verb in WRITING},
    **{("aimservices", verb): ROLES for verb in ("get", "list", "watch")},
    **{("aimruntimeconfigs", verb): ROLES for verb in ("get", "list", "watch")},
    **{("aimservices/scale", verb): ("edit", "admin") for verb in ("get", "update", "patch")},
    **{("aimservices/status", verb): () for verb in ("update", "patch")},
    **{("aimclustermodels", verb): () for verb in ("get", "create", "patch", "delete")},
}
"""Who may do it in a namespace in which they are bound, and nowhere else."""


CONFIGURED = "--set runtimeConfig.storage.defaultStorageClassName=fast --set image.tag=one"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    """A control plane on which the chart is installed, and on which `a-view`, `a-edit` and `a-admin` are bound in `default`."""
    require("a real control plane", missing)
    with control_plane(tmp_path_factory.mktemp("plane")) as cluster:
        run(cluster, f"{helm()} install aimcore {CHART} -n aim-system --create-namespace {CONFIGURED}")
        for role in ROLES:
            cluster.send(*applied(bound(role)))
        yield cluster


def run(cluster: RealCluster, command: str) -> str:
    """What a command prints, typed where the kubeconfig leads to the cluster."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(programs()), os.environ["PATH"]])
    environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig), "PATH": path}
    ran = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def bound(role: str) -> dict[str, object]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": role, "namespace": "default"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": f"a-{role}"}],
    }


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends, "not so in time"
        time.sleep(0.1)


def allowed(cluster: RealCluster, role: str, resource: str, verb: str, namespace: str = "default") -> bool:
    name, _, subresource = resource.partition("/")
    if "cluster" in resource:
        namespace = ""  # a request to an object of the cluster names none
    asked = {"group": "aim.silogen.ai", "resource": name, "subresource": subresource, "verb": verb}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": f"a-{role}", "resourceAttributes": {**asked, "namespace": namespace}},
    }
    return bool(cluster.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)["status"]["allowed"])


@pytest.mark.parametrize("role", ROLES)
def test_the_roles_of_kubernetes_may_do_this_with_aim_kinds_and_no_more(plane: RealCluster, role: str) -> None:
    until(lambda: allowed(plane, role, "aimservices", "list"))  # Kubernetes adds the rules in the background
    until(lambda: role == "view" or allowed(plane, role, "aimservices/scale", "patch"))
    until(lambda: role != "admin" or allowed(plane, role, "aimruntimeconfigs", "create"))
    found = {(resource, verb): allowed(plane, role, resource, verb) for resource, verb in MAY}
    assert found == {asked: role in roles for asked, roles in MAY.items()}
    assert not allowed(plane, role, "aimservices", "list", namespace="kube-system")


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_the_chart_binds_them_to_nobody(path: Path) -> None:
    documents = [one for one in yaml.safe_load_all(path.read_text()) if one]
    bound = {one["roleRef"]["name"] for one in documents if one["kind"].endswith("RoleBinding")}
    assert bound == {"aim-operator", "aim-operator-lease"}


def test_without_them_the_operator_has_the_same_rights() -> None:
    there, gone = rendered(), rendered("--set", "userRoles=false")
    assert {one["metadata"]["name"] for one in there if one["kind"] == "ClusterRole"} == {
        *("aim-operator", "aim-viewer", "aim-editor", "aim-admin")
    }
    assert {one["metadata"]["name"] for one in gone if one["kind"] == "ClusterRole"} == {"aim-operator"}
    assert granted(of_the_operator(there)) == granted(of_the_operator(gone))


def test_the_runtime_config_of_the_values_is_the_default_of_the_cluster(plane: RealCluster) -> None:
    made = plane.get(Address("AIMClusterRuntimeConfig", None, "default"))
    assert made["spec"] == {"storage": {"defaultStorageClassName": "fast"}}


def test_values_that_are_no_runtime_config_are_refused_before_a_cluster_sees_them() -> None:
    assert "storag" in refused("--set", "runtimeConfig.storag.defaultStorageClassName=fast")
    assert "caching/mode" in refused("--set", "runtimeConfig.caching.mode=Sometimes").replace(".", "/")


def test_a_strict_namespace_takes_everything_that_runs_the_test_of_the_chart_included(
    plane: RealCluster, tmp_path: Path
) -> None:
    (tmp_path / "chart.yaml").write_text(yaml.safe_dump_all(rendered()))
    run(plane, "kubectl label --overwrite namespace aim-system pod-security.kubernetes.io/enforce=restricted")
    told = run(plane, f"kubectl apply --dry-run=server -n aim-system -f {tmp_path / 'chart.yaml'} 2>&1")
    assert "pod/aim-operator-test created (server dry run)" in told
    assert "PodSecurity" not in told


RENEW = "aimcore crds | kubectl apply --server-side --force-conflicts -f -"
"""The step of an upgrade that Helm does not do."""


def test_definitions_are_renewed_by_the_step_of_the_pages_and_outlive_the_chart(plane: RealCluster) -> None:
    definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/aimservices.aim.silogen.ai"

    def short_names() -> list[str]:
        return list(plane.send("GET", definition)["spec"]["names"].get("shortNames", []))

    def image() -> str:
        told = run(plane, "kubectl get deployment aim-operator -n aim-system -o jsonpath={..image}")
        return told.rpartition(":")[2]

    plane.send("PATCH", definition, {"spec": {"names": {"shortNames": ["older"]}}}, "application/merge-patch+json")
    upgrade = f"{helm()} upgrade aimcore {CHART} -n aim-system --reset-then-reuse-values"
    run(plane, f"{upgrade} --set image.tag=two")
    assert (image(), short_names()) == ("two", ["older"])
    for page in ("docs/install.md", "deploy/chart/templates/NOTES.txt"):
        assert RENEW in (CHART.parents[1] / page).read_text(encoding="utf-8")
    run(plane, RENEW)
    assert short_names() == ["aimsvc"]
    assert plane.get(Address("AIMClusterRuntimeConfig", None, "default"))["spec"] == {
        "storage": {"defaultStorageClassName": "fast"}
    }
    run(plane, f"{helm()} rollback aimcore -n aim-system")
    assert (image(), short_names()) == ("one", ["aimsvc"])
    service = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMService", "spec": {"model": {"ref": "llama"}}}
    plane.create({**service, "metadata": {"name": "chat", "namespace": "default"}}, manager="kubectl")
    run(plane, f"{helm()} uninstall aimcore -n aim-system")
    assert plane.get(Address("AIMService", "default", "chat"))["spec"]["model"] == {"ref": "llama"}
