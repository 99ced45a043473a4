"""What every field of the Go operator's objects is here: one table for each kind, for the present and the earlier spellings.

A field that has no counterpart yet stands in `LATER` with what it waits for: whoever builds it moves the line into a table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from aimcore.adapters.conversion.rewriting import (
    Action,
    At,
    Field,
    Table,
    Value,
    as_list,
    dropped,
    into,
    kept,
    listed,
    moved,
    record,
    undecided,
)
from aimcore.domain.errors import quoted
from aimcore.domain.profile import TemplateType

__all__ = ["KINDS", "WITHOUT_COUNTERPART", "KindForm"]


# --- what has no counterpart yet ----------------------------------------------------------------------------------------

CACHE_OF_SERVICE = "caching of a service is not built yet; nothing is cached until then"
LATER: Final[Mapping[str, Field]] = {
    "service.caching": dropped(CACHE_OF_SERVICE),
    "service.cacheModel": dropped(CACHE_OF_SERVICE),
    "service.routing": dropped(
        "routing of a single service is not built yet; write it into the runtime config that the service names"
    ),
    "service.autoscaling": undecided("set replicas; autoscaling of a service is not built yet"),
    "template.caching": dropped("filling a cache ahead of the first service is not built yet"),
}


# --- what several kinds share -------------------------------------------------------------------------------------------

HF_SOURCE: Final = re.compile(r"^hf://([a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+)(?:@.*)?$")
MODEL_ID: Final = re.compile(r"^[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+$")
DURATION: Final = re.compile(r"^([0-9]{1,5}(h|m|s|ms)){1,4}$")


def _template_type(old: Any, at: At) -> None:
    if old in {one.value for one in TemplateType}:
        kept()(old, at)
    else:
        at.say(Action.DECIDE, f"expected one of {', '.join(TemplateType)}; left out, which means unoptimized")


GPU: Final[Table] = {
    "requests": kept(),
    "models": kept(),
    "model": moved("models", value=as_list),
    "minVram": kept(),
    "resourceName": kept(),
}
CPU: Final[Table] = {"requests": kept(), "limits": kept()}
HARDWARE: Final[Table] = {"gpu": kept(record(GPU)), "cpu": kept(record(CPU))}
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
    if isinstance(name, str) and MODEL_ID.match(name):
        return name
    hub = HF_SOURCE.match(uri) if isinstance(uri, str) else None
    return hub[1] if hub else None


SOURCES: Final[Value] = listed(_source)

PULLING: Final[Table] = {
    "env": kept(),
    "imagePullSecrets": kept(),
    "serviceAccountName": kept(),
    "resources": kept(),
    "runtimeConfigName": kept(),
}


# --- models -------------------------------------------------------------------------------------------------------------

_ENTRY: Final[Table] = {
    "name": kept(),
    "type": _template_type,
    "hardware": kept(record(HARDWARE)),
    "profile": kept(record({"metric": kept(), "precision": kept()})),
    "env": kept(),
}
_PROFILES: Final = "the kinds AIMProfile and AIMProfileSet have no counterpart; write custom.templates instead"

MODEL: Final[Table] = {
    "image": kept(),
    "discovery": kept(
        record(
            {
                "enabled": kept(),
                "extractMetadata": moved("enabled"),
                "autoCreateTemplates": kept(),
                "createServiceTemplates": moved("autoCreateTemplates"),
            }
        )
    ),
    "defaultServiceTemplate": kept(),
    "modelSources": kept(SOURCES),
    "custom": kept(
        record(
            {
                "type": _template_type,
                "hardware": kept(record(HARDWARE)),
                "templates": kept(listed(record(_ENTRY))),
            }
        )
    ),
    "customTemplates": moved("custom", "templates", value=listed(record(_ENTRY))),
    "imageMetadata": kept(),
    **PULLING,
    "modelId": dropped("services name a model by its metadata.name"),
    "aimId": dropped("services name a model by its metadata.name"),
    "profiles": undecided(_PROFILES),
    "derivedFrom": undecided(_PROFILES),
    "profileCopy": undecided(_PROFILES),
}


def _model(old: Any, at: At) -> Any:
    """A model. With metadata given by hand, `extractMetadata: false` only says that no registry is asked: nor is it here."""
    new = record(MODEL)(old, at)
    if not isinstance(new, dict) or "imageMetadata" not in new or not isinstance(new.get("discovery"), dict):
        return new
    if new["discovery"].get("enabled") is False and old["discovery"].get("extractMetadata") is False:
        new["discovery"]["enabled"] = True
        here = replace(at, steps=(*at.steps, "discovery", "extractMetadata"))
        here.say(
            Action.RENAMED, "is enabled: true here: with imageMetadata no registry is asked, and templates are made"
        )
    return new


# --- templates ----------------------------------------------------------------------------------------------------------

TEMPLATE: Final[Table] = {
    "modelName": kept(),
    "aimImageName": moved("modelName"),
    "modelId": moved("modelName"),
    "metric": kept(),
    "precision": kept(),
    "hardware": kept(record(HARDWARE)),
    "gpuSelector": into(GPU_SELECTOR),
    "type": _template_type,
    "profileId": kept(),
    "modelSources": kept(SOURCES),
    **PULLING,
    "caching": LATER["template.caching"],
}


# --- services -----------------------------------------------------------------------------------------------------------

_OF_A_CONFIG: Final = "a service has no such field; put it into the runtime config that the service names"
_NOT_TO_OVERRIDE: Final = (
    "a service overrides metric, precision, and model and count of the GPU; use a template of your own"
)

_OVERRIDES: Final[Table] = {
    "metric": kept(),
    "precision": kept(),
    "gpuSelector": kept(
        record({"model": kept(), "count": kept(), "resourceName": dropped(_NOT_TO_OVERRIDE)}),
    ),
    "hardware": into(
        {
            "gpu": into(
                {
                    "model": moved("gpuSelector", "model"),
                    "requests": moved("gpuSelector", "count"),
                    "minVram": undecided(_NOT_TO_OVERRIDE),
                    "resourceName": dropped(_NOT_TO_OVERRIDE),
                }
            ),
            "cpu": undecided("a service says its CPUs in resources"),
        }
    ),
}

SERVICE: Final[Table] = {
    "model": kept(
        record(
            {
                "ref": kept(),
                "name": moved("ref"),
                "image": kept(),
                "custom": kept(
                    record(
                        {
                            "baseImage": kept(),
                            "modelSources": kept(SOURCES),
                            "hardware": kept(record(HARDWARE)),
                            "gpuSelector": into(GPU_SELECTOR),
                            "type": _template_type,
                        }
                    )
                ),
            }
        )
    ),
    "aimImageName": moved("model", "ref"),
    "template": kept(record({"name": kept(), "allowUnoptimized": kept()})),
    "templateName": moved("template", "name"),
    "templateRef": moved("template", "name"),
    "overrides": kept(record(_OVERRIDES)),
    "replicas": kept(),
    **PULLING,
    "minReplicas": LATER["service.autoscaling"],
    "maxReplicas": LATER["service.autoscaling"],
    "autoScaling": LATER["service.autoscaling"],
    "caching": LATER["service.caching"],
    "cacheModel": LATER["service.cacheModel"],
    "routing": LATER["service.routing"],
    "storage": dropped(_OF_A_CONFIG),
    "runtimeOverrides": undecided(_OF_A_CONFIG),
    "defaultStorageClassName": dropped(_OF_A_CONFIG),
    "pvcHeadroomPercent": dropped(_OF_A_CONFIG),
    "labelPropagation": dropped(_OF_A_CONFIG),
    "kvCache": dropped("there is no counterpart of AIMKVCache"),
    "profile": undecided(f"a service names a template; {_PROFILES}"),
    "profileOverrides": undecided(f"a service names a template; {_PROFILES}"),
    "loraAdapters": undecided("LoRA adapters have no counterpart"),
}


# --- runtime configs ----------------------------------------------------------------------------------------------------


def _timeout(old: Any, at: At) -> None:
    if isinstance(old, str) and DURATION.match(old):
        kept()(old, at)
    else:
        at.say(
            Action.DECIDE, f"{quoted(str(old))} is left out; write a duration of whole h, m, s and ms, such as 1h30m"
        )


RUNTIME_CONFIG: Final[Table] = {
    "serviceAccountName": kept(),
    "imagePullSecrets": kept(),
    "env": kept(),
    "model": kept(record({"autoDiscovery": kept(), "creationScope": kept()})),
    "labelPropagation": kept(record({"enabled": kept(), "match": kept()})),
    "storage": kept(record({"defaultStorageClassName": kept(), "pvcHeadroomPercent": kept()})),
    "defaultStorageClassName": moved("storage", "defaultStorageClassName"),
    "pvcHeadroomPercent": moved("storage", "pvcHeadroomPercent"),
    "routing": kept(
        record(
            {
                "enabled": kept(),
                "gatewayRef": kept(),
                "pathTemplate": kept(),
                "routeTemplate": moved("pathTemplate"),
                "requestTimeout": _timeout,
                "annotations": kept(),
            }
        )
    ),
}


# --- kinds --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KindForm:
    """What a kind is called here, and what becomes of its spec."""

    kind: str
    spec: Value


def _both(name: str, spec: Value, *, older: str = "") -> dict[str, KindForm]:
    """A kind with its cluster-wide twin, also under the name it had before."""
    scopes = ("AIM", "AIMCluster")
    return {
        f"{scope}{spelt}": KindForm(kind=f"{scope}{name}", spec=spec)
        for scope in scopes
        for spelt in (name, older)
        if spelt
    }


KINDS: Final[Mapping[str, KindForm]] = {
    **_both("Model", _model, older="Image"),
    **_both("ServiceTemplate", record(TEMPLATE)),
    **_both("RuntimeConfig", record(RUNTIME_CONFIG)),
    "AIMService": KindForm(kind="AIMService", spec=record(SERVICE)),
}
"""What is converted, by the kind's present or earlier name."""

_MADE_FROM_TEMPLATES: Final = "weights are found from the sources of a template; the object is left out"
WITHOUT_COUNTERPART: Final[Mapping[str, str]] = {
    "AIMArtifact": _MADE_FROM_TEMPLATES,
    "AIMModelCache": _MADE_FROM_TEMPLATES,
    "AIMTemplateCache": "caches are not built yet; the object is left out",
    "AIMClusterModelSource": "registries are not searched for models; write an AIMClusterModel for each image you want",
    "AIMKVCache": "there is no counterpart; the object is left out",
}
"""Kinds that are left out, and why. Of a kind that is not listed nothing more is known than that."""
