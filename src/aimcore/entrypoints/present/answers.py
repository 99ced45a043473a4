"""What the doors found out, before it is put into any form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from aimcore.domain.images.inspection import Cause
from aimcore.domain.kinds.records import RuntimeConfig
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy
from aimcore.domain.weights.probing import ProbeAnswer, ProbeFailed
from aimcore.entrypoints.loop import Settled
from aimcore.entrypoints.present.text import shown

__all__ = [
    "Checked",
    "Compared",
    "Cost",
    "FailOn",
    "Inspected",
    "Locked",
    "LockedImage",
    "Outcome",
    "Planned",
    "Problem",
    "Unread",
    "Weighed",
    "Weights",
    "problem_line",
]

Manifest = Mapping[str, Any]


class Problem(Protocol):
    """One thing wrong with the input, and where; a `warning` is worth telling and refuses nothing."""

    @property
    def file(self) -> str:
        """The file as it was named, `stdin` for standard input; empty where no file is to blame."""
        ...

    @property
    def line(self) -> int:
        """The line, from 1; 0 where no file is to blame."""
        ...

    @property
    def column(self) -> int:
        """The column, from 1; 0 where no file is to blame."""
        ...

    @property
    def path(self) -> str:
        """The path in the document, `$.spec.image`."""
        ...

    @property
    def message(self) -> str:
        """What is wrong."""
        ...

    @property
    def rule(self) -> str:
        """The rule that says so."""
        ...

    @property
    def warning(self) -> bool:
        """Whether it refuses nothing."""
        ...


def problem_line(problem: Problem) -> str:
    """The problem as compilers tell theirs, on one line that no input can forge: `file:line:column: $.path: message [RULE]`."""
    place = f"{problem.file}:{problem.line}:{problem.column}: " if problem.file else ""
    kind = "warning: " if problem.warning else ""
    return shown(f"{place}{kind}{problem.path}: {problem.message} [{problem.rule}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What validation found: how many documents there were and how many objects of ours among them, the files, all problems
    in the order of files and lines, and how much was skipped, for each reason.
    """

    documents: int
    objects: int
    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    skipped: Mapping[str, int]


class FailOn(StrEnum):
    """The best word of anything with which a plan fails; with worse ones it fails too."""

    FAILED = "failed"
    DEGRADED = "degraded"
    PENDING = "pending"
    PROGRESSING = "progressing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """How a plan ended: every object as it is shown, sorted by kind, namespace and name, and the same as records, judged by that policy."""

    settled: Settled
    objects: tuple[Manifest, ...]
    cache: ObjectCache
    problems: tuple[Problem, ...]
    assumptions: tuple[str, ...]
    policy: Policy = field(default_factory=Policy)

    def is_worse_than(self, fail_on: FailOn) -> bool:
        """Whether the word of anything is one that this threshold names, or a worse one."""
        things = (thing for thing in self.cache if not isinstance(thing, RuntimeConfig))
        words = (Verdict.PENDING if thing.status is None else thing.status.status for thing in things)
        return any(word in _FAILING[fail_on] for word in words)


_FAILED = frozenset({Verdict.FAILED})
_DEGRADED = _FAILED | {Verdict.DEGRADED}
_PENDING = _DEGRADED | {Verdict.PENDING}
_FAILING = {
    FailOn.FAILED: _FAILED,
    FailOn.DEGRADED: _DEGRADED,
    FailOn.PENDING: _PENDING,
    FailOn.PROGRESSING: _PENDING | {Verdict.PROGRESSING, Verdict.STARTING},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What manifests would change: every object before and after, by kind, namespace and name; of what did not change,
    neither. `pending` says how much the operator had to write already, before the manifests came.
    """

    changed: tuple[tuple[Manifest | None, Manifest | None], ...]
    pending: int
    problems: tuple[Problem, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What was spent on registries or hosts of sources: requests that were sent, tokens and redirects included, and bytes of bodies that came."""

    requests: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What an image says: the metadata as a status would hold them, the templates it yields, what of it is unreadable.

    `failure` is None unless a model of this image would be Failed; `cost` is None where no registry was asked.
    """

    image: str
    digest: str
    metadata: Manifest
    templates: tuple[Manifest, ...]
    problems: tuple[str, ...]
    failure: str | None
    cost: Cost | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The image could not be read: the cause, and why in words."""

    cause: Cause
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A source, and how big it is or why that is not known."""

    uri: str
    answer: ProbeAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Sources in the order they were asked for, and what that took."""

    sources: tuple[Weighed, ...]
    cost: Cost

    @property
    def is_whole(self) -> bool:
        """Whether the size of every source is known."""
        return not any(isinstance(one.answer, ProbeFailed) for one in self.sources)


class Outcome(StrEnum):
    """What became of an image in a lock file."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DROPPED = "dropped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedImage:
    """One image: its digest in the lock file afterwards and before, None where it has none; `message` tells a failure."""

    image: str
    outcome: Outcome
    digest: str | None = None
    was: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """How locking ended: every image, sorted; whether the file `differs` from what it would be, and was `written`.

    Nothing is written where the input is wrong; `cost` is None where no registry was asked.
    """

    file: str
    images: tuple[LockedImage, ...]
    differs: bool
    written: bool
    cost: Cost | None
    problems: tuple[Problem, ...]
    assumptions: tuple[str, ...]

    @property
    def is_unsound(self) -> bool:
        """Whether a manifest is wrong, so that not all images may be known."""
        return any(problem.file and not problem.warning for problem in self.problems)
