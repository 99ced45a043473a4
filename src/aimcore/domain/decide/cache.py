"""What follows for a cache: a claim, one Job after another until it is filled, and an honest word (CACHE-3 to CACHE-9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from aimcore.domain.caching.claim import (
    SOURCES,
    ClaimWanted,
    claim_of,
    completed_claim,
    generation_of,
    is_complete,
    joined_claim,
    node_of,
    requested_of,
)
from aimcore.domain.caching.content import claim_name, content_digest, is_claim_of, sources_digest
from aimcore.domain.caching.dryrun import DryRunWanted
from aimcore.domain.caching.ending import Attempt, Phase
from aimcore.domain.decide.cachecontent import CacheContent, NotResolved, content_of, is_outdated
from aimcore.domain.decide.conditions import DISCOVERED, DOWNLOADED, READY, SIZED, SOURCES_RESOLVED, VOLUME_READY
from aimcore.domain.decide.downloads import Download, decide_check, decide_download, progress_told
from aimcore.domain.decide.dryruns import DryRun, decide_dry_run, profile_told
from aimcore.domain.decide.status import set_status, tries_taken_name
from aimcore.domain.decide.stuck import Stuck, unbound_claim
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.scope import GROUP, VERSION, Kind
from aimcore.domain.kinds.statuses import CachedSource, CacheStatus, Verdict
from aimcore.domain.kinds.workload import ExistingClaim
from aimcore.domain.serving.bodies import claim_mounted
from aimcore.domain.values.times import time_of
from aimcore.domain.view.observed import Observed, rests
from aimcore.domain.view.plan import Apply, Create, Delete, Plan, Write

__all__ = ["decide_cache"]

USED_BY_AT_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claims:
    """The claim of a cache (None where one is to be made, as generation `next`), and those of its content on their way out."""

    claim: Child | None
    next: int
    going: tuple[Child, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What follows of one stage: word, conditions, writes; later stages are not reached where `word` says why."""

    word: Verdict
    conditions: tuple[Condition, ...]
    writes: tuple[Write, ...] = ()
    claims: _Claims = field(default_factory=lambda: _Claims(claim=None, next=1))
    wanted: CacheContent | None = None
    download: Download | None = None
    dry_run: DryRun | None = None


def decide_cache(observed: Observed[Cache]) -> Plan:
    """What follows for a cache from all that stands."""
    if rests(observed):
        return Plan()
    answer = _answer(observed)
    download, dry_run = answer.download or Download(), answer.dry_run
    late = tries_taken_name(observed, VOLUME_READY, answer.writes)
    return Plan(
        writes=(*answer.writes, *(() if late else set_status(observed, _status(observed, answer), rule="CACHE-7"))),
        questions=(
            *download.questions,
            *(dry_run.questions if dry_run else ()),
            *(answer.wanted.questions if answer.wanted else ()),
        ),
        assumed=download.assumed,
        requeue_after=dry_run.requeue_after if dry_run else download.requeue_after,
    )


def _answer(observed: Observed[Cache]) -> _Answer:
    existing = observed.subject.spec.existing_claim
    if existing is not None and existing.trust:
        return _trusted(existing.name)
    wanted = content_of(observed)
    if isinstance(wanted, NotResolved):
        return _Answer(word=Verdict.PENDING, conditions=(SOURCES_RESOLVED(wanted.reason, wanted.message),))
    if isinstance(wanted, DryRunWanted):
        return _asking(observed, wanted)
    if is_outdated(observed.subject, wanted):
        return _outdated(observed)
    discovered = (DISCOVERED("Discovered"),) if wanted.discovered else ()
    resolved = (*discovered, SOURCES_RESOLVED("SourcesResolved"))
    if existing is not None:
        return _looked_at(observed, replace(wanted, questions=()), existing, resolved)
    said = (*resolved, _sized(wanted))
    claims = _claims(observed, wanted)
    before = _Answer(word=Verdict.PENDING, conditions=said, claims=claims, wanted=wanted)
    if not observed.policy.workloads:
        off = VOLUME_READY("WorkloadsOff", "the operator runs with workloads off, so nothing is downloaded")
        return replace(before, conditions=(*said, off))
    return _without_claim(observed, before) if claims.claim is None else _with_claim(observed, before, claims.claim)


