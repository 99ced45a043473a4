"""Whether a claim needs a Job now, later, or not at all, and what its last one says (CACHE-6, CACHE-7, CACHE-9, CACHE-11)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from aimcore.domain.caching.claim import is_bound, is_growing, requested_of
from aimcore.domain.caching.ending import (
    Attempt,
    Phase,
    latest,
    needs_a_person,
    parse_progress,
    pause_after,
    read_attempt,
    steady,
)
from aimcore.domain.caching.env import secrets_of
from aimcore.domain.caching.job import (
    ATTEMPT,
    CONTAINER,
    JobVolume,
    JobWanted,
    job_of,
    volume_filled,
    volume_looked_at,
)
from aimcore.domain.decide.cachecontent import CacheContent
from aimcore.domain.decide.conditions import DOWNLOADED
from aimcore.domain.decide.growth import decide_growth, size_needed
from aimcore.domain.decide.stuck import mount_fault, refused_job
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.core import Absent, Child
from aimcore.domain.kinds.diagnostics import PodLog
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.scope import GROUP, VERSION
from aimcore.domain.kinds.statuses import CacheProgress, CacheStatus, Verdict
from aimcore.domain.kinds.workload import ExistingClaim
from aimcore.domain.serving.bodies import digest
from aimcore.domain.values.times import seconds_of
from aimcore.domain.view.observed import Observed, Unseen
from aimcore.domain.view.plan import Create, Look, ReadEvents, ReadLog, Write
from aimcore.domain.weights.outcome import FetchCause

__all__ = ["Download", "decide_check", "decide_download", "progress_told"]

_LOOK_AGAIN = 60
_LAST_LINES = 3
_TOLD_EVERY = 10
"""Seconds between two lines of a download, and between two looks at them."""
_UNBOUND = "unbound immediate"
_NOTHING = DOWNLOADED("Pending", "no download began yet")
_FOUND = DOWNLOADED("MarkerFound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What is known of the download, and what to do: `failed` where a person must act, `due` when the next attempt starts."""

    condition: Condition = _NOTHING
    attempt: Attempt | None = None
    failed: bool = False
    due: int | None = None
    writes: tuple[Write, ...] = ()
    questions: tuple[Look | ReadLog | ReadEvents, ...] = ()
    assumed: tuple[str, ...] = ()
    requeue_after: int | None = None
    progress: CacheProgress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Secrets:
    """The secrets that a download needs: those that are not there, those to look for, and a digest of their versions."""

    missing: tuple[str, ...] = ()
    unseen: tuple[Look, ...] = ()
    lookups: tuple[Look, ...] = ()
    assumed: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = field(default=())


def decide_download(observed: Observed[Cache], wanted: CacheContent, claim: Child) -> Download:
    """What follows for a claim that stands and is not whole yet; one that was too small grows first."""
    volume = volume_filled(claim, size=str(requested_of(claim) or ""), bound=is_bound(claim))
    last = _last_attempt(observed, volume)
    if last is not None and _is_too_small(last) and is_growing(claim):
        told = f"{last.cause}: {last.message}; the volume grows to {requested_of(claim)}"
        return Download(condition=DOWNLOADED("Retrying", told), attempt=last)
    download = _decide(observed, wanted, volume)
    attempt = download.attempt
    if attempt is None or not download.failed or not _is_too_small(attempt):
        return download
    return _too_small(observed, download, attempt, claim)


def _is_too_small(attempt: Attempt) -> bool:
    return attempt.phase is Phase.FAILED and attempt.cause == FetchCause.DISK_FULL


def _too_small(observed: Observed[Cache], download: Download, attempt: Attempt, claim: Child) -> Download:
    """The volume had no room: its claim grows where it can, else somebody makes a bigger one (CACHE-4)."""
    now = seconds_of(observed.now)
    growth = None if observed.subject.spec.suspend else decide_growth(claim, attempt, now)
    if growth is not None:
        told = f"{attempt.cause}: {attempt.message}; {growth.sentence}"
        grows = replace(download, condition=DOWNLOADED("Retrying", told), failed=False, writes=growth.writes)
        return replace(grows, due=growth.until, requeue_after=growth.again_in)
    needed = size_needed(claim, attempt)
    told = f"{attempt.message}; the volume is too small and its class does not let it grow: make a cache with volumeSize {needed}"
    return replace(download, condition=DOWNLOADED(attempt.cause, told))


def decide_check(observed: Observed[Cache], wanted: CacheContent, existing: ExistingClaim) -> Download:
    """What follows for a claim that somebody else filled: a Job looks for the marker, once; no host is asked (CACHE-6)."""
    if _was_found(observed.subject, wanted):
        return Download(condition=_FOUND)
    volume = volume_looked_at(observed.subject.key.namespace or "", existing, wanted.content)
    return _decide(observed, replace(wanted, env=tuple({} for _ in wanted.env)), volume)


