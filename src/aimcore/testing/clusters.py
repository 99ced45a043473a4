"""A world on a cluster in memory where services run: Deployments, Jobs, claims, routes and pods, with the faults that a test wants."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from aimcore.adapters.memory.admission import admit
from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.controllers import ClaimFate, Controllers, GatewayAnswer, Script, fates
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.outside import MemoryRegistry, MemorySizes
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.view.cache import ObjectCache
from aimcore.engine.handlers import read_log
from aimcore.entrypoints.loop import Loop
from aimcore.ports.errors import AlreadyExists, NotFound
from aimcore.testing.world import World

__all__ = ["ClaimFate", "FakeCluster", "GatewayAnswer", "Script", "fates"]

BEGIN: Final = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
MANAGER: Final = "kubectl"


class FakeCluster:
    """A cluster in memory with the operator's loop and Kubernetes' own controllers, on a clock that only the test moves.

    `script` says what happens to pods, claims and routes; without a word everything succeeds at once.

    >>> cluster = FakeCluster(World(manifests=()))
    >>> cluster.script.refuse("chat*", "exceeded quota: gpus")
    >>> cluster.wait(60)
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.script = Script()
        for image, text in world.dry_runs.items():
            self.script.dry_run(image, text)
        self._now = BEGIN
        self._made = 0
        self._store = MemoryStore(self._time, uid=self._uid, admit=self._admit)
        self._store.load(world.manifests)
        self._controllers = Controllers(self._store, self.script)
        self._loop = Loop(
            cluster=MemoryCluster(self._store, step=self._step),
            clock=self._time,
            ask=partial(map, (world.inspector or MemoryRegistry(world.images)).inspect),
            size=partial(map, MemorySizes(world.sizes).size),
            read=partial(map, partial(read_log, self._controllers.logs())),
            policy=replace(world.policy, workloads=True),
            cache=ObjectCache(nodes_known=world.nodes_known),
        )

    # What people do ---------------------------------------------------------------------------------------------------

    def apply(self, *manifests: Manifest) -> None:
        """Applies them, as kubectl would; namespaces that are missing are made. Call `settle` or `wait` next."""
        for manifest in manifests:
            namespace = manifest["metadata"].get("namespace")
            if namespace is not None:
                with suppress(AlreadyExists):
                    self._store.create(
                        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, manager=MANAGER
                    )
            self._store.apply(manifest, manager=MANAGER, force=True)

    def delete(self, kind: str, namespace: str | None, name: str) -> None:
        """Deletes an object. Raises `NotFound`."""
        self._store.delete(Address(kind, namespace, name))

    # What time does ---------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Lets operator and controllers go on until nothing changes, without time passing."""
        self._loop.settle()

    def wait(self, seconds: int) -> None:
        """Lets so many seconds pass, with operator and controllers going on in each."""
        self.settle()
        for _ in range(seconds):
            self._now += 1
            if self._step():
                self.settle()

    # What is there ----------------------------------------------------------------------------------------------------

    def get(self, kind: str, namespace: str | None, name: str) -> Manifest | None:
        """The object as the cluster has it, None if it is not there."""
        try:
            return self._store.get(Address(kind, namespace, name))
        except NotFound:
            return None

    def objects(self, kind: str | None = None) -> tuple[Manifest, ...]:
        """Everything that stands, or all of one kind, by kind, namespace and name."""
        return tuple(one for one in self._store.everything() if kind in (None, one["kind"]))

    def status(self, service: str) -> Mapping[str, Any]:
        """The status of the service `NAMESPACE/NAME`. Raises `NotFound`."""
        namespace, _, name = service.partition("/")
        status: Mapping[str, Any] = self._store.get(Address("AIMService", namespace, name)).get("status", {})
        return status

    def _time(self) -> str:
        return datetime.fromtimestamp(self._now, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _uid(self, at: Address) -> str:
        """The same in every run."""
        self._made += 1
        return str(uuid5(NAMESPACE_URL, f"{at} {self._made}"))

    def _step(self) -> bool:
        return self._controllers.step(self._now)

    def _admit(self, old: Manifest | None, new: Manifest) -> None:
        admit(old, new)
        self.script.admit(old, new)
