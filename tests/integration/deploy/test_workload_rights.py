"""The rights that running services needs: what the adapter asks for, exactly, and none of it where the chart says off."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from aimcore.adapters.kubernetes.cluster import KubernetesCluster
from aimcore.adapters.kubernetes.connection import connect
from aimcore.adapters.kubernetes.diagnostics import KubernetesEvents, KubernetesLogs
from aimcore.adapters.kubernetes.reflector import Backoff
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.memory.kinds import Address
from aimcore.adapters.schemas import definitions
from aimcore.domain.kinds.caches import Cache, CacheSpec
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.plan import Delete
from aimcore.ports.cluster import Put
from aimcore.ports.errors import AlreadyExists, NotFound
from tests.integration.cluster.driver import HttpCluster, MemoryCluster
from tests.integration.deploy.charts import CHART, rendered
from tests.integration.deploy.rights import Right, granted, of_the_operator, recorded, used

CHILDREN = tuple(kind for kind in Kind if kind.is_manifest)
POD = Key(Kind.POD, "ml", "aim-chat-1")


def _rules(*names: str) -> frozenset[Right]:
    return granted({"rules": yaml.safe_load((CHART / "rules" / name).read_text())} for name in names)


OF_WORKLOADS = _rules("workloads.yaml", "logs.yaml")


def child(kind: Kind, **labels: str) -> Child:
    meta = Meta(labels={MANAGED_BY: MANAGER, **labels})
    return Child(key=Key(kind, "ml", "aim-chat"), meta=meta, spec={"ports": []} if kind is Kind.NETWORK_SERVICE else {})


def hear(port: KubernetesCluster, known: ObjectCache) -> ObjectCache:
    for change in port.changes():
        if isinstance(change, Put):
            known.put(change.thing)
        else:
            known.drop(change.thing)
    return known


def hear_until(port: KubernetesCluster, known: ObjectCache, holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, "not heard of in time"
        hear(port, known)
        time.sleep(0.02)


def live(port: KubernetesCluster, kind: Kind, others: HttpCluster) -> None:
    """All that is ever asked for of a child: made, changed, deleted, and found in the way."""
    known = ObjectCache()
    key = child(kind).key

    def found() -> Child | None:
        stands = hear(port, known).find(key)
        assert stands is None or isinstance(stands, Child)
        return stands

    port.create(child(kind))
    hear_until(port, known, lambda: found() is not None)
    made = found()
    assert made is not None
    port.apply(child(kind, team="a"))
    hear_until(port, known, lambda: (now := found()) is not None and "team" in now.meta.labels)
    made = found()
    assert made is not None
    port.delete(Delete(key=key, uid=made.meta.uid, resource_version=made.meta.resource_version, rule="OWN-2"))
    hear_until(port, known, lambda: found() is None)
    theirs = {"name": key.name, "namespace": key.namespace}
    others.create(
        {"apiVersion": kind.api_version, "kind": kind.api_name, "metadata": theirs, "spec": {}}, manager="ann"
    )
    with pytest.raises(AlreadyExists):
        port.create(child(kind))
    hear_until(port, known, lambda: found() is not None)
    others.delete(Address(kind.api_name, "ml", key.name))


@pytest.mark.rule("SEC-5", "RUN-15")
def test_running_services_asks_for_exactly_what_its_rules_grant(tmp_path: Path) -> None:
    asked: set[tuple[str, str]] = set()
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as api_server:
        kubeconfig = tmp_path / "kubeconfig"
        api_server.write_kubeconfig(kubeconfig)
        others = HttpCluster(HTTPConnection("127.0.0.1", api_server.port, timeout=60), api_server.token, kubeconfig)
        others.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml"}}, manager="kubectl")
        with recorded(api_server.port, asked) as port:
            kubeconfig.write_text(kubeconfig.read_text().replace(f":{api_server.port}/", f":{port}/"))
            connection = connect(kubeconfig=str(kubeconfig))
            backoff = Backoff(chance=random.random, clock=time.monotonic, first=0.1, most=1.0)
            cluster = KubernetesCluster(Requests(connection), backoff=backoff, workloads=True, report=lambda _: None)
            cluster.start()
            for kind in CHILDREN:
                live(cluster, kind, others)
            cluster.create(Cache(key=Key(Kind.CACHE, "ml", "llama"), spec=CacheSpec(template_name="llama")))
            assert KubernetesEvents(Requests(connection)).of(POD, "u") == ()
            with suppress(NotFound):  # there are no logs in memory
                KubernetesLogs(Requests(connection)).tail("ml", POD.name, "aim", lines=3)
            cluster.stop()
            connection.close()
        others.close()
    plain = {
        (method, path)
        for method, path in asked
        if "aim.silogen.ai/v1alpha1" not in path or (method == "POST" and "/aimtemplatecaches" in path)
    }
    uses = {used(method, path.removeprefix(f"/{api_server.token}")) for method, path in plain}
    uses = {right for right in uses if right.resource not in ("nodes", "namespaces")}
    assert {"asked for and not granted": uses - OF_WORKLOADS} == {"asked for and not granted": frozenset()}
    assert {"granted and not asked for": OF_WORKLOADS - uses} == {"granted and not asked for": frozenset()}


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize("name", ["install.yaml", "namespaced.yaml"])
def test_the_manifests_grant_them(name: str) -> None:
    shipped = yaml.safe_load_all((CHART.parent / "manifests" / name).read_text())
    assert granted(of_the_operator(shipped)) >= OF_WORKLOADS


# --- what the chart is told -------------------------------------------------------------------------------------------


def rights(documents: list[dict[str, Any]]) -> frozenset[Right]:
    return granted(of_the_operator(documents))


def environment(documents: list[dict[str, Any]]) -> dict[str, Any]:
    [deployment] = [one for one in documents if one["kind"] == "Deployment"]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one.get("value") for one in container["env"]}


@pytest.mark.rule("RUN-15", "SEC-5")
@pytest.mark.parametrize("namespaces", [(), ("--set", "namespaces={ml-team}")], ids=["all", "one"])
def test_with_workloads_off_the_chart_grants_none_of_them(namespaces: tuple[str, ...]) -> None:
    on, off = rendered(*namespaces), rendered(*namespaces, "--set", "workloads.enabled=false")
    assert rights(on) - rights(off) == OF_WORKLOADS
    assert rights(off) & OF_WORKLOADS == frozenset()
    assert environment(off).get("AIM_WORKLOADS") == "off"
    assert "AIM_WORKLOADS" not in environment(on)


@pytest.mark.rule("SEC-5")
def test_the_logs_of_pods_can_be_kept_from_it() -> None:
    assert rights(rendered()) - rights(rendered("--set", "workloads.logs=false")) == _rules("logs.yaml")
