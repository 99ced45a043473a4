"""The loop itself on both clusters: what it writes a real API server takes, and both end in the same state."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from aimcore.adapters.manifests import read_manifests
from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.memory.watching import Event
from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.loop import Loop, Settled
from aimcore.ports.errors import NotFound
from tests.integration.cluster.driver import RealCluster

EXAMPLES = Path(__file__).parents[3] / "examples"
KINDS = (
    *("AIMClusterModel", "AIMClusterRuntimeConfig", "AIMClusterServiceTemplate"),
    *("AIMModel", "AIMRuntimeConfig", "AIMService", "AIMServiceTemplate"),
    *("Namespace", "Node", "Secret", "ServiceAccount"),
)
PLACES = {None, "ml-team", "research"}
NOW = "2026-01-01T00:00:00Z"


class Listed:
    """A real cluster with the few verbs more that the loop's adapter asks of the one in memory."""

    def __init__(self, real: RealCluster) -> None:
        self._real = real
        self._seen: dict[tuple[str, str | None, str], Manifest] = {}
        self.resource_version = "0"

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._real, verb)

    def everything(self) -> tuple[Manifest, ...]:
        listed = [one for kind in KINDS for one in self._real.list(kind)[0] if _is_of_interest(one)]
        self._seen = {_key(one): one for one in listed}
        return tuple(listed)

    def watch(self, _kind: None, _version: str) -> Listed:
        self.everything()
        return self

    def drain(self) -> list[Event]:
        before = self._seen
        now = {_key(one): one for one in self.everything()}
        gone = [Event("DELETED", one) for key, one in before.items() if key not in now]
        return [*gone, *(Event("MODIFIED", one) for key, one in now.items() if before.get(key) != one)]

    def collect(self) -> None:
        """Timeouts for the controllers: until nothing is on its way out and every owner stands."""
        until = time.monotonic() + 60
        while any(_is_leaving(one, uids) for everything, uids in [self._owners()] for one in everything):
            assert time.monotonic() < until, "garbage collection took more than 60 s"
            time.sleep(0.2)

    def _owners(self) -> tuple[list[Manifest], set[str]]:
        everything = [one for kind in KINDS for one in self._real.list(kind)[0]]
        return everything, {one["metadata"]["uid"] for one in everything}


def _is_of_interest(manifest: Manifest) -> bool:
    metadata = manifest["metadata"]
    if manifest["kind"] == "Namespace":
        return metadata["name"] in PLACES
    return metadata.get("namespace") in PLACES and metadata["name"] != "kube-root-ca.crt"


def _is_leaving(manifest: Manifest, uids: set[str]) -> bool:
    metadata = manifest["metadata"]
    owners = metadata.get("ownerReferences", ())
    return "deletionTimestamp" in metadata or any(owner["uid"] not in uids for owner in owners)


def _key(manifest: Manifest) -> tuple[str, str | None, str]:
    return manifest["kind"], manifest["metadata"].get("namespace"), manifest["metadata"]["name"]


def _world() -> list[Manifest]:
    paths = [str(EXAMPLES / "quickstart"), str(EXAMPLES / "cluster")]
    loaded = read_manifests(paths, recursive=False, stdin=io.BytesIO())
    assert not loaded.problems
    documents = [_with_defaults(cast("Manifest", document.manifest)) for document in loaded.documents]
    return sorted(documents, key=lambda one: one["kind"] != "Namespace")


def _with_defaults(manifest: Manifest) -> Manifest:
    """The manifest with the one default that definitions have, which a store in memory does not fill in."""
    if manifest["kind"] != "AIMService":
        return manifest
    return {**manifest, "spec": {"replicas": 1, **manifest["spec"]}}


def _settle(store: MemoryStore) -> Settled:
    inspect = LayoutInspector([EXAMPLES / "quickstart" / "images"]).inspect
    loop = Loop(cluster=MemoryCluster(store), clock=lambda: NOW, ask=partial(map, inspect), cache=ObjectCache())
    return loop.settle()


@pytest.fixture(scope="module")
def in_memory() -> MemoryStore:
    store = MemoryStore(lambda: NOW)
    for manifest in _world():
        store.create(manifest, manager="kubectl")
    return store


