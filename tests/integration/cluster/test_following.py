"""What only a real API server does: it restarts, forgets, withholds, and serves newer definitions than ours."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from aimcore.adapters.kubernetes.answers import refusal
from aimcore.adapters.kubernetes.connection import connect
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.adapters.kubernetes.secrets import KubernetesSecrets
from aimcore.adapters.kubernetes.store import ReadWarning
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.domain.errors import InvalidManifestError
from aimcore.domain.kinds.core import Secret, ServiceAccount
from aimcore.entrypoints.loop import Loop
from aimcore.ports.errors import Expired, NotFound, Unavailable
from tests.integration.cluster.bench import TIMEOUT, Bench, following
from tests.integration.cluster.driver import RealCluster
from tests.integration.cluster.manifests import AIM, address, model
from tests.integration.cluster.test_settling import (
    EDITS,
    EXAMPLES,
    NOW,
    PLACES,
    Listed,
    _claims,
    _end,
    _key,
    _settle,
    _world,
)

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def place(real: RealCluster, request: pytest.FixtureRequest) -> str:
    """A namespace of the case's own."""
    name = f"following-{abs(hash(request.node.name)) % 10**8}"
    real.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kubectl")
    return name


# --- settling ---------------------------------------------------------------------------------------------------------


def _by_name(real: RealCluster) -> Iterator[Secret | ServiceAccount]:
    """What the operator neither lists nor watches (SEC-5)."""
    connection = connect(kubeconfig=str(real.access.kubeconfig))
    secrets = KubernetesSecrets(Requests(connection))
    for manifest in _world():
        place, name = str(manifest["metadata"].get("namespace")), manifest["metadata"]["name"]
        if manifest["kind"] == "Secret":
            yield secrets.look(place, name)
        elif manifest["kind"] == "ServiceAccount":
            yield secrets.account(place, name)
    connection.close()


def _settled(loop: Loop, listed: Listed) -> None:
    """Rounds and the cluster's own controllers in turn, until both rest."""
    while True:
        listed.collect()
        _caught_up(loop, listed)
        settled = loop.settle()
        assert not [refusal for refusal in settled.refusals if refusal.key.namespace in PLACES]
        if settled.rounds == 1:
            return


def _caught_up(loop: Loop, listed: Listed) -> None:
    until = time.monotonic() + TIMEOUT
    while True:
        loop.observe()
        there = {
            _key(one): one["metadata"]["resourceVersion"]
            for one in listed.everything()
            if one["kind"].startswith("AIM")
        }
        known = {
            (one.key.api_kind, one.key.namespace, one.key.name): one.meta.resource_version
            for one in loop.cache
            if one.key.namespace in PLACES  # other cases left things elsewhere
        }
        if there == known:
            return
        assert time.monotonic() < until, "the adapter does not hear what stands"
        time.sleep(0.05)


@pytest.mark.rule("KIND-9", "OWN-1", "OWN-4", "AUTO-4", "SEL-4", "TMPL-4")
def test_the_loop_ends_in_one_state_in_memory_and_over_the_adapter(real: RealCluster) -> None:
    memory, listed = MemoryStore(lambda: NOW), Listed(real)
    listed.collect()  # another case had these namespaces too
    for manifest in _world():
        memory.create(manifest, manager="kubectl")
        real.create(manifest, manager="kubectl")
    inspect = LayoutInspector([EXAMPLES / "quickstart" / "images"]).inspect
    with following(real) as cluster, _cleaned(listed):
        loop = Loop(cluster=cluster, clock=lambda: NOW, ask=partial(map, inspect))
        for thing in _by_name(real):
            loop.cache.put(thing)
        for told, edit in EDITS.items():
            edit(memory)
            edit(listed)  # type: ignore[arg-type]  # it has the verbs that edits use
            _settle(memory)
            _settled(loop, listed)
            assert _end(memory) == _end(listed), told  # type: ignore[arg-type]  # as above
            assert _claims(memory) == _claims(listed), told  # type: ignore[arg-type]  # as above


@contextlib.contextmanager
def _cleaned(listed: Listed) -> Iterator[None]:
    try:
        yield
    finally:
        for manifest in listed.everything():
            if manifest["kind"] in ("Namespace", "Node") or manifest["kind"].startswith("AIMCluster"):
                with contextlib.suppress(NotFound):  # the collector may be there first
                    listed.delete(Address(*_key(manifest)))
        listed.collect()


