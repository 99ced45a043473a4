"""What a decision may see: its subject, everything that stands, the answers so far, the policy and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from aimcore.domain.images.inspection import Inspection, Unchanged
from aimcore.domain.kinds.dropped import DroppedFields
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.view.cache import ReadView
from aimcore.domain.view.plan import Inspect, Probe
from aimcore.domain.weights.probing import ProbeAnswer

__all__ = [
    "PAUSED",
    "CreationScopeFrom",
    "Observed",
    "Policy",
    "Unseen",
    "is_paused",
    "is_paused_or_deleting",
    "rests",
]

T = TypeVar("T")

PAUSED = "aim.silogen.ai/reconciliation-paused"
"""The annotation that, being `true`, keeps the operator away from an object (OWN-3)."""


class CreationScopeFrom(StrEnum):
    """Whose word counts on where auto-created models go (AUTO-3)."""

    MERGED = "merged"
    CLUSTER = "cluster"


class Unseen(StrEnum):
    """What a secret or service account counts as that is not in the view."""

    ABSENT = "absent"  # the view holds all there are
    ASSUMED = "assumed"  # as a plan over files must, and says so
    ASKED = "asked"  # as an operator does, which looks at each by name (SEC-5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the installation decides for everyone."""

    operator_namespace: str = "aim-system"
    base_image: str = "amdenterpriseai/aim-base:latest"
    creation_scope_from: CreationScopeFrom = CreationScopeFrom.MERGED
    unseen: Unseen = Unseen.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(Generic[T]):
    """One subject and the snapshot it is decided on.

    `now` is RFC 3339; `answers` are the inspections made so far, `sizes` what is known of sources,
    `dropped` what servers do not keep.
    """

    subject: T
    view: ReadView
    answers: Mapping[Inspect, Inspection | Unchanged] = field(default_factory=dict)
    sizes: Mapping[Probe, ProbeAnswer] = field(default_factory=dict)
    dropped: DroppedFields = field(default_factory=dict)
    policy: Policy = Policy()
    now: str = "1970-01-01T00:00:00Z"


def rests(observed: Observed[Model] | Observed[Template] | Observed[Service]) -> bool:
    """Whether nothing follows for the subject."""
    return is_paused_or_deleting(observed.subject, observed.view)


def is_paused_or_deleting(thing: Model | Template | Service, view: ReadView) -> bool:
    """Whether nothing follows for the thing: it or its namespace is on its way out, or somebody paused it (OWN-3)."""
    return thing.meta.deleting or view.deleting(thing.key.namespace) or is_paused(thing)


def is_paused(thing: Model | Template | Service) -> bool:
    """Whether somebody asked to have nothing decided for it (OWN-3)."""
    return thing.meta.annotations.get(PAUSED) == "true"
