"""The promise of a cluster: what stands in it, in changes, and the four ways to change it (OWN-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from aimcore.domain.kinds.records import AimObject
from aimcore.domain.view.cache import CoreObject
from aimcore.domain.view.plan import Delete, SetStatus

__all__ = ["Change", "Cluster", "Gone", "Put"]


@dataclass(frozen=True, slots=True)
class Put:
    """The thing stands, as it is now."""

    thing: AimObject | CoreObject


@dataclass(frozen=True, slots=True)
class Gone:
    """The thing stands no longer; this is what it was."""

    thing: AimObject | CoreObject


Change = Put | Gone


class Cluster(Protocol):
    """A cluster as the loop knows it.

    `changes` is asked once a round; writes go between. A write that loses a race raises a `PortError` and changes
    nothing; the next round sees why.
    """

    def changes(self) -> Iterable[Change]:
        """Everything that stands, the first time; what changed since, ever after."""
        ...

    def create(self, thing: AimObject) -> None:
        """Make a new object. Raises `AlreadyExists`; never adopts."""
        ...

    def apply(self, thing: AimObject) -> None:
        """Say all that the operator wants of the object of this key and uid; what is left out is given up."""
        ...

    def set_status(self, write: SetStatus) -> None:
        """Replace the status of the object of this key and uid."""
        ...

    def delete(self, write: Delete) -> None:
        """Delete the object if it is the very one that was seen."""
        ...
