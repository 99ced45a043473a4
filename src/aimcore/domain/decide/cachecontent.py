"""What a cache is to hold, out of its template, the model of that, and the configuration (CACHE-3 to CACHE-5, CACHE-10)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from aimcore.domain.caching.claim import volume_size
from aimcore.domain.caching.content import Content, cache_name, content_source
from aimcore.domain.caching.dryrun import DryRunWanted, selecting_env
from aimcore.domain.caching.env import SourceEnv, source_env
from aimcore.domain.children.expansion import is_custom
from aimcore.domain.decide.dryruns import held_profile
from aimcore.domain.decide.sizing import size_source
from aimcore.domain.decide.templates import resolved_hardware
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig, in_force
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.kinds.statuses import SourceStatus
from aimcore.domain.kinds.workload import ONE_NODE, CachingMode, PodSettings
from aimcore.domain.serving.inputs import EnvLayers
from aimcore.domain.serving.settings import merge_pod_settings
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.lookup import Found, find_config, find_model
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Probe
from aimcore.domain.weights.filter import FileFilter
from aimcore.domain.weights.sources import ModelSource

__all__ = ["NO_WEIGHTS", "CacheContent", "NotResolved", "content_of", "is_outdated"]

_ANYWHERE = "ReadWriteMany"
NO_WEIGHTS = "NoWeights"
"""The reason of `SourcesResolved` where an image says that it loads none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotResolved:
    """Why it is not known what the cache is to hold: reason and message of `SourcesResolved`."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheContent:
    """What the cache is to hold, and with what it is fetched.

    `sizes` are the sources as far as they are sized; `size` is the request of the claim, None while it is not known.
    `questions` are what is asked for that. `nodes` is where the Job of a claim of one node has to run. `discovered` tells that
    the image named the sources.
    """

    content: Content
    env: tuple[SourceEnv, ...]
    sizes: tuple[SourceStatus, ...]
    size: Quantity | None
    settings: PodSettings
    nodes: tuple[NodeLabel, ...] | None
    pull_secrets: tuple[str, ...]
    account: str | None
    questions: tuple[Probe, ...] = ()
    discovered: bool = False

    @property
    def bytes(self) -> int | None:
        """The bytes of all sources, None while one is not known."""
        sizes = [one.size.value for one in self.sizes if one.size is not None]
        return sum(sizes) if len(sizes) == len(self.content.sources) else None


def is_outdated(cache: Cache, wanted: CacheContent) -> bool:
    """Whether a service made it for other sources than its template names by now: its name says for which (NAME-8)."""
    spec = cache.spec
    if cache.meta.labels.get(MANAGED_BY) != MANAGER or wanted.discovered:
        return False
    place = None if spec.template_scope is Scope.CLUSTER else cache.key.namespace
    sources = (ModelSource(model_id=one.model_id, source_uri=one.uri) for one in wanted.content.sources)
    template, mode = Key(Kind.TEMPLATE, place, spec.template_name), spec.mode or CachingMode.NONE
    return cache.key.name != cache_name(template, mode, sources, existing=spec.existing_claim)


def content_of(observed: Observed[Cache]) -> CacheContent | NotResolved | DryRunWanted:
    """What the cache is to hold by all that stands; where only an image knows, what to ask of it."""
    cache, view = observed.subject, observed.view
    place = None if cache.spec.template_scope is Scope.CLUSTER else cache.key.namespace
    template = view.template(place, cache.spec.template_name)
    if template is None:
        key = Key(Kind.TEMPLATE, place, cache.spec.template_name)
        return NotResolved(reason="TemplateMissing", message=f"there is no {key}; make it, or delete this cache")
    found = find_model(view, template.key.namespace, template.spec.model_name)
    model = found.thing if isinstance(found, Found) else None
    config = find_config(view, cache.key.namespace, cache.spec.runtime_config_name)
    if isinstance(config, ConfigMissing) and config.named:
        return NotResolved(reason="RuntimeConfigMissing", message=f"there is no runtime config {config.name}; make it")
    all_found = _Found(observed=observed, template=template, model=model, config=in_force(config))
    sources = template.spec.model_sources or (model.spec.model_sources if model else ())
    if sources:
        return _content(all_found, sources)
    if model is None or model.spec.image is None:
        message = f"{template.key} names no modelSources, so there is nothing to download ahead; set them, or caching.mode: None"
        return NotResolved(reason="NoSources", message=message)
    return _of_image(all_found, model.spec.image, model)


def _of_image(found: _Found, image: str, model: Model) -> CacheContent | NotResolved | DryRunWanted:
    """What the image says that it would load; what to ask of it where it did not say so yet."""
    template, read = found.template, model.status.resolved_image if model.status else None
    wanted = DryRunWanted(
        namespace=found.observed.subject.key.namespace or "",
        template=template.key,
        image=image,
        digest=read.digest if read and read.reference == image else None,
        env=selecting_env(template.spec, found.env),
        nodes=_nodes(template),
        settings=_settings(found),
        pull_secrets=(*found.pull_secrets, *(_in_force(model) if model.key.namespace else ())),
        account=template.spec.service_account_name or model.spec.service_account_name or found.account,
    )
    profile = held_profile(found.observed.subject, wanted)
    if profile is None:
        return wanted
    if not profile.model_sources:
        message = f"image {image} says that it loads no weights from elsewhere, so there is nothing to download ahead"
        return NotResolved(reason=NO_WEIGHTS, message=message)
    sources = tuple(ModelSource(model_id=one.model_id, source_uri=one.source_uri) for one in profile.model_sources)
    return replace(_content(found, sources), discovered=True)


def _in_force(model: Model) -> tuple[str, ...]:
    """The pull secrets that the image was read with: those that an account brings do not come by themselves beside others."""
    return model.status.effective_pull_secrets if model.status else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a cache refers to."""

    observed: Observed[Cache]
    template: Template
    model: Model | None
    config: ResolvedConfig

    @property
    def owner(self) -> tuple[str, str] | None:
        """Kind and name of the model whose own the claim is; None where it is shared."""
        model, mode = self.model, self.observed.subject.spec.mode
        if model is None or (mode or (CachingMode.DEDICATED if is_custom(model) else CachingMode.SHARED)) is not (
            CachingMode.DEDICATED
        ):
            return None
        return model.key.api_kind, model.key.name

    @property
    def env(self) -> EnvLayers:
        """What the layers below the sources say: of template, model and config, and above them of the service of an inline
        model.
        """
        model = self.model
        layers: EnvLayers = (
            (Layer.TEMPLATE, self.template.spec.env),
            (Layer.MODEL, model.spec.env if model else ()),
            *((layer, spec.env or ()) for layer, spec in self.config.layers),
        )
        service = self._service()
        return ((Layer.SERVICE, service.spec.env), *layers) if service and self.owner else layers

    @property
    def pull_secrets(self) -> tuple[str, ...]:
        """Those of template, model and config."""
        model = self.model.spec.image_pull_secrets if self.model else ()
        return (*self.template.spec.image_pull_secrets, *model, *self.config.pull_secrets)

    @property
    def account(self) -> str | None:
        """The template's, else the config's."""
        return self.template.spec.service_account_name or self.config.service_account_name

    def _service(self) -> Service | None:
        """The service whose inline model it is."""
        model = self.model
        kind = Kind.SERVICE.api_name
        owner = next((one for one in (model.meta.owners if model else ()) if one.controller and one.kind == kind), None)
        namespace = self.observed.subject.key.namespace
        return None if owner is None else self.observed.view.get(Kind.SERVICE, namespace, owner.name)


