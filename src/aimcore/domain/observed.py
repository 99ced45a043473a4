"""What a decision may see: its subject, everything that stands, the answers so far, the policy and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from aimcore.domain.catalogue import Catalogue
from aimcore.domain.inspection import Inspection, Unchanged
from aimcore.domain.plan import Inspect

__all__ = ["CreationScopeFrom", "Observed", "Policy", "Unseen"]

T = TypeVar("T")


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
    """One subject and the snapshot it is decided on. `now` is RFC 3339; `answers` are the inspections made so far."""

    subject: T
    catalogue: Catalogue
    answers: Mapping[Inspect, Inspection | Unchanged] = field(default_factory=dict)
    policy: Policy = Policy()
    now: str = "1970-01-01T00:00:00Z"
