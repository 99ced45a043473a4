"""The composition root: the one place that knows every adapter, and hands out answers that know none."""

from __future__ import annotations

from aimcore.adapters.manifests.lock import LockError, UnwritableError
from aimcore.entrypoints.wiring.changes import changed_objects
from aimcore.entrypoints.wiring.conversion import convert
from aimcore.entrypoints.wiring.images import inspect
from aimcore.entrypoints.wiring.input import Inputs, Manifests, check, take_in
from aimcore.entrypoints.wiring.locking import lock
from aimcore.entrypoints.wiring.sources import Folders, Images, LockFile, Online, SetupError, Sizes, Source
from aimcore.entrypoints.wiring.world import asking_of, plan_asking

__all__ = [
    "Folders",
    "Images",
    "Inputs",
    "LockError",
    "LockFile",
    "Manifests",
    "Online",
    "SetupError",
    "Sizes",
    "Source",
    "UnwritableError",
    "asking_of",
    "changed_objects",
    "check",
    "convert",
    "inspect",
    "lock",
    "plan_asking",
    "take_in",
]
