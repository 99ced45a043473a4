"""The promises of whoever reads what an object's status does not say: the events told of it, and the end of a pod's log."""

from __future__ import annotations

from typing import Protocol

from aimcore.domain.kinds.diagnostics import ObjectEvent
from aimcore.domain.kinds.scope import Key

__all__ = ["ObjectEvents", "PodLogs"]


class ObjectEvents(Protocol):
    """Reads events. Called from several threads at once; every call ends in bounded time and memory."""

    def of(self, key: Key, uid: str) -> tuple[ObjectEvent, ...]:
        """The events of the object of this key, and of this uid unless it is empty, oldest first: at most 100 of them.

        There are none of an object that is not there. Raises `AccessDenied` without the right to list events, or
        `Unavailable`.
        """
        ...


class PodLogs(Protocol):
    """Reads logs. Called from several threads at once; every call ends in bounded time and memory."""

    def tail(self, namespace: str, pod: str, container: str, *, lines: int) -> str:
        """The last lines that a container wrote, at most a mebibyte; what is no UTF-8 is replaced.

        Raises `NotFound` where there is no such pod, `Invalid` where it has no such container or that has not begun,
        `AccessDenied` without the right to read logs, or `Unavailable`.
        """
        ...