def _was_found(cache: Cache, wanted: CacheContent) -> bool:
    """Whether the status says that just these sources were found: the Job that looked is gone after an hour."""
    status = cache.status
    if status is None or status.status is not Verdict.READY:
        return False
    return {(one.model_id, one.source_uri) for one in status.sources} == {
        (one.model_id, one.uri) for one in wanted.content.sources
    }


def _decide(observed: Observed[Cache], wanted: CacheContent, volume: JobVolume) -> Download:
    attempt = _last_attempt(observed, volume)
    secrets = _secrets(observed, wanted)
    if attempt is not None and attempt.phase is Phase.DONE:
        done = _FOUND if volume.looked_at else DOWNLOADED("Downloaded")
        return Download(condition=done, attempt=attempt)
    if attempt is not None and attempt.phase is Phase.RUNNING:
        running = _running(observed, volume, attempt)
        return replace(running, questions=(*secrets.lookups, *running.questions))
    asked = Download(attempt=attempt, questions=secrets.lookups, assumed=secrets.assumed)
    now, tried_with = seconds_of(observed.now), _tried_with(observed, secrets, volume)
    if attempt is not None and (secrets.unseen or attempt.tried_with == tried_with):
        due = attempt.ended + max(pause_after(attempt.number), attempt.retry_after)
        if needs_a_person(attempt):
            told = DOWNLOADED(attempt.cause, _sentence(attempt, wanted, volume))
            return replace(asked, condition=told, failed=True)
        if now < due:
            told = DOWNLOADED("Retrying", f"{attempt.cause}: {attempt.message}")
            return replace(asked, condition=told, due=due, requeue_after=due - now)
    return _begin(observed, wanted, _Begin(volume=volume, secrets=secrets, tried_with=tried_with, asked=asked))


def progress_told(
    held: CacheStatus | None, download: Download | None, claim: Child | None, *, all_of: int | None
) -> CacheProgress | None:
    """What a status says of how far a cache is: `all_of` so many bytes, or as much of the claim as was heard last (CACHE-7)."""
    if all_of is not None:
        return CacheProgress(bytes=all_of, total=all_of, percent=100)
    if download is None or claim is None:
        return None
    before = held.progress if held is not None and held.claim == claim.key.name else None
    return steady(download.progress, before)


# What stands ----------------------------------------------------------------------------------------------------------


def _last_attempt(observed: Observed[Cache], volume: JobVolume) -> Attempt | None:
    """The newest attempt on this very claim, whoever made its Job."""
    view = observed.view
    jobs = [
        job
        for job in view.jobs_of(volume.key.namespace or "", volume.label)
        if job.key.name == _expected_name(volume, job)
    ]
    return latest(read_attempt(job, view.pods_of_job(job.meta.uid)) for job in jobs)


def _expected_name(volume: JobVolume, job: Child) -> str:
    number = job.meta.annotations.get(ATTEMPT, "")
    return volume.job(int(number)) if number.isascii() and number.isdigit() else ""


def _running(observed: Observed[Cache], volume: JobVolume, attempt: Attempt) -> Download:
    if _UNBOUND in attempt.message and not volume.bound:
        told = DOWNLOADED("WaitingForVolume", "")  # VolumeReady says more
        return Download(condition=told, attempt=attempt)
    if attempt.cause:
        return Download(condition=DOWNLOADED("Retrying", f"{attempt.cause}: {attempt.message}"), attempt=attempt)
    name = volume.job(attempt.number)
    job = observed.view.jobs_of(volume.key.namespace or "", volume.label)
    mine = next(one for one in job if one.key.name == name)
    age = seconds_of(observed.now) - seconds_of(mine.created) if mine.created else 0
    pods = observed.view.pods_of_job(mine.meta.uid)
    if not pods:
        if age >= _LOOK_AGAIN:
            stuck = refused_job(observed, mine, DOWNLOADED)
            return Download(condition=stuck.condition, attempt=attempt, questions=stuck.questions)
        told = DOWNLOADED("Downloading", f"Job {name} begins")
        return Download(condition=told, attempt=attempt, requeue_after=_LOOK_AGAIN - age)
    fault = mount_fault(observed, volume.key.namespace or "", pods)
    if fault.why:
        told = DOWNLOADED("Retrying", fault.why)
        return Download(condition=told, attempt=attempt, questions=fault.questions)
    told = DOWNLOADED("Downloading", f"Job {name} is at work")
    begun = Download(condition=told, attempt=attempt, questions=fault.questions, requeue_after=fault.requeue_after)
    return begun if volume.looked_at else _heard(observed, begun, mine)


