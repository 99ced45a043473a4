"""The kinds of ours on the wire, each with all that is said of it (KIND-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimcore.adapters.wire.caches import CACHE
from aimcore.adapters.wire.kind import Column, Immutable, KindCodec
from aimcore.adapters.wire.service import SERVICE_SPEC
from aimcore.adapters.wire.service_status import SERVICE_STATUS
from aimcore.adapters.wire.specs import MODEL_SPEC, RUNTIME_CONFIG_SPEC, TEMPLATE_SPEC
from aimcore.adapters.wire.statuses import CONFIG_STATUS, MODEL_STATUS, TEMPLATE_STATUS
from aimcore.domain.kinds.records import Model, RuntimeConfig, RuntimeConfigSpec, Service, Template
from aimcore.domain.kinds.scope import Key, Kind

__all__ = ["CODECS"]

_STATUS = Column(name="Status", path=".status.status")
_AGE = Column(name="Age", path=".metadata.creationTimestamp", type="date")


def _runtime_config(*, key: Key, meta: Any, spec: RuntimeConfigSpec | None, status: object) -> RuntimeConfig:
    del status  # no decision looks at it
    return RuntimeConfig(key=key, meta=meta, spec=RuntimeConfigSpec() if spec is None else spec)


CODECS: Mapping[Kind, KindCodec] = {
    Kind.MODEL: KindCodec(
        spec=MODEL_SPEC,
        status=MODEL_STATUS,
        make=Model,
        describe="A model of one namespace; it hides a cluster model of the same name there.",
        describe_twin="A model of the whole cluster.",
        columns=(
            _STATUS,
            Column(name="Source", path=".status.sourceType"),
            Column(name="Image", path=".spec.image"),
            Column(name="Model", path=".status.imageMetadata.model.canonicalName"),
            _AGE,
        ),
    ),
    Kind.TEMPLATE: KindCodec(
        spec=TEMPLATE_SPEC,
        status=TEMPLATE_STATUS,
        make=Template,
        describe="A way to serve a model, in one namespace.",
        describe_twin="A way to serve a model, for the whole cluster.",
        columns=(
            Column(name="Model", path=".spec.modelName"),
            _STATUS,
            Column(name="Hardware", path=".status.hardwareSummary"),
            Column(name="Metric", path=".spec.metric"),
            Column(name="Precision", path=".spec.precision"),
            _AGE,
        ),
        immutable=Immutable(
            fields=("modelName", "metric", "precision", "hardware"), rule="TMPL-7", instead="a template"
        ),
    ),
    Kind.SERVICE: KindCodec(
        spec=SERVICE_SPEC,
        status=SERVICE_STATUS,
        make=Service,
        describe="A model to be served in a namespace.",
        columns=(
            _STATUS,
            Column(name="Model", path=".status.resolvedModel.name"),
            Column(name="Template", path=".status.resolvedTemplate.name"),
            Column(name="Ready", path=".status.runtime.ready"),
            _AGE,
            Column(name="Endpoint", path=".status.endpoint.cluster", wide=True),
            Column(name="Cache", path=".status.cache.name", wide=True),
        ),
        scalable=True,
    ),
    Kind.RUNTIME_CONFIG: KindCodec(
        spec=RUNTIME_CONFIG_SPEC,
        status=CONFIG_STATUS,
        make=_runtime_config,
        describe="Settings of one namespace, over those of the cluster that have the same name.",
        describe_twin="Settings of the whole cluster.",
        columns=(_AGE,),
        spec_needed=False,
    ),
    Kind.CACHE: CACHE,
}
"""Every kind of ours; what iterates it needs no word of a new one."""
