"""What a decision may see: its subject, everything that stands, the answers so far, the policy and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from aimcore.domain.catalogue import Catalogue
from aimcore.domain.inspection import Inspection
from aimcore.domain.plan import Inspect

__all__ = ["CreationScopeFrom", "Observed", "Policy"]

T = TypeVar("T")


class CreationScopeFrom(StrEnum):
    """Whose word counts on where auto-created models go (AUTO-3)."""

    MERGED = "merged"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the installation decides for everyone.

    `assume_present` takes secrets and service accounts that are not in the catalogue for present, as a plan over files
    must; a cluster judges by what stands.
    """

    operator_namespace: str = "aim-system"
    base_image: str = "amdenterpriseai/aim-base:latest"
    creation_scope_from: CreationScopeFrom = CreationScopeFrom.MERGED
    assume_present: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(Generic[T]):
    """One subject and the snapshot it is decided on. `now` is RFC 3339; `answers` are the inspections made so far."""

    subject: T
    catalogue: Catalogue
    answers: Mapping[Inspect, Inspection] = field(default_factory=dict)
    policy: Policy = Policy()
    now: str = "1970-01-01T00:00:00Z"