def _asking(observed: Observed[Cache], wanted: DryRunWanted) -> _Answer:
    """Only the image knows its weights: it is asked first (PROFILE-1)."""
    dry_run = decide_dry_run(observed, wanted)
    word = Verdict.PROGRESSING if observed.policy.workloads else Verdict.PENDING
    return _Answer(
        word=Verdict.FAILED if dry_run.failed else word,
        conditions=(
            SOURCES_RESOLVED("WaitingForProfile", "the image is to say which weights it loads"),
            dry_run.condition,
        ),
        writes=dry_run.writes,
        dry_run=dry_run,
    )


def _outdated(observed: Observed[Cache]) -> _Answer:
    """A service made it for sources that are not its template's any more: it keeps its claim, and follows no others (CACHE-3)."""
    cache = observed.subject
    held = cache.status.claim if cache.status else None
    claim = observed.view.child(Kind.CLAIM, cache.key.namespace or "", held) if held else None
    told = SOURCES_RESOLVED(
        "Outdated", "its template names other sources by now; `aimcore cache prune` deletes it once nobody uses it"
    )
    word = Verdict.READY if claim is not None and is_complete(claim) else Verdict.PENDING
    return _Answer(word=word, conditions=(told,), claims=_Claims(claim=claim, next=1))


def _trusted(name: str) -> _Answer:
    """A claim that somebody else filled and says is whole (CACHE-6)."""
    told = (VOLUME_READY("ExistingClaim", f"claim {name} is trusted"), DOWNLOADED("ExistingClaim"))
    return _Answer(word=Verdict.READY, conditions=told)


def _looked_at(
    observed: Observed[Cache], wanted: CacheContent, existing: ExistingClaim, resolved: tuple[Condition, ...]
) -> _Answer:
    """A claim that somebody else filled: a Job looks for the marker on it, once (CACHE-6)."""
    before = _Answer(word=Verdict.PENDING, conditions=resolved, wanted=wanted)
    if not observed.policy.workloads:
        off = VOLUME_READY("WorkloadsOff", "the operator runs with workloads off, so nobody looks at the claim")
        return replace(before, conditions=(*resolved, off))
    download = decide_check(observed, wanted, existing)
    if download.condition.status is not ConditionStatus.TRUE:
        word = Verdict.FAILED if download.failed else Verdict.PROGRESSING
        told = (*resolved, download.condition)
        return replace(before, word=word, conditions=told, writes=download.writes, download=download)
    found = VOLUME_READY("ExistingClaim", f"the marker on claim {existing.name} names all sources")
    return replace(before, word=Verdict.READY, conditions=(*resolved, found, download.condition), download=download)


def _sized(wanted: CacheContent) -> Condition:
    """`Sized`: how big the claim is to be, or what is still to be known (CACHE-4)."""
    if wanted.size is not None:
        return SIZED("Sized", str(wanted.size))
    failed = [f"{one.source_uri}: {one.cause}: {one.message}" for one in wanted.sizes if one.cause is not None]
    if failed:
        advice = "give its size in modelSources[].size, or volumeSize in a cache"
        return SIZED("ProbeFailed", f"{'; '.join(failed)}; {advice}")
    pending = ", ".join(one.source_uri for one in wanted.sizes if one.size is None)
    return SIZED("ProbePending", f"{pending} is yet to be sized")


# The claim ------------------------------------------------------------------------------------------------------------


