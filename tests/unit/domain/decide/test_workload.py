"""A service that is resolved gets its Deployment and its Service; whatever becomes of the rest, they stay as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide.service import decide_service, explain_service
from aimcore.domain.kinds.core import Unserved
from aimcore.domain.kinds.diagnostics import ObjectEvent
from aimcore.domain.kinds.ownership import FieldClaim, Owner
from aimcore.domain.kinds.records import CustomSpec, Service
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.kinds.workload import (
    Caching,
    CachingMode,
    ExistingClaim,
    GatewayRef,
    PodSettings,
    RoutingSettings,
)
from aimcore.domain.serving.deployment import TRY_AGAIN
from aimcore.domain.serving.pods import Ended, Waiting
from aimcore.domain.values.profile import Metric, Precision
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.plan import Create, Delete, ReadEvents
from tests.unit.domain.builders import SMALL, children, config, env, gpus, metadata, model, service, source
from tests.unit.domain.decide.workloads import (
    CHAT,
    GIVEN,
    LLAMA,
    TEMPLATE,
    child,
    planned,
    pod,
    ready,
    running,
    seen,
    stands,
    status,
    written,
)

DEPLOYMENT, NETWORK = running(CHAT, *GIVEN)
BOTH = (DEPLOYMENT, NETWORK)
READY_POD = pod(DEPLOYMENT)
GATEWAY = RoutingSettings(enabled=True, gateway_ref=GatewayRef(name="web"), hostnames=("ml.example.com",))


# Made -----------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-1", "RUN-2", "KIND-11")
def test_a_resolved_service_gets_a_deployment_and_a_service_in_one_go() -> None:
    plan = planned(CHAT, *GIVEN)
    assert written(plan) == [("Create", "Deployment"), ("Create", "NetworkService")]
    assert {str(write.key) for write in plan.writes if write.key.kind.is_manifest} == {
        "Deployment ml-team/aim-chat",
        "Service ml-team/aim-chat",
    }
    assert ready(plan)[:2] == ("Starting", "CreatingRuntime")
    assert status(plan).runtime is None


def test_what_stands_as_wanted_is_left_alone() -> None:
    plan = planned(CHAT, *GIVEN, *BOTH, READY_POD)
    assert written(plan) == []
    assert ready(plan)[:2] == ("Running", "Running")
    found = status(plan)
    assert found.runtime is not None
    assert (found.runtime.name, found.runtime.replicas, found.runtime.ready_replicas) == ("aim-chat", 1, 1)
    assert found.endpoint is not None
    assert (found.endpoint.cluster, found.endpoint.models) == ("http://aim-chat.ml-team.svc", ())
    assert found.selector == "aim.silogen.ai/service=chat"
    assert found.resolved_template is not None


@pytest.mark.rule("RUN-11")
def test_another_number_of_replicas_is_applied_and_rolls_nothing() -> None:
    plan = planned(replace(CHAT, spec=replace(CHAT.spec, replicas=2)), *GIVEN, *BOTH, READY_POD)
    assert written(plan) == [("Apply", "Deployment")]
    made = child(plan, Kind.DEPLOYMENT)
    assert (made.spec["replicas"], made.spec["template"]) == (2, DEPLOYMENT.spec["template"])
    assert ready(plan)[:2] == ("Degraded", "ReplicasUnavailable")


def test_a_service_that_changes_rolls_its_pods() -> None:
    plan = planned(replace(CHAT, spec=replace(CHAT.spec, env=env(DEBUG="1"))), *GIVEN, *BOTH, READY_POD)
    made = child(plan, Kind.DEPLOYMENT)
    (container,) = made.spec["template"]["spec"]["containers"]
    assert {"name": "DEBUG", "value": "1"} in container["env"]
    assert ready(plan)[:2] == ("Degraded", "RollingOut")


@pytest.mark.rule("RUN-15")
def test_with_workloads_off_nothing_is_made_and_nothing_is_looked_at() -> None:
    plan = planned(CHAT, *GIVEN, *BOTH, READY_POD, policy=Policy())
    assert written(plan) == []
    assert ready(plan)[:2] == ("Starting", "WorkloadsOff")
    assert status(plan).runtime is None


def test_what_is_explained_is_what_is_decided() -> None:
    answer = explain_service(seen(CHAT, *GIVEN))
    assert answer.serving is not None
    assert answer.serving.template is TEMPLATE
    decided = [write for write in planned(CHAT, *GIVEN).writes if write.key.kind.is_manifest]
    assert list(answer.workload.writes) == decided


# Left ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-1")
@pytest.mark.parametrize(
    ("one", "things", "reason"),
    [
        pytest.param(CHAT, [TEMPLATE, config()], "ModelMissing", id="its model is gone"),
        pytest.param(
            replace(CHAT, spec=replace(CHAT.spec, runtime_config_name="big")),
            [LLAMA, TEMPLATE],
            "RuntimeConfigMissing",
            id="its configuration is gone",
        ),
        pytest.param(
            CHAT, [replace(LLAMA, spec=replace(LLAMA.spec)), config()], "TemplateMissing", id="its template is"
        ),
        pytest.param(
            replace(CHAT, spec=replace(CHAT.spec, pod=PodSettings(labels={"aim.silogen.ai/x": "1"}))),
            GIVEN,
            "SpecInvalid",
            id="its settings cannot be",
        ),
        pytest.param(
            replace(CHAT, spec=replace(CHAT.spec, env=env(AIM_ENGINE_ARGS="x"))),
            GIVEN,
            "SpecInvalid",
            id="no pod can be made",
        ),
    ],
)
def test_a_workload_stays_as_it_is_when_its_service_cannot_be_resolved(
    one: Service, things: list[Any], reason: str
) -> None:
    plan = planned(one, *things, *BOTH, READY_POD)
    assert written(plan) == []
    assert ready(plan)[:2] == ("Degraded", reason)
    assert status(plan).runtime is not None
    without = planned(one, *things, *BOTH)
    assert ready(without)[:2] == ("Failed", reason)


@pytest.mark.rule("RUN-16")
def test_a_choice_stands_once_its_deployment_does() -> None:
    better = replace(SMALL, metric=Metric.LATENCY)
    other = children(LLAMA, better)
    both = replace(LLAMA, spec=replace(LLAMA.spec, image_metadata=metadata(SMALL, better)))
    ill = replace(TEMPLATE, spec=replace(TEMPLATE.spec, hardware=gpus(1, "MI210")))
    for template in (TEMPLATE, ill):
        plan = planned(CHAT, both, template, *other, config(), *GIVEN[3:], *BOTH, READY_POD)
        found = status(plan)
        assert found.resolved_template is not None
        assert found.resolved_template.name == TEMPLATE.key.name
        assert found.template_selection is not None
        told = {one.name: (one.stage, one.reason) for one in found.template_selection.candidates}
        assert told[TEMPLATE.key.name] == ("chosen", "the pods were made from it")
        would = f"would be chosen now, but the pods were made from {TEMPLATE.key.name}"
        assert told[other[0].key.name] == ("kept", would)
    worse = children(LLAMA, replace(SMALL, precision=Precision.FP32))
    third = status(planned(CHAT, both, TEMPLATE, *other, *worse, config(), *GIVEN[3:], *BOTH, READY_POD))
    assert third.template_selection is not None
    assert {one.stage for one in third.template_selection.candidates} > {"chosen", "kept"}
    alone = status(planned(CHAT, *GIVEN, *BOTH, READY_POD)).template_selection
    assert alone is not None
    assert [one.reason for one in alone.candidates] == ["the only one that passes"]
    named = replace(LLAMA, spec=replace(LLAMA.spec, default_service_template=TEMPLATE.key.name))
    assert status(planned(CHAT, named, *GIVEN[1:], *BOTH, READY_POD)).resolved_template is not None


def test_a_deployment_that_does_not_say_what_it_was_made_from_is_made_from_what_is_chosen_now() -> None:
    bare = replace(DEPLOYMENT, meta=replace(DEPLOYMENT.meta, annotations={}))
    plan = planned(CHAT, *GIVEN, bare, NETWORK, READY_POD)
    assert written(plan) == [("Apply", "Deployment")]
    assert written(planned(CHAT, config(), bare, READY_POD)) == []


# Others' ------------------------------------------------------------------------------------------------------------------


def test_an_object_of_another_is_never_adopted() -> None:
    theirs = (Owner(api_version="apps/v1", kind="X", name="x", uid="x", controller=True),)
    foreign = replace(DEPLOYMENT, meta=replace(DEPLOYMENT.meta, owners=theirs))
    plan = planned(CHAT, *GIVEN, foreign)
    assert written(plan) == []
    word, reason, message = ready(plan)
    assert (word, reason) == ("Failed", "NameConflict")
    assert message.startswith("Deployment ml-team/aim-chat exists and does not belong to this service")
    plan = planned(CHAT, *GIVEN, DEPLOYMENT, replace(NETWORK, meta=replace(NETWORK.meta, owners=())), READY_POD)
    assert ready(plan)[:2] == ("Degraded", "NameConflict")


@pytest.mark.rule("OWN-4")
def test_a_taken_name_that_is_not_seen_yet_is_tried_and_stays_told() -> None:
    foreign = replace(DEPLOYMENT, meta=replace(DEPLOYMENT.meta, owners=()))
    told = replace(CHAT, status=status(planned(CHAT, *GIVEN, foreign)))
    plan = planned(told, *GIVEN)
    assert {type(write) for write in plan.writes} == {Create}, "an operator that starts does not know whose it is"
    edited = replace(told, meta=replace(told.meta, generation=told.meta.generation + 1))
    assert ready(planned(edited, *GIVEN))[1] == "CreatingRuntime", "what is said of another generation is old"
    assert ready(planned(told, *GIVEN, DEPLOYMENT, NETWORK))[1] == "CreatingRuntime", "and so is it once it is made"


def test_what_is_on_its_way_out_is_waited_for() -> None:
    going = replace(DEPLOYMENT, meta=replace(DEPLOYMENT.meta, deleting=True))
    plan = planned(CHAT, *GIVEN, going, replace(NETWORK, meta=replace(NETWORK.meta, deleting=True)))
    assert written(plan) == []
    assert ready(plan)[:2] == ("Starting", "CreatingRuntime")
    assert written(planned(CHAT, *GIVEN, DEPLOYMENT, replace(NETWORK, meta=replace(NETWORK.meta, deleting=True)))) == []
    assert ready(planned(CHAT, going))[:2] == ("Failed", "ModelMissing")


@pytest.mark.rule("OWN-4")
def test_a_field_that_somebody_took_is_named() -> None:
    claim = FieldClaim(manager="kubectl", fields={"f:spec": {"f:minReadySeconds": {}}})
    kept = tuple(
        replace(one, fields={"f:spec": {k: v for k, v in one.fields["f:spec"].items() if k != "f:minReadySeconds"}})  # type: ignore[attr-defined]  # a tree
        for one in DEPLOYMENT.meta.claims
    )
    taken = replace(
        DEPLOYMENT,
        meta=replace(DEPLOYMENT.meta, claims=(*kept, claim)),
        spec={**DEPLOYMENT.spec, "minReadySeconds": 60},
    )
    plan = planned(CHAT, *GIVEN, taken, NETWORK, READY_POD)
    assert written(plan) == []
    told = [one.message for one in status(plan).conditions if one.type == "FieldsOwnedByOthers"]
    assert told == ["Deployment aim-chat.spec.minReadySeconds"]


# Pods refused, and queues -------------------------------------------------------------------------------------------------


def test_while_pods_are_refused_an_annotation_makes_the_server_try_again_each_minute() -> None:
    refusal = {
        "observedGeneration": 1,
        "conditions": [
            {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: gpus"}
        ],
    }
    plan = planned(CHAT, *GIVEN, replace(DEPLOYMENT, status=refusal), NETWORK)
    assert ready(plan)[:2] == ("Starting", "PodsRefused")
    assert child(plan, Kind.DEPLOYMENT).meta.annotations[TRY_AGAIN]
    assert plan.requeue_after == 60


@pytest.mark.rule("RUN-14")
def test_a_change_of_a_config_rolls_one_service_after_the_other() -> None:
    first = service("a")
    its = running(first, *GIVEN)
    mine = running(CHAT, *GIVEN)
    things = (LLAMA, TEMPLATE, config(env=env(NEW="1")), *GIVEN[3:], first, *its, *mine)
    pods = (pod(its[0]), pod(mine[0]))
    waiting = planned(CHAT, *things, *pods)
    assert ready(waiting)[:2] == ("Degraded", "RolloutQueued")
    assert "a comes first" in ready(waiting)[2]
    assert written(waiting) == []
    scaled = planned(replace(CHAT, spec=replace(CHAT.spec, replicas=3)), *things, *pods)
    made = child(scaled, Kind.DEPLOYMENT)
    assert (made.spec["replicas"], made.spec["template"]) == (3, mine[0].spec["template"])
    paused = replace(first, meta=replace(first.meta, annotations={"aim.silogen.ai/reconciliation-paused": "true"}))
    alone = [paused if thing is first else thing for thing in things]
    assert written(planned(CHAT, *alone, *pods)) == [("Apply", "Deployment")]
    rolled = stands(child(planned(first, *things, *pods), Kind.DEPLOYMENT))
    behind = [rolled if thing is its[0] else thing for thing in things]
    assert ready(planned(CHAT, *behind, *pods))[1] == "RolloutQueued"
    assert written(planned(CHAT, *behind, pod(rolled), pods[1])) == [("Apply", "Deployment")]


# Weights --------------------------------------------------------------------------------------------------------------


def _custom(**caching: Any) -> Any:
    weights = model(model_sources=(source(),), custom=CustomSpec(hardware=gpus(1, "MI300X")), image="acme/base:1")
    from aimcore.domain.children.expansion import expand  # noqa: PLC0415 - for this world alone
    from aimcore.domain.kinds.records import Template  # noqa: PLC0415 - likewise
    from tests.unit.domain.builders import meta, owned_by  # noqa: PLC0415 - likewise

    made = [
        Template(key=key, meta=meta(key, owners=owned_by(weights)), spec=spec)
        for name, spec in expand(weights).templates.items()
        for key in [Key(Kind.TEMPLATE, "ml-team", name)]
    ]
    return replace(CHAT, spec=replace(CHAT.spec, caching=Caching(**caching))), (weights, *made, config(), *GIVEN[3:])


@pytest.mark.rule("RUN-6")
def test_weights_are_mounted_where_a_claim_is_trusted_and_downloaded_where_nothing_keeps_them() -> None:
    one, given = _custom(existing_claim=ExistingClaim(name="mine", sub_path="a", trust=True))
    volumes = child(planned(one, *given), Kind.DEPLOYMENT).spec["template"]["spec"]["volumes"]
    assert volumes[0] == {"name": "weights", "persistentVolumeClaim": {"claimName": "mine"}}
    one, given = _custom()
    plan = planned(one, *given)
    volumes = child(plan, Kind.DEPLOYMENT).spec["template"]["spec"]["volumes"]
    assert volumes[0] == {"name": "weights", "emptyDir": {}}
    stood = (stands(child(plan, Kind.DEPLOYMENT)), stands(child(plan, Kind.NETWORK_SERVICE)))
    endpoint = status(planned(one, *given, *stood)).endpoint
    assert endpoint is not None
    assert endpoint.models == ("acme/weights",)


@pytest.mark.rule("CACHE-2")
def test_a_cache_that_is_asked_for_is_waited_for_and_takes_nothing_away() -> None:
    one, given = _custom()
    stood = running(one, *given)
    one, given = _custom(mode=CachingMode.SHARED)
    waiting = planned(one, *given)
    assert written(waiting) == []
    assert ready(waiting)[:2] == ("Starting", "WaitingForCache")
    assert "AIMTemplateCache" in ready(waiting)[2]
    assert written(planned(one, *given, *stood, pod(stood[0]))) == []


def test_an_endpoint_names_the_model_that_the_image_says_it_is() -> None:
    from aimcore.domain.kinds.statuses import ModelStatus  # noqa: PLC0415 - for this case alone

    said = ModelStatus(status=Verdict.READY, observed_generation=1, image_metadata=metadata(SMALL))
    plan = planned(CHAT, replace(LLAMA, status=said), *GIVEN[1:], *BOTH, READY_POD)
    endpoint = status(plan).endpoint
    assert endpoint is not None
    assert endpoint.models == ("acme/chat",)


# Routes ---------------------------------------------------------------------------------------------------------------


ROUTED = replace(CHAT, spec=replace(CHAT.spec, routing=GATEWAY))
ACCEPTED = {
    "parents": [
        {
            "parentRef": {"name": "web"},
            "conditions": [
                {"type": kind, "status": "True", "reason": kind, "observedGeneration": 1}
                for kind in ("Accepted", "ResolvedRefs")
            ],
        }
    ]
}


@pytest.mark.rule("ROUTE-1", "ROUTE-4")
def test_a_route_is_made_once_there_is_a_workload_and_is_ready_when_its_gateway_says_so() -> None:
    assert written(planned(ROUTED, *GIVEN)) == [("Create", "Deployment"), ("Create", "NetworkService")]
    plan = planned(ROUTED, *GIVEN, *BOTH, READY_POD)
    assert written(plan) == [("Create", "HTTPRoute")]
    assert ready(plan)[:2] == ("Starting", "ConfiguringRoute")
    route = stands(child(plan, Kind.HTTP_ROUTE), status=ACCEPTED)
    done = planned(ROUTED, *GIVEN, *BOTH, READY_POD, route)
    assert ready(done)[:2] == ("Running", "Running")
    found = status(done)
    assert found.routing is not None
    assert (found.routing.path, found.routing.url) == ("/ml-team/chat", "http://ml.example.com/ml-team/chat")
    assert [one.status.value for one in found.conditions if one.type == "RoutingReady"] == ["True"]
    off = planned(CHAT, *GIVEN, *BOTH, READY_POD, route)
    assert written(off) == [("Delete", "HTTPRoute")]
    assert status(off).routing is None
    theirs = replace(route, meta=replace(route.meta, owners=()))
    assert written(planned(CHAT, *GIVEN, *BOTH, READY_POD, theirs)) == []
    assert any(isinstance(write, Delete) for write in off.writes)


def test_a_path_that_another_has_is_not_taken() -> None:
    other = replace(service("other"), spec=replace(service("other").spec, routing=replace(GATEWAY, path_template="/x")))
    deployment, network = running(other, *GIVEN)
    theirs = child(planned(other, *GIVEN, deployment, network, pod(deployment)), Kind.HTTP_ROUTE)
    mine = replace(ROUTED, spec=replace(ROUTED.spec, routing=replace(GATEWAY, path_template="/x")))
    plan = planned(mine, *GIVEN, *BOTH, READY_POD, stands(theirs))
    assert (written(plan), ready(plan)[:2]) == ([], ("Degraded", "PathTaken"))


def test_a_cluster_without_the_gateway_api_says_so() -> None:
    plan = planned(ROUTED, *GIVEN, *BOTH, READY_POD, Unserved(kind=Kind.HTTP_ROUTE))
    assert (written(plan), ready(plan)[:2]) == ([], ("Degraded", "GatewayAPIMissing"))


# Resources ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-7")
def test_what_each_gpu_brings_along_is_told_with_its_layer() -> None:
    from aimcore.domain.kinds.workload import DefaultResources  # noqa: PLC0415 - for this case alone

    four = DefaultResources(
        cpu_request=parse_quantity("4"), memory_request=parse_quantity("8Gi"), memory_limit=parse_quantity("9Gi")
    )
    plan = planned(CHAT, *GIVEN, policy=Policy(workloads=True, default_resources=four))
    found = status(plan).resolved_resources
    assert found is not None
    assert {name: (str(one.value), one.layer.value) for name, one in found.requests.items()} == {
        "amd.com/gpu": ("1", "profile"),
        "cpu": ("4", "default"),
        "memory": ("8Gi", "default"),
    }
    assert Resources() == CHAT.spec.resources


# What people do to children ------------------------------------------------------------------------------------------


def test_a_deployment_that_says_nothing_of_its_making_is_counted_where_its_service_is_not_resolved() -> None:
    bare = replace(DEPLOYMENT, meta=replace(DEPLOYMENT.meta, annotations={}))
    found = status(planned(CHAT, config(), bare, replace(READY_POD, spec=replace(READY_POD.spec, revision=""))))
    assert found.runtime is not None
    assert (found.runtime.ready_replicas, found.runtime.revision) == (1, None)


@pytest.mark.rule("OWN-6")
def test_what_the_server_does_not_keep_of_a_child_is_named() -> None:
    from aimcore.domain.decide import decide_service  # noqa: PLC0415 - for this case alone
    from tests.unit.domain.decide.workloads import seen  # noqa: PLC0415 - likewise

    other = replace(DEPLOYMENT, spec={**DEPLOYMENT.spec, "minReadySeconds": 0})
    observed = seen(CHAT, *GIVEN, other, NETWORK, READY_POD)
    vain = {(other.key, ".spec.minReadySeconds"): 5}
    plan = decide_service(replace(observed, snapshot=replace(observed.snapshot, dropped=vain)))
    assert written(plan) == []
    assert [one.message for one in status(plan).conditions if one.type == "FieldsNotKept"] == [
        "aim-chat.spec.minReadySeconds"
    ]


# What stands in events alone ------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
def test_of_one_pod_that_is_stuck_the_events_are_asked_for() -> None:
    fine = pod(DEPLOYMENT, number=9)
    evicted = pod(DEPLOYMENT, is_ready=False, running=False, phase="Succeeded")
    other = pod(DEPLOYMENT, number=2, is_ready=False, running=False, phase="Succeeded")
    [question] = planned(CHAT, *GIVEN, *BOTH, evicted, other).questions
    assert question == ReadEvents(evicted.key)
    told = (ObjectEvent(reason="Evicted", message="Usage of EmptyDir volume exceeds the limit"),)
    plan = decide_service(seen(CHAT, *GIVEN, *BOTH, evicted, other, answers={question: told}))
    assert ready(plan)[2].endswith(f"pod {evicted.key.name} was evicted: {told[0].message}")
    assert planned(CHAT, *GIVEN, *BOTH, fine).questions == ()
    assert planned(CHAT, DEPLOYMENT, evicted).questions == (question,), "also while nothing is resolved"


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("state", "asks"),
    [
        pytest.param({"running": False, "waiting": Waiting(reason="ErrImagePull")}, True, id="an image"),
        pytest.param({"ended": Ended(reason="Error", exit_code=137, seconds=9)}, True, id="a container that ended"),
        pytest.param({"running": False, "created": -30}, True, id="one that does not begin"),
        pytest.param({"running": False, "created": -29}, False, id="one that is being made"),
        pytest.param({"running": False, "scheduled": None}, False, id="one that nobody placed"),
        pytest.param({"running": False, "deleting": True, "created": -99}, False, id="one that goes"),
        pytest.param({}, False, id="one that loads"),
    ],
)
def test_events_are_asked_for_where_the_status_of_a_pod_does_not_tell(state: dict[str, Any], asks: bool) -> None:  # noqa: FBT001 - a row
    one = pod(DEPLOYMENT, is_ready=False, **state)
    assert planned(CHAT, *GIVEN, *BOTH, one).questions == ((ReadEvents(one.key),) if asks else ())
