"""A lock file as an inspector: it answers what was read then, and asks nobody."""

from __future__ import annotations

from pathlib import Path

from aimcore.adapters.manifests.lock.content import Lock
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged
from aimcore.domain.view.plan import Inspect

__all__ = ["LockedInspector"]


class LockedInspector:
    """An `ImageInspector` over a lock; pull secrets play no part, since nothing is pulled."""

    def __init__(self, lock: Lock, *, file: Path) -> None:
        self._lock = lock
        self._file = file

    def inspect(self, want: Inspect) -> Inspection:
        """The digest and labels that are locked, or that the image is not among them."""
        found = self._lock.images.get(str(want.image))
        if found is None:
            message = f"image {want.image} is not in {ascii(str(self._file))[1:-1]}: run aimcore lock"
            return InspectionFailed(cause=Cause.NOT_FOUND, message=message)
        return found

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        """`Unchanged` while that digest is the one that is locked."""
        found = self.inspect(want)
        return Unchanged(digest=held) if isinstance(found, Inspected) and found.digest == held else found
