"""The situations in which five things happen in any order: what stands at first, and what people do to it.

The acts of one situation concern different things, or different fields of one thing, so that no order of them is a contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from aimcore.testing import Run, World
from tests.integration.simulations.acts import creating, deleting, labelling, setting
from tests.integration.simulations.cached_scenarios import CACHED, TWIN, cached, cached_world
from tests.integration.simulations.things import (
    CHAT,
    LATENCY,
    NEXT,
    SOURCES,
    config,
    custom,
    env,
    model,
    node,
    secret,
    service,
    template,
    world,
)
from tests.integration.simulations.timeline import Act, Timeline

__all__ = ["SITUATIONS", "Situation", "live"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What stands, and the five things that happen to it."""

    name: str
    world: World
    acts: tuple[Act, Act, Act, Act, Act]


@cache
def live(situation: str) -> Run:
    """The cluster once the operator rests, before anything happens."""
    timeline = Timeline(SITUATIONS[situation].world)
    timeline.rest()
    return timeline.run


PULL = [{"name": "pull"}]
LLAMA, NEAR = model("llama", None, image=CHAT), model("llama", image=CHAT)
NEWER = model("llama", image=NEXT)
OWN = model("own", **custom())
ASKS, ALSO = service("chat", model={"ref": "llama"}), service("also", model={"ref": "llama"})
FAR = service("chat", "research", model={"ref": "llama"})
BY_IMAGE = service("by-image", model={"image": CHAT})
FAR_BY_IMAGE = service("by-image", "research", model={"image": CHAT})
INLINE = service("inline", model={"custom": {"modelSources": SOURCES, "hardware": {"gpu": {"requests": 1}}}})
PLAIN = model("plain", image="ghcr.io/example/plain:1")
HAND = template("by-hand", modelName="plain", type="optimized", hardware={"gpu": {"requests": 2}})
DERIVES = service("derives", model={"ref": "plain"}, template={"name": "by-hand"}, overrides={"metric": "latency"})
PRIVATE = model("llama", image=CHAT, runtimeConfigName="mine", imagePullSecrets=PULL)
MINE, MINE_FOR_ALL = config("mine", env=env("MINE")), config("mine", None, serviceAccountName="runner")
DEFAULT, DEFAULT_FOR_ALL = config("default", env=env("ALL")), config("default", None, env=env("EVERY"))
SPREADING = config("default", labelPropagation={"enabled": True, "match": ["team", "cost/*"]})
SCOPED = config("default", None, model={"creationScope": "Cluster"})
TAKEN = template("llama-1x-mi300x-lat-fp8-f89bd3dab6", modelName="llama")
NODE, OTHER = node(), node("gpu-2", "MI355X")
TWINS = [LATENCY, {**LATENCY, "profileId": "other"}]
"""Two that differ in their profile alone: two templates, which nothing ranks apart."""
GIVEN = model(
    "given", imageMetadata={"model": {"canonicalName": "acme/given", "recommendedDeployments": TWINS}}, image="x"
)
ENTRIES = custom(templates=[{"name": "small"}, {"name": "large", "hardware": {"gpu": {"requests": 4}}}])
TURNED = [{"name": "large", "hardware": {"gpu": {"requests": 4}}}, {"name": "small"}]


