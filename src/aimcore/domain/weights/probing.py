"""What looking up the size of a source answers: its bytes, or why they are not known (SIZE-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from aimcore.domain.values.quantity import Quantity

__all__ = ["ProbeAnswer", "ProbeCause", "ProbeFailed", "Sized"]


class ProbeCause(StrEnum):
    """Why a size could not be read; the word a condition's message begins with (SIZE-2)."""

    UNAUTHORIZED = "Unauthorized"
    ACCESS_DENIED = "AccessDenied"
    GATED = "Gated"
    NOT_FOUND = "NotFound"
    MOVED = "Moved"
    RATE_LIMITED = "RateLimited"
    UNREACHABLE = "Unreachable"
    UNTRUSTED = "Untrusted"
    TOO_LARGE = "TooLarge"
    MALFORMED = "Malformed"
    NOT_A_SOURCE = "NotASource"
    SECRET_MISSING = "SecretMissing"  # noqa: S105  (a word of the vocabulary, not a password)

    @property
    def may_recover(self) -> bool:
        """Whether asking again without a change to the source can help."""
        return self not in _FINAL

    @property
    def is_of_credentials(self) -> bool:
        """Whether another secret may mend it: hosts hide from strangers what they have."""
        return self in _OF_CREDENTIALS


_FINAL = frozenset({ProbeCause.MALFORMED, ProbeCause.MOVED, ProbeCause.TOO_LARGE})
_OF_CREDENTIALS = frozenset(
    {
        ProbeCause.UNAUTHORIZED,
        ProbeCause.ACCESS_DENIED,
        ProbeCause.GATED,
        ProbeCause.NOT_FOUND,
        ProbeCause.SECRET_MISSING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """The source was listed: the bytes of the files that a download fetches, and how many files they are.

    Beside them what its filter leaves out (FETCH-2); both together are the whole source. `uncounted` files beside them have no size in the listing: each costs itself and not the rest (SIZE-1).
    """

    size: Quantity
    files: int
    uncounted: int = 0
    left_out: Quantity = field(default_factory=lambda: Quantity.of(0))
    files_left_out: int = 0

    @property
    def missing(self) -> str | None:
        """What is not in the size, in words; None where all is.

        >>> Sized(size=Quantity.of(7), files=4, uncounted=1).missing
        '1 of 5 files has no size in the listing and is not counted'
        """
        if not self.uncounted:
            return None
        has, is_ = ("has", "is") if self.uncounted == 1 else ("have", "are")
        return f"{self.uncounted} of {self.files + self.files_left_out + self.uncounted} files {has} no size in the listing and {is_} not counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFailed:
    """The source could not be listed: the cause, and a message that names source and host and no secret."""

    cause: ProbeCause
    message: str


ProbeAnswer = Sized | ProbeFailed