# --- a server that goes away, and one that forgets --------------------------------------------------------------------


def test_a_restart_of_the_server_loses_nothing_and_repeats_nothing(real: RealCluster, place: str) -> None:
    kept = real.create(model(place, "kept"), manager="ann")
    gone = real.create(model(place, "gone"), manager="ann")
    with following(real) as port:
        bench = Bench(port, real, patience=60)
        bench.hear_until(lambda known: known.model(place, "gone") is not None)
        real.restart()
        real.delete(address(gone))
        made = real.create(model(place, "made"), manager="ann")
        told: list[str] = []

        def hears(change: Any) -> str:
            return str(getattr(change.thing, "key", ""))

        until = time.monotonic() + 60
        while f"AIMModel {place}/made" not in told or f"AIMModel {place}/gone" not in told:
            assert time.monotonic() < until
            told += [hears(change) for change in port.changes()]
            time.sleep(0.05)
        assert told.count(f"AIMModel {place}/kept") == 0
        assert told.count(f"AIMModel {place}/made") == 1
        real.patch(address(made), {"spec": {"serviceAccountName": "runner"}}, manager="ann")
        bench.hear_until(lambda known: bool((it := known.model(place, "made")) and it.spec.service_account_name))
    real.delete(address(kept))


def _compacted(real: RealCluster, revision: str) -> None:
    """Has etcd forget everything before a revision."""
    body = json.dumps({"revision": revision, "physical": True}).encode()
    connection = http.client.HTTPConnection(urlsplit(real.access.etcd).netloc, timeout=10)
    connection.request("POST", "/v3/kv/compaction", body)
    assert connection.getresponse().status == http.HTTPStatus.OK
    connection.close()


def test_a_history_that_was_compacted_away_is_told_as_expired_and_listed_anew(real: RealCluster, place: str) -> None:
    connection = connect(kubeconfig=str(real.access.kubeconfig))
    requests, source = Requests(connection), Source(RESOURCES["AIMModel"], place)
    for name in ("a", "b", "c"):
        real.create(model(place, name), manager="ann")
    page = requests.page(source, limit=1, token="")
    real.create(model(place, "d"), manager="ann")
    _compacted(real, real.create(model(place, "e"), manager="ann")["metadata"]["resourceVersion"])
    real.restart()  # or the server would answer from what it remembers
    real.settle(lambda: _is_watchable(requests, source))
    with pytest.raises(Expired):
        list(_events(requests, source, page.version))
    with pytest.raises(Expired):
        requests.page(source, limit=1, token=page.token)
    connection.close()


def _is_watchable(requests: Requests, source: Source) -> bool:
    """Whether the server has read its storage anew; until then it answers 429."""
    try:
        requests.watch(source, version=requests.page(source, limit=1, token="").version, seconds=1).end()
    except Unavailable:
        return False
    return True


def _events(requests: Requests, source: Source, version: str) -> Iterator[dict[str, Any]]:
    with requests.watch(source, version=version, seconds=2) as lines:
        for line in lines:
            event = json.loads(line)
            if event["type"] == "ERROR":
                raise refusal(event["object"]["code"], event["object"])
            yield event


# --- what may not be read ---------------------------------------------------------------------------------------------


def _allow(real: RealCluster, name: str, resources: Mapping[str, list[str]], *, namespace: str | None = None) -> None:
    kind = "ClusterRole" if namespace is None else "Role"
    root = "/apis/rbac.authorization.k8s.io/v1" + ("" if namespace is None else f"/namespaces/{namespace}")
    rules = [
        {"apiGroups": [group], "resources": plurals, "verbs": ["list", "watch"]} for group, plurals in resources.items()
    ]
    group = "rbac.authorization.k8s.io"
    who = {"apiGroup": group, "kind": "User", "name": "guest"}
    real.send("POST", f"{root}/{kind.lower()}s", {"metadata": {"name": name}, "rules": rules})
    binding = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": group, "kind": kind, "name": name},
        "subjects": [who],
    }
    real.send("POST", f"{root}/{kind.lower()}bindings", binding)
    for group, plurals in resources.items():
        for plural in plurals:
            _await_right(real, {"group": group, "resource": plural, "namespace": namespace or "", "verb": "list"})


