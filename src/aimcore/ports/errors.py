"""What an absent world can answer: every port raises these errors and no other."""

# ruff: noqa: N818 - the names are the API server's own reasons, which every user of it knows without a suffix

from __future__ import annotations

from typing import ClassVar, NamedTuple

from aimcore.domain.errors import AimError

__all__ = [
    "AccessDenied",
    "AlreadyExists",
    "BadAnswer",
    "Conflict",
    "Contested",
    "Expired",
    "Invalid",
    "NotFound",
    "PortError",
    "Unavailable",
]


class PortError(AimError):
    """The world outside did not do what was asked.

    `may_recover` says whether the very same request may succeed later, after looking again, with nobody correcting it.
    """

    may_recover: ClassVar[bool] = True


class NotFound(PortError):
    """Nothing answers to that name (404)."""


class AlreadyExists(PortError):
    """Something else has that name (409)."""


class AccessDenied(PortError):
    """It is there, or may be, but not for us: no permission, or a namespace that is going away (401, 403)."""


class Unavailable(PortError):
    """No answer in time, or "not now" (429, 5xx, a broken connection)."""


class BadAnswer(PortError):
    """An answer came and cannot be understood."""

    may_recover: ClassVar[bool] = False


class Expired(PortError):
    """The history asked for is gone: list afresh (410)."""

    may_recover: ClassVar[bool] = False


class Invalid(PortError):
    """What was sent breaks a rule of the one who received it (400, 422)."""

    may_recover: ClassVar[bool] = False


class Contested(NamedTuple):
    """One field that another manager owns and an apply wanted to change: `.spec.env[name="A"].value`, `kubectl`."""

    path: str
    manager: str


class Conflict(PortError):
    """The object moved on, is another one than meant, or fields of it are owned by others (409).

    `contested` is empty unless others own the fields that an apply wanted to change.
    """

    def __init__(self, message: str, contested: tuple[Contested, ...] = ()) -> None:
        super().__init__(message)
        self.contested = contested
