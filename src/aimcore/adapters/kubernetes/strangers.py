"""Objects that have the name of a child and that no watch tells of, because they lack the operator's label.

A POST that is answered `AlreadyExists` says that one stands. It is read by name, so that a decision sees whose it is, and
read again now and then until it is gone: otherwise its name would count as taken for ever. One that gets the label is told
by its watch from then on. There are few of them: one for each child whose name somebody else has.
"""

from __future__ import annotations

import threading

from aimcore.adapters.kubernetes.projection import ObjectPath, project
from aimcore.adapters.kubernetes.reflector import Backoff
from aimcore.adapters.kubernetes.requests import At, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES
from aimcore.adapters.kubernetes.store import Store
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER
from aimcore.ports.errors import NotFound, PortError

__all__ = ["Strangers"]


class Strangers:
    """Looks at them by name; `run` is for a thread of its own, `notice` may be called from any."""

    def __init__(self, requests: Requests, known: Store, backoff: Backoff) -> None:
        self._requests = requests
        self._known = known
        self._backoff = backoff
        self._last: ObjectPath | None = None
        self._stopping = threading.Event()

    def notice(self, at: At) -> None:
        """Lets the store hear of what stands there now. One that cannot be read is left for the next time."""
        try:
            manifest = self._requests.get(at)
        except NotFound:
            self._known.lost((at.resource.kind, at.namespace, at.name))
            return
        except PortError:
            return
        labels = manifest["metadata"].get("labels") or {}
        if labels.get(MANAGED_BY) != MANAGER:
            self._known.found(project(at.resource, manifest))

    def run(self) -> None:
        """Takes turns until stopped."""
        while not self._stopping.wait(self.turn()):
            pass

    def stop(self) -> None:
        """Ends it."""
        self._stopping.set()

    def turn(self) -> float:
        """Looks at one of them again; how long to wait before the next turn, so that each is seen twice a minute or so."""
        places = self._known.aside()
        if places:
            place = next(
                (one for one in places if self._last is not None and _order(one) > _order(self._last)), places[0]
            )
            self._last = place
            self.notice(At(RESOURCES[place[0]], place[1], place[2]))
        return max(self._backoff.first, self._backoff.some(self._backoff.most / max(1, len(places))))


def _order(place: ObjectPath) -> tuple[str, str, str]:
    return place[0], place[1] or "", place[2]
