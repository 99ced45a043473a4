"""How big a template's sources are: given, known from before, or to be asked; never a reason to fail (SIZE-3, CUST-5).

A size that was found belongs to the source it was found of: it stays until the source names something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never

from aimcore.domain.caching.env import source_env
from aimcore.domain.decide.conditions import SOURCES_SIZED
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.statuses import SourceStatus
from aimcore.domain.serving.inputs import EnvLayers
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.lookup import config_namespace
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Probe
from aimcore.domain.weights.probing import ProbeAnswer, ProbeFailed, Sized
from aimcore.domain.weights.sources import VARIABLES, ModelSource, SecretKeyRef

__all__ = ["Sizes", "probe_of", "size_source", "size_sources"]

LONGEST_MESSAGE: Final = 400
"""Characters; 32 sources of the longest URIs must fit into a status (LABEL-2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What is known of each source, in the order of the spec; the condition that says so; and what to ask."""

    sources: tuple[SourceStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()
    questions: tuple[Probe, ...] = ()


def probe_of(source: ModelSource, namespace: str) -> Probe:
    """The question how big a source is; it names the namespace only where secrets of it are needed."""
    heard = VARIABLES.get(source.source_uri.partition("://")[0], frozenset())
    env = tuple(sorted((one for one in source.env if one.name in heard), key=lambda one: one.name))
    secret = any(isinstance(one.value_from, SecretKeyRef) for one in env)
    return Probe(source.source_uri, namespace if secret else "", env)


def size_sources(observed: Observed[Template], config: ResolvedConfig | ConfigMissing) -> Sizes:
    """What is known of the template's sources, and which of them to ask for: with what a download would read them with."""
    template = observed.subject
    if not template.spec.model_sources:
        return Sizes()
    namespace = config_namespace(template.key.namespace, observed.policy.operator_namespace)
    layers = config.layers if isinstance(config, ResolvedConfig) else ()
    env: EnvLayers = ((Layer.TEMPLATE, template.spec.env), *((layer, spec.env or ()) for layer, spec in layers))
    known = _known(template)
    sources: list[SourceStatus] = []
    questions: list[Probe] = []
    for source in template.spec.model_sources:
        before = known.get(SourceStatus(model_id=source.model_id, source_uri=source.source_uri))
        read = replace(source, env=tuple(one.value for one in source_env(source, env).values()))
        told, asked = size_source(observed, read, before, namespace)
        sources.append(told)
        questions.extend(asked)
    return Sizes(
        sources=tuple(sources),
        conditions=(_condition(sources),),
        questions=tuple(dict.fromkeys(questions)),
    )


def size_source(
    observed: Observed[Any], source: ModelSource, before: SourceStatus | None, namespace: str
) -> tuple[SourceStatus, tuple[Probe, ...]]:
    """What is known of one source, `before` included, and what is to be asked for it; its secrets are in that namespace."""
    blank = SourceStatus(model_id=source.model_id, source_uri=source.source_uri)
    if source.size is not None:
        return replace(blank, size=source.size), ()
    if before is not None and before.size is not None:
        return before, ()
    want = probe_of(source, namespace)
    return _told(blank, before, observed.answer(want), observed.now), (want,)


def _known(template: Template) -> Mapping[SourceStatus, SourceStatus]:
    """What the status holds, by source: sizes that were found, and failures of this very spec, which are being retried."""
    status = template.status
    if status is None:
        return {}
    current = status.observed_generation == template.meta.generation
    return {
        SourceStatus(model_id=one.model_id, source_uri=one.source_uri): one
        for one in status.model_sources
        if (one.size is not None and one.discovered_at) or (one.size is None and one.cause and current)
    }


def _told(blank: SourceStatus, before: SourceStatus | None, answer: ProbeAnswer | None, now: str) -> SourceStatus:
    match answer:
        case Sized(size=size, missing=missing):
            return replace(blank, size=size, discovered_at=now, message=missing)
        case ProbeFailed(cause=cause, message=message):
            return replace(blank, cause=cause, message=message[:LONGEST_MESSAGE])
        case None:
            return before or blank
        case _:
            assert_never(answer)


def _condition(sources: list[SourceStatus]) -> Condition:
    """`SourcesSized`: False where one could not be read, Unknown where one was not asked yet."""
    failed = dict.fromkeys(f"{one.cause}: {one.message}" for one in sources if one.cause)
    if failed:
        return SOURCES_SIZED("ProbeFailed", "; ".join(failed))
    pending = dict.fromkeys(one.source_uri for one in sources if one.size is None)
    if pending:
        return SOURCES_SIZED("ProbePending", f"{', '.join(pending)} is yet to be sized")
    total = sum((one.size for one in sources if one.size is not None), Quantity.of(0))
    missing = [f"; of {one.source_uri}, {one.message}" for one in sources if one.message]
    return SOURCES_SIZED("SourcesSized", f"{total} in all{''.join(missing)}")
