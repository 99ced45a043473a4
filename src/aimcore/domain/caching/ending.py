"""What a Job and its pods say of a download: how far it is, how it ended and why, and when the next is due (CACHE-7, CACHE-9, FETCH-6)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from aimcore.domain.caching.job import ATTEMPT, TRIED_WITH
from aimcore.domain.errors import ParseError
from aimcore.domain.kinds.conditions import Condition, ConditionStatus, find_condition
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.statuses import CacheProgress
from aimcore.domain.serving.masking import crash_text, masked
from aimcore.domain.serving.observed import conditions_of
from aimcore.domain.serving.pods import Ended, ObservedPod
from aimcore.domain.serving.sentences import unschedulable_sentence
from aimcore.domain.values.times import seconds_of
from aimcore.domain.weights.outcome import FetchCause, FetchExit, exit_of

__all__ = [
    "FIRST_PAUSE",
    "LONGEST_PAUSE",
    "Attempt",
    "Phase",
    "has_ended",
    "latest",
    "needs_a_person",
    "parse_progress",
    "pause_after",
    "read_attempt",
    "steady",
]


class Phase(StrEnum):
    """How far an attempt is."""

    RUNNING = "Running"
    DONE = "Done"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One Job of a claim.

    `cause` is a word of FetchCause where the program said one, else of Kubernetes (OOMKilled, Unschedulable, the reason a
    container waits for). `ended` is in seconds since 1970, 0 while it runs. `retry_after` is what the host asked for, `lacking` the
    bytes that a volume is too small by, 0 where nobody said so. `fetched` bytes came in the `seconds` that its pods ran, as far as
    they ended and said so.
    """

    number: int
    tried_with: str
    phase: Phase
    cause: str = ""
    message: str = ""
    ended: int = 0
    retry_after: int = 0
    lacking: int = 0
    fetched: int = 0
    seconds: int = 0
    sizes: tuple[tuple[str, int, str], ...] = ()


_BEING_MADE: Final = frozenset({"ContainerCreating", "PodInitializing"})
_AT_MOST: Final = 2**53
_MENDED_BY_A_PERSON: Final = frozenset(FetchExit) - {FetchExit.DONE, FetchExit.TRY_AGAIN}


def needs_a_person(attempt: Attempt) -> bool:
    """Whether no time will mend what it failed of (CACHE-7)."""
    return attempt.cause in list(FetchCause) and exit_of(FetchCause(attempt.cause)) in _MENDED_BY_A_PERSON


def latest(attempts: Iterable[Attempt]) -> Attempt | None:
    """The one with the highest number; the order of the Jobs does not count."""
    return max(attempts, key=lambda one: one.number, default=None)


def has_ended(job: Child) -> bool:
    """Whether the Job is over, one way or the other."""
    conditions = conditions_of((job.status or {}).get("conditions"))
    return _true(conditions, "Complete") is not None or _true(conditions, "Failed") is not None


