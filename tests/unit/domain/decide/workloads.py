"""Services that run, in a few words: what stands of their children, and what a decision makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aimcore.domain.decide import decide_service
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import MANAGER, FieldClaim
from aimcore.domain.kinds.records import Meta, Service
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ServiceStatus
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pod import REVISION
from aimcore.domain.serving.pods import ObservedPod
from aimcore.domain.view.observed import Observed, Policy
from aimcore.domain.view.plan import Answers, Apply, Create, Delete, Plan, SetStatus, Write
from tests.unit.domain.builders import NS, SMALL, children, config, metadata, model, node, observe, service

RUNS = Policy(workloads=True)
CHAT = service()
LLAMA = model(image_metadata=metadata(SMALL))
(TEMPLATE,) = children(LLAMA, SMALL)
GIVEN = (LLAMA, TEMPLATE, config(), node("MI300X"))


def planned(one: Service, *things: Any, policy: Policy = RUNS) -> Plan:
    return decide_service(seen(one, *things, policy=policy))


def seen(one: Service, *things: Any, policy: Policy = RUNS, answers: Answers | None = None) -> Observed[Service]:
    return observe(one, *things, policy=policy, answers=answers)


def status(plan: Plan) -> ServiceStatus:
    (write,) = [write for write in plan.writes if isinstance(write, SetStatus)]
    assert isinstance(write.status, ServiceStatus)
    return write.status


def ready(plan: Plan) -> tuple[str, str, str]:
    """The word, and the reason and message of Ready."""
    found = status(plan)
    (condition,) = [one for one in found.conditions if one.type == "Ready"]
    return found.status.value, condition.reason, condition.message


def written(plan: Plan) -> list[tuple[str, str]]:
    """What is written of children: the act and the kind."""
    return [(type(write).__name__, write.key.kind.value) for write in _of_children(plan)]


def _of_children(plan: Plan) -> list[Write]:
    return [write for write in plan.writes if write.key.kind.is_manifest]


def child(plan: Plan, kind: Kind) -> Child:
    """The child of this kind that a plan makes or applies."""
    (write,) = [write for write in _of_children(plan) if write.key.kind is kind and not isinstance(write, Delete)]
    assert isinstance(write, Create | Apply)
    assert isinstance(write.thing, Child)
    return write.thing


def stands(made: Child, **changed: Any) -> Child:
    """The child as a server has it, claimed by the operator."""
    claims = (FieldClaim(manager=MANAGER, fields={"f:spec": _claimed(made.spec)}),)
    status_of = {"observedGeneration": 1} if made.key.kind is Kind.DEPLOYMENT else {}
    meta = replace(made.meta, uid=f"uid of {made.key}", resource_version="1", claims=claims)
    return replace(made, **{"meta": meta, "status": status_of, "created": "2026-01-01T00:00:00Z", **changed})


def _claimed(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"f:{name}": _claimed(one) for name, one in value.items()}
    if isinstance(value, list) and value and all(isinstance(one, dict) and "name" in one for one in value):
        return {f'k:{{"name":"{one["name"]}"}}': _claimed(one) for one in value}
    return {}


def running(one: Service, *things: Any, policy: Policy = RUNS) -> tuple[Child, Child]:
    """The Deployment and the Service of a service, as they stand once they were made."""
    plan = planned(one, *things, policy=policy)
    return stands(child(plan, Kind.DEPLOYMENT)), stands(child(plan, Kind.NETWORK_SERVICE))


def pod(deployment: Child, number: int = 1, *, is_ready: bool = True, **changed: Any) -> PodRecord:
    """A pod of a Deployment: of its present revision, running, and ready if it is not said otherwise."""
    name = f"{deployment.key.name}-abc-{number}"
    spec = ObservedPod(
        **{
            "name": name,
            "controller": f"{deployment.key.name}-abc",
            "template_hash": "abc",
            "revision": deployment.meta.annotations.get(REVISION, ""),
            "phase": "Running",
            "scheduled": True,
            "running": True,
            "started": is_ready,
            "ready": is_ready,
            **changed,
        }
    )
    return PodRecord(key=Key(Kind.POD, NS, name), meta=Meta(labels=deployment.meta.labels), spec=spec)
