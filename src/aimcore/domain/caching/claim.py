"""The claim that weights are on: its size, its body, what it says of itself, and who owns it (SIZE-4, CACHE-3, CACHE-4, CACHE-8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from aimcore.domain.caching.content import Content, claim_name, content_digest, sources_digest
from aimcore.domain.children.manifests import held_child
from aimcore.domain.kinds.conditions import ConditionStatus
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import CONTENT_LABEL, MANAGED_BY, MANAGER, Owner
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import GROUP, Key, Kind
from aimcore.domain.kinds.workload import ONE_NODE
from aimcore.domain.serving.bodies import Body
from aimcore.domain.serving.observed import conditions_of
from aimcore.domain.values.quantity import Notation, Quantity, parse_quantity

__all__ = [
    "COMPLETE",
    "HEADROOM_PERCENT",
    "SOURCES",
    "ClaimWanted",
    "access_mode_of",
    "claim_of",
    "completed_claim",
    "generation_of",
    "grown_claim",
    "is_bound",
    "is_complete",
    "is_growing",
    "joined_claim",
    "node_of",
    "requested_of",
    "size_of",
    "volume_size",
]

HEADROOM_PERCENT: Final = 10
"""Where the runtime configuration says nothing."""
_GIB: Final = 2**30


def volume_size(weights: Quantity, headroom_percent: int | None = None) -> Quantity:
    """The bytes of the weights and so many percent of them, rounded up to whole GiB.

    The headroom is that of the runtime configuration (`storage.pvcHeadroomPercent`), None where it says nothing.

    >>> from aimcore.domain.values.quantity import parse_quantity
    >>> str(volume_size(parse_quantity("16Gi")))
    '18Gi'
    """
    headroom = HEADROOM_PERCENT if headroom_percent is None else headroom_percent
    hundredths = weights.value * (100 + headroom)
    whole = -(-hundredths // (100 * _GIB))
    return Quantity(nanos=Quantity.of(whole * _GIB).nanos, notation=Notation.BINARY)


SOURCES: Final = f"{GROUP}/sources"
"""The annotation of a claim with the digest of its sources alone."""
COMPLETE: Final = f"{GROUP}/complete"
"""The annotation of a claim that is filled: the digest of the content that is whole on it."""
_GENERATION: Final = f"{GROUP}/generation"
_LEFT_TO_THE_POD: Final = "FileSystemResizePending"
_SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimWanted:
    """A claim to be made: what goes on it, how big it is, and which try it is."""

    namespace: str
    content: Content
    size: Quantity
    generation: int = 1


def claim_of(wanted: ClaimWanted, owner: Owner) -> Child:
    """The claim, owned by a cache that is not its controller: others join it, and two controllers are refused."""
    content = wanted.content
    spec: Body = {
        "accessModes": [content.access_mode],
        "resources": {"requests": {"storage": str(wanted.size)}},
    }
    if content.storage_class is not None:
        spec["storageClassName"] = content.storage_class
    return Child(
        key=Key(Kind.CLAIM, wanted.namespace, claim_name(content, wanted.generation)),
        meta=Meta(
            labels={MANAGED_BY: MANAGER, CONTENT_LABEL: content_digest(content)},
            annotations={SOURCES: sources_digest(content), _GENERATION: str(wanted.generation)},
            owners=(replace(owner, controller=False),),
        ),
        spec=spec,
    )


def generation_of(claim: Child) -> int:
    """Which try a claim is; 1 where it does not say."""
    text = claim.meta.annotations.get(_GENERATION, "")
    return int(text) if text.isascii() and text.isdigit() else 1


def is_complete(claim: Child) -> bool:
    """Whether all its weights are on it, and it is there to stay."""
    return not claim.meta.deleting and claim.meta.annotations.get(COMPLETE) == claim.meta.labels.get(CONTENT_LABEL)


def access_mode_of(claim: Child) -> str | None:
    """How the claim is mounted; we ask for one mode."""
    return next(iter(claim.spec.get("accessModes") or ()), None)


def node_of(claim: Child) -> str | None:
    """The node that the volume of a claim of one node was made for, where its class waited for the first pod."""
    return claim.meta.annotations.get(_SELECTED_NODE) if access_mode_of(claim) == ONE_NODE else None


def is_bound(claim: Child) -> bool:
    """Whether the claim has its volume."""
    return (claim.status or {}).get("phase") == "Bound"


def requested_of(claim: Child) -> Quantity | None:
    """How big a volume the claim asks for."""
    return _storage((claim.spec.get("resources") or {}).get("requests"))


def size_of(claim: Child) -> Quantity | None:
    """How big its volume is; what it asks for where it does not say."""
    return _storage((claim.status or {}).get("capacity")) or requested_of(claim)


def is_growing(claim: Child) -> bool:
    """Whether its volume is yet to become as big as the claim asks for; what is left to the next pod counts as done (CACHE-4)."""
    requested, size = requested_of(claim), size_of(claim)
    conditions = conditions_of((claim.status or {}).get("conditions"))
    return (
        is_bound(claim)
        and requested is not None
        and size is not None
        and size.value < requested.value
        and not any(one.type == _LEFT_TO_THE_POD and one.status is ConditionStatus.TRUE for one in conditions)
    )


def _storage(amounts: Mapping[str, object] | None) -> Quantity | None:
    text = (amounts or {}).get("storage")
    return parse_quantity(text) if isinstance(text, str) else None


def grown_claim(live: Child, size: Quantity) -> Child:
    """The apply that asks for a bigger volume."""
    held = _held(live, owners=live.meta.owners)
    return replace(held, spec={**held.spec, "resources": {"requests": {"storage": str(size)}}})


def joined_claim(live: Child, owners: Iterable[Owner]) -> Child | None:
    """The apply that adds these owners to a claim; None where all of them are its owners already.

    It carries all references that stand and the version that was seen: a list from a stale read would let the garbage
    collector take the claim.
    """
    missing = {one.uid: replace(one, controller=False) for one in owners}.keys() - {one.uid for one in live.meta.owners}
    if not missing:
        return None
    new = tuple(replace(one, controller=False) for one in owners if one.uid in missing)
    return _held(live, owners=(*live.meta.owners, *new))


def completed_claim(live: Child) -> Child:
    """The apply that says of a claim that its content is whole."""
    held = _held(live, owners=live.meta.owners)
    annotations = {**held.meta.annotations, COMPLETE: live.meta.labels.get(CONTENT_LABEL, "")}
    return replace(held, meta=replace(held.meta, annotations=annotations))


def _held(live: Child, *, owners: tuple[Owner, ...]) -> Child:
    """All that is ours of a claim, at the version that was seen."""
    held = held_child(live)
    return replace(held, meta=replace(held.meta, owners=owners, resource_version=live.meta.resource_version))
