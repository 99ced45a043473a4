"""The promise of everything that reads image labels."""

from __future__ import annotations

from typing import Protocol

from aimcore.domain.image import ImageReference
from aimcore.domain.inspection import Inspection

__all__ = ["ImageInspector"]


class ImageInspector(Protocol):
    """Reads the labels of an image without its layers.

    Called once for each image a decision wants inspected, in no particular order. Expected outcomes are values: an image
    that is missing, refused or malformed is an `InspectionFailed`, never an exception. Every call ends in bounded time.
    """

    def inspect(self, image: ImageReference) -> Inspection:
        """The digest and labels of `image`, or why they could not be read."""
        ...
