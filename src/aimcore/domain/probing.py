"""What looking up the size of a source answers: its bytes, or why they are not known (SIZE-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from aimcore.domain.quantity import Quantity

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

    Beside them what its filter leaves out (FETCH-2); both together are the whole source.
    """

    size: Quantity
    files: int
    left_out: Quantity = field(default_factory=lambda: Quantity.of(0))
    files_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFailed:
    """The source could not be listed: the cause, and a message that names source and host and no secret."""

    cause: ProbeCause
    message: str


ProbeAnswer = Sized | ProbeFailed
