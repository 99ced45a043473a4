"""What a cache does to learn which weights an image would load: one dry run after another, until one answers (PROFILE)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from aimcore.domain.caching.dryrun import CONTAINER, DryRunWanted, dry_run_digest, dry_run_of
from aimcore.domain.caching.ending import Attempt, Phase, latest, pause_after, read_attempt
from aimcore.domain.caching.profile import parse_dry_run
from aimcore.domain.decide.conditions import DISCOVERED
from aimcore.domain.decide.stuck import refused_job
from aimcore.domain.errors import ParseError
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.conditions import Condition, find_condition
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.diagnostics import LogCause, LogFailed, PodLog
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.scope import GROUP, VERSION
from aimcore.domain.kinds.statuses import CacheProfile
from aimcore.domain.serving.bodies import digest
from aimcore.domain.serving.masking import crash_text, masked
from aimcore.domain.values.times import seconds_of
from aimcore.domain.view.keys import BEGINNING, QUEUED, QueuedDryRun
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Create, ReadEvents, ReadLog, Write

__all__ = ["DryRun", "decide_dry_run", "held_profile", "profile_told"]

_LINES: Final = 10_000
_LOOK_AGAIN: Final = 60
"""Seconds after which a Job is expected to be seen, or to have a pod."""
_TURN: Final = 600
"""Seconds for which a dry run keeps others waiting."""
_INSTEAD: Final = "set modelSources in the model, or caching.mode: None in the service"


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What is known of the profile, and what to do to know more: `failed` where no time alone will tell it."""

    condition: Condition
    profile: CacheProfile | None = None
    failed: bool = False
    due: int | None = None
    writes: tuple[Write, ...] = ()
    questions: tuple[ReadLog | ReadEvents, ...] = ()
    requeue_after: int | None = None


def held_profile(cache: Cache, wanted: DryRunWanted) -> CacheProfile | None:
    """What an earlier dry run of just this said; a tag that names another image by now is no reason to ask again (PROFILE-3)."""
    held = cache.status.profile if cache.status else None
    return held if held and (held.image, held.selection) == (wanted.image, wanted.selection) else None


def profile_told(cache: Cache, dry_run: DryRun | None) -> CacheProfile | None:
    """What the image said last: it is kept, whatever else fails, and names the image (PROFILE-3)."""
    said = dry_run.profile if dry_run else None
    return said or (cache.status.profile if cache.status else None)


def decide_dry_run(observed: Observed[Cache], wanted: DryRunWanted) -> DryRun:
    """What follows for a cache that does not know yet what the image would load."""
    if not observed.policy.workloads:
        return DryRun(condition=DISCOVERED("WorkloadsOff", "the operator runs with workloads off"))
    if not observed.policy.pod_logs:
        message = f"the operator may not read logs of pods, so no image can be asked what it would load; {_INSTEAD}"
        return DryRun(condition=DISCOVERED("LogsOff", message), failed=True)
    jobs = observed.view.dry_runs_of(wanted.namespace, dry_run_digest(wanted))
    found = [(read_attempt(job, observed.view.pods_of_job(job.meta.uid)), job) for job in jobs]
    attempt = latest(one for one, _ in found)
    if attempt is None:
        return _begin(observed, wanted, attempt=1)
    job = next(job for one, job in found if one is attempt)
    if attempt.phase is Phase.RUNNING:
        return _running(observed, job, attempt)
    return _done(observed, wanted, job, attempt) if attempt.phase is Phase.DONE else _failed(observed, wanted, attempt)


# What stands ----------------------------------------------------------------------------------------------------------


def _running(observed: Observed[Cache], job: Child, attempt: Attempt) -> DryRun:
    if attempt.cause:
        return DryRun(condition=DISCOVERED("DryRunWaits", f"{attempt.cause}: {attempt.message}"))
    if observed.view.pods_of_job(job.meta.uid):
        return DryRun(condition=DISCOVERED("DryRunRunning", f"Job {job.key.name} asks the image"))
    age = seconds_of(observed.now) - seconds_of(job.created) if job.created else 0
    if age >= _LOOK_AGAIN:
        stuck = refused_job(observed, job, DISCOVERED)
        return DryRun(condition=stuck.condition, questions=stuck.questions)
    told = DISCOVERED("DryRunRunning", f"Job {job.key.name} begins")
    return DryRun(condition=told, requeue_after=_LOOK_AGAIN - age)