def read_attempt(job: Child, pods: Iterable[ObservedPod]) -> Attempt:
    """What a Job and the pods it made so far say."""
    text = job.meta.annotations.get(ATTEMPT, "")
    said = _Said(
        number=int(text) if text.isascii() and text.isdigit() else 1,
        tried_with=job.meta.annotations.get(TRIED_WITH, ""),
    )
    in_order = sorted(pods, key=lambda pod: (pod.created, pod.name))
    conditions = conditions_of((job.status or {}).get("conditions"))
    complete, failed = _true(conditions, "Complete"), _true(conditions, "Failed")
    ends = [pod.ended for pod in in_order if pod.ended is not None]
    if complete is not None:
        done = next((end for end in reversed(ends) if end.exit_code == 0), None)
        return _with_amounts(_with_sizes(said.attempt(Phase.DONE, ended=_when(complete)), done), ends)
    last = next((end for end in reversed(ends) if end.exit_code != 0), None)
    if failed is not None:
        return _with_amounts(_failed(said, failed, last), ends)
    waiting = next((pod for pod in in_order if _waits(pod)), None)
    if waiting is not None:
        cause, message = _wait_of(waiting)
        return said.attempt(Phase.RUNNING, cause=cause, message=message)
    running = any(pod.running for pod in in_order)
    if last is not None and not running:
        cause, message, _ = _cause_of(last)
        return said.attempt(Phase.RUNNING, cause=cause, message=message)
    return said.attempt(Phase.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the Job's own annotations say."""

    number: int
    tried_with: str

    def attempt(self, phase: Phase, **fields: Any) -> Attempt:
        return Attempt(number=self.number, tried_with=self.tried_with, phase=phase, **fields)


def _true(conditions: tuple[Condition, ...], kind: str) -> Condition | None:
    found = find_condition(conditions, kind)
    return found if found is not None and found.status is ConditionStatus.TRUE else None


def _when(condition: Condition) -> int:
    try:
        return seconds_of(condition.last_transition_time)
    except ParseError:
        return 0


# While it runs --------------------------------------------------------------------------------------------------------


def _waits(pod: ObservedPod) -> bool:
    """Whether something keeps it from starting; that its container is being made is no cause."""
    held = pod.waiting is not None and pod.waiting.reason not in _BEING_MADE
    return pod.phase == "Pending" and not pod.deleting and (bool(pod.unscheduled) or held)


def _wait_of(pod: ObservedPod) -> tuple[str, str]:
    """Why a pod does not start: no Job fails of that by itself."""
    if pod.waiting is None:
        return "Unschedulable", f"pod {pod.name}: {unschedulable_sentence(pod.unscheduled)}"
    reason, message = pod.waiting.reason, masked(pod.waiting.message)
    if reason == "CreateContainerConfigError" and "secret" in message:
        return FetchCause.SECRET_MISSING.value, f"pod {pod.name}: {message}"
    return reason, f"pod {pod.name}: {reason}{': ' if message else ''}{message}"


# How it ended ---------------------------------------------------------------------------------------------------------


def _failed(said: _Said, failed: Condition, last: Ended | None) -> Attempt:
    cause, message, retry_after = (failed.reason, failed.message, 0) if last is None else _cause_of(last)
    lacking = _amount(_document(last.message).get("lackingBytes")) if last is not None else 0
    return said.attempt(
        Phase.FAILED, cause=cause, message=message, ended=_when(failed), retry_after=retry_after, lacking=lacking
    )


def _amount(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < _AT_MOST else 0


def _cause_of(ended: Ended) -> tuple[str, str, int]:
    """Cause, message, and the seconds after which the host wants to be asked again."""
    told = _document(ended.message)
    cause = told.get("cause")
    if isinstance(cause, str) and cause in list(FetchCause):
        after = told.get("retryAfterSeconds")
        return cause, masked(str(told.get("message") or "")), after if isinstance(after, int) else 0
    words = crash_text(ended.message)
    if ended.reason == "OOMKilled":
        return "OOMKilled", "it needed more memory than its limit", 0
    return (ended.reason or "Error"), f"exit code {ended.exit_code}{': ' if words else ''}{words}", 0


def _with_sizes(attempt: Attempt, ended: Ended | None) -> Attempt:
    listed = _document(ended.message).get("sources") if ended is not None else None
    sizes = [
        (str(one.get("modelId")), one["bytes"], str(one.get("commit") or ""))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and isinstance(one.get("bytes"), int)
    ]
    return replace(attempt, sizes=tuple(sizes))


def _with_amounts(attempt: Attempt, ends: list[Ended]) -> Attempt:
    fetched = sum(_amount(_document(end.message).get("fetchedBytes")) for end in ends)
    return replace(attempt, fetched=fetched, seconds=sum(end.seconds for end in ends))


def _document(text: str) -> dict[str, Any]:
    """The JSON object that a program left as its last words; an empty one where it left something else."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


FIRST_PAUSE: Final = 60
LONGEST_PAUSE: Final = 3600


def pause_after(attempts: int) -> int:
    """The seconds between an attempt that failed, the so manieth, and the next: a minute, twice as long each time, an hour.

    >>> [pause_after(attempts) for attempts in (1, 2, 3, 7, 99)]
    [60, 120, 240, 3600, 3600]
    """
    return min(LONGEST_PAUSE, FIRST_PAUSE << min(attempts - 1, 10))


_ALL: Final = 100
_MOST_BYTES: Final = 2**63


def parse_progress(text: str) -> CacheProgress | None:
    """The progress that the newest line tells of; None where none does.

    >>> parse_progress('{"percent": 42, "bytes": 42, "totalBytes": 100}')
    CacheProgress(bytes=42, total=100, percent=42)
    """
    told = (_progress(line) for line in reversed(text.splitlines()))
    return next((one for one in told if one is not None), None)


def _progress(line: str) -> CacheProgress | None:
    """Before the listing is there nothing is known of the total, so nothing is told."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    done, total = said.get("bytes"), said.get("totalBytes")
    if not _is_amount(done) or not _is_amount(total) or not total:
        return None
    done = min(done, total)
    return CacheProgress(bytes=done, total=total, percent=done * _ALL // total)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_BYTES


def steady(now: CacheProgress | None, held: CacheProgress | None) -> CacheProgress | None:
    """What a status says: news of a percent only, so that it is written a hundred times at most; and what it said where
    nothing is heard.
    """
    if now is None or held is None:
        return now or held
    return held if (held.percent, held.total) == (now.percent, now.total) else now
