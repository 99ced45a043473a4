"""What a decision may say: what to write, and what it asks about the world outside the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar

from aimcore.domain.images.inspection import Inspection, Unchanged
from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.core import Absent, Secret, ServiceAccount
from aimcore.domain.kinds.diagnostics import LogFailed, ObjectEvent, PodLog
from aimcore.domain.kinds.dropped import Changes
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import AnyStatus
from aimcore.domain.values.image import ImageReference
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.domain.weights.sources import EnvVar

__all__ = [
    "Answers",
    "Apply",
    "Create",
    "Delete",
    "Inspect",
    "Look",
    "Plan",
    "Probe",
    "Question",
    "ReadEvents",
    "ReadLog",
    "Recheck",
    "SetStatus",
    "Write",
]

A_co = TypeVar("A_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """A new object; if one of its name is there by then, nothing happens and the next round looks again (OWN-4)."""

    thing: AimObject
    rule: str

    @property
    def key(self) -> Key:
        """The key of the object written."""
        return self.thing.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """All the fields we want of an object of ours, whose uid is in its meta; what is left out of it we give up (OWN-4).

    `changes` are those that stand otherwise (OWN-6).
    """

    thing: AimObject
    rule: str
    changes: Changes = field(default=(), compare=False)

    @property
    def key(self) -> Key:
        """The key of the object written."""
        return self.thing.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """An object of ours, exactly as it was seen: another uid or version is left alone (TMPL-4)."""

    key: Key
    uid: str
    resource_version: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """The whole status of the subject, and the events its changed conditions are worth (STAT-4); `changes` as of `Apply`."""

    key: Key
    uid: str
    status: AnyStatus
    events: tuple[Event, ...]
    rule: str
    changes: Changes = field(default=(), compare=False)


Write = Create | Apply | Delete | SetStatus


class Question(Generic[A_co]):
    """Something that a decision asks about the world; `A_co` is what an answer to it is.

    Questions are values: two that are equal are one question, whoever asks. A type of question is declared here, and how it is
    asked in `aimcore.engine.handlers`.
    """

    __slots__ = ()
    required: ClassVar[bool] = True
    """Whether a decision may say more once it has an answer; else the question is only asked again from time to time."""

    @property
    def topic(self) -> Question[A_co]:
        """The question whose answer this one brings up to date: itself, unless the type says otherwise."""
        return self


Answers = Mapping[Question[Any], Any]
"""The answers so far, by the topic of the question. `Observed.answer` reads one with its type."""


@dataclass(frozen=True, slots=True)
class Inspect(Question[Inspection | Unchanged]):
    """What are the labels of this image? It is read with these pull secrets of that namespace, in this order."""

    image: ImageReference
    namespace: str = ""
    pull_secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recheck(Question[Inspection | Unchanged]):
    """Does a tag that was read name another image than that of digest `held` by now (DISC-3)?"""

    required: ClassVar[bool] = False
    want: Inspect
    held: str

    @property
    def topic(self) -> Inspect:
        """What the tag was read for: an answer to either question is news for both."""
        return self.want


@dataclass(frozen=True, slots=True)
class Look(Question[Secret | ServiceAccount | Absent]):
    """Is this secret or service account there? `Absent` is the answer no (SEC-5)."""

    kind: Literal["Secret", "ServiceAccount"]
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Probe(Question[ProbeAnswer]):
    """How big is this source? It is read with this environment, whose secrets are in that namespace (SIZE-3)."""

    uri: str
    namespace: str = ""
    env: tuple[EnvVar, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadLog(Question[PodLog | LogFailed]):
    """What are the last `lines` that this container wrote? Asked once, or again `every` so many seconds."""

    namespace: str
    pod: str
    container: str
    lines: int
    every: int = 0


@dataclass(frozen=True, slots=True)
class ReadEvents(Question[tuple[ObjectEvent, ...]]):
    """What did Kubernetes tell of this object, which is stuck? Asked ever more slowly, for as long as it is."""

    key: Key
    uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What follows from what was observed. Empty when there is nothing to do.

    `questions` are what it would like to know: with answers to the required ones it may say more, the others may wait.
    `assumed` names what was taken for present without being seen. After `requeue_after` seconds time alone would say more.
    """

    writes: tuple[Write, ...] = ()
    questions: tuple[Question[Any], ...] = ()
    assumed: tuple[str, ...] = ()
    requeue_after: int | None = None
