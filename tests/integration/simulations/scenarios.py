"""The scenarios in which the operator is struck down: a world of the document's examples, and what people do to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from aimcore.testing import Run, World
from tests.integration.simulations.acts import creating, deleting, labelling, setting
from tests.integration.simulations.cached_scenarios import cached_scenarios
from tests.integration.simulations.running_scenarios import running_scenarios
from tests.integration.simulations.things import (
    CHAT,
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
from tests.integration.simulations.timeline import Act, Blow, Timeline, forked

__all__ = ["RUNNING", "SCENARIOS", "Chapter", "Scenario", "chapters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What stands, and what people do then, each time the operator rests."""

    name: str
    world: World
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What follows from one act of a scenario, or from its world: `before` is the cluster as that finds it, `undisturbed` what
    becomes of it when nobody is struck down.
    """

    says: str
    before: Run
    act: Act | None
    undisturbed: Timeline

    def told(self, blows: Iterable[Blow]) -> Timeline:
        """The same with these blows: one operator after the other, until one of them rests."""
        return _told(self.before, self.act, blows)


@cache
def chapters(scenario: str) -> tuple[Chapter, ...]:
    """The chapters of a scenario, each of which begins with an operator that knows nothing yet."""
    run = SCENARIOS[scenario].world.start()
    told: list[Chapter] = []
    for act in (None, *SCENARIOS[scenario].acts):
        timeline = _told(run, act, ())
        says = "from nothing" if act is None else act.says
        told.append(Chapter(says=says, before=run, act=act, undisturbed=timeline))
        run = timeline.run
    return tuple(told)


def _told(before: Run, act: Act | None, blows: Iterable[Blow]) -> Timeline:
    timeline = Timeline(before.world, run=forked(before), blows=blows)
    if act is not None:
        act.do(timeline)
    timeline.rest()
    return timeline


LLAMA = model("llama", None, image=CHAT)
LOCAL = model("llama", image=NEXT, env=env("LOCAL"), imagePullSecrets=[{"name": "pull"}])
OWN = model("own", **custom())
ASKS = service("chat", model={"ref": "llama"})
ALSO = service("also", "research", model={"ref": "llama"}, imagePullSecrets=[{"name": "pull"}], env=env("TOKEN"))
BY_IMAGE = service("chat", model={"image": CHAT}, imagePullSecrets=[{"name": "pull"}])
ALSO_BY_IMAGE = service("also", model={"image": f"{CHAT}"}, runtimeConfigName="mine")
INLINE = service("inline", model={"custom": {"modelSources": SOURCES, "hardware": {"gpu": {"requests": 1}}}})
CHANGED_SOURCES = [{"modelId": "meta-llama/Llama-3-8B", "sourceUri": "hf://meta-llama/Llama-3-8B", "size": "16Gi"}]
HAND = template("by-hand", modelName="llama", type="optimized", metric="latency", hardware={"gpu": {"requests": 2}})
DERIVES = service("derives", model={"ref": "llama"}, template={"name": "by-hand"}, overrides={"precision": "fp16"})
DEFAULT = config("default", None, labelPropagation={"enabled": True, "match": ["team", "cost/*"]}, env=env("ALL"))
SCOPED = config("default", None, model={"creationScope": "Cluster"})
SMALL = {"name": "small"}
LARGE = {"name": "large", "hardware": {"gpu": {"requests": 4}}, "env": env("LARGE"), "profile": {"metric": "latency"}}
LATER = {"name": "later", "type": "preview"}
TAKEN = template(
    "llama-1x-mi300x-lat-fp8-f89bd3dab6",
    labels={
        "aim.silogen.ai/model": "llama",
        "aim.silogen.ai/origin": "auto-generated",
        "app.kubernetes.io/managed-by": "aim-operator",
    },
    modelName="llama",
)
"""Has the name of the first template of 0.7.0, and the labels the operator would give it."""


def _scenarios() -> Iterable[Scenario]:
    def scenario(name: str, given: World, *acts: Act) -> Scenario:
        return Scenario(name=name, world=given, acts=acts)

    both = (node(), node("gpu-2", "MI355X"))
    yield scenario(
        "an image model of the cluster", world(LLAMA, ASKS, node()), creating(ALSO), creating(node("gpu-2", "MI355X"))
    )
    yield scenario(
        "a custom model whose entries change",
        world(model("own", **custom(templates=[SMALL, LARGE])), service("uses", model={"ref": "own"}), node()),
        setting(OWN, custom=custom(templates=[LATER, LARGE, SMALL])["custom"]),
        setting(OWN, env=env("LATE"), custom=custom(templates=[LARGE, LATER])["custom"]),
    )
    yield scenario(
        "an inline custom model",
        world(INLINE, node()),
        setting(INLINE, model={"custom": {"modelSources": CHANGED_SOURCES}}, env=env("MORE")),
        setting(INLINE, model={"custom": None, "image": CHAT}),
    )
    yield scenario(
        "a model made for an image in the namespace",
        world(BY_IMAGE, node()),
        creating(ALSO_BY_IMAGE),
        creating(secret("pull")),
        creating(config("mine")),
    )
    yield scenario(
        "a model made for an image in the cluster",
        world(SCOPED, BY_IMAGE, node()),
        creating(service("also", "research", model={"image": CHAT})),
        deleting(BY_IMAGE),
    )
    yield scenario(
        "a template derived by overrides",
        world(model("llama", image="ghcr.io/example/plain:1"), HAND, DERIVES, *both),
        setting(HAND, env=env("NEW"), resources={"requests": {"memory": "1Gi"}}),
        setting(DERIVES, overrides={"precision": None, "gpuSelector": {"count": 1}}),
        setting(DERIVES, overrides=None),
    )
    yield scenario(
        "an image that changes under two services",
        world(
            model("llama", image=CHAT),
            ASKS,
            service("fast", model={"ref": "llama"}, overrides={"gpuSelector": {"count": 4}}),
            *both,
        ),
        setting(LOCAL, image=NEXT),
    )
    yield scenario(
        "discovery off, and on again",
        world(model("llama", image=CHAT), ASKS, node()),
        setting(LOCAL, discovery={"enabled": False}),
        setting(LOCAL, image=NEXT),
        setting(LOCAL, discovery={"enabled": True}),
    )
    yield scenario(
        "a model shadows the cluster's", world(LLAMA, ASKS, node(), secret("pull")), creating(LOCAL), deleting(LOCAL)
    )
    yield scenario(
        "a runtime config appears, changes and goes",
        world(
            model("llama", image=CHAT, runtimeConfigName="mine"),
            service("chat", model={"ref": "llama"}, runtimeConfigName="mine"),
            node(),
        ),
        creating(config("mine", imagePullSecrets=[{"name": "pull"}], env=env("MINE"))),
        creating(secret("pull")),
        deleting(config("mine")),
    )
    yield scenario(
        "labels that go to children",
        world(DEFAULT, model("llama", image=CHAT), OWN, node()),
        labelling(LOCAL, team="red"),
        labelling(LOCAL, team="blue", other="not"),
        setting(DEFAULT, labelPropagation={"enabled": False}),
    )
    yield scenario(
        "a foreign template of our name",
        world(model("llama", image=CHAT), TAKEN, ASKS, node()),
        setting(LOCAL, image=NEXT),
        setting(LOCAL, image=CHAT),
        deleting(TAKEN),
    )


RUNNING = tuple(
    Scenario(name=name, world=given, acts=acts) for name, given, acts in (*running_scenarios(), *cached_scenarios())
)
SCENARIOS = {scenario.name: scenario for scenario in (*_scenarios(), *RUNNING)}
