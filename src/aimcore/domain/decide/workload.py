"""The workload of a service: its Deployment, Service and HTTPRoute as they ought to be, and what they say (RUN, ROUTE).

Once a Deployment exists, nothing here deletes or empties it: what cannot be resolved leaves it exactly as it is (RUN-1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from aimcore.domain.children.manifests import child_of, held_spec
from aimcore.domain.decide.owned import ManifestChildren
from aimcore.domain.decide.pods import Serving, WeightsAnswer, settings_of, wanted_pods
from aimcore.domain.decide.routing import RoutingAnswer, decide_routing
from aimcore.domain.decide.stuck import with_events
from aimcore.domain.decide.weights import weights_of
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import SERVICE_LABEL, Owner, controls
from aimcore.domain.kinds.records import Service
from aimcore.domain.kinds.scope import GROUP, VERSION, Kind
from aimcore.domain.kinds.statuses import CacheUse, RuntimeStatus
from aimcore.domain.serving.causes import Workload, pod_findings
from aimcore.domain.serving.deployment import (
    DEADLINE_AFTER_STARTUP,
    TRY_AGAIN,
    ChildMeta,
    DeploymentShape,
    deployment_body,
    next_try,
    service_body,
)
from aimcore.domain.serving.names import child_name, pod_selector
from aimcore.domain.serving.observed import observed_deployment
from aimcore.domain.serving.origin import Origin, read_origin
from aimcore.domain.serving.pod import Pod, pod_defaults
from aimcore.domain.serving.pods import ObservedPod, is_settled, runtime_of
from aimcore.domain.serving.reasons import Finding, Reason
from aimcore.domain.serving.rollout import Peer, RolloutAction, RolloutDecision, Wanted, decide_rollout
from aimcore.domain.serving.settings import merge_rollout
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.times import seconds_of
from aimcore.domain.view.observed import PAUSED, Observed
from aimcore.domain.view.plan import ReadEvents, Write

__all__ = ["WorkloadAnswer", "decide_workload", "unresolved_workload"]

_TRY_AGAIN_AFTER = 60
_DEFAULT_STARTUP, _DEFAULT_GRACE = 3600, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadAnswer:
    """What to write of the workload, what was found of it, and what the status says of it.

    `ready` counts the pods that are ready. `pod` and `rollout` are what a person is shown who asks why.
    """

    writes: tuple[Write, ...] = ()
    findings: tuple[Finding, ...] = ()
    ready: int = 0
    runtime: RuntimeStatus | None = None
    cache: CacheUse | None = None
    routing: RoutingAnswer | None = None
    pod: Pod | None = None
    rollout: RolloutDecision | None = None
    contested: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    requeue_after: int | None = None
    questions: tuple[ReadEvents, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """The Deployment of the service's name, and its pods. `foreign` tells that it belongs to somebody else; `questions` are of
    a pod that is stuck.
    """

    child: Child | None
    foreign: bool
    pods: tuple[ObservedPod, ...]
    questions: tuple[ReadEvents, ...] = ()

    @property
    def mine(self) -> Child | None:
        """The Deployment, where it is the service's own and stays."""
        child = self.child
        return None if child is None or self.foreign or child.meta.deleting else child


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """What stands, and what was decided of weights and pods before anything is written."""

    standing: _Standing
    weights: WeightsAnswer
    wanted: Wanted
    rollout: RolloutDecision

    @property
    def revision(self) -> str:
        """Which pods are the current ones."""
        return self.rollout.origin.revision if self.rollout.origin else ""


def decide_workload(observed: Observed[Service], serving: Serving) -> WorkloadAnswer:
    """What follows for the workload of a service that is resolved."""
    standing, settings = _standing(observed), settings_of(serving)
    if settings.problems:
        return _refused(observed, settings.problems)
    live = standing.mine
    weights = weights_of(observed, serving, live)
    wanted = wanted_pods(observed, serving, settings.settings, weights)
    origin = None if live is None else read_origin(live.meta.annotations)
    rollout = decide_rollout(wanted, origin, exists=live is not None, peers=_peers(observed, wanted))
    problems = rollout.pod.problems if rollout.pod else ()
    if problems:
        return replace(_refused(observed, problems), pod=rollout.pod, rollout=rollout)
    return _answer(observed, serving, _Decided(standing=standing, weights=weights, wanted=wanted, rollout=rollout))


