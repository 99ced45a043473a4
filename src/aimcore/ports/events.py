"""The promise of whoever reads what Kubernetes told of one object, within bounds."""

from __future__ import annotations

from typing import Protocol

from aimcore.domain.kinds.events import ObjectEvent
from aimcore.domain.kinds.scope import Key

__all__ = ["ObjectEvents"]


class ObjectEvents(Protocol):
    """Reads events. Called from several threads at once; every call ends in bounded time and memory."""

    def of(self, key: Key, uid: str) -> tuple[ObjectEvent, ...]:
        """The events of the object of this key, and of this uid unless it is empty, oldest first: at most 100 of them.

        There are none of an object that is not there. Raises `AccessDenied` without the right to list events, or
        `Unavailable`.
        """
        ...
