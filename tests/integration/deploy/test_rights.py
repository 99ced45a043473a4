"""The operator runs with the rights that the manifests grant it: with no more, and it uses every one of them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.schemas import definitions
from tests.integration.cluster.control_plane import control_plane
from tests.integration.cluster.driver import HttpCluster, MemoryCluster, RealCluster
from tests.integration.cluster.programs import missing, require
from tests.integration.deploy.life import Life
from tests.integration.deploy.rights import granted, of_the_operator, recorded, used
from tests.integration.deploy.test_workload_rights import OF_WORKLOADS
from tests.integration.operator.conftest import AIMCORE, TIMEOUT
from tests.integration.registry.conftest import folder as folder  # noqa: PLC0414 - a fixture of this module too
from tests.integration.registry.registries import htpasswd_registry, open_registry
from tests.integration.walk.stage import GUARDED, OPEN, ROOT, desk, push

MANIFESTS = ROOT / "deploy" / "manifests"
INSTALLS = {"install.yaml": (), "namespaced.yaml": ("--namespaces", "ml-team")}


def roles(name: str) -> list[Mapping[str, Any]]:
    return of_the_operator(yaml.safe_load_all((MANIFESTS / name).read_text()))


@pytest.fixture(scope="module")
def hosts(folder: Path) -> Iterator[dict[str, str]]:
    places = [folder / "open-to-all", folder / "guarded"]
    for place in places:
        place.mkdir()
    with open_registry(places[0]) as free, htpasswd_registry(places[1]) as guarded:
        registries = {OPEN: free, GUARDED: guarded}
        push(registries)
        yield {name: registry.address for name, registry in registries.items()}


@contextmanager
def operator(kubeconfig: Path, hosts: Mapping[str, str], log: Path, *flags: str) -> Iterator[None]:
    command = [str(AIMCORE), "operator", "--kubeconfig", str(kubeconfig), "--metrics-port", "0", "--health-port", "0"]
    plain = [word for address in hosts.values() for word in ("--plain-http", address)]
    with log.open("ab") as written:
        process = subprocess.Popen([*command, *plain, *flags], stdout=written, stderr=written)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(timeout=TIMEOUT) == 0


def live(life: Life, install: str) -> None:
    if install == "install.yaml":
        life.lived_in_all_namespaces()
    else:
        life.lived_in_one_namespace()


@pytest.mark.rule("SEC-5", "OWN-4")
@pytest.mark.parametrize("install", INSTALLS)
def test_the_roles_grant_exactly_what_the_operator_asks_for(
    install: str, hosts: dict[str, str], tmp_path: Path
) -> None:
    asked: set[tuple[str, str]] = set()
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as api_server:
        kubeconfig, log = tmp_path / "kubeconfig", tmp_path / "log"
        api_server.write_kubeconfig(kubeconfig)
        cluster = HttpCluster(HTTPConnection("127.0.0.1", api_server.port, timeout=60), api_server.token, kubeconfig)
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "aim-system"}}, manager="kubectl")
        with recorded(api_server.port, asked) as port:
            kubeconfig.write_text(kubeconfig.read_text().replace(f":{api_server.port}/", f":{port}/"))
            with operator(kubeconfig, hosts, log, *INSTALLS[install]):
                live(Life(cluster, desk(tmp_path / "desk", hosts), hosts, log), install)
        cluster.close()
    uses = frozenset(used(method, path.removeprefix(f"/{api_server.token}")) for method, path in asked)
    grants = granted(roles(install))
    grants -= OF_WORKLOADS - uses  # `test_workload_rights` shows that each of them is used
    assert {"asked for and not granted": uses - grants} == {"asked for and not granted": frozenset()}
    assert {"granted and not asked for": grants - uses} == {"granted and not asked for": frozenset()}


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize("install", INSTALLS)
def test_a_real_control_plane_lets_the_shipped_account_do_all_of_it(
    install: str, hosts: dict[str, str], tmp_path: Path
) -> None:
    require("a real control plane", missing)
    (tmp_path / "plane").mkdir()
    with control_plane(tmp_path / "plane") as cluster:
        log = tmp_path / "log"
        install_everything(cluster, install)
        kubeconfig = of_the_account(cluster, tmp_path)
        with operator(kubeconfig, hosts, log, *INSTALLS[install]):
            live(Life(cluster, desk(tmp_path / "desk", hosts), hosts, log), install)
        told = log.read_text()
        assert not re.search(r"forbidden|cannot \w+ resource", told), told[-4000:]


def install_everything(cluster: RealCluster, install: str) -> None:
    """The manifests, as `kubectl apply --server-side` would send them."""
    for manifest in filter(None, yaml.safe_load_all((MANIFESTS / install).read_text())):
        if manifest["kind"] == "CustomResourceDefinition":
            continue  # installed with the control plane
        if install == "namespaced.yaml" and manifest["metadata"].get("namespace") == "ml-team":
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml-team"}}
            cluster.send(*applied(namespace))
        cluster.send(*applied(manifest))


def applied(manifest: dict[str, Any]) -> tuple[str, str, dict[str, Any], str]:
    plurals = {"NetworkPolicy": "networkpolicies"}
    plural = plurals.get(manifest["kind"], manifest["kind"].lower() + "s")
    root = "apis" if "/" in manifest["apiVersion"] else "api"
    metadata = manifest["metadata"]
    place = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    path = f"/{root}/{manifest['apiVersion']}{place}/{plural}/{metadata['name']}?fieldManager=helm&force=true"
    return "PATCH", path, manifest, "application/apply-patch+yaml"


def of_the_account(cluster: RealCluster, folder: Path) -> Path:
    """A kubeconfig in which the operator's service account is the only user there is."""
    path = "/api/v1/namespaces/aim-system/serviceaccounts/aim-operator/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = cluster.send("POST", path, request)["status"]["token"]
    config = json.loads(cluster.kubeconfig.read_text())
    config["users"] = [{"name": "admin", "user": {"token": token}}]
    (folder / "kubeconfig").write_text(json.dumps(config))
    return folder / "kubeconfig"
