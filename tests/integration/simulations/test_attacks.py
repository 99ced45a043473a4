"""What one tenant may try against the others and against the operator: forging what it goes by, and keeping it busy.

Timeouts are counted in what the operator does meanwhile, not in seconds, so they are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.entrypoints.operator.metrics import Counters, metrics_of
from aimcore.testing import World
from aimcore.testing.world import address_of
from tests.integration.operator.simulation import Job, Simulation
from tests.integration.simulations.things import (
    CHAT,
    LATENCY,
    NEXT,
    TEAM,
    env,
    labels_of,
    model,
    node,
    service,
    template,
    world,
)
from tests.integration.simulations.timeline import Timeline, births

LLAMA = model("llama", image=CHAT)
THERE = address_of(LLAMA)
FIRST = Address("AIMServiceTemplate", TEAM, "llama-1x-mi300x-lat-fp8-f89bd3dab6")
OURS = {"aim.silogen.ai/origin": "auto-generated", "app.kubernetes.io/managed-by": "aim-operator"}
AUTO = "auto-9ff054ada6d8191c"
"""What a model made for the image is called."""


def settled(*manifests: Manifest, **said: Any) -> Timeline:
    timeline = Timeline(world(*manifests, node(), **said))
    timeline.rest()
    return timeline


def owned(forged: Manifest, uid: str) -> Manifest:
    """The same with a model of this uid for an owner, in a group that the cluster's own collector cannot look up."""
    owner = {"apiVersion": "example.com/v1", "kind": "AIMModel", "name": "llama", "uid": uid, "controller": True}
    return {**forged, "metadata": {**forged["metadata"], "ownerReferences": [owner]}}


# Forging ----------------------------------------------------------------------------------------------------------------


def forgeries(uid: str) -> Mapping[str, Manifest]:
    """Templates by somebody else that look like the model's own."""
    other = template("by-hand", labels={**OURS, "aim.silogen.ai/model": "llama"}, modelName="llama")
    named = template(FIRST.name, labels={**OURS, "aim.silogen.ai/model": "llama"}, modelName="llama")
    away = template("by-hand", "research", labels=OURS, modelName="llama")
    return {
        "A24 its name": template(FIRST.name, modelName="llama"),
        "A25 its name and its labels": named,
        "A25 its labels": other,
        "A26 an owner that is gone": owned(named, "1-2-3"),
        "A27 the uid of a model of that name before": owned(other, "4-5-6"),
        "A28 an owner in another namespace": owned(away, uid),
    }


@pytest.mark.rule("OWN-2", "TMPL-5", "TMPL-4")
@pytest.mark.parametrize("attack", forgeries(""))
def test_what_looks_like_the_operators_own_is_not_adopted_written_or_deleted(attack: str) -> None:
    timeline = settled(LLAMA)
    forged = forgeries(timeline.find(THERE)["metadata"]["uid"])[attack]
    address = address_of(forged)
    if timeline.stands(address):
        timeline.delete(address)
    timeline.create(forged)
    for image in (NEXT, CHAT):  # one drops the templates of the other
        timeline.edit(THERE, {"spec": {"image": image}})
        timeline.rest()
    assert timeline.find(address)["metadata"]["uid"] == timeline.authored[address]["metadata"]["uid"]


@pytest.mark.rule("KIND-9", "STAT-1", "STAT-2")
@pytest.mark.parametrize("address", [THERE, FIRST, Address("AIMService", TEAM, "chat")], ids=lambda one: str(one.kind))
def test_a39_a_status_that_somebody_else_wrote_is_told_anew_and_used_by_nobody(address: Address) -> None:
    timeline = settled(LLAMA, service("chat", model={"ref": "llama"}))
    before, made = timeline.find(address)["status"], births(timeline.run)
    lie = {"status": "Failed", "effectivePullSecrets": [{"name": "theirs"}], "conditions": []}
    timeline.edit(address, {"status": lie}, subresource="status")
    timeline.rest()
    after = timeline.find(address)["status"]
    drop = {"conditions": None}
    assert {**after, **drop} == {**before, **drop}
    assert [one["reason"] for one in after["conditions"]] == [one["reason"] for one in before["conditions"]]
    assert births(timeline.run) == made


# Keeping it busy --------------------------------------------------------------------------------------------------------


WORKERS = 16
"""How many writes and how many questions are under way at once, as with the flags left alone."""


def crowded(crowd: int, *, others: int = 9, each: int = 5) -> World:
    """Tenants with some models, and one with a crowd of them."""
    shares = {"crowd": crowd, **{f"team-{number}": each for number in range(others)}}
    models = [
        model(f"m-{number}", namespace, image=f"registry.example.com/{namespace}/{number}:1")
        for namespace, count in shares.items()
        for number in range(count)
    ]
    images = {one["spec"]["image"]: labels_of(LATENCY) for one in models}
    return World(manifests=tuple(models), images=images, nodes_known=False)


