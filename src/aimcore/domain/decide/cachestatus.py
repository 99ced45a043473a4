"""What a cache says of itself: its word, its claim, its sources, who uses it, and how far it is (CACHE-7)."""

from __future__ import annotations

from dataclasses import dataclass, field

from aimcore.domain.caching.claim import node_of, requested_of
from aimcore.domain.caching.content import is_claim_of
from aimcore.domain.caching.ending import Attempt, Phase
from aimcore.domain.decide.cachecontent import CacheContent
from aimcore.domain.decide.conditions import READY
from aimcore.domain.decide.downloads import Download, progress_told
from aimcore.domain.decide.dryruns import DryRun, profile_told
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.statuses import CachedSource, CacheStatus, Verdict
from aimcore.domain.serving.bodies import claim_mounted
from aimcore.domain.values.times import time_of
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Create, Write

__all__ = ["CacheAnswer", "CacheClaims", "cache_status"]

USED_BY_AT_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheClaims:
    """The claim of a cache (None where one is to be made, as generation `next`), and those of its content on their way out."""

    claim: Child | None
    next: int
    going: tuple[Child, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheAnswer:
    """What follows of one stage: word, conditions, writes; later stages are not reached where `word` says why."""

    word: Verdict
    conditions: tuple[Condition, ...]
    writes: tuple[Write, ...] = ()
    claims: CacheClaims = field(default_factory=lambda: CacheClaims(claim=None, next=1))
    wanted: CacheContent | None = None
    download: Download | None = None
    dry_run: DryRun | None = None


def cache_status(observed: Observed[Cache], answer: CacheAnswer) -> CacheStatus:
    """The status that follows of an answer, with what is remembered of the one before."""
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


def _word(cache: Cache, answer: CacheAnswer) -> Verdict:
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


def _why(answer: CacheAnswer) -> str:
    last = next((one for one in reversed(answer.conditions) if one.status != "True" and one.message), None)
    return last.message if last else ""


def _claim_told(observed: Observed[Cache], answer: CacheAnswer) -> str | None:
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
