"""The lock file: digests and labels of images as they were read once, to plan with where there is no network."""

from __future__ import annotations

from pathlib import Path

from aimcore.adapters.manifests.documents import Problem
from aimcore.adapters.manifests.lock.content import Lock, LockedInspector, LockError, lock_text
from aimcore.adapters.manifests.lock.writing import UnwritableError, check_place, write_lock

__all__ = [
    "Lock",
    "LockError",
    "LockedInspector",
    "Problem",
    "UnwritableError",
    "check_place",
    "lock_text",
    "read_lock",
    "write_lock",
]


def read_lock(file: Path) -> tuple[Lock, str]:
    """What a lock file holds, and its text.

    Raises `LockError`, which has all that is wrong with it, each with file, line, column and path.
    """
    from aimcore.adapters.manifests.lock.reading import read  # noqa: PLC0415 - PyYAML, for those who read any

    return read(file)
