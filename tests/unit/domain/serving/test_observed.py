"""What a server says of Deployments and routes, whatever it sends, as the rules of serving look at it."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import SERVICE_LABEL
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.workload import GatewayRef
from aimcore.domain.serving.observed import PodRecord, conditions_of, observed_deployment, observed_route
from aimcore.domain.serving.pods import ObservedDeployment, ObservedPod
from aimcore.domain.serving.route import ObservedParent, ObservedRoute
from aimcore.domain.view.cache import ObjectCache

REFUSED = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: gpus"}
PASSED = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}
META = Meta(uid="u-1", generation=3, annotations={"a": "b"})


def deployment(status: Any, meta: Meta = META) -> Child:
    return Child(key=Key(Kind.DEPLOYMENT, "ml", "aim-chat"), meta=meta, spec={}, status=status)


@pytest.mark.rule("STAT-2")
def test_a_deployment_says_how_far_it_is_and_what_refuses_its_pods() -> None:
    seen = observed_deployment(deployment({"observedGeneration": 2, "conditions": [REFUSED, PASSED]}))
    assert seen == ObservedDeployment(
        name="aim-chat",
        uid="u-1",
        generation=3,
        observed_generation=2,
        annotations={"a": "b"},
        refusal="exceeded quota: gpus",
        deadline_passed=True,
    )


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    "conditions",
    [
        [],
        [{**REFUSED, "status": "False"}, {**PASSED, "status": "True"}],
        [{**PASSED, "reason": "ReplicaSetUpdated"}],
    ],
    ids=["none", "the other way round", "another reason"],
)
def test_a_deployment_that_is_refused_nothing_says_so(conditions: list[Any]) -> None:
    seen = observed_deployment(deployment({"conditions": conditions}))
    assert (seen.refusal, seen.deadline_passed, seen.observed_generation) == (None, False, 0)


@pytest.mark.parametrize("status", [None, {}, {"observedGeneration": True, "conditions": "none"}])
def test_a_deployment_without_a_readable_status_was_not_observed_yet(status: Any) -> None:
    seen = observed_deployment(deployment(status, Meta(deleting=True)))
    assert seen == ObservedDeployment(name="aim-chat", deleting=True)


def route(status: Any) -> ObservedRoute:
    key = Key(Kind.HTTP_ROUTE, "ml", "aim-chat")
    return observed_route(Child(key=key, meta=META, spec={}, status=status, created="2026-01-01T00:00:00Z"))


@pytest.mark.rule("ROUTE-4")
def test_a_route_says_what_each_parent_answers_and_for_which_generation() -> None:
    accepted = {
        "type": "Accepted",
        "status": "True",
        "reason": "Accepted",
        "message": "fine",
        "observedGeneration": 3,
        "lastTransitionTime": "2026-01-01T00:00:09Z",
    }
    ref = {"group": "g", "kind": "Gateway", "namespace": "edge", "name": "web", "sectionName": "https", "port": 443}
    said = route({"parents": [{"parentRef": ref, "conditions": [accepted]}, {"parentRef": {"name": "b"}}]})
    whole = GatewayRef(name="web", namespace="edge", group="g", kind="Gateway", section_name="https", port=443)
    condition = Condition(
        type="Accepted",
        status=ConditionStatus.TRUE,
        reason="Accepted",
        message="fine",
        last_transition_time="2026-01-01T00:00:09Z",
        observed_generation=3,
    )
    assert said == ObservedRoute(
        generation=3,
        created="2026-01-01T00:00:00Z",
        parents=(ObservedParent(ref=whole, conditions=(condition,)), ObservedParent(ref=GatewayRef(name="b"))),
    )


@pytest.mark.parametrize(
    "status",
    [None, {"parents": {}}, {"parents": ["web", {}, {"parentRef": "web"}, {"parentRef": {"name": 5}}]}],
    ids=["none", "no list", "no references"],
)
def test_a_route_without_readable_parents_has_none(status: Any) -> None:
    assert route(status).parents == ()


def test_conditions_that_cannot_be_read_are_left_out() -> None:
    listed = [None, {}, {"type": "A"}, {"type": "B", "status": "Perhaps"}, {"type": "C", "status": "Unknown"}]
    assert [(one.type, one.status, one.reason) for one in conditions_of(listed)] == [("C", "Unknown", "")]
    assert conditions_of(({"type": "D", "status": "True", "message": 5},))[0].message == ""


@pytest.mark.rule("RUN-13")
def test_pods_are_found_by_the_label_of_their_service_in_its_namespace() -> None:
    def pod(name: str, namespace: str = "ml", **labels: str) -> PodRecord:
        meta = Meta(labels={key.replace("service", SERVICE_LABEL): value for key, value in labels.items()})
        return PodRecord(key=Key(Kind.POD, namespace, name), meta=meta, spec=ObservedPod(name=name))

    cache = ObjectCache.of(
        [pod("a", service="chat"), pod("b", service="other"), pod("c"), pod("d", "research", service="chat")]
    )
    assert [one.name for one in cache.pods_of("ml", "chat")] == ["a"]
    assert [one.name for one in cache.pods_of("research", "chat")] == ["d"]
    assert cache.pods_of("ml", "none") == ()
    cache.put(pod("a", service="other"))
    assert [one.name for one in cache.pods_of("ml", "chat")] == []
    cache.drop(pod("a"))
    assert [one.name for one in cache.pods_of("ml", "other")] == ["b"]
    assert list(cache) == []
