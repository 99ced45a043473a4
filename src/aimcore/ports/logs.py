"""The promise of whoever reads what pods wrote: the end of a log, of one pod by its name, within bounds."""

from __future__ import annotations

from typing import Protocol

__all__ = ["PodLogs"]


class PodLogs(Protocol):
    """Reads logs. Called from several threads at once; every call ends in bounded time and memory."""

    def tail(self, namespace: str, pod: str, container: str, *, lines: int) -> str:
        """The last lines that a container wrote, at most a mebibyte; what is no UTF-8 is replaced.

        Raises `NotFound` where there is no such pod, `Invalid` where it has no such container or that has not begun,
        `AccessDenied` without the right to read logs, or `Unavailable`.
        """
        ...
