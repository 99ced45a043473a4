"""Models, and what is decided on them, for the tests of models."""

from __future__ import annotations

from typing import Any

from aimcore.domain.decide import decide_model
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.records import (
    CustomSpec,
    Discovery,
    Model,
    Template,
)
from aimcore.domain.kinds.statuses import ModelStatus, ResolvedImage, Verdict
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.plan import Plan
from tests.unit.domain.builders import (
    BIG,
    DIGEST,
    IMAGE,
    SMALL,
    Said,
    children,
    gpus,
    metadata,
    model,
    observe,
    saying,
    source,
)

__all__ = ["CUSTOM", "GIVEN", "NO_TEMPLATES", "OFF", "holding", "live", "planned"]


OFF, NO_TEMPLATES = Discovery(enabled=False), Discovery(auto_create_templates=False)
GIVEN: Said = {"image_metadata": metadata(BIG, SMALL)}
CUSTOM: Said = {"model_sources": (source(),), "custom": CustomSpec(hardware=gpus(1, "MI300X"))}


def planned(one: Model, *things: Any, policy: Policy | None = None) -> Plan:
    return decide_model(observe(one, *things, policy=policy))


def live(*words: Verdict | None, **said: Any) -> tuple[Model, list[Template]]:
    """A model with a template for each word, each saying it."""
    deployments = [Deployment(gpu_model="MI300X", gpu_count=count) for count in range(1, len(words) + 1)]
    parent = model(image_metadata=metadata(*deployments), **said)
    made = [one for each in deployments for one in children(parent, each, says=None)]
    return parent, [one if word is None else saying(one, word) for one, word in zip(made, words, strict=True)]


def holding(*deployments: Deployment, reference: str = IMAGE) -> ModelStatus:
    """The status of a model whose image was read."""
    extracted = Condition(type="MetadataExtracted", status=ConditionStatus.TRUE, reason="MetadataExtracted")
    return ModelStatus(
        status=Verdict.READY,
        conditions=(extracted,),
        resolved_image=ResolvedImage(reference=reference, digest=DIGEST),
        image_metadata=metadata(*deployments),
    )
