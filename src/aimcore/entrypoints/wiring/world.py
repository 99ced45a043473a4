"""Manifests become a world in memory, and the world settles under the operator's own loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from aimcore.adapters import wire
from aimcore.adapters.manifests import Problem
from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.controllers import Controllers
from aimcore.adapters.memory.kinds import Address
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.loop import Loop, Refusal
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.settings import Settings
from aimcore.entrypoints.wiring.assumptions import assumptions
from aimcore.entrypoints.wiring.input import Inputs, take_in
from aimcore.entrypoints.wiring.secrets import ManifestSecrets
from aimcore.entrypoints.wiring.sources import Askers, Meter, Online, Source, ask_of, opened
from aimcore.ports.errors import Invalid

if TYPE_CHECKING:
    from aimcore.entrypoints.wiring.sizes import Sizer

__all__ = [
    "EPOCH",
    "UNBOUNDED",
    "Asking",
    "Gate",
    "asking_of",
    "epoch",
    "fixed_uid",
    "plan",
    "plan_asking",
    "refused",
    "shown",
]

Manifest = Mapping[str, Any]
Asking = Callable[[Iterable[Manifest]], AbstractContextManager[Askers]]
"""Opens, for these manifests and as long as it is entered, what answers the wishes of the loop."""

EPOCH = "1970-01-01T00:00:00Z"
UNBOUNDED = 10**9
MASK = "***"
UNSHOWN = frozenset({"resourceVersion", "managedFields", "selfLink"})
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def plan(inputs: Inputs, settings: Settings, *, source: Source | None, progress: Callable[[str], object]) -> Planned:
    """What the operator would make of the manifests among the inputs, with image labels from that source.

    `progress` is told what is being done. Raises `NotSettledError` where the loop does not come to rest, and what `opened`
    does.
    """
    return plan_asking(inputs, settings, asking=asking_of(source, progress), progress=progress)


def asking_of(source: Source | None, progress: Callable[[str], object]) -> Asking:
    """Opens that source for the manifests that come; without one nothing is asked."""

    @contextmanager
    def asking(manifests: Iterable[Manifest]) -> Iterator[Askers]:
        if source is None:
            yield Askers()
            return
        with opened(source, manifests, Meter()) as inspector, _sizing(source, manifests) as sizer:
            yield Askers(
                images=ask_of(inspector.inspect, progress),
                sizes=None if sizer is None else ask_of(sizer.size, progress, "sizing {}/{} sources"),
            )

    return asking


@contextmanager
def _sizing(source: Source, manifests: Iterable[Manifest]) -> Iterator[Sizer | None]:
    """Who sizes sources where registries are asked too, with the secrets among the manifests."""
    if not isinstance(source, Online):
        yield None
        return
    from aimcore.adapters.egress import Session  # noqa: PLC0415 - urllib3, for those who go online
    from aimcore.entrypoints.wiring.rules import rules_of  # noqa: PLC0415 - likewise
    from aimcore.entrypoints.wiring.sizes import Sizer  # noqa: PLC0415 - likewise

    with Session(rules_of(source.registries)) as session:
        yield Sizer(session, ManifestSecrets(manifests))


def plan_asking(inputs: Inputs, settings: Settings, *, asking: Asking, progress: Callable[[str], object]) -> Planned:
    """The plan with image labels and sizes from whatever `asking` opens."""
    progress("reading manifests")
    taken = take_in(inputs, settings.namespace)
    progress(f"planning {len(taken.manifests)} manifests")
    gate = Gate()
    store = MemoryStore(epoch, uid=fixed_uid, admit=gate, history=UNBOUNDED)
    assumed = store.load(taken.manifests)
    gate.closed = True
    nodes_known = any(manifest["kind"] == "Node" for manifest in taken.manifests)
    with asking(taken.manifests) as askers:
        loop = Loop(
            cluster=MemoryCluster(store, step=partial(Controllers(store).step, 0) if settings.workloads else None),
            clock=epoch,
            ask=askers.images,
            size=askers.sizes,
            policy=settings.policy,
            cache=ObjectCache(nodes_known=nodes_known),
        )
        settled = loop.settle()
    progress("writing")
    live = (manifest for manifest in store.everything() if not _is_assumed(manifest, assumed))
    return Planned(
        settled=settled,
        objects=tuple(sorted(map(shown, live), key=_sort_key)),
        cache=loop.cache,
        problems=(*taken.problems, *map(refused, settled.refusals)),
        assumptions=tuple(assumptions(taken, loop, settled, assumed)),
    )


class Gate:
    """Admits what was read, which has been judged; once closed, judges as the API server does."""

    def __init__(self) -> None:
        self.closed = False

    def __call__(self, old: Manifest | None, new: Manifest) -> None:
        """Raises `Invalid` with all that is wrong with the new manifest, seen beside the old one."""
        faults = wire.admit(old, new) if self.closed else ()
        if faults:
            raise Invalid("; ".join(f"{fault.path}: {fault.message}" for fault in faults))


def epoch() -> str:
    """The one time of a world that no clock runs in."""
    return EPOCH


def fixed_uid(address: Address) -> str:
    """The uid of what stands nowhere else: the same for the same address."""
    return str(uuid5(NAMESPACE_URL, f"{address.kind}/{address.namespace or ''}/{address.name}"))


# As it is shown ---------------------------------------------------------------------------------------------------------


def _is_assumed(manifest: Manifest, namespaces: Sequence[str]) -> bool:
    return manifest["kind"] == "Namespace" and manifest["metadata"]["name"] in namespaces


def _sort_key(manifest: Manifest) -> tuple[str, str, str]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def shown(manifest: Manifest) -> Manifest:
    """The object without what only a server can know, and without what a secret holds (SEC-1)."""
    metadata = {name: value for name, value in manifest["metadata"].items() if name not in UNSHOWN}
    metadata["creationTimestamp"] = EPOCH
    out = {**manifest, "metadata": metadata}
    return out if manifest["kind"] != "Secret" else _masked(out)


def _masked(secret: dict[str, Any]) -> Manifest:
    metadata = secret["metadata"]
    if LAST_APPLIED in metadata.get("annotations", {}):
        secret["metadata"] = {**metadata, "annotations": {**metadata["annotations"], LAST_APPLIED: MASK}}
    for name in ("data", "stringData"):
        if name in secret:
            value = secret[name]
            secret[name] = dict.fromkeys(value, MASK) if isinstance(value, dict) else MASK
    return secret


def refused(refusal: Refusal) -> Problem:
    """What the loop could not write, as a problem."""
    message = f"{refusal.key} cannot be written: {refusal.message}"
    return Problem(file="", line=0, column=0, path="$", message=message, rule="OWN-4")
