"""One object as the store keeps it: replaced at every write, never changed."""

from __future__ import annotations

from typing import Any

from aimcore.adapters.memory.kinds import Manifest, Resource
from aimcore.adapters.memory.managed import Managers, encoded

__all__ = ["Stored"]


class Stored:
    """One object: its body without `managedFields`, who owns what of it, and the manifest of both, built when asked for."""

    __slots__ = ("_manifest", "body", "managers", "resource")

    def __init__(self, resource: Resource, body: dict[str, Any], managers: Managers) -> None:
        self.resource = resource
        self.body = body
        self.managers = managers
        self._manifest: Manifest | None = None

    def manifest(self) -> Manifest:
        """All of it, as the API gives it out."""
        if self._manifest is None:
            metadata = self.body["metadata"]
            if self.managers:
                metadata = {**metadata, "managedFields": encoded(self.managers)}
            self._manifest = {**self.body, "metadata": metadata}
        return self._manifest

    @property
    def metadata(self) -> dict[str, Any]:
        """The body's metadata."""
        metadata: dict[str, Any] = self.body["metadata"]
        return metadata
