"""A claim whose volume was too small asks for a bigger one; whether its class gives that, the API server says (CACHE-4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aimcore.domain.caching.claim import grown_claim, is_bound, requested_of, size_of, volume_size
from aimcore.domain.caching.ending import Attempt
from aimcore.domain.kinds.core import Child
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.plan import Apply, Write

__all__ = ["Growth", "decide_growth", "size_needed"]

_ASKS_FOR: Final = 600
"""Seconds after an attempt in which a claim is asked to grow. Where that is refused no right of ours tells so but the answer,
and nothing keeps an answer."""
_LOOK_AGAIN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A claim that is to grow: what to write and to say, and when it is given up."""

    sentence: str
    writes: tuple[Write, ...]
    until: int
    again_in: int


def size_needed(claim: Child, attempt: Attempt) -> Quantity | None:
    """The size that an attempt would have had room in: what lacked and a tenth of that, or a tenth of all where nobody knows."""
    size = size_of(claim)
    if size is None:
        return None
    more = attempt.lacking * 11 if attempt.lacking else size.value
    return volume_size(Quantity.of(size.value + more // 10), 0)


def decide_growth(claim: Child, attempt: Attempt, now: int) -> Growth | None:
    """What a claim does after an attempt that found it too small, on the size that it asks for still; None where it cannot grow."""
    requested, needed, until = requested_of(claim), size_needed(claim, attempt), attempt.ended + _ASKS_FOR
    if not is_bound(claim) or requested is None or needed is None or needed.value <= requested.value or now >= until:
        return None
    return Growth(
        sentence=f"claim {claim.key.name} asks for {needed}",
        writes=(Apply(thing=grown_claim(claim, needed), rule="CACHE-4"),),
        until=until,
        again_in=min(_LOOK_AGAIN, until - now),
    )
