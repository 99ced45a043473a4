"""Whether a change rolls the pods of a service, now or later, and why (RUN-12 to RUN-14).

The question is: with what the operator added when they were made, would the pods be made otherwise now? Only then they are
made anew, and what the operator adds is taken anew with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from aimcore.domain.kinds.scope import Reference
from aimcore.domain.serving.inputs import PodInput
from aimcore.domain.serving.origin import InputDigests, Origin
from aimcore.domain.serving.pod import POD_VERSION, POD_VERSIONS, Pod, make_pod
from aimcore.domain.serving.reasons import Finding, Reason

__all__ = ["Peer", "RolloutAction", "RolloutDecision", "Wanted", "changed_inputs", "decide_rollout"]


class RolloutAction(StrEnum):
    """What becomes of the Deployment's pods."""

    CREATE = "Create"
    KEEP = "Keep"
    ROLL = "Roll"
    QUEUE = "Queue"
    WAIT = "Wait"
    LEAVE = "Leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a service is to run by now, with what the operator would add now.

    `waits_for` says what has to be there first, WaitingForCache or WaitingForProfile; None when nothing does. `config` is the
    name of the runtime config, `choice` the digest of `choice_digest`.
    """

    name: str
    pod: PodInput
    model: Reference
    template: Reference
    config: str
    choice: str
    inputs: InputDigests
    waits_for: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another service of the namespace that has a Deployment: what that was made from, and how far it is.

    `settled` is true when the server has seen its newest Deployment and all its pods of that revision are ready (none are
    wanted at `replicas: 0`). `able` is false for one that cannot be rolled now: paused, going, or not resolved.
    """

    name: str
    origin: Origin
    settled: bool
    able: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutDecision:
    """What to do, and the sentence why.

    `pod` is the pod template to apply, with its origin; where it is None the template that stands is applied again as it
    is (and nothing at all where there is no Deployment yet). `behind` names the service whose turn it is (RUN-14).
    `finding` is what the service has to say of it, where it waits.
    """

    action: RolloutAction
    reason: str
    pod: Pod | None = None
    origin: Origin | None = None
    behind: str | None = None
    finding: Finding | None = None


def decide_rollout(
    wanted: Wanted, standing: Origin | None, *, exists: bool, peers: Iterable[Peer] = ()
) -> RolloutDecision:
    """What becomes of the pods. `standing` is what the Deployment's annotations say, `exists` whether there is one.

    - Create: there is no Deployment. Wait: its weights are not there yet.
    - Keep: the pods would be the same; made by their own version, with what was added then.
    - Leave: a newer operator made them, and no input changed since.
    - Queue: the config alone changed, and another service of the namespace comes first.
    - Roll: they would be others.
    """
    if not exists:
        return _first(wanted)
    if standing is None:
        return _roll(wanted, None, "its annotations do not say what it was made from")
    if standing.version not in POD_VERSIONS:
        if standing.inputs == wanted.inputs:
            reason = f"version {standing.version} of the pod is newer than this operator; no input changed since"
            return RolloutDecision(action=RolloutAction.LEAVE, reason=reason, origin=standing)
    else:
        same = make_pod(replace(wanted.pod, added=standing.added), version=standing.version)
        if same.revision == standing.revision:
            return _keep(wanted, standing, same)
    if wanted.waits_for is not None:
        return _wait(wanted.waits_for, standing)
    by_config = _is_by_config(wanted.inputs, standing.inputs)
    behind = _turn(wanted, peers) if by_config else None
    if behind is not None:
        reason = (
            f"the runtime config {wanted.config} changed; services are rolled one at a time, and {behind} comes first"
        )
        finding = Finding(reason=Reason.ROLLOUT_QUEUED, message=reason)
        return RolloutDecision(
            action=RolloutAction.QUEUE, reason=reason, origin=standing, behind=behind, finding=finding
        )
    return _roll(wanted, standing, changed_inputs(wanted, standing))


def _first(wanted: Wanted) -> RolloutDecision:
    if wanted.waits_for is not None:
        return _wait(wanted.waits_for, None)
    pod = make_pod(wanted.pod)
    return RolloutDecision(
        action=RolloutAction.CREATE,
        reason="there is no Deployment yet",
        pod=pod,
        origin=_origin(wanted, pod, by_config=False),
    )


def _wait(finding: Finding, standing: Origin | None) -> RolloutDecision:
    return RolloutDecision(action=RolloutAction.WAIT, reason=finding.message, origin=standing, finding=finding)


def _keep(wanted: Wanted, standing: Origin, pod: Pod) -> RolloutDecision:
    origin = replace(
        standing,
        model=wanted.model,
        template=wanted.template,
        config=wanted.config,
        choice=wanted.choice,
        inputs=wanted.inputs,
    )
    reason = "the pods would be made the same"
    return RolloutDecision(action=RolloutAction.KEEP, reason=reason, pod=pod, origin=origin)


def _roll(wanted: Wanted, standing: Origin | None, reason: str) -> RolloutDecision:
    pod = make_pod(wanted.pod)
    by_config = standing is not None and _is_by_config(wanted.inputs, standing.inputs)
    origin = _origin(wanted, pod, by_config=by_config)
    return RolloutDecision(action=RolloutAction.ROLL, reason=reason, pod=pod, origin=origin)


def _origin(wanted: Wanted, pod: Pod, *, by_config: bool) -> Origin:
    return Origin(
        version=POD_VERSION,
        revision=pod.revision,
        model=wanted.model,
        template=wanted.template,
        config=wanted.config,
        choice=wanted.choice,
        inputs=wanted.inputs,
        added=wanted.pod.added,
        by_config=by_config,
    )


# Whose change, and whose turn -----------------------------------------------------------------------------------------


def _is_by_config(now: InputDigests, then: InputDigests) -> bool:
    """Whether the config changed, and nothing else did."""
    return now != then and replace(then, config=now.config) == now


def changed_inputs(wanted: Wanted | Origin, standing: Origin) -> str:
    """Which inputs changed, in the order in which a person would look for them."""
    now, then = wanted.inputs, standing.inputs
    pairs = (
        ("the service", now.service, then.service),
        (f"the model {wanted.model.name}", now.model, then.model),
        (f"the template {wanted.template.name}", now.template, then.template),
        (f"the runtime config {wanted.config}", now.config, then.config),
    )
    changed = [name for name, new, old in pairs if new != old]
    return f"{' and '.join(changed) or 'the volume of its weights'} changed"


def _turn(wanted: Wanted, peers: Iterable[Peer]) -> str | None:
    """The service that comes first: one that this change rolled and that does not run again, else the first by name."""
    others = sorted(peers, key=lambda peer: peer.name)
    rolling = [peer.name for peer in others if _is_rolling(wanted, peer)]
    waiting = [peer.name for peer in others if peer.name < wanted.name and _is_behind(wanted, peer)]
    return next(iter([*rolling, *waiting]), None)


def _is_rolling(wanted: Wanted, peer: Peer) -> bool:
    """Whether a change of a config rolled it, this change where the config is the same, and it is not through."""
    origin = peer.origin
    this = origin.config != wanted.config or origin.inputs.config == wanted.inputs.config
    return origin.by_config and this and not peer.settled


def _is_behind(wanted: Wanted, peer: Peer) -> bool:
    origin = peer.origin
    return peer.able and origin.config == wanted.config and origin.inputs.config != wanted.inputs.config
