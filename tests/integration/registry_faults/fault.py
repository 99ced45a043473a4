"""One way in which a registry can be wrong, and what is to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aimcore.domain.images.inspection import Cause
from tests.integration.registry_faults.hostile import Stage

__all__ = ["Fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is arranged on a stage where all was well; the cause and words of the answer, and how many requests it took.

    Without a `cause` the image is read all the same. `slow` faults take all the time they are given.
    """

    arrange: Callable[[Stage], object]
    cause: Cause | None
    asks: int
    says: str = ""
    slow: bool = False
