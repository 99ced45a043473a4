"""B8: labels parsed, models planned, services resolved and names derived, per second and core."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar

from aimcore.domain.decide import decide_model, decide_template
from aimcore.domain.decide.resolution import resolve_service
from aimcore.domain.images.deployments import parse_deployments
from aimcore.domain.images.inspection import Inspected
from aimcore.domain.images.labels import read_labels
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.kinds.naming import deployment_template_name
from aimcore.domain.kinds.records import (
    Meta,
    Model,
    ModelByRef,
    ModelSpec,
    RuntimeConfig,
    Service,
    ServiceSpec,
    Template,
)
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.profile import Metric, Precision
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Observed, Snapshot
from aimcore.domain.view.plan import Create, SetStatus, Write
from tests.bench.measure import Row, each, rate, ratio

Thing = TypeVar("Thing", Model, Template)

MANY = 2_000
NAMES = 20_000


def rows() -> Iterator[Row]:
    sets = [chat_labels(number) for number in range(MANY)]
    texts = [labels["com.amd.aim.model.deployments"] for labels in sets]
    yield rate("label sets read (12 labels, 4 deployments)", MANY, lambda: each(read_labels, sets), bar=40_000)
    yield ratio(
        "deployments parsed, over bare json.loads",
        lambda: each(parse_deployments, texts),
        lambda: each(json.loads, texts),
        bar=3,
    )
    new, settled, services = _worlds()
    yield rate("new models planned (8 templates each)", len(new), lambda: each(decide_model, new), bar=12_000)
    yield rate(
        "settled models planned (8 templates each)",
        len(settled),
        lambda: each(decide_model, settled),
        bar=12_000,
    )
    yield rate(
        "services resolved with trace (8 candidates)",
        len(services),
        lambda: each(resolve_service, services),
        bar=10_000,
    )
    deployments = [
        Deployment(
            gpu_model="MI300X",
            gpu_count=1 + number % 8,
            metric=Metric.LATENCY,
            precision=Precision.FP8,
            profile_id=str(number),
        )
        for number in range(NAMES)
    ]
    yield rate(
        "template names derived, all different",
        NAMES,
        lambda: each(partial(deployment_template_name, "meta-llama-3-8b-instruct"), deployments),
        bar=300_000,
    )


def chat_labels(number: int) -> dict[str, str]:
    """Labels such as a model's image has: twelve, with four deployments."""
    deployments = [
        {
            "gpuModel": "MI300X",
            "gpuCount": count,
            "metric": metric,
            "precision": "fp8",
            "profileId": f"{number}-{count}",
        }
        for count, metric in ((1, "latency"), (1, "throughput"), (4, "latency"), (8, "throughput"))
    ]
    return {
        "com.amd.aim.model.canonicalName": f"acme/chat-{number}",
        "com.amd.aim.model.source": f"https://hub.example.com/acme/chat-{number}",
        "com.amd.aim.model.tags": "text-generation, chat, instruct",
        "com.amd.aim.model.versions": "1.0.0, 1.1.0",
        "com.amd.aim.model.deployments": json.dumps(deployments),
        "com.amd.aim.title": f"Chat {number}",
        "com.amd.aim.description.full": "A model that talks, and knows when to stop. " * 4,
        "com.amd.aim.hfToken.required": "false",
        "org.opencontainers.image.title": f"aim-chat-{number}",
        "org.opencontainers.image.created": "2026-01-01T00:00:00Z",
        "org.opencontainers.image.revision": "0123456789abcdef0123456789abcdef01234567",
        "org.opencontainers.image.version": "1.1.0",
    }


def _worlds() -> tuple[list[Observed[Model]], list[Observed[Model]], list[Observed[Service]]]:
    """Models before and after their templates, and a service for each."""
    models = [
        Model(
            key=Key(Kind.MODEL, "ml-team", f"model-{number}"),
            meta=Meta(uid=f"model-{number}"),
            spec=ModelSpec(image=f"registry.example.com/acme/chat-{number}:1.0"),
        )
        for number in range(MANY // 4)
    ]
    config = RuntimeConfig(key=Key(Kind.RUNTIME_CONFIG, "ml-team", "default"), meta=Meta(uid="config"))
    first = ObjectCache.of([config, *models], nodes_known=False)
    asked = [(model, decide_model(Snapshot(view=first).of(model)).questions[0]) for model in models]
    new = [
        Snapshot(view=first, answers={want: Inspected(digest="sha256:0", labels=_eight(number))}).of(model)
        for number, (model, want) in enumerate(asked)
    ]
    return new, *_settled(config, new)


def _eight(number: int) -> dict[str, str]:
    deployments = [
        {"gpuModel": "MI300X", "gpuCount": count, "metric": metric, "precision": "fp8"}
        for count in (1, 2, 4, 8)
        for metric in ("latency", "throughput")
    ]
    return chat_labels(number) | {"com.amd.aim.model.deployments": json.dumps(deployments)}


def _settled(
    config: RuntimeConfig, new: list[Observed[Model]]
) -> tuple[list[Observed[Model]], list[Observed[Service]]]:
    """The same models once all is written, and a service for each."""
    cache = ObjectCache.of([config, *(one.subject for one in new)], nodes_known=False)
    for observed in new:
        for write in decide_model(observed).writes:
            if isinstance(write, Create):
                cache.put(replace(write.thing, meta=replace(write.thing.meta, uid=write.key.name)))
            else:
                cache.put(_told(observed.subject, write))
    templates = [thing for thing in cache if isinstance(thing, Template)]
    for template in templates:
        cache.put(_told(template, *decide_template(Snapshot(view=cache).of(template)).writes))
    for model in [thing for thing in cache if isinstance(thing, Model)]:
        cache.put(_told(model, *decide_model(Snapshot(view=cache).of(model)).writes))
    models = [thing for thing in cache if isinstance(thing, Model)]
    services = [
        Service(
            key=Key(Kind.SERVICE, "ml-team", model.key.name),
            meta=Meta(uid=f"service-{model.key.name}"),
            spec=ServiceSpec(model=ModelByRef(ref=model.key.name)),
        )
        for model in models
    ]
    return (
        [Snapshot(view=cache).of(model) for model in models],
        [Snapshot(view=cache).of(service) for service in services],
    )


def _told(thing: Thing, write: Write) -> Thing:
    """The thing with the status that was decided for it."""
    if not isinstance(write, SetStatus):
        message = f"{write} is not the one write of a status that this benchmark is about"
        raise TypeError(message)
    return replace(thing, status=write.status)  # type: ignore[arg-type]  # the status is of the kind of the thing
