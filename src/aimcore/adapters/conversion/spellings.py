"""What every field of the Go operator's objects is here: one table for each kind, for the present and the earlier spellings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from aimcore.adapters.conversion.rewriting import (
    Action,
    At,
    Table,
    Value,
    dropped,
    into,
    kept,
    listed,
    moved,
    record,
    undecided,
)
from aimcore.adapters.conversion.vocabulary import GPU_SELECTOR, HARDWARE, LATER, PULLING, SOURCES, template_type
from aimcore.domain.errors import quoted

__all__ = ["KINDS", "KindForm"]


# --- models -------------------------------------------------------------------------------------------------------------

_ENTRY: Final[Table] = {
    "name": kept(),
    "type": template_type,
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
                "type": template_type,
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
    "type": template_type,
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
                            "type": template_type,
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


_DURATION: Final = re.compile(r"([0-9]{1,5}(h|m|s|ms)){1,4}")


def _timeout(old: Any, at: At) -> None:
    if isinstance(old, str) and _DURATION.fullmatch(old):
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
