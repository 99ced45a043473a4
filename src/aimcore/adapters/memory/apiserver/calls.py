"""One call on the API: a path and a query become the resource that is meant, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aimcore.adapters.memory.apiserver.endpoints import Endpoint, Endpoints
from aimcore.adapters.memory.apiserver.refusals import Refusal, bad_request
from aimcore.adapters.memory.kinds import Address

__all__ = ["Call", "Route", "route_of"]

_NUMBER_AT_MOST = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a path means: a resource, in a namespace or in all, one object of it or the collection, or a subresource."""

    endpoint: Endpoint
    namespace: str | None
    name: str
    subresource: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `media` is the type of the body, which is parsed; `manager` who sends it, unless the query says so."""

    method: str
    route: Route
    query: Mapping[str, str]
    accept: str = ""
    media: str = ""
    body: Any = None
    manager: str = "unknown"

    @property
    def address(self) -> Address:
        """Where the object is that is meant."""
        return Address(self.route.endpoint.kind, self.route.namespace, self.route.name)

    @property
    def by(self) -> str:
        """Who writes."""
        return self.query.get("fieldManager") or self.manager

    @property
    def rehearsed(self) -> bool:
        """Whether nothing is to be kept: asked for by the query, or by the options of a deletion."""
        options = self.body.get("dryRun") if self.method == "DELETE" and isinstance(self.body, dict) else None
        wish = self.query.get("dryRun") or (options[0] if isinstance(options, list) and options else "")
        if wish not in ("", "All"):
            raise bad_request(f"dryRun has {str(wish)[:60]!r}; expected 'All'")
        return bool(wish)

    def flag(self, name: str) -> bool:
        """A yes or no of the query, as Go reads it."""
        return self.query.get(name, "") in ("1", "t", "T", "true", "TRUE", "True")

    def number(self, name: str) -> int:
        """A number of the query; 0 when it is not there. Raises `Refusal`."""
        text = self.query.get(name) or "0"
        if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_AT_MOST):
            raise bad_request(f"{name} has {text[:60]!r}; expected a whole number")
        return int(text)


def route_of(path: Sequence[str], endpoints: Endpoints) -> Route | None:
    """The route of the steps of a path, None when there is none.

    `api/v1/namespaces/ml/secrets/x` and `apis/aim.silogen.ai/v1alpha1/aimmodels` are paths; `api/v1/namespaces/ml` is an
    object, the namespace.
    """
    match path:
        case ["api", version, *rest] if rest:
            found = _below(version, rest, endpoints)
        case ["apis", group, version, *rest] if rest:
            found = _below(f"{group}/{version}", rest, endpoints)
        case _:
            return None
    if found is None or not all(path):
        return None
    if found.subresource and (found.subresource != "status" or not found.endpoint.resource.status):
        raise Refusal(404, "NotFound", "the server could not find the requested resource", {})
    return found


def _below(version: str, rest: Sequence[str], endpoints: Endpoints) -> Route | None:
    namespace = None
    match rest:
        case ["namespaces", inside, plural, *more] if plural != "status":
            namespace = inside
        case [plural, *more]:
            pass
        case _:
            return None
    endpoint = endpoints.get((version, plural))
    if endpoint is None or len(more) > 2:
        return None
    name, subresource = (*more, "", "")[:2]
    if (namespace is not None and not endpoint.resource.namespaced) or (
        endpoint.resource.namespaced and name and not namespace
    ):
        return None
    return Route(endpoint=endpoint, namespace=namespace, name=name, subresource=subresource)