def _answer(observed: Observed[Service], serving: Serving, decided: _Decided) -> WorkloadAnswer:
    """The children as they ought to be, and what is found of those that stand."""
    standing, weights, rollout = decided.standing, decided.weights, decided.rollout
    live, now = standing.mine, seconds_of(observed.now)
    meta = _child_meta(serving.service, decided.wanted)
    children = ManifestChildren(observed)
    seen = _seen(observed, standing, revision=decided.revision, pod=rollout.pod, now=now)
    found = pod_findings(seen)
    refused = seen.deployment is not None and seen.deployment.refusal is not None
    if not standing.foreign and not _is_going(standing.child):
        body = _deployment(serving, meta, rollout, live=live, try_again=_again(live, refused=refused, now=now))
        if body is not None:
            children.keep(body, "RUN-1")
            children.keep(child_of(Kind.NETWORK_SERVICE, service_body(meta)), "RUN-2")
    routing = decide_routing(observed, serving, meta, exists=live is not None)
    children.take(routing.child, "ROUTE-1")
    findings = (
        *((_name_conflict(standing),) if standing.foreign else ()),
        *children.conflicts,
        *weights.findings,
        *(() if rollout.finding is None else (rollout.finding,)),
        *_runtime_findings(found.findings, rollout, live),
        *routing.findings,
    )
    return WorkloadAnswer(
        writes=(*weights.writes, *children.writes, *routing.writes),
        cache=weights.cache,
        findings=findings,
        ready=found.ready,
        runtime=_runtime(serving.service, standing, decided.revision),
        routing=routing,
        pod=rollout.pod,
        rollout=rollout,
        contested=children.contested,
        dropped=children.dropped,
        requeue_after=_soonest(found.again_in, _TRY_AGAIN_AFTER if refused else None),
        questions=standing.questions,
    )


def unresolved_workload(observed: Observed[Service]) -> WorkloadAnswer:
    """What is seen of the workload of a service that is not resolved: it is left exactly as it is (RUN-1)."""
    standing = _standing(observed)
    live = standing.mine
    if live is None:
        return WorkloadAnswer()
    origin = read_origin(live.meta.annotations)
    revision = origin.revision if origin else ""
    found = pod_findings(_seen(observed, standing, revision=revision, pod=None, now=seconds_of(observed.now)))
    return WorkloadAnswer(
        findings=found.findings if found.ready else (),
        ready=found.ready,
        runtime=_runtime(observed.subject, standing, revision),
        requeue_after=found.again_in,
        questions=standing.questions,
    )


# What stands ----------------------------------------------------------------------------------------------------------


def _standing(observed: Observed[Service]) -> _Standing:
    service, view = observed.subject, observed.view
    name = child_name(service.key.name)
    child = view.child(Kind.DEPLOYMENT, service.key.namespace, name)
    label = pod_selector(service.key.name)[SERVICE_LABEL]
    namespace = service.key.namespace or ""
    pods, questions = with_events(observed, namespace, view.pods_of(namespace, label))
    foreign = child is not None and not controls(service.meta.uid, child.meta.owners)
    return _Standing(child=child, foreign=foreign, pods=pods, questions=questions)


def _is_going(child: Child | None) -> bool:
    return child is not None and child.meta.deleting


def _seen(observed: Observed[Service], standing: _Standing, *, revision: str, pod: Pod | None, now: int) -> Workload:
    service = observed.subject
    child = None if standing.foreign else standing.child
    settings = pod.settings if pod else pod_defaults(service.spec.pod, gpus=0, weights=None)
    return Workload(
        deployment=None if child is None else observed_deployment(child),
        pods=standing.pods,
        revision=revision,
        replicas=_replicas(service),
        startup_timeout=settings.startup_timeout or _DEFAULT_STARTUP,
        grace=settings.termination_grace_period_seconds or _DEFAULT_GRACE,
        scheduler=settings.scheduler_name,
        now=now,
        crash_text=observed.policy.crash_text,
    )


def _replicas(service: Service) -> int:
    return 1 if service.spec.replicas is None else service.spec.replicas


def _runtime(service: Service, standing: _Standing, revision: str) -> RuntimeStatus | None:
    live = standing.mine
    if live is None:
        return None
    counted = runtime_of(standing.pods, deployment=live.key.name, revision=revision)
    return RuntimeStatus(
        name=counted.name,
        replicas=counted.replicas,
        ready_replicas=counted.ready_replicas,
        updated_replicas=counted.updated_replicas,
        revision=counted.revision or None,
        ready=f"{counted.ready_replicas}/{_replicas(service)}",
    )


