"""Manifests become a world in memory, and the world settles under the operator's own loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from aimcore.adapters import wire
from aimcore.adapters.manifests import Problem
from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.controllers import Controllers, Script
from aimcore.adapters.memory.kinds import Address
from aimcore.adapters.memory.outside import MemorySizes
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Probe
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.entrypoints.loop import Loop, Refusal
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.settings import Settings
from aimcore.entrypoints.wiring.assumptions import assumptions, claims_not_there
from aimcore.entrypoints.wiring.changes import address_of
from aimcore.entrypoints.wiring.input import Manifests
from aimcore.entrypoints.wiring.secrets import ManifestSecrets
from aimcore.entrypoints.wiring.sizes import Sizer
from aimcore.entrypoints.wiring.sources import Askers, Images, Meter, Online, Sizes, ask_of, opened
from aimcore.ports.errors import Invalid

if TYPE_CHECKING:
    from aimcore.entrypoints.wiring.live import Live

__all__ = [
    "EPOCH",
    "LAST_APPLIED",
    "UNBOUNDED",
    "Asking",
    "Gate",
    "asking_of",
    "epoch",
    "fixed_uid",
    "plan_asking",
    "refused",
    "shown",
]

Manifest = Mapping[str, Any]
Asking = Callable[[Iterable[Manifest]], AbstractContextManager[Askers]]
"""Opens, for these manifests and as long as it is entered, what answers the wishes of the loop."""

EPOCH = "1970-01-01T00:00:00Z"
UNBOUNDED = 10**9
DOWNLOAD_IMAGE = "aimcore"
MASK = "***"
UNSHOWN = frozenset({"resourceVersion", "managedFields", "selfLink"})
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def asking_of(images: Images | None, progress: Callable[[str], object], sizes: Sizes | None = None) -> Asking:
    """Opens these for the manifests that come; without images nothing is asked of any, and sizes are read where images are."""

    @contextmanager
    def asking(manifests: Iterable[Manifest]) -> Iterator[Askers]:
        with ExitStack() as stack:
            inspector = None if images is None else stack.enter_context(opened(images, manifests, Meter()))
            size = stack.enter_context(_sizing(images, sizes, manifests))
            yield Askers(
                images=None if inspector is None else ask_of(inspector.inspect, progress),
                sizes=None if size is None else ask_of(size, progress, "sizing {}/{} sources"),
            )

    return asking


@contextmanager
def _sizing(
    images: Images | None, sizes: Sizes | None, manifests: Iterable[Manifest]
) -> Iterator[Callable[[Probe], ProbeAnswer] | None]:
    """Who sizes sources, with the secrets among the manifests: whoever was given, else their hosts where registries are asked."""
    if isinstance(sizes, Mapping):
        yield MemorySizes(sizes).size
    elif sizes is not None:
        yield Sizer(sizes, ManifestSecrets(manifests)).size
    elif isinstance(images, Online):
        from aimcore.adapters.egress import Session  # noqa: PLC0415 - urllib3, for those who go online
        from aimcore.entrypoints.wiring.probers import host_prober  # noqa: PLC0415 - likewise
        from aimcore.entrypoints.wiring.rules import rules_of  # noqa: PLC0415 - likewise

        with Session(rules_of(images.registries)) as session:
            yield Sizer(host_prober(session), ManifestSecrets(manifests)).size
    else:
        yield None


def plan_asking(
    taken: Manifests,
    settings: Settings,
    *,
    asking: Asking,
    progress: Callable[[str], object],
    live: Live | None = None,
) -> Planned:
    """What the operator would make of the manifests, with image labels and sizes from whatever `asking` opens.

    Manifests that were read from a cluster come with the `live` they are of: their uids stay, and what is known of nodes.
    `progress` is told what is being done. Raises `NotSettledError` where the loop does not come to rest, and what `opened`
    does.
    """
    progress(f"planning {len(taken.manifests)} manifests")
    gate = Gate()
    uids = {} if live is None else {address_of(one): str(one["metadata"]["uid"]) for one in live.manifests}
    store = MemoryStore(epoch, uid=lambda at: uids.get(at) or fixed_uid(at), admit=gate, history=UNBOUNDED)
    namespaces = store.load(taken.manifests)
    claims = claims_not_there(taken.manifests) if _assumes_claims(settings) else ()
    store.load(claims)
    assumed = {*map(address_of, claims), *(Address("Namespace", None, name) for name in namespaces)}
    gate.closed = True
    has_nodes = any(manifest["kind"] == "Node" for manifest in taken.manifests)
    nodes_known = has_nodes if live is None else live.cache.nodes_known
    controllers = Controllers(store, Script.without_logs())
    with asking(taken.manifests) as askers:
        loop = Loop(
            cluster=MemoryCluster(store, step=partial(controllers.step, 0) if settings.workloads else None),
            clock=epoch,
            ask=askers.images,
            size=askers.sizes,
            policy=_with_image(settings.policy),
            cache=ObjectCache(nodes_known=nodes_known),
        )
        settled = loop.settle()
    progress("writing")
    there = (manifest for manifest in store.everything() if address_of(manifest) not in assumed)
    return Planned(
        settled=settled,
        objects=tuple(sorted(map(shown, there), key=_sort_key)),
        cache=loop.cache,
        problems=(*taken.problems, *map(refused, settled.refusals)),
        assumptions=(
            *(live.notes if live else ()),
            *assumptions(taken, loop, settled, namespaces=namespaces, claims=claims),
        ),
        policy=settings.policy,
    )


def _assumes_claims(settings: Settings) -> bool:
    return settings.workloads and settings.policy.unseen is Unseen.ASSUMED


def _with_image(policy: Policy) -> Policy:
    """Nothing is downloaded in a plan, so the image that would do it is taken for given."""
    return policy if policy.download_image else replace(policy, download_image=DOWNLOAD_IMAGE)


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
