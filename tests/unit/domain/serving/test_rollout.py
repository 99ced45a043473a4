from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.serving.inputs import Added, MountedWeights
from aimcore.domain.serving.origin import InputDigests, Origin
from aimcore.domain.serving.pod import make_pod
from aimcore.domain.serving.reasons import Finding, Reason
from aimcore.domain.serving.rollout import (
    Peer,
    RolloutAction,
    RolloutDecision,
    Wanted,
    decide_rollout,
)
from aimcore.domain.values.layering import Layer
from tests.unit.domain.serving.builders import env, image_pod, origin

CACHE = Finding(reason=Reason.WAITING_FOR_CACHE, message="weights are at 12 %")
INPUTS = InputDigests(service="s0", model="m0", template="t0", config="k0")
NEW_CONFIG = replace(INPUTS, config="k1")
POD = image_pod()
OTHER_POD = image_pod(env=((Layer.CLUSTER_CONFIG, env(A="1")),))
STANDING = origin(revision=make_pod(POD).revision, added=POD.added)


def wanted(**fields: Any) -> Wanted:
    usual: dict[str, Any] = {
        "name": "chat",
        "pod": POD,
        "model": STANDING.model,
        "template": STANDING.template,
        "config": "default",
        "choice": "c0",
        "inputs": INPUTS,
    }
    return Wanted(**(usual | fields))


def decide(want: Wanted, standing: Origin | None = STANDING, *peers: Peer) -> RolloutDecision:
    return decide_rollout(want, standing, exists=True, peers=peers)


def peer(name: str, *, settled: bool = True, able: bool = True, **made: Any) -> Peer:
    """Another service that has not heard of the new config yet."""
    return Peer(name=name, origin=replace(STANDING, **made), settled=settled, able=able)


# Creating -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-1")
def test_a_deployment_is_made_once_its_weights_are_there() -> None:
    waits = decide_rollout(wanted(waits_for=CACHE), None, exists=False)
    assert (waits.action, waits.reason, waits.pod, waits.origin) == (
        RolloutAction.WAIT,
        "weights are at 12 %",
        None,
        None,
    )
    assert waits.finding == CACHE
    made = decide_rollout(wanted(), None, exists=False)
    assert made.finding is None
    assert (made.action, made.pod) == (RolloutAction.CREATE, make_pod(POD))
    assert made.origin == replace(STANDING, inputs=INPUTS)


@pytest.mark.rule("RUN-14")
def test_a_new_service_does_not_queue() -> None:
    rolling = peer("a", settled=False, by_config=True)
    assert decide_rollout(wanted(), None, exists=False, peers=(rolling,)).action is RolloutAction.CREATE


# Keeping --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-13")
@pytest.mark.parametrize(
    "added",
    [
        pytest.param(replace(POD.added, base_image="aim-base:2"), id="another base image"),
        pytest.param(
            replace(POD.added, nodes=(NodeLabel(key="amd.com/gpu.device-id", values=("74a1",)),)),
            id="another table of devices",
        ),
        pytest.param(replace(POD.added, defaults=None), id="other default resources"),
        pytest.param(replace(POD.added, pull_secrets=("new",)), id="another secret of the account"),
        pytest.param(replace(POD.added, labels={"team": "b"}), id="another propagated label"),
    ],
)
def test_what_the_operator_adds_rolls_nothing_and_is_taken_anew_with_the_next_roll(added: Added) -> None:
    kept = decide(wanted(pod=replace(POD, added=added)))
    assert kept.action is RolloutAction.KEEP
    assert kept.pod == make_pod(POD)
    assert kept.origin is not None
    assert kept.origin.added == POD.added
    rolled = decide(wanted(pod=replace(OTHER_POD, added=added)))
    assert rolled.action is RolloutAction.ROLL
    assert rolled.origin is not None
    assert rolled.origin.added == added
    assert rolled.pod == make_pod(replace(OTHER_POD, added=added))


@pytest.mark.rule("RUN-13")
def test_edits_that_leave_the_pod_as_it_is_are_remembered_and_roll_nothing() -> None:
    inputs = InputDigests(service="s1", model="m1", template="t1", config="k1")
    kept = decide(wanted(inputs=inputs, choice="c1", config="fast", waits_for=CACHE))
    assert (kept.action, kept.pod) == (RolloutAction.KEEP, make_pod(POD))
    assert kept.origin == replace(STANDING, inputs=inputs, choice="c1", config="fast")


@pytest.mark.rule("RUN-13")
def test_pods_of_a_newer_operator_are_left_alone_until_an_input_changes() -> None:
    newer = replace(STANDING, version=99)
    left = decide(wanted(), newer)
    assert (left.action, left.pod, left.origin) == (RolloutAction.LEAVE, None, newer)
    rolled = decide(wanted(inputs=replace(INPUTS, service="s1")), newer)
    assert rolled.action is RolloutAction.ROLL
    assert rolled.origin is not None
    assert rolled.origin.version == 1