def rounds(operator: Simulation) -> Iterator[None]:
    """The operator round by round: all is decided that can be, then each of its workers ends one job, the oldest first."""
    while True:
        operator.engine.observe(operator._cluster.changes())
        while operator.engine.reconcile() is not None:
            pass
        yield
        writes = [job for job in operator._jobs if isinstance(job, tuple)][:WORKERS]
        asked = [job for job in operator._jobs if not isinstance(job, tuple)][:WORKERS]
        ended: list[Job] = [*writes, *asked]
        for job in ended:
            operator._jobs.remove(job)
            operator.engine.hear(operator._done(job))
        if not (writes or asked):
            operator.now += 1.0


def unwatched(given: World) -> Timeline:
    """A timeline whose laws are checked elsewhere, on smaller worlds."""
    timeline = Timeline(given)
    timeline.watched = False
    return timeline


def are_ready(timeline: Timeline, namespace: str) -> bool:
    objects = timeline.run.store.list("AIMModel", namespace)[0]
    return all(one.get("status", {}).get("status") == "Ready" for one in objects)


def waited(timeline: Timeline, until: Callable[[], bool]) -> int:
    for number, _ in enumerate(rounds(timeline.operator)):
        if until():
            return number
    raise AssertionError


CROWD = 2_000


def test_a36_of_all_that_stands_at_the_start_a_crowd_delays_the_others_by_its_own_share_only() -> None:
    def wait(crowd: int) -> int:
        timeline = unwatched(crowded(crowd))
        return waited(timeline, lambda: all(are_ready(timeline, f"team-{number}") for number in range(9)))

    assert wait(CROWD) <= 1.5 * wait(200)


def test_a36_who_comes_while_a_crowd_is_being_served_does_not_wait_for_the_crowd() -> None:
    def wait(crowd: int) -> int:
        timeline = unwatched(crowded(crowd, others=0))
        for _ in zip(range(3), rounds(timeline.operator), strict=False):
            pass
        timeline.create(model("late", "research", image="registry.example.com/crowd/0:1"))
        return waited(timeline, lambda: are_ready(timeline, "research"))

    assert wait(CROWD) <= 1.5 * wait(200)


@pytest.mark.rule("KIND-9")
def test_a37_a_hundred_edits_while_one_is_answered_are_decided_once() -> None:
    timeline = settled(LLAMA)
    timeline.edit(THERE, {"spec": {"env": env("EDIT")}})
    timeline.hold()
    decided, written = timeline.operator.decided.copy(), len(timeline.written)
    for number in range(100):
        timeline.edit(THERE, {"spec": {"env": env(f"EDIT_{number}")}})
        timeline.hold()
    assert timeline.operator.decided == decided, "what it decided before is under way"
    timeline.rest()
    assert (timeline.operator.decided - decided)[Key(Kind.MODEL, TEAM, "llama")] <= 3
    assert len(timeline.written) - written <= 3 * (2 + 2 * 3), "three times all that an edit costs"
    assert timeline.find(FIRST)["spec"]["env"] == env("EDIT_99")


def test_a37_who_edits_all_the_time_delays_nobody_else() -> None:
    def wait(edits: int) -> int:
        timeline = settled(LLAMA, images={CHAT: labels_of(LATENCY)})
        timeline.watched = False
        timeline.create(model("late", "research", image=CHAT))
        for number, _ in enumerate(rounds(timeline.operator)):
            if are_ready(timeline, "research"):
                return number
            for edit in range(edits):
                timeline.edit(THERE, {"spec": {"env": env(f"EDIT_{number}_{edit}")}})
        raise AssertionError

    assert wait(100) == wait(0)


def test_a40_figures_are_as_many_for_a_crowd_as_for_a_few_and_tell_no_names() -> None:
    def told(crowd: int) -> list[str]:
        timeline = unwatched(crowded(crowd, others=1, each=1))
        timeline.rest()
        timeline.operator.engine.count_objects()
        return metrics_of(timeline.operator.engine, Counters(), lambda: True)().splitlines()

    few, many = told(5), told(100)
    assert len(few) == len(many)
    assert [line for line in many if "crowd" in line or "m-" in line] == []


@pytest.mark.rule("STAT-4")
def test_a40_events_are_as_many_as_changes_and_not_as_many_as_edits() -> None:
    timeline = settled(LLAMA)
    before = len(timeline.events)
    for number in range(30):
        timeline.edit(THERE, {"spec": {"resources": {"requests": {"memory": f"{number + 1}Gi"}}}})
        timeline.rest()
    timeline.restart()
    timeline.rest()
    assert timeline.events[before:] == []
    for number in range(100):
        timeline.edit(THERE, {"spec": {"env": env(f"EDIT_{number}")}})
        timeline.hold()
    timeline.rest()
    assert len(timeline.events) - before <= 3 * 2, "its templates change, and have changed"
    assert all(len(event.message) < 1024 for event in timeline.events)