@pytest.fixture(scope="module")
def on_server(real: RealCluster) -> Iterator[MemoryStore]:
    for manifest in _world():
        real.create(manifest, manager="kubectl")
    listed = Listed(real)
    yield cast("MemoryStore", listed)
    for manifest in listed.everything():
        if manifest["kind"] in ("Namespace", "Node") or manifest["kind"].startswith("AIMCluster"):
            with suppress(NotFound):  # the collector may be there first
                real.delete(Address(*_key(manifest)))


def _end(store: MemoryStore) -> dict[tuple[str, str | None, str], object]:
    """Everything that matters of what stands, uids told by the names of their objects."""
    live = [one for one in store.everything() if one["kind"].startswith("AIM")]
    names = {one["metadata"]["uid"]: "/".join(map(str, _key(one))) for one in store.everything()}
    return {_key(one): _told(one, names) for one in live}


_OF_THE_SERVER = frozenset({"resourceVersion", "creationTimestamp", "managedFields", "lastTransitionTime"})


def _told(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, Mapping):
        return {name: _told(one, names) for name, one in value.items() if name not in _OF_THE_SERVER}
    if isinstance(value, list | tuple):
        return [_told(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _claims(store: MemoryStore) -> dict[tuple[str, str | None, str], object]:
    """Who owns which fields of what the operator made."""
    made = [one for one in store.everything() if one["metadata"].get("ownerReferences")]
    names = {one["metadata"]["uid"]: "/".join(map(str, _key(one))) for one in store.everything()}
    return {
        _key(one): sorted(
            (claim["manager"], claim["operation"], claim.get("subresource", ""), _renamed(claim["fieldsV1"], names))
            for claim in one["metadata"]["managedFields"]
        )
        for one in made
    }


def _renamed(fields: Mapping[str, Any], names: Mapping[str, str]) -> str:
    text = repr(_sorted(fields))
    for uid, name in names.items():
        text = text.replace(uid, name)
    return text


def _sorted(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {step: _sorted(below) for step, below in sorted(tree.items())}


def _discovery_off(store: MemoryStore) -> None:
    patch = {"spec": {"discovery": {"enabled": False}}}
    store.patch(Address("AIMModel", "ml-team", "proprietary-model"), patch, manager="kubectl")


def _another_image(store: MemoryStore) -> None:
    patch = {"spec": {"image": "private.registry/models/proprietary:v1"}}
    store.patch(Address("AIMModel", "ml-team", "meta-llama-3-8b-instruct"), patch, manager="kubectl")


def _another_token(store: MemoryStore) -> None:
    address = Address("AIMService", "ml-team", "llama-custom")
    model = dict(store.get(address)["spec"]["model"]["custom"])
    source = {**model["modelSources"][0], "env": [{"name": "HF_TOKEN", "value": "another"}]}
    store.patch(address, {"spec": {"model": {"custom": {**model, "modelSources": [source]}}}}, manager="kubectl")


def _overridden(store: MemoryStore) -> None:
    patch = {"spec": {"overrides": {"precision": "fp8"}}}
    store.patch(Address("AIMService", "research", "long-context-by-hand"), patch, manager="kubectl")


def _service_deleted(store: MemoryStore) -> None:
    store.delete(Address("AIMService", "ml-team", "my-llama-service"))


EDITS: dict[str, Callable[[MemoryStore], None]] = {
    "nothing yet": lambda _: None,
    "discovery is switched off": _discovery_off,
    "a model gets another image": _another_image,
    "an inline model gets another token": _another_token,
    "a named template is overridden": _overridden,
    "a service with an inline model is deleted": _service_deleted,
}


@pytest.mark.rule("KIND-9", "OWN-1", "OWN-4", "AUTO-4", "SEL-4", "TMPL-4")
def test_the_loop_ends_in_one_state_in_memory_and_on_a_real_api_server(
    in_memory: MemoryStore, on_server: MemoryStore
) -> None:
    for told, edit in EDITS.items():
        for store in (in_memory, on_server):
            edit(store)
            settled = _settle(store)
            assert not settled.refusals, (told, settled.refusals)
        assert _end(in_memory) == _end(on_server), told
        assert _claims(in_memory) == _claims(on_server), told


@pytest.mark.rule("KIND-9")
def test_a_loop_that_starts_over_settled_objects_writes_nothing(on_server: MemoryStore) -> None:
    _settle(on_server)
    versions = {_key(one): one["metadata"]["resourceVersion"] for one in on_server.everything()}
    again = _settle(on_server)
    assert (again.rounds, again.changes) == (1, ())
    assert {_key(one): one["metadata"]["resourceVersion"] for one in on_server.everything()} == versions