# Rolling --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-13")
@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        pytest.param(replace(INPUTS, service="s1"), "the service changed", id="its own edit"),
        pytest.param(
            replace(INPUTS, model="m1", template="t1"),
            "the model chat and the template chat-1x changed",
            id="model and template",
        ),
        pytest.param(NEW_CONFIG, "the runtime config default changed", id="the config"),
        pytest.param(INPUTS, "the volume of its weights changed", id="the next generation of its volume"),
    ],
)
def test_a_changed_pod_rolls_and_says_why(inputs: InputDigests, reason: str) -> None:
    rolled = decide(wanted(pod=OTHER_POD, inputs=inputs))
    assert (rolled.action, rolled.reason) == (RolloutAction.ROLL, reason)
    assert rolled.origin is not None
    assert rolled.origin.by_config is (inputs == NEW_CONFIG)
    assert rolled.origin.revision == make_pod(OTHER_POD).revision


@pytest.mark.rule("RUN-12")
def test_a_change_first_fills_the_new_cache() -> None:
    moved = image_pod(weights=MountedWeights(claim="another"))
    waits = decide(wanted(pod=moved, inputs=replace(INPUTS, model="m1"), waits_for=CACHE))
    assert (waits.action, waits.reason, waits.pod, waits.origin) == (
        RolloutAction.WAIT,
        "weights are at 12 %",
        None,
        STANDING,
    )


@pytest.mark.rule("RUN-13")
def test_a_deployment_without_its_annotations_is_made_anew() -> None:
    rolled = decide(wanted(), None)
    assert (rolled.action, rolled.pod) == (RolloutAction.ROLL, make_pod(POD))
    assert rolled.reason == "its annotations do not say what it was made from"


# The queue ------------------------------------------------------------------------------------------------------------

ROLLED: dict[str, Any] = {"inputs": NEW_CONFIG, "by_config": True}


@pytest.mark.rule("RUN-14")
@pytest.mark.parametrize(
    ("peers", "behind"),
    [
        pytest.param([], None, id="alone"),
        pytest.param([peer("a")], "a", id="the first by name comes first"),
        pytest.param([peer("z")], None, id="before a later name"),
        pytest.param([peer("z", settled=False, **ROLLED)], "z", id="one that is rolling"),
        pytest.param(
            [peer("z", settled=False, **ROLLED), peer("a")], "z", id="the one that rolls before those that wait"
        ),
        pytest.param([peer("a", **ROLLED)], None, id="one that runs again"),
        pytest.param([peer("a", able=False)], None, id="one that cannot be rolled now"),
        pytest.param([peer("a", config="fast")], None, id="one that has another config"),
        pytest.param(
            [peer("z", settled=False, config="fast", by_config=True)], "z", id="one that another config rolls"
        ),
        pytest.param([peer("z", settled=False, by_config=True)], None, id="one that fell ill after an older change"),
        pytest.param([peer("z", settled=False, inputs=NEW_CONFIG)], None, id="one that rolls by its own edit"),
    ],
)
def test_a_config_rolls_one_service_at_a_time(peers: list[Peer], behind: str | None) -> None:
    decided = decide(wanted(pod=OTHER_POD, inputs=NEW_CONFIG), STANDING, *peers)
    if behind is None:
        assert (decided.action, decided.behind) == (RolloutAction.ROLL, None)
        return
    assert (decided.action, decided.behind) == (RolloutAction.QUEUE, behind)
    assert (decided.pod, decided.origin) == (None, STANDING)
    assert decided.finding == Finding(reason=Reason.ROLLOUT_QUEUED, message=decided.reason)
    assert decided.reason == (
        f"the runtime config default changed; services are rolled one at a time, and {behind} comes first"
    )


@pytest.mark.rule("RUN-14")
def test_a_services_own_edit_does_not_queue() -> None:
    edited = wanted(pod=OTHER_POD, inputs=replace(NEW_CONFIG, service="s1"))
    assert decide(edited, STANDING, peer("a")).action is RolloutAction.ROLL


@pytest.mark.rule("RUN-14")
def test_a_namespace_rolls_through_one_service_after_another() -> None:
    names = ["a", "b", "c"]
    origins = dict.fromkeys(names, STANDING)
    rolled: list[str] = []
    running = set(names)
    for _ in range(2 * len(names)):
        for name in names:
            others = [Peer(name=one, origin=origins[one], settled=one in running) for one in names if one != name]
            decided = decide(wanted(name=name, pod=OTHER_POD, inputs=NEW_CONFIG), origins[name], *others)
            assert decided.origin is not None
            origins[name] = decided.origin
            if decided.action is RolloutAction.ROLL:
                rolled.append(name)
                running.discard(name)
        assert len(running) >= len(names) - 1
        running = set(names)
    assert rolled == names