def _await_right(real: RealCluster, what: dict[str, str]) -> None:
    """The server's authorizer learns of a binding a moment after it was written."""
    until = time.monotonic() + TIMEOUT
    review = {"spec": {"user": "guest", "resourceAttributes": what}}
    while not real.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)["status"]["allowed"]:
        assert time.monotonic() < until, f"no right to {what}"
        time.sleep(0.02)


@pytest.mark.rule("TMPL-6")
def test_an_install_into_one_namespace_reads_it_and_nothing_else(real: RealCluster, place: str) -> None:
    _allow(real, "one", {"aim.silogen.ai": ["*"]}, namespace=place)
    real.create(model(place), manager="ann")
    troubles: list[ReadWarning] = []
    with following(real, context="guest", namespaces=(place,), report=troubles.append) as port:
        bench = Bench(port, real, patience=TIMEOUT)
        assert bench.hear().model(place, "llama") is not None
        assert port.synced
        assert port.forbidden == {
            *("AIMClusterModel", "AIMClusterServiceTemplate", "AIMClusterRuntimeConfig"),
            *("Namespace", "Node"),
        }
        real.create(model(place, "later"), manager="ann")
        bench.hear_until(lambda known: known.model(place, "later") is not None)
    # A server that was restarted, or given definitions, by the case before may still say 429 for a moment.
    assert [warning for warning in troubles if not isinstance(warning.error, Unavailable)] == []


@pytest.mark.rule("TMPL-6")
def test_nodes_may_be_forbidden_and_allowed_later(real: RealCluster) -> None:
    _allow(real, "all-but-nodes", {"aim.silogen.ai": ["*"], "": ["namespaces"]})
    with following(real, context="guest") as port:
        bench = Bench(port, real, patience=TIMEOUT)
        assert not bench.hear().deleting("default")
        assert port.forbidden == {"Node"}
        _allow(real, "nodes", {"": ["nodes"]})
        until = time.monotonic() + TIMEOUT
        while port.forbidden:
            assert time.monotonic() < until
            time.sleep(0.1)


# --- newer definitions ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _newer(real: RealCluster, plural: str, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Definitions of tomorrow for one kind, while a case lasts."""
    path = f"{DEFINITIONS}/{plural}.aim.silogen.ai"
    before = real.send("GET", path)
    newer = real.send("GET", path)
    change(newer["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"])
    real.send("PUT", path, newer)
    try:
        yield
    finally:
        stands = real.send("GET", path)
        real.send("PUT", path, {**stands, "spec": before["spec"]})


def _tomorrow(properties: dict[str, Any]) -> None:
    properties["fieldOfTomorrow"] = {"type": "string"}
    properties["model"]["properties"]["creationScope"]["enum"].append("Galaxy")


def test_what_a_newer_definition_added_is_left_out_and_what_cannot_be_read_is_reported(
    real: RealCluster, place: str
) -> None:
    def config(name: str, **spec: Any) -> Manifest:
        return {
            "apiVersion": AIM,
            "kind": "AIMRuntimeConfig",
            "metadata": {"name": name, "namespace": place},
            "spec": spec,
        }

    def made(manifest: Manifest, sign: str) -> None:
        until = time.monotonic() + TIMEOUT
        while sign not in str(real.create(manifest, manager="ann").get("spec")):
            assert time.monotonic() < until
            real.delete(address(manifest))
            time.sleep(0.2)

    troubles: list[ReadWarning] = []
    with _newer(real, "aimruntimeconfigs", _tomorrow), following(real, report=troubles.append) as port:
        bench = Bench(port, real, patience=TIMEOUT)
        bench.hear()
        made(config("newer", fieldOfTomorrow="x", serviceAccountName="runner"), "fieldOfTomorrow")
        made(config("strange", model={"creationScope": "Galaxy"}), "Galaxy")
        made(config("plain"), "")
        bench.hear_until(lambda known: known.config(place, "plain").reference is not None)
        assert bench.cache.config(place, "newer").reference is not None
        assert bench.cache.config(place, "strange").reference is None
        for name in ("newer", "strange"):
            real.delete(Address("AIMRuntimeConfig", place, name))
        bench.hear_until(lambda known: known.config(place, "newer").reference is None)
    assert {one.where for one in troubles} == {f"AIMRuntimeConfig {place}/strange"}
    assert all(isinstance(one.error, InvalidManifestError) for one in troubles)
