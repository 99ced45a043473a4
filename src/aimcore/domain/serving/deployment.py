"""The Deployment and the Service of an AIMService, as bodies (RUN-2, RUN-5, RUN-11 to RUN-13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aimcore.domain.kinds.ownership import Owner, reference_to
from aimcore.domain.kinds.scope import GROUP
from aimcore.domain.kinds.workload import RolloutStrategy
from aimcore.domain.serving.bodies import Body
from aimcore.domain.serving.names import child_labels, child_name, pod_selector
from aimcore.domain.serving.origin import Origin, origin_annotations
from aimcore.domain.serving.pod import PORT

__all__ = [
    "DEADLINE_AFTER_STARTUP",
    "TRY_AGAIN",
    "ChildMeta",
    "DeploymentShape",
    "child_metadata",
    "cluster_url",
    "deployment_body",
    "next_try",
    "service_body",
]

DEADLINE_AFTER_STARTUP: Final = 600
TRY_AGAIN: Final = f"{GROUP}/try-again"
"""An annotation of the Deployment alone: a new value makes the ReplicaSet try at once, and rolls nothing."""

_SERVICE_PORT: Final = 80
_MOST_IN_SURGE: Final[Mapping[RolloutStrategy, tuple[int, int]]] = {
    RolloutStrategy.IN_PLACE: (0, 1),
    RolloutStrategy.SURGE: (1, 0),
}
"""maxSurge and maxUnavailable of each strategy (RUN-12)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildMeta:
    """Whose child it is: the service's namespace and name, the labels propagated to it, and the service as its owner."""

    namespace: str
    service: str
    owner: Owner
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentShape:
    """What of a Deployment rolls no pod: how many, how they are replaced, how long one may take to start, in seconds."""

    replicas: int
    startup_timeout: int
    strategy: RolloutStrategy = RolloutStrategy.IN_PLACE
    try_again: str | None = None


def child_metadata(child: ChildMeta, annotations: Mapping[str, str] | None = None) -> Body:
    """The metadata of a child of a service. An owner without a uid is left out: the garbage collector would take the child."""
    body: Body = {
        "namespace": child.namespace,
        "name": child_name(child.service),
        "labels": child_labels(child.service, child.labels),
    }
    if annotations:
        body["annotations"] = dict(annotations)
    if child.owner.uid:
        body["ownerReferences"] = [reference_to(child.owner)]
    return body


def deployment_body(child: ChildMeta, shape: DeploymentShape, *, origin: Origin, template: Body) -> Body:
    """The Deployment around a pod template: that of `make_pod`, or the one that stands while a change waits (RUN-14)."""
    surge, unavailable = _MOST_IN_SURGE[shape.strategy]
    annotations = origin_annotations(origin)
    if shape.try_again is not None:
        annotations[TRY_AGAIN] = shape.try_again
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": child_metadata(child, annotations),
        "spec": {
            "replicas": shape.replicas,
            "minReadySeconds": 5,
            "progressDeadlineSeconds": shape.startup_timeout + DEADLINE_AFTER_STARTUP,
            "selector": {"matchLabels": pod_selector(child.service)},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable},
            },
            "template": template,
        },
    }


def service_body(child: ChildMeta) -> Body:
    """The Service: port 80 to the container's 8000, with every default that is a key of a list written out."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": child_metadata(child),
        "spec": {
            "selector": pod_selector(child.service),
            "ports": [{"name": "http", "port": _SERVICE_PORT, "protocol": "TCP", "targetPort": PORT}],
        },
    }


def cluster_url(namespace: str, service: str) -> str:
    """`status.endpoint.cluster`: where the service answers inside the cluster.

    >>> cluster_url("ml", "chat")
    'http://aim-chat.ml.svc'
    """
    return f"http://{child_name(service)}.{namespace}.svc"


def next_try(standing: str | None, *, refused: bool, now: int) -> str | None:
    """The value of `TRY_AGAIN`: while pods are refused a new one each minute, otherwise the one that stands.

    A ReplicaSet whose pods are refused waits up to 16 minutes by itself. `now` is in seconds since 1970.
    """
    return str(now // 60) if refused else standing
