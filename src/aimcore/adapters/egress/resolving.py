"""The addresses of a name, as the system finds them, in bounded time."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

from aimcore.adapters.egress.deadline import Deadline
from aimcore.adapters.egress.errors import Unreachable

__all__ = ["Resolve", "resolved", "system_resolve"]

Resolve = Callable[[str], Sequence[str]]
"""From a host name to its addresses as texts, the preferred one first; raises `OSError` (`gaierror`) where there is none."""

_AT_ONCE: Final = 32
_UNKNOWN: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})

# A lookup cannot be given up once begun. Threads that still wait for a dead resolver are few, and end with the process.
_slots = threading.BoundedSemaphore(_AT_ONCE)


def system_resolve(host: str) -> Sequence[str]:
    """What `getaddrinfo` answers, so /etc/hosts and every spelling of an address the system knows are included."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def resolved(host: str, resolve: Resolve, deadline: Deadline) -> Sequence[str]:
    """What `resolve` answers, or `Unreachable`, no later than the deadline or a step's patience."""
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(resolve(host))
        except Exception as error:  # noqa: BLE001 - it is raised again where somebody waits for it
            answers.put(error)
        finally:
            _slots.release()

    late = Unreachable(f"the name of {host} was not found in time; is the DNS server well?")
    try:
        free = _slots.acquire(timeout=deadline.retry_policy())
        if free:
            threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
        answer = answers.get(timeout=deadline.retry_policy() if free else 0)
    except (TimeoutError, queue.Empty) as error:
        raise late from error
    if isinstance(answer, Exception):
        raise _unresolved(host, answer) from answer
    if not answer:
        raise Unreachable(f"{host} has no address; check its name")
    return answer


def _unresolved(host: str, error: Exception) -> Exception:
    if isinstance(error, socket.gaierror):
        if error.errno in _UNKNOWN:
            return Unreachable(f"no host has the name {host}; is there a network here? if there is, check the spelling")
        return Unreachable(f"the name of {host} could not be looked up ({error.strerror}); is the DNS server well?")
    if isinstance(error, UnicodeError):  # a label too long for DNS
        return Unreachable(f"{host} is no name DNS could know; check its spelling")
    if isinstance(error, OSError):
        return Unreachable(f"the name of {host} could not be looked up; is the DNS server well?")
    return error
