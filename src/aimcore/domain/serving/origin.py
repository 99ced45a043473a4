"""What a Deployment was made from, as its own annotations say it: the memory that outlives operators (RUN-13, RUN-16)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aimcore.domain.errors import ParseError
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.kinds.config import ResolvedConfig
from aimcore.domain.kinds.ownership import MADE_FROM
from aimcore.domain.kinds.records import Model, ServiceSpec, TemplateSpec
from aimcore.domain.kinds.scope import GROUP, Reference, Scope
from aimcore.domain.kinds.workload import DefaultResources, PodSettings
from aimcore.domain.serving.bodies import canonical, digest, plain, said
from aimcore.domain.serving.inputs import Added
from aimcore.domain.serving.pod import REVISION
from aimcore.domain.values.quantity import parse_quantity

__all__ = [
    "ADDED",
    "MADE_FROM",
    "POD_VERSION_ANNOTATION",
    "InputDigests",
    "Origin",
    "choice_digest",
    "config_digest",
    "input_digests",
    "origin_annotations",
    "read_origin",
]

ADDED: Final = f"{GROUP}/added"
POD_VERSION_ANNOTATION: Final = f"{GROUP}/pod-version"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDigests:
    """A digest of what each of the four says: it tells whose change it was."""

    service: str
    model: str
    template: str
    config: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a Deployment was made from.

    `config` is the name of the runtime config. `choice` digests what opens the choice of a template again. `by_config`
    tells that its pods were last rolled by a change of the config alone, which is done one service at a time (RUN-14).
    """

    version: int
    revision: str
    model: Reference
    template: Reference
    config: str
    choice: str
    inputs: InputDigests
    added: Added
    by_config: bool = False


# Digests --------------------------------------------------------------------------------------------------------------

_NO_PART_OF_THE_POD: Final = ("replicas", "rollout", "routing")
_SECRET_OR_SIZE: Final = ("env", "size")


def input_digests(service: ServiceSpec, model: Model, *, template: TemplateSpec, config: str) -> InputDigests:
    """The digests of what service, model and template say beside the config's (`config_digest`)."""
    return InputDigests(
        service=digest(plain(service, without=_NO_PART_OF_THE_POD)),
        model=digest(plain(model.spec)),
        template=digest(plain(template)),
        config=config,
    )


def config_digest(config: ResolvedConfig, pod: tuple[PodSettings, ...] = ()) -> str:
    """What the merged config says that can shape a pod; `pod` are its own pod settings, the namespace's first."""
    shape = {
        "account": config.service_account_name,
        "env": [one.value for one in config.env.values()],
        "pullSecrets": list(config.pull_secrets),
        "pod": pod,
    }
    return digest(plain(shape))


def choice_digest(service: ServiceSpec, model: Model) -> str:
    """What opens the choice of a template again once a Deployment stands (RUN-16).

    The service's own model, template and overrides; another model answering; and that model's image, sources and custom
    block. Environment and sizes are no part of it. The model counts by its name, as whoever recreates it means the same.
    """
    identity = {
        "model": service.model,
        "template": service.template_name,
        "allowUnoptimized": service.allow_unoptimized,
        "overrides": service.overrides,
        "answer": [model.key.api_kind, model.key.name],
        "image": model.spec.image,
        "sources": model.spec.model_sources,
        "custom": model.spec.custom,
    }
    return digest(plain(identity, without=_SECRET_OR_SIZE))


# Annotations ----------------------------------------------------------------------------------------------------------


def origin_annotations(origin: Origin) -> dict[str, str]:
    """The annotations of a Deployment that say what it was made from."""
    made_from = {
        "model": plain(origin.model),
        "template": plain(origin.template),
        "config": origin.config,
        "choice": origin.choice,
        "inputs": plain(origin.inputs),
        "byConfig": origin.by_config,
    }
    return {
        POD_VERSION_ANNOTATION: str(origin.version),
        REVISION: origin.revision,
        MADE_FROM: canonical(made_from),
        ADDED: canonical(_added_body(origin.added)),
    }


def read_origin(annotations: Mapping[str, str]) -> Origin | None:
    """What the annotations of a Deployment say it was made from; None where they do not say it, or not so any more."""
    try:
        made_from, added = json.loads(annotations[MADE_FROM]), json.loads(annotations[ADDED])
        return Origin(
            version=int(annotations[POD_VERSION_ANNOTATION]),
            revision=annotations[REVISION],
            model=_reference(made_from["model"]),
            template=_reference(made_from["template"]),
            config=made_from["config"],
            choice=made_from["choice"],
            inputs=InputDigests(**made_from["inputs"]),
            added=_read_added(added),
            by_config=made_from["byConfig"],
        )
    except (KeyError, TypeError, ValueError, AttributeError, ParseError, RecursionError):
        return None


def _reference(body: Mapping[str, Any]) -> Reference:
    return Reference(
        kind=body["kind"],
        name=body["name"],
        namespace=body.get("namespace"),
        scope=Scope(body["scope"]),
        uid=body["uid"],
    )


def _added_body(added: Added) -> dict[str, Any]:
    defaults = added.defaults
    return said(
        {
            "baseImage": added.base_image,
            "nodes": None if added.nodes is None else [[one.key, list(one.values)] for one in added.nodes],
            "defaults": defaults
            and [str(defaults.cpu_request), str(defaults.memory_request), str(defaults.memory_limit)],
            "pullSecrets": list(added.pull_secrets),
            "labels": dict(added.labels),
        }
    )


def _read_added(body: Mapping[str, Any]) -> Added:
    nodes, defaults = body.get("nodes"), body.get("defaults")
    return Added(
        base_image=body["baseImage"],
        nodes=None if nodes is None else tuple(NodeLabel(key=key, values=tuple(values)) for key, values in nodes),
        defaults=None if defaults is None else _defaults(*map(parse_quantity, defaults)),
        pull_secrets=tuple(body["pullSecrets"]),
        labels=dict(body["labels"]),
    )


def _defaults(*three: Any) -> DefaultResources:
    cpu_request, memory_request, memory_limit = three
    return DefaultResources(cpu_request=cpu_request, memory_request=memory_request, memory_limit=memory_limit)