def _claims(observed: Observed[Cache], wanted: CacheContent) -> _Claims:
    """The claim that stands: one that is whole stays though a config says otherwise by now, else the newest of its content."""
    view, namespace = observed.view, observed.subject.key.namespace or ""
    held = observed.subject.status.claim if observed.subject.status else None
    kept = view.child(Kind.CLAIM, namespace, held) if held else None
    if kept and is_complete(kept) and kept.meta.annotations.get(SOURCES) == sources_digest(wanted.content):
        return _Claims(claim=kept, next=1)
    found = view.claims_of(namespace, content_digest(wanted.content))
    staying = [one for one in found if not one.meta.deleting]
    return _Claims(
        claim=max(staying, key=generation_of, default=None),
        next=max(map(generation_of, found), default=0) + 1,
        going=tuple(one for one in found if one.meta.deleting),
    )


def _without_claim(observed: Observed[Cache], before: _Answer) -> _Answer:
    cache, claims, wanted = observed.subject, before.claims, before.wanted
    if wanted is None or wanted.size is None:
        return before
    namespace = cache.key.namespace or ""
    clean_up = tuple(_jobs_on(observed, claims.going))
    other = observed.view.child(Kind.CLAIM, namespace, claim_name(wanted.content, claims.next))
    if other is not None:
        message = f"{other.key} exists and is not of this content; delete or rename it, and it is made"
        taken = VOLUME_READY("NameConflict", message)
        return replace(before, word=Verdict.FAILED, conditions=(*before.conditions, taken), writes=clean_up)
    claim = claim_of(
        ClaimWanted(namespace=namespace, content=wanted.content, size=wanted.size, generation=claims.next),
        _owner(cache),
    )
    told = VOLUME_READY("ClaimPending", f"{claim.key} of {wanted.size} is being made")
    return replace(
        before,
        word=Verdict.PROGRESSING,
        conditions=(*before.conditions, told),
        writes=(*clean_up, Create(thing=claim, rule="CACHE-3")),
    )


def _jobs_on(observed: Observed[Cache], going: tuple[Child, ...]) -> Iterator[Delete]:
    """Our Jobs on claims that are on their way out: their pods would keep these for an hour (CACHE-8)."""
    uid = observed.subject.meta.uid
    for claim in going:
        for job in observed.view.jobs_of(claim.key.namespace or "", claim.key.name):
            if any(one.uid == uid for one in job.meta.owners) and not job.meta.deleting:
                version = job.meta.resource_version
                yield Delete(key=job.key, uid=job.meta.uid, resource_version=version, rule="CACHE-8")


def _with_claim(observed: Observed[Cache], before: _Answer, claim: Child) -> _Answer:
    joined = joined_claim(claim, (_owner(observed.subject),))
    writes: tuple[Write, ...] = (
        *_jobs_on(observed, before.claims.going),
        *(() if joined is None else (Apply(thing=joined, rule="CACHE-3"),)),
    )
    if is_complete(claim):
        told = (VOLUME_READY("VolumeReady", claim.key.name), DOWNLOADED("Downloaded"))
        return replace(before, word=Verdict.READY, conditions=(*_resolved_alone(before), *told), writes=writes)
    if joined is not None or before.wanted is None:  # its Job is made when it is ours, too
        return replace(before, word=Verdict.PROGRESSING, writes=writes)
    download = decide_download(observed, before.wanted, claim)
    volume = _volume(observed, claim, before.wanted)
    waits = (one for one in (download.requeue_after, volume.requeue_after) if one is not None)
    download = replace(
        download, questions=(*download.questions, *volume.questions), requeue_after=min(waits, default=None)
    )
    if download.attempt is not None and download.attempt.phase is Phase.DONE:
        writes = (*writes, Apply(thing=completed_claim(claim), rule="CACHE-8"))
    return replace(
        before,
        word=Verdict.FAILED if download.failed else Verdict.PROGRESSING,
        conditions=(*before.conditions, volume.condition, download.condition),
        writes=(*writes, *download.writes),
        download=download,
    )


def _resolved_alone(before: _Answer) -> tuple[Condition, ...]:
    """Of a cache that is whole nobody asks how big its sources are."""
    return tuple(one for one in before.conditions if one.type != "Sized" or one.status == "True")


def _volume(observed: Observed[Cache], claim: Child, wanted: CacheContent) -> Stuck:
    named = wanted.content.storage_class
    return unbound_claim(
        observed, claim, f"{f'class {named}' if named else 'the default class'}, {wanted.content.access_mode}"
    )


