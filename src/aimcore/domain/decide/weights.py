"""Where the weights of a service are, and the cache that it makes, joins and waits for (CACHE-2, CACHE-3, RUN-12)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aimcore.domain.caching.claim import access_mode_of, is_complete, joined_claim
from aimcore.domain.caching.content import cache_name
from aimcore.domain.caching.dryrun import selecting_env, selection_digest
from aimcore.domain.decide.cachecontent import NO_WEIGHTS
from aimcore.domain.decide.conditions import DISCOVERED
from aimcore.domain.decide.pods import Serving, WeightsAnswer, caching_of
from aimcore.domain.kinds.caches import Cache, CacheSpec
from aimcore.domain.kinds.conditions import find_condition
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER, Owner
from aimcore.domain.kinds.records import AimObject, Meta, Service
from aimcore.domain.kinds.scope import GROUP, VERSION, Key, Kind
from aimcore.domain.kinds.statuses import CacheUse, Verdict
from aimcore.domain.kinds.workload import CachingMode, ExistingClaim
from aimcore.domain.serving.bodies import claim_mounted
from aimcore.domain.serving.inputs import DownloadedWeights, MountedWeights
from aimcore.domain.serving.reasons import Finding, Reason
from aimcore.domain.values.layering import Layer
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Apply, Create, Write
from aimcore.domain.weights.sources import ModelSource

__all__ = ["weights_of"]


def weights_of(observed: Observed[Service], serving: Serving, live: Child | None) -> WeightsAnswer:
    """Where the weights are (RUN-6), as caching says; with no cache asked for and no source named they may be in the image.

    `live` is the service's Deployment, None where there is none.
    """
    sources = serving.template.spec.model_sources or serving.model.spec.model_sources
    caching = caching_of(serving)
    existing = caching.existing_claim
    if existing is not None and existing.value.trust:
        return WeightsAnswer(weights=MountedWeights(claim=existing.value.name, sub_path=existing.value.sub_path))
    mode = caching.mode.value
    if existing is not None:
        wish = _Wish(observed=observed, serving=serving, mode=mode, sources=sources, existing=existing.value)
        return _looked_at(wish, existing.value)
    if mode is CachingMode.NONE:
        return WeightsAnswer(weights=DownloadedWeights() if sources else None)
    return _cached(_Wish(observed=observed, serving=serving, mode=mode, sources=sources), live)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """That a service wants its weights in a cache."""

    observed: Observed[Service]
    serving: Serving
    mode: CachingMode
    sources: tuple[ModelSource, ...]
    existing: ExistingClaim | None = None

    @property
    def key(self) -> Key:
        """The cache that it makes, or finds."""
        asked = None if self.sources else self._asked()
        key = self.serving.template.key
        name = cache_name(key, self.mode, self.sources, asked=asked, existing=self.existing)
        return Key(Kind.CACHE, self.observed.subject.key.namespace, name)

    def _asked(self) -> str:
        """What the image is asked: where it is another question, other weights may be needed (PROFILE-2)."""
        template, model = self.serving.template, self.serving.model
        config = ((layer, spec.env or ()) for layer, spec in self.serving.config.layers)
        layers = ((Layer.TEMPLATE, template.spec.env), (Layer.MODEL, model.spec.env), *config)
        return f"{model.spec.image} {selection_digest(template.key, selecting_env(template.spec, layers))}"


def _looked_at(wish: _Wish, existing: ExistingClaim) -> WeightsAnswer:
    """A claim that somebody else filled is mounted once its cache has found the marker on it; it is never owned (CACHE-6)."""
    key = wish.key
    cache: Cache | None = wish.observed.view.get(Kind.CACHE, key.namespace, key.name)
    if cache is not None and _needs_none(cache):
        return WeightsAnswer()
    writes: tuple[Write, ...] = () if cache is not None else (Create(thing=_new(wish), rule="CACHE-6"),)
    whole = cache is not None and cache.status is not None and cache.status.status is Verdict.READY
    answer = WeightsAnswer(writes=writes, cache=_use(key, cache, whole=whole))
    if not whole:
        return replace(answer, waits_for=_waits(key, cache))
    return replace(answer, weights=MountedWeights(claim=existing.name, sub_path=existing.sub_path))


def _cached(wish: _Wish, live: Child | None) -> WeightsAnswer:
    view, key = wish.observed.view, wish.key
    cache: Cache | None = view.get(Kind.CACHE, key.namespace, key.name)
    if cache is not None and _needs_none(cache):
        return WeightsAnswer()
    mounted = claim_mounted(live.spec) if live is not None else None
    standing = view.child(Kind.CLAIM, key.namespace, mounted) if mounted else None
    lost = _lost(mounted, standing)
    claim = _whole(wish, cache, standing)
    writes: tuple[Write, ...] = () if cache is not None else (Create(thing=_new(wish), rule="CACHE-2"),)
    answer = WeightsAnswer(writes=writes, cache=_use(key, cache, whole=claim is not None), findings=lost)
    if claim is None:
        return replace(answer, waits_for=_waits(key, cache))
    joined = joined_claim(claim, (_owner(wish.observed.subject),))
    if joined is not None:
        message = f"{key} is whole; {claim.key} gets this service as an owner first"
        return replace(
            answer,
            writes=(*writes, Apply(thing=joined, rule="CACHE-3")),
            waits_for=Finding(reason=Reason.WAITING_FOR_CACHE, message=message),
        )
    return replace(answer, weights=MountedWeights(claim=claim.key.name, access_mode=access_mode_of(claim)))


def _whole(wish: _Wish, cache: Cache | None, standing: Child | None) -> Child | None:
    """The claim that has all the weights: the one that the cache names, else the one that is mounted already, if it is of
    this cache.
    """
    named = cache.status.claim if cache is not None and cache.status is not None else None
    found = wish.observed.view.child(Kind.CLAIM, wish.key.namespace, named) if named else None
    if found is not None and is_complete(found):
        return found
    if standing is None or not is_complete(standing):
        return None
    own = any((one.kind, one.name) == (wish.key.api_kind, wish.key.name) for one in standing.meta.owners)
    return standing if own else None


def _lost(mounted: str | None, standing: Child | None) -> tuple[Finding, ...]:
    """That the claim which the pods have their weights on is gone, or is on its way out (CACHE-8)."""
    if mounted is None or (standing is not None and not standing.meta.deleting):
        return ()
    message = (
        f"claim {mounted} was deleted under the pods; they keep it as long as they run, and move over to a new one"
    )
    return (Finding(reason=Reason.CACHE_LOST, message=message),)


def _needs_none(cache: Cache) -> bool:
    """Whether the image said that it loads nothing from elsewhere (PROFILE-3)."""
    told = find_condition(cache.status.conditions, "SourcesResolved") if cache.status else None
    return told is not None and told.reason == NO_WEIGHTS


def _new(wish: _Wish) -> Cache:
    """The cache, owned by its template: it outlives the service."""
    template = wish.serving.template
    spec = CacheSpec(
        template_name=template.key.name,
        template_scope=template.key.scope,
        mode=None if wish.mode is CachingMode.NONE else wish.mode,
        existing_claim=wish.existing,
        runtime_config_name=wish.observed.subject.spec.runtime_config_name,
    )
    owner = replace(_owner(template), controller=True)
    return Cache(key=wish.key, meta=Meta(labels={MANAGED_BY: MANAGER}, owners=(owner,)), spec=spec)


def _owner(thing: AimObject) -> Owner:
    return Owner(api_version=f"{GROUP}/{VERSION}", kind=thing.key.api_kind, name=thing.key.name, uid=thing.meta.uid)


def _use(key: Key, cache: Cache | None, *, whole: bool) -> CacheUse:
    status = cache.status if cache is not None else None
    word = status.status if status is not None else Verdict.PENDING
    percent = status.progress.percent if status is not None and status.progress is not None else None
    return CacheUse(name=key.name, status=word.value, percent=100 if whole else percent)


def _waits(key: Key, cache: Cache | None) -> Finding:
    """What the service waits for, in the words of its cache."""
    status = cache.status if cache is not None else None
    if status is None:
        return Finding(reason=Reason.WAITING_FOR_CACHE, message=f"{key} is being made")
    discovered = find_condition(status.conditions, DISCOVERED.name)
    if discovered is not None and discovered.status != "True":
        reason = Reason.NO_PROFILE if status.status is Verdict.FAILED else Reason.WAITING_FOR_PROFILE
        return Finding(reason=reason, message=f"{key}: {discovered.message}")
    ready = find_condition(status.conditions, "Ready")
    why = f": {ready.message}" if ready is not None and ready.message else ""
    percent = f", {status.progress.percent}%" if status.progress and status.progress.percent is not None else ""
    failed = status.status is Verdict.FAILED
    reason = Reason.CACHE_FAILED if failed else Reason.WAITING_FOR_CACHE
    return Finding(reason=reason, message=f"{key} is {status.status}{percent}{why}")