# What is found --------------------------------------------------------------------------------------------------------


def _refused(observed: Observed[Service], problems: tuple[str, ...]) -> WorkloadAnswer:
    """The answer where no pod can be made of what is said: the workload stays as it is."""
    left = unresolved_workload(observed)
    return replace(left, findings=(Finding(reason=Reason.SPEC_INVALID, message="; ".join(problems)), *left.findings))


def _name_conflict(standing: _Standing) -> Finding:
    name = standing.child.key if standing.child else ""
    message = f"{name} exists and does not belong to this service; delete or rename it, and it is made"
    return Finding(reason=Reason.NAME_CONFLICT, message=message)


def _runtime_findings(findings: Iterable[Finding], rollout: RolloutDecision, live: Child | None) -> tuple[Finding, ...]:
    """What the pods say; nothing of a Deployment that is not made yet because something else comes first."""
    return () if live is None and rollout.action is RolloutAction.WAIT else tuple(findings)


def _soonest(*seconds: int | None) -> int | None:
    return min((one for one in seconds if one is not None), default=None)


# Children -------------------------------------------------------------------------------------------------------------


def _child_meta(service: Service, wanted: Wanted) -> ChildMeta:
    owner = Owner(
        api_version=f"{GROUP}/{VERSION}",
        kind=service.key.api_kind,
        name=service.key.name,
        uid=service.meta.uid,
        controller=True,
    )
    return ChildMeta(
        namespace=service.key.namespace or "",
        service=service.key.name,
        owner=owner,
        labels=wanted.pod.added.labels,
    )


def _deployment(
    serving: Serving, meta: ChildMeta, rollout: RolloutDecision, *, live: Child | None, try_again: str | None
) -> Child | None:
    """The Deployment as it ought to be; None while there is nothing to make it from."""
    kept = held_spec(live) if live and rollout.pod is None else {}
    template = rollout.pod.template if rollout.pod else kept.get("template")
    if rollout.origin is None or template is None:
        return None
    strategy = merge_rollout(
        (
            (Layer.SERVICE, serving.service.spec.rollout),
            *((layer, spec.rollout) for layer, spec in serving.config.layers),
        )
    )
    deadline = kept.get("progressDeadlineSeconds", _DEFAULT_STARTUP + DEADLINE_AFTER_STARTUP)
    startup = rollout.pod.settings.startup_timeout if rollout.pod else deadline - DEADLINE_AFTER_STARTUP
    shape = DeploymentShape(
        replicas=_replicas(serving.service),
        startup_timeout=startup or _DEFAULT_STARTUP,
        strategy=strategy.value,
        try_again=try_again,
    )
    return child_of(Kind.DEPLOYMENT, deployment_body(meta, shape, origin=rollout.origin, template=template))


def _again(live: Child | None, *, refused: bool, now: int) -> str | None:
    return next_try(live.meta.annotations.get(TRY_AGAIN) if live else None, refused=refused, now=now)


# Other services of the namespace --------------------------------------------------------------------------------------


def _peers(observed: Observed[Service], wanted: Wanted) -> Iterator[Peer]:
    """The other services of the namespace that have a Deployment; read only where a change waits for its turn (RUN-14)."""
    view, namespace = observed.view, observed.subject.key.namespace or ""
    for child in view.deployments_of(namespace):
        origin = read_origin(child.meta.annotations)
        owner = next((one.name for one in child.meta.owners if one.controller), "")
        if origin is not None and owner and owner != wanted.name:
            yield Peer(
                name=owner, origin=origin, settled=_is_settled(observed, child, origin), able=_able(observed, owner)
            )


def _able(observed: Observed[Service], name: str) -> bool:
    service: Service | None = observed.view.get(Kind.SERVICE, observed.subject.key.namespace, name)
    return service is not None and not service.meta.deleting and service.meta.annotations.get(PAUSED) != "true"


def _is_settled(observed: Observed[Service], child: Child, origin: Origin) -> bool:
    label = str(child.meta.labels.get(SERVICE_LABEL, ""))
    pods = observed.view.pods_of(child.key.namespace or "", label)
    replicas = int(child.spec.get("replicas", 1))
    return is_settled(observed_deployment(child), pods, revision=origin.revision, replicas=replicas)
