"""A world: manifests, images and settings; and the run of the operator's own loop over it, on a cluster in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aimcore.adapters import wire
from aimcore.adapters.manifests.lock import LockedInspector, read_lock
from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.controllers import Controllers
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.outside import MemoryRegistry, MemorySizes
from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.domain.kinds.scope import GROUP, Kind
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Probe
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.engine.handlers import read_events, read_log
from aimcore.entrypoints.library.catalogue import load
from aimcore.entrypoints.loop import Loop, NotSettledError, Settled
from aimcore.entrypoints.present.answers import problem_line
from aimcore.ports.errors import Invalid
from aimcore.ports.images import ImageInspector
from aimcore.testing.violations import demand

__all__ = ["Clock", "Run", "World", "address_of"]

CHILD_KINDS = tuple(kind.api_name for kind in Kind if kind.is_manifest)
NOTHING_YET = Settled(rounds=0, changes=(), events=(), refusals=(), assumed=())


class Clock:
    """A clock that is a second later whenever it is asked, so that nothing can hide behind a time that stands still."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> str:
        """The time, as RFC 3339 text."""
        return self.forward(1)

    def forward(self, seconds: int) -> str:
        """The time so many seconds later, from which it goes on."""
        self._now += timedelta(seconds=seconds)
        return self._now.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def seconds(self) -> int:
        """The time that was told last, in seconds since 1970."""
        return int(self._now.timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What stands before the operator comes: `manifests` as YAML has them, `images` with their labels, `sizes` of sources in
    bytes by URI, what images print in `dry_runs`, and the settings.

    Images and sources that are not listed are nowhere; an `inspector` answers in place of `images`. Namespaces that are not
    listed are made.
    """

    manifests: tuple[Manifest, ...]
    images: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    dry_runs: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    nodes_known: bool = True
    inspector: ImageInspector | None = None

    @classmethod
    def read(
        cls,
        *paths: str | os.PathLike[str],
        images: Mapping[str, Mapping[str, str]] | str | os.PathLike[str] | None = None,
    ) -> World:
        """The world of YAML files and folders.

        `images` are labels by image reference, or a path: a folder of images in OCI layouts, or a file that `aimcore lock`
        wrote. Secrets and service accounts that are not given are taken for present. Raises `ValueError` with every problem
        of the manifests in a line, `LockError` for a lock file that is none.
        """
        catalogue = load(*paths)
        if not catalogue.is_sound:
            raise ValueError("\n".join(problem_line(one) for one in catalogue.problems if not one.warning))
        labels = images if isinstance(images, Mapping) else {}
        return cls(
            manifests=catalogue.manifests,
            images=labels,
            policy=Policy(unseen=Unseen.ASSUMED),
            nodes_known=any(manifest["kind"] == "Node" for manifest in catalogue.manifests),
            inspector=None if images is None or isinstance(images, Mapping) else _inspector(Path(images)),
        )

    def _repr_pretty_(self, printer: Any, _cycle: object) -> None:
        """How hypothesis shows a failing example: as Python that makes it again."""
        printer.text("World(manifests=(\n")
        for manifest in self.manifests:
            printer.text(f"    {manifest!r},\n")
        rest = f"images={self.images!r}, sizes={self.sizes!r}, dry_runs={self.dry_runs!r}, policy={self.policy!r}, nodes_known={self.nodes_known!r}"
        rest += "" if self.inspector is None else f", inspector={self.inspector!r}"
        printer.text(f"), {rest})")

    def start(self) -> Run:
        """The world on a fresh cluster, before the loop's first round."""
        return Run(self)

    def settle(self) -> Run:
        """The world once nothing changes any more; `settled` of the run tells how it got there."""
        run = self.start()
        run.settle()
        return run

    def having(self, manifests: Iterable[Manifest]) -> World:
        """The same world with these manifests instead."""
        return replace(self, manifests=tuple(manifests))


def address_of(manifest: Manifest) -> Address:
    """Where a manifest stands."""
    metadata = manifest["metadata"]
    return Address(manifest["kind"], metadata.get("namespace"), metadata["name"])


class Run:
    """One cluster with a world in it, and the loop that turns there.

    Uids follow from the address and from how often it was taken, so that two runs agree on them. Everything that is written
    is admitted as an API server would: a write that the schemas refuse is a refusal.

    Where the policy has workloads on, `controllers` run their pods before each look at the cluster, as their script says.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = Clock()
        self._taken: dict[Address, int] = {}
        self.store = MemoryStore(self.clock, uid=self._uid, admit=_admit, history=10**9)
        self.controllers = Controllers(self.store)
        for image, text in world.dry_runs.items():
            self.controllers.script.dry_run(image, text)
        self.registry = MemoryRegistry(world.images)
        self.given: set[Address] = set()
        self.load(world.manifests)
        self.loop = self.new_loop()
        self.settled = NOTHING_YET

    def _uid(self, address: Address) -> str:
        self._taken[address] = self._taken.get(address, 0) + 1
        return str(uuid5(NAMESPACE_URL, f"{address} {self._taken[address]}"))

    def load(self, manifests: Iterable[Manifest]) -> None:
        """Puts manifests in as they are, and the namespaces they need; from now on they are given."""
        entering = tuple(manifests)
        made = self.store.load(entering)
        self.given |= {address_of(manifest) for manifest in entering}
        self.given |= {Address("Namespace", None, name) for name in made}

    def new_loop(self) -> Loop:
        """A loop that knows nothing yet: another leader, or the same after a crash."""
        return Loop(
            cluster=self.cluster(),
            clock=self.clock,
            ask=partial(map, (self.world.inspector or self.registry).inspect),
            size=partial(map, self.weigh),
            read=partial(map, partial(read_log, self.controllers.logs())),
            look_closer=partial(map, partial(read_events, self.controllers.events())),
            policy=self.world.policy,
            cache=ObjectCache(nodes_known=self.world.nodes_known),
        )

    def cluster(self) -> MemoryCluster:
        """The cluster as an operator sees it that has just started."""
        workloads = self.world.policy.workloads
        return MemoryCluster(self.store, workloads=workloads, step=self.step if workloads else None)

    def step(self) -> None:
        """Lets the controllers do what there is to do by now."""
        self.controllers.step(self.clock.seconds)

    def weigh(self, want: Probe) -> ProbeAnswer:
        """The answer of the host of a source."""
        return MemorySizes(self.world.sizes).size(want)

    def restart(self) -> None:
        """Forgets everything but the cluster."""
        self.loop = self.new_loop()

    def settle(self) -> None:
        """Turns the loop until nothing changes; that it does not is an `AssertionError`, whatever law was asked for."""
        try:
            self.settled = self.loop.settle()
        except NotSettledError as error:
            demand("Convergence: the loop comes to rest", [str(error)])
        self.store.collect()

    def objects(self) -> tuple[Manifest, ...]:
        """Everything that stands, by kind, namespace and name."""
        return self.store.everything()

    def ours(self) -> dict[Address, Manifest]:
        """Every object of the group `aim.silogen.ai` that stands."""
        found = (manifest for manifest in self.objects() if manifest["apiVersion"].startswith(f"{GROUP}/"))
        return {address_of(manifest): manifest for manifest in found}

    def made(self) -> dict[Address, Manifest]:
        """What the operator made: what stands and was not given."""
        return {address: manifest for address, manifest in self.ours().items() if address not in self.given}

    def children(self) -> dict[Address, Manifest]:
        """What stands of the children that are Kubernetes' own kinds, such as Deployments and claims, and was not given."""
        found = (one for kind in CHILD_KINDS for one in self.store.list(kind)[0])
        return {address: one for one in found if (address := address_of(one)) not in self.given}


def _inspector(path: Path) -> ImageInspector:
    """Who answers from a folder of layouts, or from a lock file."""
    return LayoutInspector([path]) if path.is_dir() else LockedInspector(read_lock(path)[0], file=path)


def _admit(old: Manifest | None, new: Manifest) -> None:
    faults: tuple[Any, ...] = wire.admit(old, new)
    if faults:
        raise Invalid("; ".join(map(str, faults)))
