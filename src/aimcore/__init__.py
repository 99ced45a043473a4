"""The rules of AIM models as a library: pure decisions under `aimcore.domain`, the world behind ports.

Importing this package loads nothing else; the names below arrive when first asked for (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aimcore.domain.values.image import ImageReference, parse_image
    from aimcore.domain.values.quantity import Quantity, parse_quantity

__all__ = ["ImageReference", "Quantity", "__version__", "parse_image", "parse_quantity"]

__version__ = "0.1.0"

_HOMES = {
    "ImageReference": "aimcore.domain.values.image",
    "Quantity": "aimcore.domain.values.quantity",
    "parse_image": "aimcore.domain.values.image",
    "parse_quantity": "aimcore.domain.values.quantity",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'aimcore' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
