"""What reading an image answers: its digest and labels, or why they could not be read (DISC-5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from aimcore.domain.errors import quoted

__all__ = ["Cause", "Inspected", "Inspection", "InspectionFailed", "Unchanged", "compared", "wrong_type"]

_TYPE = re.compile(r"[A-Za-z0-9._/-]{0,100}")


class Cause(StrEnum):
    """Why an image could not be read; the word a condition's message begins with (DISC-5)."""

    UNAUTHORIZED = "Unauthorized"
    NOT_FOUND = "NotFound"
    RATE_LIMITED = "RateLimited"
    UNREACHABLE = "Unreachable"
    UNTRUSTED = "Untrusted"
    TOO_LARGE = "TooLarge"
    MALFORMED = "Malformed"
    NO_MATCHING_PLATFORM = "NoMatchingPlatform"
    SECRET_MISSING = "SecretMissing"  # noqa: S105  (a word of the vocabulary, not a password)

    @property
    def may_recover(self) -> bool:
        """Whether asking again without a change to the image can help: all but what the image itself got wrong."""
        return self not in _FINAL


_FINAL = frozenset({Cause.MALFORMED, Cause.TOO_LARGE, Cause.NO_MATCHING_PLATFORM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """The image was read: `digest` of what its reference names (`sha256:...`), `labels` of its config as they stand there.

    `problems` say which labels are none: what is no text is left out (LABEL-4).
    """

    digest: str
    labels: Mapping[str, str]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The image is still the one of this `digest`, which is held already."""

    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionFailed:
    """The image could not be read: the cause, and a message that names image and registry and no secret."""

    cause: Cause
    message: str


Inspection = Inspected | InspectionFailed


def compared(found: Inspection, held: str) -> Inspection | Unchanged:
    """`Unchanged` where what was found is the image of the digest that is held.

    >>> compared(Inspected(digest="sha256:1", labels={}), "sha256:1")
    Unchanged(digest='sha256:1')
    """
    return Unchanged(digest=held) if isinstance(found, Inspected) and found.digest == held else found


def wrong_type(kind: str) -> str:
    """What is wrong with a secret of that type, if it is to pull with; without a type it is `Opaque` to the API server.

    >>> wrong_type("")
    'is of type Opaque; expected kubernetes.io/dockerconfigjson'
    """
    named = (kind or "Opaque") if _TYPE.fullmatch(kind) else quoted(kind)
    return f"is of type {named}; expected kubernetes.io/dockerconfigjson"
