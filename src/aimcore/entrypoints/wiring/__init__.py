"""The composition root: the one place that knows every adapter, and hands out answers that know none."""

from __future__ import annotations

from aimcore.adapters.manifests.lock import LockError, UnwritableError
from aimcore.entrypoints.wiring.conversion import convert
from aimcore.entrypoints.wiring.images import inspect
from aimcore.entrypoints.wiring.input import Inputs, check
from aimcore.entrypoints.wiring.locking import lock
from aimcore.entrypoints.wiring.sources import Folders, LockFile, Online, SetupError, Source
from aimcore.entrypoints.wiring.world import plan

__all__ = [
    "Folders",
    "Inputs",
    "LockError",
    "LockFile",
    "Online",
    "SetupError",
    "Source",
    "UnwritableError",
    "check",
    "convert",
    "inspect",
    "lock",
    "plan",
]
