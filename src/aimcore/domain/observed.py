"""What a decision may see: its subject, everything that stands, the answers so far, the policy and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from aimcore.domain.catalogue import Standing
from aimcore.domain.inspection import Inspection, Unchanged
from aimcore.domain.keeping import Unkept
from aimcore.domain.objects import Model, Service, Template
from aimcore.domain.plan import Inspect, Probe
from aimcore.domain.probing import ProbeAnswer

__all__ = ["PAUSED", "CreationScopeFrom", "Observed", "Policy", "Unseen", "is_paused", "rests"]

T = TypeVar("T")

PAUSED = "aim.silogen.ai/reconciliation-paused"
"""The annotation that, being `true`, keeps the operator away from an object (OWN-3)."""


class CreationScopeFrom(StrEnum):
    """Whose word counts on where auto-created models go (AUTO-3)."""

    MERGED = "merged"
    CLUSTER = "cluster"


class Unseen(StrEnum):
    """What a secret or service account counts as that is not in the catalogue."""

    ABSENT = "absent"  # the catalogue holds all there are
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
    `unkept` what servers do not keep.
    """

    subject: T
    catalogue: Standing
    answers: Mapping[Inspect, Inspection | Unchanged] = field(default_factory=dict)
    sizes: Mapping[Probe, ProbeAnswer] = field(default_factory=dict)
    unkept: Unkept = field(default_factory=dict)
    policy: Policy = Policy()
    now: str = "1970-01-01T00:00:00Z"


def rests(observed: Observed[Model] | Observed[Template] | Observed[Service]) -> bool:
    """Whether nothing follows for the subject: it or its namespace is on its way out, or somebody paused it (OWN-3)."""
    subject = observed.subject
    leaving = subject.meta.deleting or observed.catalogue.deleting(subject.key.namespace)
    return leaving or is_paused(subject)


def is_paused(thing: Model | Template | Service) -> bool:
    """Whether somebody asked to have nothing decided for it (OWN-3)."""
    return thing.meta.annotations.get(PAUSED) == "true"
