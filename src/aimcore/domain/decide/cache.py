"""What follows for a cache: a claim, one Job after another until it is filled, and an honest word (CACHE-3 to CACHE-9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aimcore.domain.caching.claim import (
    SOURCES,
    ClaimWanted,
    claim_of,
    completed_claim,
    generation_of,
    is_complete,
    joined_claim,
)
from aimcore.domain.caching.content import claim_name, content_digest, sources_digest
from aimcore.domain.caching.dryrun import DryRunWanted
from aimcore.domain.caching.ending import Phase
from aimcore.domain.decide.cachecontent import CacheContent, NotResolved, content_of, is_outdated
from aimcore.domain.decide.cachestatus import CacheAnswer, CacheClaims, cache_status
from aimcore.domain.decide.conditions import DISCOVERED, DOWNLOADED, SIZED, SOURCES_RESOLVED, VOLUME_READY
from aimcore.domain.decide.downloads import Download, decide_check, decide_download
from aimcore.domain.decide.dryruns import decide_dry_run
from aimcore.domain.decide.status import set_status, tries_taken_name
from aimcore.domain.decide.stuck import Stuck, unbound_claim
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.scope import GROUP, VERSION, Kind
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.kinds.workload import ExistingClaim
from aimcore.domain.view.observed import Observed, rests
from aimcore.domain.view.plan import Apply, Create, Delete, Plan, Write

__all__ = ["decide_cache"]


def decide_cache(observed: Observed[Cache]) -> Plan:
    """What follows for a cache from all that stands."""
    if rests(observed):
        return Plan()
    answer = _answer(observed)
    download, dry_run = answer.download or Download(), answer.dry_run
    late = tries_taken_name(observed, VOLUME_READY, answer.writes)
    return Plan(
        writes=(
            *answer.writes,
            *(() if late else set_status(observed, cache_status(observed, answer), rule="CACHE-7")),
        ),
        questions=(
            *download.questions,
            *(dry_run.questions if dry_run else ()),
            *(answer.wanted.questions if answer.wanted else ()),
        ),
        assumed=download.assumed,
        requeue_after=dry_run.requeue_after if dry_run else download.requeue_after,
    )


def _answer(observed: Observed[Cache]) -> CacheAnswer:
    existing = observed.subject.spec.existing_claim
    if existing is not None and existing.trust:
        return _trusted(existing.name)
    wanted = content_of(observed)
    if isinstance(wanted, NotResolved):
        return CacheAnswer(word=Verdict.PENDING, conditions=(SOURCES_RESOLVED(wanted.reason, wanted.message),))
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
    before = CacheAnswer(word=Verdict.PENDING, conditions=said, claims=claims, wanted=wanted)
    if not observed.policy.workloads:
        off = VOLUME_READY("WorkloadsOff", "the operator runs with workloads off, so nothing is downloaded")
        return replace(before, conditions=(*said, off))
    return _without_claim(observed, before) if claims.claim is None else _with_claim(observed, before, claims.claim)


def _asking(observed: Observed[Cache], wanted: DryRunWanted) -> CacheAnswer:
    """Only the image knows its weights: it is asked first (PROFILE-1)."""
    dry_run = decide_dry_run(observed, wanted)
    word = Verdict.PROGRESSING if observed.policy.workloads else Verdict.PENDING
    return CacheAnswer(
        word=Verdict.FAILED if dry_run.failed else word,
        conditions=(
            SOURCES_RESOLVED("WaitingForProfile", "the image is to say which weights it loads"),
            dry_run.condition,
        ),
        writes=dry_run.writes,
        dry_run=dry_run,
    )


def _outdated(observed: Observed[Cache]) -> CacheAnswer:
    """A service made it for sources that are not its template's any more: it keeps its claim, and follows no others (CACHE-3)."""
    cache = observed.subject
    held = cache.status.claim if cache.status else None
    claim = observed.view.child(Kind.CLAIM, cache.key.namespace or "", held) if held else None
    told = SOURCES_RESOLVED(
        "Outdated", "its template names other sources by now; `aimcore cache prune` deletes it once nobody uses it"
    )
    word = Verdict.READY if claim is not None and is_complete(claim) else Verdict.PENDING
    return CacheAnswer(word=word, conditions=(told,), claims=CacheClaims(claim=claim, next=1))


def _trusted(name: str) -> CacheAnswer:
    """A claim that somebody else filled and says is whole (CACHE-6)."""
    told = (VOLUME_READY("ExistingClaim", f"claim {name} is trusted"), DOWNLOADED("ExistingClaim"))
    return CacheAnswer(word=Verdict.READY, conditions=told)


def _looked_at(
    observed: Observed[Cache], wanted: CacheContent, existing: ExistingClaim, resolved: tuple[Condition, ...]
) -> CacheAnswer:
    """A claim that somebody else filled: a Job looks for the marker on it, once (CACHE-6)."""
    before = CacheAnswer(word=Verdict.PENDING, conditions=resolved, wanted=wanted)
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


def _claims(observed: Observed[Cache], wanted: CacheContent) -> CacheClaims:
    """The claim that stands: one that is whole stays though a config says otherwise by now, else the newest of its content."""
    view, namespace = observed.view, observed.subject.key.namespace or ""
    held = observed.subject.status.claim if observed.subject.status else None
    kept = view.child(Kind.CLAIM, namespace, held) if held else None
    if kept and is_complete(kept) and kept.meta.annotations.get(SOURCES) == sources_digest(wanted.content):
        return CacheClaims(claim=kept, next=1)
    found = view.claims_of(namespace, content_digest(wanted.content))
    staying = [one for one in found if not one.meta.deleting]
    return CacheClaims(
        claim=max(staying, key=generation_of, default=None),
        next=max(map(generation_of, found), default=0) + 1,
        going=tuple(one for one in found if one.meta.deleting),
    )


def _without_claim(observed: Observed[Cache], before: CacheAnswer) -> CacheAnswer:
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


def _with_claim(observed: Observed[Cache], before: CacheAnswer, claim: Child) -> CacheAnswer:
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


def _resolved_alone(before: CacheAnswer) -> tuple[Condition, ...]:
    """Of a cache that is whole nobody asks how big its sources are."""
    return tuple(one for one in before.conditions if one.type != "Sized" or one.status == "True")


def _volume(observed: Observed[Cache], claim: Child, wanted: CacheContent) -> Stuck:
    named = wanted.content.storage_class
    return unbound_claim(
        observed, claim, f"{f'class {named}' if named else 'the default class'}, {wanted.content.access_mode}"
    )


def _owner(cache: Cache) -> Owner:
    return Owner(api_version=f"{GROUP}/{VERSION}", kind=cache.key.api_kind, name=cache.key.name, uid=cache.meta.uid)
