"""What a decision may see: one snapshot of everything that stands, the answers so far, policy and time, and its subject."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from aimcore.domain.kinds.dropped import DroppedFields
from aimcore.domain.kinds.ownership import PAUSED
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.view.cache import ReadView
from aimcore.domain.view.plan import Answers, Question

__all__ = [
    "PAUSED",
    "CreationScopeFrom",
    "Observed",
    "Policy",
    "Snapshot",
    "Unseen",
    "is_paused",
    "is_paused_or_deleting",
    "rests",
]

T = TypeVar("T")
A = TypeVar("A")


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
    """What the installation decides for everyone. Without `cluster_objects` it is for some namespaces and makes none of the
    cluster's own (AUTO-3).

    `workloads` tells whether services run at all (RUN-15); `default_resources` what each GPU brings along where nobody says
    anything else (RUN-7); with `crash_text` off no word of a container is shown. `download_image` is the image of Jobs that fill caches,
    `job_ids` whether these say which user they run as, and `hosts` the settings about hosts that hold for them, too, and `authorities` the certificates in PEM (CACHE-9). At most
    `dry_runs` images are asked for their profile at a time, and none where logs of pods may not be read (`pod_logs`; PROFILE-2).
    """

    operator_namespace: str = "aim-system"
    base_image: str = "amdenterpriseai/aim-base:latest"
    creation_scope_from: CreationScopeFrom = CreationScopeFrom.MERGED
    cluster_objects: bool = True
    unseen: Unseen = Unseen.ABSENT
    workloads: bool = False
    default_resources: DefaultResources | None = None
    crash_text: bool = True
    download_image: str | None = None
    job_ids: bool = True
    hosts: tuple[tuple[str, str], ...] = ()
    authorities: str = ""
    pod_logs: bool = True
    dry_runs: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a decision may see but its subject. `now` is RFC 3339; `dropped` is what servers do not keep, and `tried` who
    found that out since the start of all that differed (OWN-6).
    """

    view: ReadView
    answers: Answers = field(default_factory=dict)
    dropped: DroppedFields = field(default_factory=dict)
    tried: Collection[Key] = frozenset()
    policy: Policy = Policy()
    now: str = "1970-01-01T00:00:00Z"

    def of(self, subject: T) -> Observed[T]:
        """This, with a subject."""
        return Observed(subject=subject, snapshot=self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(Generic[T]):
    """One subject and the snapshot it is decided on."""

    subject: T
    snapshot: Snapshot

    @property
    def view(self) -> ReadView:
        """Everything that stands."""
        return self.snapshot.view

    @property
    def dropped(self) -> DroppedFields:
        """What servers do not keep."""
        return self.snapshot.dropped

    @property
    def tried(self) -> Collection[Key]:
        """Who found out since the start what of all that differed is not kept."""
        return self.snapshot.tried

    @property
    def policy(self) -> Policy:
        """What the installation decides for everyone."""
        return self.snapshot.policy

    @property
    def now(self) -> str:
        """The time, as RFC 3339 text."""
        return self.snapshot.now

    def answer(self, question: Question[A]) -> A | None:
        """The newest answer on the topic of a question; None while there is none."""
        return cast("A | None", self.snapshot.answers.get(question.topic))


def rests(observed: Observed[Any]) -> bool:
    """Whether nothing follows for the subject."""
    return is_paused_or_deleting(observed.subject, observed.view)


def is_paused_or_deleting(thing: AimObject, view: ReadView) -> bool:
    """Whether nothing follows for the thing: it or its namespace is on its way out, or somebody paused it (OWN-3)."""
    return thing.meta.deleting or view.deleting(thing.key.namespace) or is_paused(thing)


def is_paused(thing: AimObject) -> bool:
    """Whether somebody asked to have nothing decided for it (OWN-3)."""
    asked: str | None = thing.meta.annotations.get(PAUSED)
    return asked == "true"
