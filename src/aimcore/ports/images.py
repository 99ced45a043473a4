"""The promise of everything that reads image labels, and of a plug-in that reads those of some images."""

from __future__ import annotations

from typing import Protocol

from aimcore.domain.images.inspection import Inspection, Unchanged
from aimcore.domain.values.image import ImageReference
from aimcore.domain.view.plan import Inspect

__all__ = ["ImageInspector", "ImageSource"]


class ImageInspector(Protocol):
    """Reads the labels of an image without its layers.

    Called in no particular order, from several threads at once. Expected outcomes are values: an image that is missing,
    refused or malformed is an `InspectionFailed`, never an exception. Every call ends in bounded time.
    """

    def inspect(self, want: Inspect) -> Inspection:
        """The digest and labels of the image that is wanted, or why they could not be read."""
        ...

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        """`Unchanged` while the image is still the one of the digest `held`; else what `inspect` answers (DISC-3)."""
        ...


class ImageSource(ImageInspector, Protocol):
    """An inspector that is installed as a plug-in (entry point `aimcore.image_sources`), for some images.

    It is made once a process. Whatever it raises counts as a failed inspection of that image, which may be tried again later.
    """

    def handles(self, image: ImageReference) -> bool:
        """Whether this source answers for the image, with nobody else being asked. Called before each inspection, from
        several threads at once: it should only look at the reference. Raising counts as False.
        """
        ...