def _content(found: _Found, sources: tuple[ModelSource, ...]) -> CacheContent:
    cache, config, template = found.observed.subject, found.config, found.template
    env = tuple(source_env(one, found.env) for one in sources)
    access = cache.spec.access_mode or cast("str | None", config.value("storage.accessMode")) or _ANYWHERE
    storage = cache.spec.storage_class_name or config.value("storage.defaultStorageClassName")
    content = Content(
        sources=tuple(
            content_source(one, {name: said.value for name, said in each.items()})
            for one, each in zip(sources, env, strict=True)
        ),
        files=_files(config),
        storage_class=cast("str | None", storage),
        access_mode=access,
        owner=found.owner,
    )
    sized = [_sized(found, one, each) for one, each in zip(sources, env, strict=True)]
    told = CacheContent(
        content=content,
        env=env,
        sizes=tuple(one for one, _ in sized),
        questions=tuple(dict.fromkeys(question for _, asked in sized for question in asked)),
        size=cache.spec.volume_size,
        settings=_settings(found),
        nodes=_nodes(template) if access == ONE_NODE else None,
        pull_secrets=found.pull_secrets,
        account=found.account,
    )
    return _with_size(told, config)


def _with_size(told: CacheContent, config: ResolvedConfig) -> CacheContent:
    if told.size is not None or told.bytes is None:
        return told
    headroom = cast("int | None", config.value("storage.pvcHeadroomPercent"))
    return replace(told, size=volume_size(Quantity.of(told.bytes), headroom))


def _sized(found: _Found, source: ModelSource, env: SourceEnv) -> tuple[SourceStatus, tuple[Probe, ...]]:
    """What is known of the size of a source: from its template, which looks it up, or of one that an image named from here."""
    template, cache = found.template, found.observed.subject
    ours = (source.model_id, source.source_uri)
    blank = SourceStatus(model_id=source.model_id, source_uri=source.source_uri, size=source.size)
    if source in template.spec.model_sources:
        known = template.status.model_sources if template.status and source.size is None else ()
        return next((one for one in known if (one.model_id, one.source_uri) == ours), blank), ()
    held = cache.status.sources if cache.status else ()
    size = next((one.bytes for one in held if (one.model_id, one.source_uri) == ours), None)
    before = None if size is None else replace(blank, size=Quantity.of(size))
    read = replace(source, env=tuple(one.value for one in env.values()))
    return size_source(found.observed, read, before, cache.key.namespace or "")


def _files(config: ResolvedConfig) -> FileFilter:
    """The filter of the configuration, the nearer first, each list as a whole (FETCH-2)."""
    said = [spec.download for _, spec in config.layers]
    include = next((one.include for one in said if one.include is not None), ())
    exclude = next((one.exclude for one in said if one.exclude is not None), ())
    return FileFilter(include=include, exclude=exclude)


def _settings(found: _Found) -> PodSettings:
    layers = ((layer, spec.pod) for layer, spec in found.config.layers)
    return merge_pod_settings(((Layer.TEMPLATE, found.template.spec.pod), *layers)).settings


def _nodes(template: Template) -> tuple[NodeLabel, ...] | None:
    hardware = resolved_hardware(template.spec.hardware)
    return None if hardware is None else hardware.nodes
