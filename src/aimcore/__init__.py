"""The rules of AIM models as a library: load a catalogue, plan it, list, resolve and explain what it yields.

    from aimcore import load, plan, resolve

    planned = plan(load("manifests/"))
    print(resolve(planned, "ml-team/chat").template)

What is in `__all__` is public, and described in docs/library.md; everything else may change without notice. Importing this
package loads nothing else: the names below arrive when first asked for (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aimcore.domain.decide.choice import Step
    from aimcore.domain.errors import AimError, ParseError
    from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed, Unchanged
    from aimcore.domain.kinds.scope import Key, Kind, Scope
    from aimcore.domain.kinds.statuses import Candidate
    from aimcore.domain.values.image import ImageReference, parse_image
    from aimcore.domain.values.layering import Layer, Layered, PassedOver
    from aimcore.domain.values.quantity import Quantity, parse_quantity
    from aimcore.domain.view.plan import Inspect
    from aimcore.domain.weights.filter import FileFilter
    from aimcore.domain.weights.probing import ProbeCause, ProbeFailed, Sized
    from aimcore.domain.weights.sources import EnvVar, HuggingFaceUri, S3Uri
    from aimcore.entrypoints.library.catalogue import Catalogue, Cluster, Text, load
    from aimcore.entrypoints.library.explaining import Explanation, explain
    from aimcore.entrypoints.library.finding import NotThereError, SeveralError
    from aimcore.entrypoints.library.planning import diff, plan
    from aimcore.entrypoints.library.resolving import ServiceResolution, resolve
    from aimcore.entrypoints.library.views import Item, contents
    from aimcore.entrypoints.loop import NotSettledError
    from aimcore.entrypoints.present.answers import Compared, Planned, Problem
    from aimcore.entrypoints.settings import Registries, Settings
    from aimcore.entrypoints.wiring import Folders, LockError, LockFile, Online, SetupError
    from aimcore.ports.errors import PortError
    from aimcore.ports.images import ImageInspector, ImageSource
    from aimcore.ports.sizes import SizeProber, SizeSource

__all__ = [
    "AimError",
    "Candidate",
    "Catalogue",
    "Cause",
    "Cluster",
    "Compared",
    "EnvVar",
    "Explanation",
    "FileFilter",
    "Folders",
    "HuggingFaceUri",
    "ImageInspector",
    "ImageReference",
    "ImageSource",
    "Inspect",
    "Inspected",
    "InspectionFailed",
    "Item",
    "Key",
    "Kind",
    "Layer",
    "Layered",
    "LockError",
    "LockFile",
    "NotSettledError",
    "NotThereError",
    "Online",
    "ParseError",
    "PassedOver",
    "Planned",
    "PortError",
    "ProbeCause",
    "ProbeFailed",
    "Problem",
    "Quantity",
    "Registries",
    "S3Uri",
    "Scope",
    "ServiceResolution",
    "Settings",
    "SetupError",
    "SeveralError",
    "SizeProber",
    "SizeSource",
    "Sized",
    "Step",
    "Text",
    "Unchanged",
    "__version__",
    "contents",
    "diff",
    "explain",
    "load",
    "parse_image",
    "parse_quantity",
    "plan",
    "resolve",
]

__version__ = "0.1.0"

_HOMES = {
    "aimcore.domain.decide.choice": ("Step",),
    "aimcore.domain.errors": ("AimError", "ParseError"),
    "aimcore.domain.images.inspection": ("Cause", "Inspected", "InspectionFailed", "Unchanged"),
    "aimcore.domain.kinds.scope": ("Key", "Kind", "Scope"),
    "aimcore.domain.kinds.statuses": ("Candidate",),
    "aimcore.domain.values.image": ("ImageReference", "parse_image"),
    "aimcore.domain.values.layering": ("Layer", "Layered", "PassedOver"),
    "aimcore.domain.values.quantity": ("Quantity", "parse_quantity"),
    "aimcore.domain.view.plan": ("Inspect",),
    "aimcore.domain.weights.filter": ("FileFilter",),
    "aimcore.domain.weights.probing": ("ProbeCause", "ProbeFailed", "Sized"),
    "aimcore.domain.weights.sources": ("EnvVar", "HuggingFaceUri", "S3Uri"),
    "aimcore.entrypoints.library.catalogue": ("Catalogue", "Cluster", "Text", "load"),
    "aimcore.entrypoints.library.explaining": ("Explanation", "explain"),
    "aimcore.entrypoints.library.finding": ("NotThereError", "SeveralError"),
    "aimcore.entrypoints.library.views": ("Item", "contents"),
    "aimcore.entrypoints.library.planning": ("diff", "plan"),
    "aimcore.entrypoints.library.resolving": ("ServiceResolution", "resolve"),
    "aimcore.entrypoints.loop": ("NotSettledError",),
    "aimcore.entrypoints.present.answers": ("Compared", "Planned", "Problem"),
    "aimcore.entrypoints.settings": ("Registries", "Settings"),
    "aimcore.entrypoints.wiring": ("Folders", "LockError", "LockFile", "Online", "SetupError"),
    "aimcore.ports.errors": ("PortError",),
    "aimcore.ports.images": ("ImageInspector", "ImageSource"),
    "aimcore.ports.sizes": ("SizeProber", "SizeSource"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'aimcore' has no attribute {name!r}")
    found: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
