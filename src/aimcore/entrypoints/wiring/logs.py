"""The logs of a service's pods: read once and within bounds, or followed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Final

from aimcore.adapters.kubernetes.connection import Timeouts, connect
from aimcore.adapters.kubernetes.requests import At, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.domain.kinds.ownership import SERVICE_LABEL
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.serving.names import pod_selector
from aimcore.domain.serving.pod import CONTAINER
from aimcore.ports.errors import NotFound, PortError

__all__ = ["PodLog", "follow_logs", "pod_logs"]

TIMEOUT = Timeouts(read=20.0, whole=60.0)
BYTES_AT_MOST: Final = 2**20
PODS_AT_MOST: Final = 100
PODS: Final = RESOURCES[Kind.POD.api_name]
LOOK_AGAIN: Final = 5.0
PAUSE: Final = 1.0
LINES_WAITING: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PodLog:
    """The last lines of one pod, or why they cannot be read."""

    pod: str
    lines: tuple[str, ...] = ()
    failure: str = ""


def pod_logs(
    service: str, namespace: str, *, tail: int, kubeconfig: str | None, context: str | None
) -> Iterator[PodLog]:
    """The last lines of each pod of a service, by name. Raises a `PortError` where the pods cannot be listed."""
    requests = Requests(connect(kubeconfig=kubeconfig, context=context, timeouts=TIMEOUT))
    for name in _names(requests, _pods_of(service, namespace)):
        at = At(PODS, namespace, name)
        try:
            text = requests.log(at, container=CONTAINER, tailLines=tail, limitBytes=BYTES_AT_MOST)
        except PortError as error:
            yield PodLog(pod=name, failure=str(error))
        else:
            yield PodLog(pod=name, lines=tuple(text.decode(errors="replace").splitlines()))


def follow_logs(
    service: str, namespace: str, *, tail: int, kubeconfig: str | None, context: str | None
) -> Iterator[tuple[str, str]]:
    """Pod and line, as they are written, of the pods that are there and of those that come; it does not end by itself.

    Raises a `PortError` where the pods cannot be listed.
    """
    requests = Requests(connect(kubeconfig=kubeconfig, context=context, timeouts=TIMEOUT))
    source = _pods_of(service, namespace)
    lines: Queue[tuple[str, str]] = Queue(LINES_WAITING)
    followed: set[str] = set()
    looked = -LOOK_AGAIN
    while True:
        if time.monotonic() - looked >= LOOK_AGAIN:
            looked = time.monotonic()
            for name in set(_names(requests, source)) - followed:
                followed.add(name)
                follower = _Follower(requests, At(PODS, namespace, name), lines)
                threading.Thread(target=follower.run, args=(tail,), daemon=True).start()
        with suppress(Empty):
            yield lines.get(timeout=PAUSE)


class _Follower:
    """Follows one pod until it is gone. Where an answer ends, it goes on behind the last line that came."""

    def __init__(self, requests: Requests, at: At, lines: Queue[tuple[str, str]]) -> None:
        self._requests = requests
        self._at = at
        self._lines = lines
        self._last = ""

    def run(self, tail: int) -> None:
        """Reads on until there is no such pod; what passes is waited for."""
        begin: dict[str, str | int] = {"tailLines": tail}
        while True:
            seen = self._last
            try:
                with self._requests.follow(self._at, container=CONTAINER, timestamps="true", **begin) as stream:
                    for line in stream:
                        self._take(line.decode(errors="replace"), seen)
            except NotFound:
                return
            except PortError:
                pass
            begin = {"sinceTime": self._last} if self._last else begin
            time.sleep(PAUSE)

    def _take(self, line: str, seen: str) -> None:
        """Takes a line that no answer before this one had; the kubelet writes its times with all their digits."""
        when, _, text = line.partition(" ")
        if when > seen:
            self._last = when
            self._lines.put((self._at.name, text))


def _pods_of(service: str, namespace: str) -> Source:
    return Source(PODS, namespace, f"{SERVICE_LABEL}={pod_selector(service)[SERVICE_LABEL]}")


def _names(requests: Requests, source: Source) -> list[str]:
    page = requests.page(source, limit=PODS_AT_MOST, token="")
    return sorted(str(one["metadata"]["name"]) for one in page.items)[:PODS_AT_MOST]
