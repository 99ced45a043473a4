"""A real cluster as the port wants it: what reflectors hear and what answers say comes out as changes, in one order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from aimcore.adapters import wire
from aimcore.adapters.kubernetes.folding import fold
from aimcore.adapters.kubernetes.projection import project
from aimcore.adapters.kubernetes.reflector import Backoff, Reflector
from aimcore.adapters.kubernetes.requests import At, Manifest, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source, source_of
from aimcore.adapters.kubernetes.store import ReadWarning, Store
from aimcore.adapters.kubernetes.strangers import Strangers
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.view.plan import Delete, SetStatus
from aimcore.ports.cluster import Change
from aimcore.ports.errors import AlreadyExists, PortError

__all__ = ["KubernetesCluster"]

_FOLLOWED = tuple(kind for kind in Kind if kind.is_aim or kind in (Kind.NAMESPACE, Kind.NODE))
_SPELLINGS = tuple((scope, spelling.kind) for kind in _FOLLOWED for scope, spelling in kind.spellings)
_NAMESPACED = tuple(kind for scope, kind in _SPELLINGS if scope is Scope.NAMESPACE)
_OF_THE_CLUSTER = tuple(kind for scope, kind in _SPELLINGS if scope is Scope.CLUSTER)
_WORKLOADS = tuple(kind.api_name for kind in Kind if kind.is_manifest or kind is Kind.POD)


class KubernetesCluster:
    """Keeps the promise of `ports.cluster.Cluster` on an API server.

    With `namespaces` only those are read, and of the cluster's own objects what may be; without, everything is, though
    nodes may be forbidden (TMPL-6). With `workloads` the children of services and their pods are followed, too: those that
    carry the operator's label; without, none of these kinds is asked for (RUN-15). Writes may come from several threads;
    `changes` and `wait` are for one.
    """

    def __init__(
        self,
        requests: Requests,
        *,
        backoff: Backoff,
        namespaces: tuple[str, ...] = (),
        workloads: bool = False,
        report: Callable[[ReadWarning], None],
    ) -> None:
        self._requests = requests
        self._namespaces = frozenset(namespaces)
        self._known = Store(report)
        self._strangers = Strangers(requests, self._known, backoff)
        self._sources = tuple(_sources(namespaces, (*_NAMESPACED, *(_WORKLOADS if workloads else ()))))
        self._reflectors = [
            Reflector(requests, source, self._known, backoff, optional=self._is_optional(source))
            for source in self._sources
        ]
        self._threads = [
            threading.Thread(target=reflector.run, name=f"reflector of {source}", daemon=True)
            for reflector, source in zip(self._reflectors, self._sources, strict=True)
        ]
        if workloads:
            self._threads.append(threading.Thread(target=self._strangers.run, name="strangers", daemon=True))

    # --- running ---

    def start(self) -> None:
        """Begins to follow the cluster."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends what `start` began, and whoever waits."""
        for reflector in self._reflectors:
            reflector.stop()
        self._strangers.stop()
        self._known.end()
        for thread in self._threads:
            thread.join(timeout=5)

    @property
    def synced(self) -> bool:
        """Whether everything that may be read was."""
        return self._known.complete(self._sources, timeout=0)

    @property
    def forbidden(self) -> frozenset[str]:
        """The kinds that may not be read, of those one can do without."""
        return frozenset(source.resource.kind for source in self._known.forbidden())

    @property
    def unserved(self) -> frozenset[str]:
        """The kinds that are followed and that the cluster does not have: `HTTPRoute` where no Gateway API is installed.

        It is asked again now and then; `wait` returns when this changes, though no object did.
        """
        return frozenset(source.resource.kind for source in self._known.unserved())

    # --- reading ---

    def changes(self) -> Iterable[Change]:
        """Everything that stands, the first time, once all of it was read; what changed since, ever after."""
        self._known.complete(self._sources, timeout=None)
        return self._known.drain()

    def wait(self, timeout: float) -> bool:
        """Timeouts until there are changes, at most so many seconds; whether there are."""
        return self._known.wait(timeout)

    # --- writing ---

    def create(self, thing: AimObject) -> None:
        """POST. The child of that name that stands already is heard of, so that the next decision sees whose it is."""
        at, manifest = _at(thing.key), wire.encode(thing)
        try:
            answer = self._requests.create(at.resource, manifest)
        except AlreadyExists:
            if thing.key.kind.is_manifest:
                self._strangers.notice(at)
            raise
        self._heard(at, self._claimed_as_sent(at, answer, manifest) if thing.key.kind.is_manifest else answer)

    def apply(self, thing: AimObject) -> None:
        """Server-side apply; what the operator once posted is its own to apply from now on (OWN-4)."""
        at = _at(thing.key)
        seen = self._known.find((at.resource.kind, at.namespace, at.name))
        if seen is None or seen.posted:
            patch = fold(self._requests.get(at))
            if patch is not None:
                self._requests.merge(at, patch)
        self._heard(at, self._requests.apply(at, wire.encode(thing)))

    def set_status(self, write: SetStatus) -> None:
        """PATCH of the status subresource."""
        at = _at(write.key)
        self._heard(at, self._requests.set_status(at, write.uid, wire.encode_status(write.key.kind, write.status)))

    def delete(self, write: Delete) -> None:
        """DELETE with uid and version. What finalizers hold is still there, and marked."""
        at = _at(write.key)
        answer = self._requests.delete(at, uid=write.uid, version=write.resource_version)
        if answer.get("kind") == at.resource.kind and answer["metadata"].get("finalizers"):
            self._heard(at, answer)
        else:
            self._known.deleted((at.resource.kind, at.namespace, at.name), write.uid)

    # --- inside ---

    def _is_optional(self, source: Source) -> bool:
        kind = source.resource.kind
        return kind == "Node" or (bool(self._namespaces) and kind in _OF_THE_CLUSTER)

    def _claimed_as_sent(self, at: At, answer: Manifest, sent: Manifest) -> Manifest:
        """The child that was just made, once the defaults that the server put into it do not count as ours.

        Where that cannot be written, because a controller was faster, the next apply does it.
        """
        patch = fold(answer, sent)
        if patch is None:
            return answer
        try:
            return self._requests.merge(at, patch)
        except PortError:
            return answer

    def _heard(self, at: At, answer: Manifest) -> None:
        source = source_of(at.resource, at.namespace if at.namespace in self._namespaces else None)
        self._known.wrote(source, project(at.resource, answer))


def _sources(namespaces: tuple[str, ...], namespaced: tuple[str, ...]) -> Iterable[Source]:
    for kind in _OF_THE_CLUSTER:
        yield source_of(RESOURCES[kind])
    for kind in namespaced:
        for namespace in namespaces or (None,):
            yield source_of(RESOURCES[kind], namespace)


def _at(key: Key) -> At:
    return At(RESOURCES[key.api_kind], key.namespace, key.name)
