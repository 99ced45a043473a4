"""How the values are spelt that several kinds of the Go operator share: hardware, sources, credentials, types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from aimcore.adapters.conversion.rewriting import (
    Action,
    At,
    Table,
    Value,
    as_list,
    dropped,
    kept,
    listed,
    moved,
    record,
)
from aimcore.domain.errors import quoted
from aimcore.domain.values.profile import TemplateType

__all__ = ["GPU_SELECTOR", "HARDWARE", "PULLING", "SOURCES", "template_type"]

_HF_SOURCE: Final = re.compile(r"hf://([a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+)(?:@.*)?")
_MODEL_ID: Final = re.compile(r"[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+")


def template_type(old: Any, at: At) -> None:
    """The type of a template; a word that is none here is left out."""
    if isinstance(old, str) and old in tuple(TemplateType):
        kept()(old, at)
    else:
        at.say(Action.DECIDE, f"expected one of {', '.join(TemplateType)}; left out, which means unoptimized")


_GPU: Final[Table] = {
    "requests": kept(),
    "models": kept(),
    "model": moved("models", value=as_list),
    "minVram": kept(),
    "resourceName": kept(),
}
_CPU: Final[Table] = {"requests": kept(), "limits": kept()}
HARDWARE: Final[Table] = {"gpu": kept(record(_GPU)), "cpu": kept(record(_CPU))}
GPU_SELECTOR: Final[Table] = {
    "count": moved("hardware", "gpu", "requests"),
    "model": moved("hardware", "gpu", "models", value=as_list),
    "resourceName": moved("hardware", "gpu", "resourceName"),
}

_SOURCE: Final[Table] = {
    "modelId": kept(),
    "name": dropped("a source has no name here, only its modelId"),
    "sourceUri": kept(),
    "size": kept(),
    "env": kept(),
}


def _source(old: Any, at: At) -> Any:
    """A source; before it had a modelId it had a name, which could be anything."""
    if not isinstance(old, dict) or old.get("modelId"):
        return record(_SOURCE)(old, at)
    new = record({**_SOURCE, "name": _ignored})(old, at)
    found = _model_id(old)
    if found is None:
        at.say(Action.DECIDE, "has no modelId, and its sourceUri does not say one; write it as organisation/name")
        return new
    at.say(Action.RENAMED, f"has no modelId; it is {quoted(found)} here")
    return {"modelId": found, **new}


def _ignored(_old: Any, _at: At) -> None:
    """The caller says what becomes of it."""


def _model_id(source: Mapping[str, Any]) -> str | None:
    name, uri = source.get("name"), source.get("sourceUri")
    if isinstance(name, str) and _MODEL_ID.fullmatch(name):
        return name
    hub = _HF_SOURCE.fullmatch(uri) if isinstance(uri, str) else None
    return hub[1] if hub else None


SOURCES: Final[Value] = listed(_source)

PULLING: Final[Table] = {
    "env": kept(),
    "imagePullSecrets": kept(),
    "serviceAccountName": kept(),
    "resources": kept(),
    "runtimeConfigName": kept(),
}
