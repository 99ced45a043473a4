"""How people say how pods run: `pod`, `rollout` and `caching` of services, templates and runtime configurations (RUN, CACHE-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimcore.adapters.wire import rules
from aimcore.adapters.wire.codec import WRONG, Codec, described, field, many, mapping, record, via
from aimcore.adapters.wire.opened import PRESERVE
from aimcore.adapters.wire.problem import UnreadableError, found
from aimcore.adapters.wire.scalars import boolean, choice, integer, matching, one_of, positive_amount, text
from aimcore.adapters.wire.vocabulary import NAME, TEXT
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.workload import (
    Caching,
    CachingMode,
    ExistingClaim,
    PodSettings,
    Rollout,
    RolloutStrategy,
)
from aimcore.domain.values.times import DURATION, duration_text, parse_duration

__all__ = [
    "ANNOTATIONS",
    "CACHING",
    "CACHING_DEFAULTS",
    "CACHING_MODE",
    "DURATION_TEXT",
    "EXISTING_CLAIM",
    "POD",
    "ROLLOUT",
]

_BODY_AT_MOST = 32
"""Fields of a part of a Pod that Kubernetes defines; the largest, a security context, has half as many."""

DURATION_TEXT = matching(DURATION, "a duration of h, m, s and ms, such as 30s or 1h30m", at_most=28)
ANNOTATIONS = mapping(TEXT, at_most=64)
_LABEL_VALUE = matching(
    r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$",
    "at most 63 letters, digits, '-', '_' and '.'",
    at_most=63,
)
_LABELS = mapping(_LABEL_VALUE, at_most=64)


def _read_body(value: Any, _type: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict) or len(value) > _BODY_AT_MOST:
        raise UnreadableError(WRONG)
    return value


def _examine_body(value: Any, _type: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise found(value, expected="an object")
    if len(value) > _BODY_AT_MOST:
        raise UnreadableError(f"has {len(value)} entries; expected at most {_BODY_AT_MOST}")
    return value


def _write_body(body: Mapping[str, Any]) -> dict[str, Any]:
    return dict(body)


_BODY: Codec[Mapping[str, Any]] = Codec(
    read=_read_body,
    examine=_examine_body,
    write=_write_body,
    schema={"type": "object", PRESERVE: True, "maxProperties": _BODY_AT_MOST},
)
"""A part of a Pod as Kubernetes defines it: kept as it is, and judged by Kubernetes when the pod is made."""


def _seconds(duration: str) -> int:
    """Whole seconds; a part of one counts as a whole one."""
    return -(-parse_duration(duration) // 1000)


_TOLERATION = record(
    Toleration,
    "RUN-8",
    describe="One toleration, as in a Pod.",
    key=field(text(at_most=317), describe="The key of the taint; every key if left out."),
    operator=field(choice("Exists", "Equal"), describe="How key and value are compared; Equal if left out."),
    value=field(text(at_most=63), describe="The value of the taint, where the operator is Equal."),
    effect=field(
        choice("NoSchedule", "PreferNoSchedule", "NoExecute"),
        describe="The effect of the taint; every effect if left out.",
    ),
    toleration_seconds=field(
        integer(at_least=-(2**31)),
        describe="How long a NoExecute taint is tolerated, in seconds; for ever if left out.",
    ),
)

POD: Codec[PodSettings] = record(
    PodSettings,
    "RUN-8",
    rules=rules.POD,
    tolerations=field(
        many(_TOLERATION, at_most=64), describe="Taints that the pods tolerate, beside those of weaker layers."
    ),
    node_selector=field(_LABELS, describe="Labels that a node must have."),
    affinity=field(
        _BODY, describe="Affinity as in a Pod; its required node affinity is combined with the nodes of the template."
    ),
    topology_spread_constraints=field(
        many(described(_BODY, description="One constraint, as in a Pod."), at_most=16),
        describe="How the pods spread, as in a Pod.",
    ),
    priority_class_name=field(NAME, describe="The priority class of the pods."),
    scheduler_name=field(NAME, describe="The scheduler that places the pods."),
    runtime_class_name=field(NAME, describe="The runtime class of the pods."),
    labels=field(_LABELS, describe="Labels of the pods; none under aim.silogen.ai/."),
    annotations=field(ANNOTATIONS, describe="Annotations of the pods; none under aim.silogen.ai/."),
    shared_memory_size=field(
        positive_amount, describe="The size of /dev/shm, which counts as memory of the container."
    ),
    startup_timeout=field(
        via(DURATION_TEXT, _seconds, duration_text),
        describe="How long a pod may take to get ready, such as 1h30m: 10 seconds to 7 days.",
    ),
    drain_seconds=field(
        integer(at_least=0),
        describe="How long a pod that ends waits while requests go elsewhere; a longer request may be cut.",
    ),
    termination_grace_period_seconds=field(
        integer(at_least=0),
        describe="How long a pod may take to end, drainSeconds counted; drainSeconds and 90 if left out.",
    ),
    security_context=field(_BODY, describe="The security context of the pods, as in a Pod."),
    container_security_context=field(_BODY, describe="The security context of the container, as in a container."),
)
"""`spec.pod`."""

ROLLOUT: Codec[Rollout] = record(
    Rollout,
    "RUN-12",
    strategy=field(
        one_of(RolloutStrategy),
        describe="InPlace ends a pod before its successor starts; Surge starts the successor first. InPlace if left out.",
    ),
)
"""`spec.rollout`."""

CACHING_MODE = one_of(CachingMode, older={"Always": CachingMode.SHARED, "Never": CachingMode.DEDICATED})
EXISTING_CLAIM: Codec[ExistingClaim] = record(
    ExistingClaim,
    "CACHE-6",
    rules=rules.EXISTING_CLAIM,
    name=field(NAME, describe="The name of the PersistentVolumeClaim, in the same namespace."),
    sub_path=field(
        text(at_least=1, at_most=1024), describe="The folder in it that holds the weights; its root if left out."
    ),
    trust=field(boolean, describe="Whether it is used without looking whether the weights are complete."),
)
_MODE = field(
    CACHING_MODE,
    describe="Who shares the volume of the weights: Shared, Dedicated, None for no volume, or Auto for what is usual for the "
    "sort of model. Always and Never are older words for Shared and Dedicated.",
)
CACHING: Codec[Caching] = record(
    Caching,
    "CACHE-2",
    mode=_MODE,
    existing_claim=field(EXISTING_CLAIM, describe="A claim that already holds the weights."),
)
"""`spec.caching` of a service."""

CACHING_DEFAULTS: Codec[Caching] = record(Caching, "CACHE-2", unspelt=("existing_claim",), mode=_MODE)
"""`spec.caching` of a runtime configuration, which names no claim."""
