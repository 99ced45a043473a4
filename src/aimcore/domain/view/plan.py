"""What a decision may say: what to write, what to say in status, and what it lacks to know more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.dropped import Changes
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import ModelStatus, ServiceStatus, TemplateStatus
from aimcore.domain.values.image import ImageReference
from aimcore.domain.weights.sources import EnvVar

__all__ = ["Apply", "Create", "Delete", "Inspect", "Look", "Plan", "Probe", "Recheck", "SetStatus", "Write"]


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
    status: ModelStatus | TemplateStatus | ServiceStatus
    events: tuple[Event, ...]
    rule: str
    changes: Changes = field(default=(), compare=False)


Write = Create | Apply | Delete | SetStatus


@dataclass(frozen=True, slots=True)
class Inspect:
    """The wish to know an image's labels, read with these pull secrets of that namespace, in this order."""

    image: ImageReference
    namespace: str = ""
    pull_secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """The wish to know whether this secret or service account is there; `Absent` is the answer no (SEC-5)."""

    kind: Literal["Secret", "ServiceAccount"]
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """A tag that was read, and may name something else than the image of digest `held` by now (DISC-3)."""

    want: Inspect
    held: str


@dataclass(frozen=True, slots=True)
class Probe:
    """The wish to know how big a source is, read with this environment, whose secrets are in that namespace (SIZE-3)."""

    uri: str
    namespace: str = ""
    env: tuple[EnvVar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What follows from what was observed. Empty when there is nothing to do.

    `wants`, `probes` and `looks` are what it lacks: with them it may say more. `rechecks` it can do without, but not for ever.
    `assumed` names what was taken for present without being seen.
    """

    writes: tuple[Write, ...] = ()
    wants: tuple[Inspect, ...] = ()
    probes: tuple[Probe, ...] = ()
    looks: tuple[Look, ...] = ()
    rechecks: tuple[Recheck, ...] = ()
    assumed: tuple[str, ...] = ()