def _owner(cache: Cache) -> Owner:
    return Owner(api_version=f"{GROUP}/{VERSION}", kind=cache.key.api_kind, name=cache.key.name, uid=cache.meta.uid)


# The status -----------------------------------------------------------------------------------------------------------


def _status(observed: Observed[Cache], answer: _Answer) -> CacheStatus:
    cache, claims, wanted = observed.subject, answer.claims, answer.wanted
    held = cache.status
    word = _word(cache, answer) if observed.policy.workloads else answer.word
    attempt = answer.download.attempt if answer.download else None
    before = held.attempts if held and claims.claim and held.claim == claims.claim.key.name else None
    attempts = max(attempt.number if attempt else 0, before or 0)
    due = (answer.download or answer.dry_run or Download()).due
    used = _used_by(observed, claims.claim)
    unused = (held.unused_since if held and held.unused_since else observed.now) if claims.claim and not used else None
    return CacheStatus(
        status=word,
        conditions=(*answer.conditions, READY(word, _why(answer))),
        claim=_claim_told(observed, answer),
        node=node_of(claims.claim) if claims.claim else None,
        size=requested_of(claims.claim) if claims.claim else None,
        profile=profile_told(cache, answer.dry_run),
        sources=_sources(wanted, attempt, done=word is Verdict.READY) if wanted else (),
        progress=progress_told(
            held, answer.download, claims.claim, all_of=wanted.bytes if wanted and word is Verdict.READY else None
        ),
        attempts=attempts or None,
        next_attempt=None if due is None else time_of(due),
        used_by=used[:USED_BY_AT_MOST],
        unused_since=unused,
    )


def _word(cache: Cache, answer: _Answer) -> Verdict:
    """Degraded is one that was Ready and whose claim is gone, until it is Ready again (CACHE-7)."""
    held = cache.status
    lost = (
        held is not None
        and held.status in (Verdict.READY, Verdict.DEGRADED)
        and answer.wanted is not None
        and held.claim is not None
        and is_claim_of(held.claim, answer.wanted.content)
    )
    return Verdict.DEGRADED if lost and answer.word in (Verdict.PENDING, Verdict.PROGRESSING) else answer.word


def _why(answer: _Answer) -> str:
    last = next((one for one in reversed(answer.conditions) if one.status != "True" and one.message), None)
    return last.message if last else ""


def _claim_told(observed: Observed[Cache], answer: _Answer) -> str | None:
    existing, claim = observed.subject.spec.existing_claim, answer.claims.claim
    if existing is not None:
        return existing.name
    if claim is not None:
        return claim.key.name
    return next((write.key.name for write in answer.writes if isinstance(write, Create)), None)


def _used_by(observed: Observed[Cache], claim: Child | None) -> tuple[str, ...]:
    """The services whose Deployment mounts the claim, ours or the existing one, by name."""
    existing = observed.subject.spec.existing_claim
    name = claim.key.name if claim is not None else existing.name if existing is not None else None
    if name is None:
        return ()
    deployments = observed.view.deployments_of(observed.subject.key.namespace or "")
    owners = (
        next((one.name for one in child.meta.owners if one.controller), "")
        for child in deployments
        if claim_mounted(child.spec) == name
    )
    return tuple(sorted(filter(None, owners)))


def _sources(wanted: CacheContent, attempt: Attempt | None, *, done: bool) -> tuple[CachedSource, ...]:
    fetched = {model_id: (size, commit) for model_id, size, commit in (attempt.sizes if attempt else ())}
    cause = attempt.cause if attempt and attempt.phase is not Phase.DONE else ""
    return tuple(
        CachedSource(
            model_id=one.model_id,
            source_uri=one.source_uri,
            revision=fetched.get(one.model_id, (0, ""))[1] or None,
            bytes=(one.size.value if one.size else None),
            done=(one.size.value if one.size else None) if done else None,
            cause=cause or None,
        )
        for one in wanted.sizes
    )