def _done(observed: Observed[Cache], wanted: DryRunWanted, job: Child, attempt: Attempt) -> DryRun:
    """A dry run that ended well: its log has the answer."""
    pods = observed.view.pods_of_job(job.meta.uid)
    pod = next((one.name for one in pods if one.ended is not None and one.ended.exit_code == 0), None)
    reading = DryRun(condition=DISCOVERED("DryRunRunning", f"Job {job.key.name} has ended, its log is read"))
    if pod is None:
        return reading
    question = ReadLog(wanted.namespace, pod, CONTAINER, _LINES)
    asked = replace(reading, questions=(question,))
    answer = observed.answer(question)
    if answer is None:
        return asked
    if isinstance(answer, PodLog):
        return replace(_read(observed, wanted, attempt, answer.text), questions=(question,))
    if answer.cause is LogCause.GONE:
        gone = replace(attempt, message=f"pod {pod} was deleted before its log was read")
        return replace(_failed(observed, wanted, gone), questions=(question,))
    return replace(asked, condition=_unread(pod, answer), failed=answer.cause is LogCause.FORBIDDEN)


def _unread(pod: str, answer: LogFailed) -> Condition:
    """A log that is there and cannot be read by now."""
    if answer.cause is LogCause.FORBIDDEN:
        told = f"{answer.message}; the operator needs the right to get pods/log, or {_INSTEAD}"
        return DISCOVERED("LogsForbidden", told)
    return DISCOVERED("LogUnreachable", f"log of pod {pod}: {answer.message}")


def _read(observed: Observed[Cache], wanted: DryRunWanted, attempt: Attempt, text: str) -> DryRun:
    try:
        profile = parse_dry_run(text, image=wanted.image, selection=wanted.selection)
    except ParseError as error:
        end = crash_text(text) if observed.policy.crash_text else ""
        message = f"{masked(str(error))}{f'; its log ends: {end}' if end else ''}"
        return _failed(observed, wanted, replace(attempt, message=message))
    return DryRun(condition=DISCOVERED("Discovered", profile.id or ""), profile=profile)


def _failed(observed: Observed[Cache], wanted: DryRunWanted, attempt: Attempt) -> DryRun:
    """One that did not answer: the next begins after a pause, or when somebody asks for it."""
    now, due = seconds_of(observed.now), attempt.ended + pause_after(attempt.number)
    if attempt.tried_with != _tried_with(observed.subject) or now >= due:
        return _begin(observed, wanted, attempt=attempt.number + 1)
    own_words = attempt.phase is Phase.DONE or observed.policy.crash_text
    why = ": ".join(filter(None, (attempt.cause, attempt.message if own_words else "")))
    told = DISCOVERED("NoProfile", f"{wanted.image}: {why}; {_INSTEAD}")
    return DryRun(condition=told, failed=True, due=due, requeue_after=due - now)


# A new one ------------------------------------------------------------------------------------------------------------


def _begin(observed: Observed[Cache], wanted: DryRunWanted, *, attempt: int) -> DryRun:
    """The next Job when its turn comes: only so many go on at a time, as each pulls a large image."""
    cache, most = observed.subject, observed.policy.dry_runs
    if cache.spec.suspend:
        return DryRun(condition=DISCOVERED("Suspended", "spec.suspend is true: no dry run begins"))
    held = find_condition(cache.status.conditions, DISCOVERED.name) if cache.status else None
    reason = held.reason if held else ""
    if reason != BEGINNING and (reason != QUEUED or _ahead(observed) >= most):
        told = DISCOVERED(QUEUED, f"the dry run of the image waits for its turn; {most} go on at a time")
        return DryRun(condition=told, requeue_after=_LOOK_AGAIN)
    owner = Owner(
        api_version=f"{GROUP}/{VERSION}",
        kind=cache.key.api_kind,
        name=cache.key.name,
        uid=cache.meta.uid,
        controller=True,
    )
    ids, tried_with = observed.policy.job_ids, _tried_with(cache)
    job = dry_run_of(wanted, owner, attempt=attempt, tried_with=tried_with, ids=ids)
    told = DISCOVERED(BEGINNING, f"{job.key} is being made")
    return DryRun(condition=told, writes=(Create(thing=job, rule="PROFILE-2"),))


def _ahead(observed: Observed[Cache]) -> int:
    """The dry runs that go on, and those whose turn comes first.

    One that cannot be made keeps others waiting for a minute, and one that does not end for ten: it may wait for an image that
    does not exist.
    """
    cache, view, now = observed.subject, observed.view, seconds_of(observed.now)
    queued = [one for one in view.dry_runs_queued() if one.by != cache.key.sort_key]
    mine = find_condition(cache.status.conditions, DISCOVERED.name) if cache.status else None
    me = QueuedDryRun(since=mine.last_transition_time if mine else "", by=cache.key.sort_key)
    waiting = sum(not one.begins and one < me for one in queued)
    beginning = sum(one.begins and now - _seconds(one.since) < _LOOK_AGAIN for one in queued)
    going = sum(now - _seconds(made) < _TURN for _, made in view.dry_runs_unfinished())
    return going + beginning + waiting


def _seconds(time: str) -> int:
    """Long ago where a status says no time: a person can write to one."""
    try:
        return seconds_of(time)
    except ParseError:
        return -_TURN


def _tried_with(cache: Cache) -> str:
    return digest({"retry": cache.spec.retry})
