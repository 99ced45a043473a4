"""Whether a claim needs a Job now, later, or not at all, and what its last one says (CACHE-7, CACHE-9, CACHE-11)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from aimcore.domain.caching.attempts import pause_after
from aimcore.domain.caching.claim import is_bound
from aimcore.domain.caching.content import job_name
from aimcore.domain.caching.ending import Attempt, Phase, latest, needs_a_person, read_attempt
from aimcore.domain.caching.env import secrets_of
from aimcore.domain.caching.job import ATTEMPT, CONTAINER, JobWanted, job_of
from aimcore.domain.caching.progress import parse_progress, steady
from aimcore.domain.decide.cachecontent import CacheContent
from aimcore.domain.decide.conditions import DOWNLOADED
from aimcore.domain.decide.stuck import mount_fault, refused_job
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.core import Absent, Child
from aimcore.domain.kinds.logs import PodLog
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.scope import GROUP, VERSION
from aimcore.domain.kinds.statuses import CacheProgress, CacheStatus
from aimcore.domain.serving.bodies import digest
from aimcore.domain.values.times import seconds_of
from aimcore.domain.view.observed import Observed, Unseen
from aimcore.domain.view.plan import Create, Look, ReadEvents, ReadLog, Write

__all__ = ["Download", "decide_download", "progress_told"]

_LOOK_AGAIN = 60
_LAST_LINES = 3
_TOLD_EVERY = 10
"""Seconds between two lines of a download, and between two looks at them."""
_UNBOUND = "unbound immediate"
_NOTHING = DOWNLOADED("Pending", "no download began yet")


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
    """What follows for a claim that stands and is not whole yet."""
    attempt = _last_attempt(observed, claim)
    secrets = _secrets(observed, wanted)
    if attempt is not None and attempt.phase is Phase.DONE:
        return Download(condition=DOWNLOADED("Downloaded"), attempt=attempt)
    if attempt is not None and attempt.phase is Phase.RUNNING:
        running = _running(observed, claim, attempt)
        return replace(running, questions=(*secrets.lookups, *running.questions))
    asked = Download(attempt=attempt, questions=secrets.lookups, assumed=secrets.assumed)
    now, tried_with = seconds_of(observed.now), _tried_with(observed.subject, secrets)
    if attempt is not None and (secrets.unseen or attempt.tried_with == tried_with):
        due = attempt.ended + max(pause_after(attempt.number), attempt.retry_after)
        if needs_a_person(attempt):
            told = DOWNLOADED(attempt.cause, f"{attempt.message}; {_advice(attempt)}")
            return replace(asked, condition=told, failed=True)
        if now < due:
            told = DOWNLOADED("Retrying", f"{attempt.cause}: {attempt.message}")
            return replace(asked, condition=told, due=due, requeue_after=due - now)
    return _begin(observed, wanted, _Begin(claim=claim, secrets=secrets, tried_with=tried_with, asked=asked))


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


def _last_attempt(observed: Observed[Cache], claim: Child) -> Attempt | None:
    """The newest attempt on this very claim, whoever made its Job."""
    view = observed.view
    jobs = [
        job
        for job in view.jobs_of(claim.key.namespace or "", claim.key.name)
        if job.key.name == _expected_name(claim, job)
    ]
    return latest(read_attempt(job, view.pods_of_job(job.meta.uid)) for job in jobs)


def _expected_name(claim: Child, job: Child) -> str:
    number = job.meta.annotations.get(ATTEMPT, "")
    return job_name(claim.key.name, claim.meta.uid, int(number)) if number.isascii() and number.isdigit() else ""


def _running(observed: Observed[Cache], claim: Child, attempt: Attempt) -> Download:
    if _UNBOUND in attempt.message and not is_bound(claim):
        told = DOWNLOADED("WaitingForVolume", "")  # VolumeReady says more
        return Download(condition=told, attempt=attempt)
    if attempt.cause:
        return Download(condition=DOWNLOADED("Retrying", f"{attempt.cause}: {attempt.message}"), attempt=attempt)
    name = job_name(claim.key.name, claim.meta.uid, attempt.number)
    job = observed.view.jobs_of(claim.key.namespace or "", claim.key.name)
    mine = next(one for one in job if one.key.name == name)
    age = seconds_of(observed.now) - seconds_of(mine.created) if mine.created else 0
    pods = observed.view.pods_of_job(mine.meta.uid)
    if not pods:
        if age >= _LOOK_AGAIN:
            stuck = refused_job(observed, mine, DOWNLOADED)
            return Download(condition=stuck.condition, attempt=attempt, questions=stuck.questions)
        told = DOWNLOADED("Downloading", f"Job {name} begins")
        return Download(condition=told, attempt=attempt, requeue_after=_LOOK_AGAIN - age)
    fault = mount_fault(observed, claim.key.namespace or "", pods)
    if fault.why:
        told = DOWNLOADED("Retrying", fault.why)
        return Download(condition=told, attempt=attempt, questions=fault.questions)
    told = DOWNLOADED("Downloading", f"Job {name} is at work")
    begun = Download(condition=told, attempt=attempt, questions=fault.questions, requeue_after=fault.requeue_after)
    return _heard(observed, begun, mine)


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


def _tried_with(cache: Cache, secrets: _Secrets) -> str:
    return digest({"retry": cache.spec.retry, "secrets": [list(pair) for pair in secrets.versions]})


def _advice(attempt: Attempt) -> str:
    if attempt.cause == "DiskFull":
        return "the volume is too small: make a cache with a larger volumeSize"
    return "mend it, and it is tried again when a secret changes or spec.retry says something new"


# A new attempt --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begin:
    """What a new attempt needs."""

    claim: Child
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
    held = cache.status.attempts if cache.status and cache.status.claim == begin.claim.key.name else None
    job = job_of(
        JobWanted(
            claim=begin.claim,
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