def _situations() -> Iterator[Situation]:
    def situation(name: str, given: World, *acts: Act) -> Situation:
        first, second, third, fourth, fifth = acts
        return Situation(name=name, world=given, acts=(first, second, third, fourth, fifth))

    # Everything comes ------------------------------------------------------------------------------------------------
    yield situation("a model and all it needs", world(), *map(creating, (PRIVATE, MINE, secret("pull"), NODE, ASKS)))
    yield situation("a cluster model and its users", world(), *map(creating, (LLAMA, DEFAULT_FOR_ALL, NODE, ASKS, FAR)))
    yield situation(
        "a custom model and its services",
        world(),
        *map(creating, (OWN, NODE, service("own", model={"ref": "own"}), INLINE, DEFAULT)),
    )
    yield situation(
        "a template by hand and what derives from it", world(), *map(creating, (PLAIN, HAND, DERIVES, NODE, DEFAULT))
    )
    yield situation(
        "services of one image",
        world(NODE),
        *map(creating, (BY_IMAGE, service("too", model={"image": CHAT}), FAR_BY_IMAGE, DEFAULT, OTHER)),
    )
    yield situation(
        "services of one image, served by the cluster",
        world(SCOPED, NODE),
        *map(creating, (BY_IMAGE, FAR_BY_IMAGE, DEFAULT, OTHER, OWN)),
    )
    yield situation(
        "metadata given by hand",
        world(),
        *map(
            creating,
            (
                GIVEN,
                NODE,
                DEFAULT,
                service("given", model={"ref": "given"}),
                config("spread", labelPropagation={"enabled": True}),
            ),
        ),
    )
    yield situation(
        "configs of both scopes",
        world(PRIVATE, ASKS),
        *map(creating, (MINE, MINE_FOR_ALL, DEFAULT, secret("pull"), NODE)),
    )
    # Something comes, something changes ------------------------------------------------------------------------------
    yield situation(
        "an image changes under what comes",
        world(NEAR, ASKS, NODE),
        setting(NEAR, image=NEXT),
        *map(creating, (DEFAULT, ALSO, OTHER, secret("pull"))),
    )
    yield situation(
        "an image changes under what goes",
        world(NEAR, ASKS, ALSO, NODE, OTHER),
        setting(NEAR, image=NEXT),
        deleting(ASKS),
        setting(ALSO, env=env("MORE")),
        creating(DEFAULT),
        deleting(OTHER),
    )
    yield situation(
        "a custom model changes in every field",
        world(model("own", **ENTRIES), service("own", model={"ref": "own"}), NODE),
        setting(OWN, custom={"templates": TURNED}),
        setting(OWN, env=env("MORE")),
        setting(OWN, modelSources=[{**SOURCES[0], "size": "32Gi"}]),
        setting(OWN, imagePullSecrets=PULL),
        labelling(OWN, team="red"),
    )
    yield situation(
        "a service changes in every field",
        world(NEAR, ASKS, NODE, OTHER),
        setting(ASKS, overrides={"metric": "throughput"}),
        setting(ASKS, resources={"requests": {"cpu": "2"}}),
        setting(ASKS, replicas=3),
        setting(ASKS, imagePullSecrets=PULL),
        setting(ASKS, env=env("MORE")),
    )
    yield situation(
        "an inline model changes in every field",
        world(INLINE, NODE),
        setting(INLINE, model={"custom": {"modelSources": [{**SOURCES[0], "sourceUri": "hf://acme/other"}]}}),
        setting(INLINE, model={"custom": {"hardware": {"gpu": {"requests": 2}}}}),
        setting(INLINE, model={"custom": {"type": "preview"}}),
        setting(INLINE, imagePullSecrets=PULL),
        creating(DEFAULT),
    )
    yield situation(
        "a derived template between its sources",
        world(PLAIN, HAND, DERIVES, NODE),
        setting(HAND, env=env("NEW")),
        setting(DERIVES, overrides={"precision": "fp8"}),
        setting(DERIVES, resources={"limits": {"memory": "1Gi"}}),
        creating(SPREADING),
        labelling(DERIVES, team="red"),
    )
    yield situation(
        "labels begin to go to children",
        world(NEAR, ASKS, INLINE, NODE),
        creating(SPREADING),
        labelling(NEAR, team="red"),
        labelling(INLINE, team="blue"),
        labelling(NEAR, other="not"),
        setting(NEAR, image=NEXT),
    )
    # Something goes --------------------------------------------------------------------------------------------------
    yield situation(
        "everything goes",
        world(PRIVATE, MINE, secret("pull"), NODE, ASKS),
        *map(deleting, (PRIVATE, MINE, secret("pull"), NODE, ASKS)),
    )
    yield situation(
        "the nearer of two goes",
        world(LLAMA, NEWER, ASKS, FAR, NODE, DEFAULT, DEFAULT_FOR_ALL),
        deleting(NEWER),
        deleting(DEFAULT),
        creating(OTHER),
        creating(ALSO),
        deleting(FAR),
    )
    yield situation(
        "a nearer one comes",
        world(LLAMA, ASKS, FAR, NODE, DEFAULT_FOR_ALL),
        *map(creating, (NEWER, DEFAULT, OTHER, ALSO)),
        deleting(FAR),
    )
    yield situation(
        "a name that is taken becomes free",
        world(TAKEN, NEAR, NODE),
        deleting(TAKEN),
        setting(NEAR, env=env("MORE")),
        *map(creating, (ASKS, DEFAULT, OTHER)),
    )
    yield situation(
        "nodes come and go",
        world(NEAR, LLAMA, ASKS, NODE),
        deleting(NODE),
        creating(OTHER),
        creating(node("gpu-3", "MI210")),
        creating(ALSO),
        setting(NEAR, env=env("MORE")),
    )
    yield situation(
        "a default template is named",
        world(PLAIN, HAND, service("plain", model={"ref": "plain"}), NODE),
        setting(PLAIN, defaultServiceTemplate="by-hand"),
        creating(template("other", modelName="plain", type="optimized")),
        creating(DEFAULT),
        setting(HAND, type="preview"),
        deleting(NODE),
    )
    yield situation(
        "secrets and accounts come to a private image",
        world(model("llama", image=CHAT, imagePullSecrets=[{"name": "pull"}, {"name": "more"}]), NODE),
        *map(
            creating, (secret("pull"), secret("more"), DEFAULT, ASKS, config("default", None, serviceAccountName="x"))
        ),
    )
    yield situation(
        "two namespaces do not meet",
        world(NEAR, model("llama", "research", image=NEXT), ASKS, FAR, NODE),
        setting(NEAR, image=NEXT),
        deleting(model("llama", "research")),
        creating(config("default", "research", env=env("THEIRS"))),
        creating(OTHER),
        deleting(ASKS),
    )
    yield situation(
        "a model of the same image is written beside the one made for it",
        world(BY_IMAGE, NODE),
        creating(model("authored", image=CHAT)),
        setting(BY_IMAGE, env=env("MORE")),
        creating(FAR_BY_IMAGE),
        creating(OTHER),
        creating(DEFAULT),
    )
    # Weights on volumes -----------------------------------------------------------------------------------------------
    yield situation(
        "two models of the same weights and their services",
        cached_world(),
        *map(creating, (CACHED, TWIN, cached("chat"), cached("twin", ref="twin"), cached("lone", mode="Dedicated"))),
    )
    yield situation(
        "services change over weights on a volume",
        cached_world(CACHED, cached("chat"), cached("also")),
        setting(cached("chat"), replicas=2),
        labelling(CACHED, team="red"),
        creating(cached("lone", mode="Dedicated")),
        deleting(cached("also")),
        creating(SPREADING),
    )


SITUATIONS = {situation.name: situation for situation in _situations()}
