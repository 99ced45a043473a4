"""What is outside of a cluster, in memory: a registry of images, and the sizes of sources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from aimcore.domain.errors import quoted
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged, compared
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.plan import Inspect, Probe
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized

__all__ = ["MemoryRegistry", "MemorySizes"]


class MemoryRegistry:
    """An `ImageInspector` over a dictionary.

    >>> registry = MemoryRegistry({"nginx": {"org.opencontainers.image.title": "a web server"}})
    >>> registry.inspect(Inspect(parse_image("docker.io/library/nginx"))).labels
    {'org.opencontainers.image.title': 'a web server'}
    >>> print(registry.inspect(Inspect(parse_image("ghcr.io/acme/none:1"))).message)
    ghcr.io has no image ghcr.io/acme/none:1
    """

    def __init__(self, images: Mapping[str, Mapping[str, str]]) -> None:
        self._images: dict[str, Inspected] = {}
        for image, labels in images.items():
            self.push(image, labels)

    def push(self, image: str, labels: Mapping[str, str]) -> str:
        """Puts an image there in place of what its reference named before, and returns its digest."""
        content = json.dumps({"config": {"Labels": dict(labels)}}, sort_keys=True)
        digest = f"sha256:{sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()}"
        self._images[str(parse_image(image))] = Inspected(digest=digest, labels=dict(labels))
        return digest

    def inspect(self, want: Inspect) -> Inspection:
        """The digest and labels of the image, or that there is no such image."""
        found = self._images.get(str(want.image))
        if found is None:
            message = f"{want.image.registry} has no image {want.image}"
            return InspectionFailed(cause=Cause.NOT_FOUND, message=message)
        return found

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        """`Unchanged` while the reference names the image of that digest."""
        return compared(self.inspect(want), held)


@dataclass(frozen=True, slots=True)
class MemorySizes:
    """Answers wishes for sizes over a dictionary of bytes by URI; what is not listed is nowhere.

    >>> print(MemorySizes({"hf://acme/chat": 16_000_000_000}).size(Probe("hf://acme/chat")).size)
    16G
    """

    sizes: Mapping[str, int]

    def size(self, want: Probe) -> ProbeAnswer:
        """The size of the source, as one file, or that there is no such source."""
        size = self.sizes.get(want.uri)
        if size is None:
            return ProbeFailed(cause=ProbeCause.NOT_FOUND, message=f"source {quoted(want.uri)} is not there")
        return Sized(size=Quantity.of(size), files=1)
