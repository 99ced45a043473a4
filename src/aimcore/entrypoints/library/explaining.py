"""Explain why a service, a model, a template or a cache is as it is: as data, and as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aimcore.domain.decide.service import explain_service
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.records import Service, Template
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.observed import Snapshot
from aimcore.entrypoints.library.catalogue import Catalogue
from aimcore.entrypoints.library.finding import find_target, parse_target
from aimcore.entrypoints.library.fitting import fit
from aimcore.entrypoints.library.views import view_of
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.present.cache import (
    cache_data,
    cache_outline,
    tell_cache,
    used_cache_data,
    used_cache_section,
)
from aimcore.entrypoints.present.model import model_data, model_outline, tell_model
from aimcore.entrypoints.present.outline import Section, plain_text
from aimcore.entrypoints.present.pod import tell_pod
from aimcore.entrypoints.present.service import service_data, service_outline
from aimcore.entrypoints.present.template import tell_template, template_data, template_outline
from aimcore.entrypoints.present.tree import cache_of
from aimcore.entrypoints.settings import Settings

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one object is as it is. `data` is what `aimcore explain -o json` prints, and `str()` its table."""

    subject: Key
    data: Mapping[str, Any]
    outline: tuple[Section, ...]

    def text(self, width: int = 100) -> str:
        """The explanation for people, in lines of at most `width` columns."""
        return plain_text(self.outline, width)

    def __str__(self) -> str:
        return self.text()


def explain(
    source: Catalogue | Planned, target: str, *, namespace: str | None = None, settings: Settings | None = None
) -> Explanation:
    """Why the target is as it is: `service/NAME`, `model/NAME`, `clustermodel/NAME`, `template/NAME` or `cache/NAME`.

    It is looked for in `namespace`, or without one wherever there is but one of the name; a model also in the cluster. A
    catalogue of manifests is planned first, without images, by those `settings`; that of a cluster is explained as it stands.
    Raises `ParseError` for a target that names nothing, `NotThereError` and `SeveralError`.
    """
    wanted = parse_target(target)
    view = view_of(source, settings)
    thing = find_target(view.cache, wanted, namespace)
    if isinstance(thing, Service):
        found = explain_service(Snapshot(view=view.as_asked(thing), policy=view.policy).of(thing))
        pod = tell_pod(found)
        told = service_data(thing, found.resolution, report=pod)
        outline = service_outline(thing, found.resolution, report=pod)
        used = cache_of(view.cache, thing)
        if used is not None:
            weights = tell_cache(view.cache, used)
            told["cache"] = used_cache_data(weights)
            outline = (*outline[:-1], used_cache_section(weights), outline[-1])
        return Explanation(subject=thing.key, data=told, outline=outline)
    if isinstance(thing, Template):
        report = tell_template(view.cache, thing, fit(thing, view.cache, view.cache.nodes))
        return Explanation(subject=thing.key, data=template_data(report), outline=template_outline(report))
    if isinstance(thing, Cache):
        kept = tell_cache(view.cache, thing)
        return Explanation(subject=thing.key, data=cache_data(kept), outline=cache_outline(kept))
    model = tell_model(view.cache, view.policy, thing)
    return Explanation(subject=thing.key, data=model_data(model), outline=model_outline(model))
