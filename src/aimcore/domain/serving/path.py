"""The path under which a service answers at its gateway, made by a template over its metadata (ROUTE-2).

A template is literal text, and in braces a dotted path: `{name}`, `{namespace}`, `{labels.team}` or `{labels['a.b/c']}`, also
with `.metadata.` before it. Each segment of the result is a DNS label.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aimcore.domain.errors import quoted

__all__ = ["DEFAULT_PATH", "PathProblem", "ServiceMetadata", "route_path"]

DEFAULT_PATH: Final = "/{namespace}/{name}"
LONGEST_PATH: Final = 200
LONGEST_TEMPLATE: Final = 1024
LONGEST_SEGMENT: Final = 63

_TOKEN = re.compile(r"/|\{[^{}]*+\}|[^{}/]++")
_PLACE = re.compile(
    r"\{\.?+(?:metadata\.)?+(?:(?P<own>namespace|name)"
    r"|(?P<map>labels|annotations)(?:\.(?P<word>[A-Za-z0-9_-]++)|\['(?P<key>[^']++)'\]))\}"
)
_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMetadata:
    """What a path template may speak of."""

    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathProblem:
    """Why there is no path: `PathTemplateInvalid` (ROUTE-2)."""

    message: str


def route_path(template: str | None, service: ServiceMetadata) -> str | PathProblem:
    """The path of a service; `template` is None where nobody says one. A slash at the beginning may be left out.

    >>> chat = ServiceMetadata(namespace="ml", name="chat", labels={"example.com/id": "W_17"})
    >>> route_path(None, chat), route_path("{.metadata.labels['example.com/id']}/v1", chat)
    ('/ml/chat', '/w-17/v1')
    >>> route_path("/{labels.team}", chat)
    PathProblem(message="pathTemplate '/{labels.team}' speaks of labels['team'], which the service does not have")
    """
    text = DEFAULT_PATH if template is None else template
    tokens = _TOKEN.findall(text)
    if len(text) > LONGEST_TEMPLATE or "".join(tokens) != text:
        return _problem(text, f"cannot be read; expected at most {LONGEST_TEMPLATE} characters with braces in pairs")
    expanded = [_expanded(token, service) for token in tokens]
    bad = next((one for one in expanded if isinstance(one, PathProblem)), None)
    if bad is not None:
        return _problem(text, bad.message)
    return _joined(text, expanded)


def _expanded(token: str, service: ServiceMetadata) -> str | PathProblem:
    """What a token stands for. A slash of the template stays; one within a value separates nothing."""
    if not token.startswith("{"):
        return token
    place = _PLACE.fullmatch(token)
    if place is None:
        expected = "{name}, {namespace}, {labels.KEY} or {labels['KEY']}"
        return PathProblem(message=f"has {quoted(token)}; expected {expected}")
    if place["own"]:
        return service.name if place["own"] == "name" else service.namespace
    values = service.labels if place["map"] == "labels" else service.annotations
    key = place["word"] or place["key"]
    if key not in values:
        return PathProblem(message=f"speaks of {place['map']}[{quoted(key)}], which the service does not have")
    return values[key].replace("/", "-")


def _joined(text: str, expanded: list[str | PathProblem]) -> str | PathProblem:
    whole = "".join(map(str, expanded)).removeprefix("/").removesuffix("/")
    if not whole and text == "/":
        return "/"
    segments = [_label(segment) for segment in whole.split("/")]
    if not all(segments):
        return _problem(text, "makes an empty segment; expected letters or digits in each")
    path = "/" + "/".join(segments)
    if len(path) > LONGEST_PATH:
        return _problem(text, f"makes a path of {len(path)} characters; expected at most {LONGEST_PATH}")
    return path


def _label(segment: str) -> str:
    return _NOT_IN_A_LABEL.sub("-", segment.lower()).strip("-")[:LONGEST_SEGMENT].rstrip("-")


def _problem(template: str, what: str) -> PathProblem:
    return PathProblem(message=f"pathTemplate {quoted(template)} {what}")
