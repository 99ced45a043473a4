"""What several kinds of the Go operator share: how values are spelt, and what waits for something to be built, or has no counterpart.

Whoever builds what a field of `LATER` waits for takes its line from here and says in `spellings` what it becomes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from aimcore.adapters.conversion.rewriting import (
    Action,
    At,
    Field,
    Table,
    Value,
    as_list,
    dropped,
    kept,
    listed,
    moved,
    record,
    undecided,
)
from aimcore.domain.errors import quoted
from aimcore.domain.values.profile import TemplateType

__all__ = ["GPU_SELECTOR", "HARDWARE", "LATER", "PULLING", "SOURCES", "WITHOUT_COUNTERPART", "template_type"]

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


CACHE_OF_SERVICE = (
    "caching is not carried over; set spec.caching.mode to Shared or Dedicated where weights are to be kept on a volume"
)
LATER: Final[Mapping[str, Field]] = {
    "service.caching": dropped(CACHE_OF_SERVICE),
    "service.cacheModel": dropped(CACHE_OF_SERVICE),
    "service.routing": dropped(
        "routing is not carried over; write spec.routing of the service, or of the runtime config that it names"
    ),
    "service.autoscaling": undecided("set replicas; autoscaling of a service is not built yet"),
    "template.caching": dropped(
        "caches are not filled by a template; write an AIMTemplateCache to fill one ahead of the first service"
    ),
}

_MADE_FROM_TEMPLATES: Final = "weights are found from the sources of a template; the object is left out"
WITHOUT_COUNTERPART: Final[Mapping[str, str]] = {
    "AIMArtifact": _MADE_FROM_TEMPLATES,
    "AIMModelCache": _MADE_FROM_TEMPLATES,
    "AIMTemplateCache": "fields differ; write one anew where weights are to be on a volume before a service asks, else leave it out",
    "AIMClusterModelSource": "registries are not searched for models; write an AIMClusterModel for each image you want",
    "AIMKVCache": "there is no counterpart; the object is left out",
}
"""Kinds that are left out, and why. Of a kind that is not listed nothing more is known than that."""