def _heard(observed: Observed[Cache], download: Download, job: Child) -> Download:
    """How far the pod at work says it is; nothing where logs may not be read."""
    pods = observed.view.pods_of_job(job.meta.uid)
    pod = next((one.name for one in pods if one.running and not one.deleting), None)
    if pod is None or not observed.policy.pod_logs:
        return download
    question = ReadLog(job.key.namespace or "", pod, CONTAINER, _LAST_LINES, every=_TOLD_EVERY)
    answer = observed.answer(question)
    progress = parse_progress(answer.text) if isinstance(answer, PodLog) else None
    return replace(download, questions=(*download.questions, question), progress=progress)


def _secrets(observed: Observed[Cache], wanted: CacheContent) -> _Secrets:
    """What is known of the secrets by name, as far as somebody looked (SEC-5)."""
    view, namespace = observed.view, observed.subject.key.namespace or ""
    names = secrets_of(wanted.env)
    there = {name: view.secret(namespace, name) for name in names}
    versions = tuple((name, one.version if one else "") for name, one in there.items())
    gone = tuple(name for name, one in there.items() if one is None)
    if observed.policy.unseen is Unseen.ASSUMED:
        return _Secrets(versions=versions, assumed=tuple(f"Secret {namespace}/{name}" for name in gone))
    if observed.policy.unseen is Unseen.ABSENT:
        return _Secrets(versions=versions, missing=gone)
    absent = tuple(name for name in gone if view.is_absent(Absent(kind="Secret", namespace=namespace, name=name)))
    return _Secrets(
        versions=versions,
        missing=absent,
        unseen=tuple(Look("Secret", namespace, name) for name in gone if name not in absent),
        lookups=tuple(Look("Secret", namespace, name) for name in names),
    )


def _tried_with(observed: Observed[Cache], secrets: _Secrets, volume: JobVolume) -> str:
    versions, retry = [list(pair) for pair in secrets.versions], observed.subject.spec.retry
    authorities = observed.policy.authorities
    return digest({"retry": retry, "secrets": versions, "size": volume.size, "authorities": authorities})


def _sentence(attempt: Attempt, wanted: CacheContent, volume: JobVolume) -> str:
    """What a person reads of an attempt that no time will mend."""
    if not volume.looked_at:
        return (
            f"{attempt.message}; mend it, and it is tried again when a secret changes or spec.retry says something new"
        )
    folder = f", folder {volume.sub_path}" if volume.sub_path else ""
    calls = " and ".join(f"`aimcore download {one.uri} --name {one.model_id}`" for one in wanted.content.sources)
    return (
        f"claim {volume.key.name}{folder}: {attempt.message}; fill it with {calls} and set spec.retry of this cache to a new "
        "text, or set existingClaim.trust: true where its weights are whole"
    )


# A new attempt --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begin:
    """What a new attempt needs."""

    volume: JobVolume
    secrets: _Secrets
    tried_with: str
    asked: Download


def _begin(observed: Observed[Cache], wanted: CacheContent, begin: _Begin) -> Download:
    """The next Job, or why there can be none."""
    cache, secrets, asked = observed.subject, begin.secrets, begin.asked
    image = observed.policy.download_image
    if cache.spec.suspend:
        return replace(asked, condition=DOWNLOADED("Suspended", "spec.suspend is true: no download begins"))
    if image is None:
        message = "NoDownloadImage: the operator has no image to download with; set AIM_DOWNLOAD_IMAGE"
        return replace(asked, condition=DOWNLOADED("JobBlocked", message))
    if secrets.missing:
        names, namespace = ", ".join(secrets.missing), cache.key.namespace
        message = f"secret {names} is not in namespace {namespace}; create it, and the download begins"
        return replace(asked, condition=DOWNLOADED("SecretMissing", message))
    if secrets.unseen:
        return asked
    last = begin.asked.attempt
    held = cache.status.attempts if cache.status and cache.status.claim == begin.volume.key.name else None
    job = job_of(
        JobWanted(
            volume=begin.volume,
            content=wanted.content,
            env=wanted.env,
            attempt=max(last.number if last else 0, held or 0) + 1,
            tried_with=begin.tried_with,
            image=image,
            nodes=wanted.nodes,
            settings=wanted.settings,
            pull_secrets=wanted.pull_secrets,
            account=wanted.account,
            ids=observed.policy.job_ids,
            hosts=observed.policy.hosts,
            authorities="" if begin.volume.looked_at else observed.policy.authorities,
        ),
        _controller(cache),
    )
    told = DOWNLOADED("Downloading", f"{job.key} is being made")
    return replace(asked, condition=told, writes=(Create(thing=job, rule="CACHE-9"),))


def _controller(cache: Cache) -> Owner:
    return Owner(
        api_version=f"{GROUP}/{VERSION}",
        kind=cache.key.api_kind,
        name=cache.key.name,
        uid=cache.meta.uid,
        controller=True,
    )
