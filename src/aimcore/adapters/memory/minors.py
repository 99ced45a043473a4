"""The minors of Kubernetes that are supported, and where they differ in what this cluster does."""

from __future__ import annotations

from typing import Any, NamedTuple

from aimcore.adapters.memory.kinds import Manifest, Resource
from aimcore.adapters.memory.writing import Stored, applicable, rewritten, unwritten

__all__ = ["NEWEST", "OLDEST", "Minor"]

OLDEST, NEWEST = 34, 37

_STATUS_ALONE = 36


class Minor(NamedTuple):
    """One of them: 34 is Kubernetes 1.34.

    Before 1.36, who writes the status of an object of a definition claims the labels and annotations that come with it,
    though they are not written.
    """

    number: int

    def said(self, manifest: Manifest, resource: Resource, subresource: str) -> dict[str, Any]:
        """What an applied manifest claims at this endpoint.

        >>> from aimcore.adapters.memory.kinds import KINDS
        >>> manifest = {"metadata": {"name": "llama", "labels": {"a": "b"}}, "spec": {}, "status": {"status": "Ready"}}
        >>> Minor(37).said(manifest, KINDS["AIMModel"], "status")
        {'status': {'status': 'Ready'}}
        >>> Minor(34).said(manifest, KINDS["AIMModel"], "status")
        {'metadata': {'labels': {'a': 'b'}}, 'status': {'status': 'Ready'}}
        """
        said = applicable(manifest, resource, subresource)
        if self._status_alone(resource, subresource):
            return said
        beside = applicable({"apiVersion": "", "kind": "", "metadata": manifest["metadata"]}, resource, "")
        return {**beside, **said}

    def update(self, old: Stored, new: Manifest, subresource: str) -> tuple[dict[str, Any], Manifest]:
        """What `old` becomes when `new` is written over it, and what of it counts as written when claims are counted."""
        body = rewritten(old.body, new, old.resource, subresource)
        return body, body if self._status_alone(old.resource, subresource) else unwritten(old.body, new)

    def _status_alone(self, resource: Resource, subresource: str) -> bool:
        return self.number >= _STATUS_ALONE or not resource.defined or subresource != "status"
