"""The requests that are made of an API server, each one request: read in pages, watch, and write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aimcore.adapters.kubernetes.connection import APPLY, JSON_PATCH, MERGE, Body, Connection, WatchStream
from aimcore.adapters.kubernetes.resources import Resource, Source
from aimcore.domain.kinds.ownership import MANAGER
from aimcore.domain.kinds.scope import GROUP
from aimcore.ports.errors import BadAnswer, NotFound

__all__ = ["INSTALL", "At", "Manifest", "Page", "Requests"]

Manifest = Mapping[str, Any]
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
INSTALL = "aimcore crds | kubectl apply --server-side -f -"


class At(NamedTuple):
    """Where one object is."""

    resource: Resource
    namespace: str | None
    name: str

    def path(self, subresource: str = "", **query: str | int) -> str:
        """Its path."""
        return self.resource.path(self.namespace, self.name, subresource, **query)


class Page(NamedTuple):
    """A part of a list: its items, the version the whole list is of, and the token of the next page, empty at the end."""

    items: Sequence[Any]
    version: str
    token: str


class Requests:
    """The verbs on manifests. All writes of the operator are written as the one manager of OWN-4."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- reading ---

    def page(self, source: Source, *, limit: int, token: str) -> Page:
        """One page of what stands. Raises `Expired` when the list is too old to be continued, `NotFound` where nothing is served."""
        query = {**_selected(source), **({"continue": token} if token else {})}
        try:
            answer = self._connection.send("GET", source.resource.path(source.namespace, "", "", limit=limit, **query))
        except NotFound as error:
            installs = f": {INSTALL} installs them" if source.resource.api_version.startswith(GROUP) else ""
            raise NotFound(f"the cluster has no {source.resource.plural}{installs}") from error
        metadata, items = answer.get("metadata"), answer.get("items")
        version = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
        if not isinstance(metadata, dict) or not isinstance(version, str) or not isinstance(items, list | None):
            raise BadAnswer(f"a list of {source} without a version or items")
        return Page(items or (), version, str(metadata.get("continue") or ""))

    def watch(self, source: Source, *, version: str, seconds: int) -> WatchStream:
        """What happens after a version, with a bookmark now and then, for so long."""
        query = {"allowWatchBookmarks": "true", "resourceVersion": version, **_selected(source)}
        return self._connection.stream(
            source.resource.path(source.namespace, "", "", watch=1, timeoutSeconds=seconds, **query)
        )

    def get(self, at: At) -> Manifest:
        """One object."""
        return self._connection.send("GET", at.path())

    def table(self, at: At) -> Manifest:
        """One object as a table for people, without the object."""
        return self._connection.send("GET", at.path(includeObject="None"), accept=TABLE)

    def select(self, source: Source, fields: str, *, limit: int) -> Sequence[Any]:
        """The first objects of a source that a field selector selects, at most so many."""
        path = source.resource.path(source.namespace, "", "", fieldSelector=fields, limit=limit)
        items = self._connection.send("GET", path).get("items")
        if not isinstance(items, list | None):
            raise BadAnswer(f"a list of {source} without items")
        return (items or ())[:limit]

    def log(self, at: At, **query: str | int) -> bytes:
        """The log of a pod's container, as far as the query wants it."""
        return self._connection.read(at.path("log", **query))

    def follow(self, at: At, **query: str | int) -> WatchStream:
        """The log of a pod's container as it grows, line by line; one that falls silent for long has ended."""
        return self._connection.stream(at.path("log", follow="true", **query), accept="*/*")

    # --- writing ---

    def create(self, resource: Resource, manifest: Manifest, *, manager: str = MANAGER) -> Manifest:
        """POST."""
        path = resource.path(manifest["metadata"].get("namespace"), fieldManager=manager)
        return self._connection.send("POST", path, Body(manifest))

    def replace(self, at: At, manifest: Manifest) -> Manifest:
        """PUT; the manifest carries the version it was read with."""
        return self._connection.send("PUT", at.path(fieldManager=MANAGER), Body(manifest))

    def apply(self, at: At, manifest: Manifest) -> Manifest:
        """Server-side apply, not forced."""
        return self._connection.send("PATCH", at.path(fieldManager=MANAGER, force="false"), Body(manifest, APPLY))

    def merge(self, at: At, patch: Manifest) -> Manifest:
        """A JSON merge patch."""
        return self._connection.send("PATCH", at.path(fieldManager=MANAGER), Body(patch, MERGE))

    def set_status(self, at: At, uid: str, status: Manifest) -> Manifest:
        """Puts this status in place of the one that stands, of the object of this uid and no other.

        A test within the patch, because this subresource looks at no uid that is written to it.
        """
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": uid},
            {"op": "add", "path": "/status", "value": status},
        ]
        return self._connection.send("PATCH", at.path("status", fieldManager=MANAGER), Body(patch, JSON_PATCH))

    def delete(self, at: At, *, uid: str, version: str) -> Manifest:
        """DELETE of the object of this uid and version: what was deleted, or a `Status`."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": uid, "resourceVersion": version},
        }
        return self._connection.send("DELETE", at.path(), Body(options))


def _selected(source: Source) -> dict[str, str]:
    return {"labelSelector": source.selector} if source.selector else {}
