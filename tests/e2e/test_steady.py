"""Pods serve on: whatever becomes of the operator, and of what they were made from."""

from __future__ import annotations

import pytest

from tests.e2e.client import chat
from tests.e2e.desk import Desk
from tests.e2e.ground import SYSTEM, upgrade
from tests.e2e.node import Node

BY_HAND = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMRuntimeConfig
metadata:
  name: team
spec:
  env:
    - name: LEVEL
      value: info
---
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMServiceTemplate
metadata:
  name: by-hand
spec:
  modelName: chat
  metric: latency
  precision: fp16
  hardware:
    gpu:
      requests: 1
      models: [MI300X]
---
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: chat
spec:
  model:
    ref: chat
  template:
    name: by-hand
  runtimeConfigName: team
  pod:
    drainSeconds: 2
"""
TAKEN = (
    ("aimruntimeconfig/team", "RuntimeConfigMissing"),
    ("aimservicetemplate/by-hand", "TemplateMissing"),
    ("aimmodel/chat", "ModelMissing"),
)
STATUS = f"kubectl rollout status -n {SYSTEM} deployment/aim-operator --timeout=120s"


@pytest.mark.rule("RUN-1", "RUN-13", "RUN-16")
def test_no_pod_restarts_because_the_operator_does(desk: Desk, cluster: Node) -> None:
    desk.page.head("The operator is restarted, and upgraded", "Pods that serve are not touched by it.")
    _applied(desk)
    desk.until_word("chat", "Running", "Running")
    before, made = desk.show("kubectl get pods"), _standing(desk)
    desk.show(f"kubectl rollout restart -n {SYSTEM} deployment/aim-operator")
    desk.show(STATUS)
    desk.until(lambda: _leader(desk))
    assert _standing(desk) == made
    upgrade(cluster)
    desk.page.keep("helm upgrade aimcore deploy/chart -n aim-system --reset-then-reuse-values --set image.tag=two", "")
    desk.show(STATUS)
    desk.until(lambda: _leader(desk))
    desk.show("kubectl label aimservice chat touched=yes")
    desk.until_word("chat", "Running", "Running")
    desk.show("kubectl get pods")
    assert _standing(desk) == made, before


@pytest.mark.rule("RUN-1", "STAT-2")
def test_pods_serve_on_without_what_they_were_made_from(desk: Desk) -> None:
    desk.page.head(
        "Config, template and model are deleted",
        "The pods stay exactly as they are, and the service says Degraded, until what is missing is back.",
    )
    _applied(desk)
    desk.until_word("chat", "Running", "Running")
    made = _standing(desk)
    for thing, reason in TAKEN:
        desk.show(f"kubectl delete {thing}")
        desk.until_word("chat", "Degraded", reason)
        desk.show(
            """kubectl get aimservice chat -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}{"\\n"}'"""
        )
        desk.show("kubectl get aimservice chat")
        assert chat(desk.address("chat")) == "weights: none"
        assert _standing(desk) == made
        desk.run("kubectl apply -f model.json -f by-hand.yaml")
        desk.until_word("chat", "Running", "Running")
        assert desk.pods("chat") == made[0]
        made = _standing(desk)  # the Deployment remembers the new template in an annotation, which rolls nothing
    desk.page.say("Each was applied again in between; the pod is still the first one:")
    desk.show("kubectl get pods")


def _applied(desk: Desk) -> None:
    (desk.folder / "by-hand.yaml").write_text(BY_HAND)
    desk.run("kubectl apply -f by-hand.yaml")


def _standing(desk: Desk) -> tuple[dict[str, int], str]:
    generation = "kubectl get deployment aim-chat -o jsonpath={.metadata.generation}"
    return desk.pods("chat"), desk.run(generation)


def _leader(desk: Desk) -> bool:
    """Whether one of the pods that are there now leads."""
    holder = desk.run(f"kubectl get lease -n {SYSTEM} aim-operator -o jsonpath={{.spec.holderIdentity}}")
    pods = desk.run(f"kubectl get pods -n {SYSTEM} -o name").split()
    return len(pods) == 1 and pods[0].partition("/")[2] in holder
