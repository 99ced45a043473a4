from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.workload import RolloutStrategy
from aimcore.domain.serving.deployment import (
    DeploymentShape,
    cluster_url,
    deployment_body,
    next_try,
    service_body,
)
from aimcore.domain.serving.names import child_name, pod_selector, selector_text
from aimcore.domain.serving.origin import origin_annotations
from aimcore.domain.values.kubenames import is_dns1123_label, is_label_value
from tests.unit.domain.serving.builders import CHILD, origin

SHAPE = DeploymentShape(replicas=2, startup_timeout=3600)
LABELS = {
    "team": "a",
    "app.kubernetes.io/managed-by": "aim-operator",
    "aim.silogen.ai/service": "chat",
}
OWNERS = [
    {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMService",
        "name": "chat",
        "uid": "u-1",
        "controller": True,
        "blockOwnerDeletion": False,
    }
]


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-2")
@pytest.mark.parametrize(
    ("service", "name"),
    [
        pytest.param("chat", "aim-chat", id="as people guess it"),
        pytest.param("7b", "aim-7b", id="a letter first"),
        pytest.param("c" * 59, "aim-" + "c" * 59, id="the longest that fits"),
        pytest.param("c" * 60, "aim-" + "c" * 48 + "-69fd7c435b", id="a letter too many"),
        pytest.param("llama-3.1", "aim-llama-3-1-8918c474e5", id="what a Service may not be called"),
    ],
)
def test_the_name_of_the_children(service: str, name: str) -> None:
    assert child_name(service) == name


@pytest.mark.rule("RUN-2")
@given(st.from_regex(r"[a-z0-9]{1,80}([-.][a-z0-9]{1,80})?", fullmatch=True))
def test_a_name_is_always_one_that_a_service_may_have(service: str) -> None:
    name = child_name(service)
    assert is_dns1123_label(name)
    assert name[0].isalpha()
    assert name != child_name(service + "x")


@pytest.mark.rule("RUN-13", "RUN-11")
def test_one_label_selects_the_pods() -> None:
    assert pod_selector("chat") == {"aim.silogen.ai/service": "chat"}
    assert selector_text("chat") == "aim.silogen.ai/service=chat"
    assert is_label_value(pod_selector("c" * 100)["aim.silogen.ai/service"])


# Bodies ---------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-5", "RUN-11", "RUN-12", "RUN-13")
def test_the_deployment() -> None:
    template: dict[str, Any] = {"metadata": {}, "spec": {}}
    assert deployment_body(CHILD, SHAPE, origin=origin(), template=template) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "namespace": "ml",
            "name": "aim-chat",
            "labels": LABELS,
            "annotations": origin_annotations(origin()),
            "ownerReferences": OWNERS,
        },
        "spec": {
            "replicas": 2,
            "minReadySeconds": 5,
            "progressDeadlineSeconds": 4200,
            "selector": {"matchLabels": {"aim.silogen.ai/service": "chat"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
            "template": template,
        },
    }


@pytest.mark.rule("RUN-12")
def test_a_strategy_rolls_no_pod() -> None:
    surge = replace(SHAPE, strategy=RolloutStrategy.SURGE)
    before, after = (deployment_body(CHILD, one, origin=origin(), template={}) for one in (SHAPE, surge))
    assert after["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert after["spec"]["template"] == before["spec"]["template"]
    assert after["metadata"] == before["metadata"]


@pytest.mark.rule("RUN-2")
def test_the_service() -> None:
    assert service_body(CHILD) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": "ml", "name": "aim-chat", "labels": LABELS, "ownerReferences": OWNERS},
        "spec": {
            "selector": {"aim.silogen.ai/service": "chat"},
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8000}],
        },
    }
    assert cluster_url("ml", "chat") == "http://aim-chat.ml.svc"


@pytest.mark.rule("OWN-1")
def test_an_owner_without_a_uid_is_left_out() -> None:
    unborn = replace(CHILD, owner=Owner(api_version="v1", kind="AIMService", name="chat", uid=""))
    assert "ownerReferences" not in service_body(unborn)["metadata"]


@pytest.mark.rule("STAT-2")
def test_refused_pods_are_tried_again_each_minute_and_only_then() -> None:
    assert next_try(None, refused=False, now=600) is None
    assert next_try("7", refused=False, now=600) == "7"
    tries = [next_try("7", refused=True, now=now) for now in (600, 659, 660)]
    assert tries == ["10", "10", "11"]
    annotations = deployment_body(CHILD, replace(SHAPE, try_again="10"), origin=origin(), template={})["metadata"][
        "annotations"
    ]
    assert annotations == {**origin_annotations(origin()), "aim.silogen.ai/try-again": "10"}
