"""The columns that Kubernetes' own kinds have in `kubectl get`, pods and what makes them among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from aimcore.adapters.memory.apiserver.columns import AGE, NAME, Cell, Column, at, since
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["EVENT_COLUMNS", "WORKLOAD_COLUMNS", "core_columns"]


def _at(*path: str, absent: Any = "") -> Cell:
    return lambda manifest, _: absent if (value := at(manifest, *path)) is None else value


def _count(*names: str) -> Cell:
    return lambda manifest, _: sum(len(at(manifest, name) or ()) for name in names)


# --- nodes ------------------------------------------------------------------------------------------------------------

_ROLE = "node-role.kubernetes.io/"


def _node_status(node: Manifest, _now: datetime) -> str:
    ready = [one.get("status") for one in at(node, "status", "conditions") or () if one.get("type") == "Ready"]
    word = {True: "Ready", False: "NotReady"}[ready[0] == "True"] if ready else "Unknown"
    return f"{word},SchedulingDisabled" if at(node, "spec", "unschedulable") else word


def _node_roles(node: Manifest, _now: datetime) -> str:
    labels = at(node, "metadata", "labels") or {}
    roles = {name.removeprefix(_ROLE) for name in labels if name.startswith(_ROLE)}
    roles |= {labels["kubernetes.io/role"]} if labels.get("kubernetes.io/role") else set()
    return ",".join(sorted(roles - {""})) or "<none>"


def _node_address(kind: str) -> Cell:
    def cell(node: Manifest, _now: datetime) -> str:
        found = (one.get("address") for one in at(node, "status", "addresses") or () if one.get("type") == kind)
        return next(found, "<none>")

    return cell


def _node_info(name: str, absent: str) -> Cell:
    return lambda node, _: at(node, "status", "nodeInfo", name) or absent


_NODE = (
    NAME,
    Column(name="Status", cell=_node_status),
    Column(name="Roles", cell=_node_roles),
    AGE,
    Column(name="Version", cell=_node_info("kubeletVersion", "")),
    Column(name="Internal-IP", cell=_node_address("InternalIP"), wide=True),
    Column(name="External-IP", cell=_node_address("ExternalIP"), wide=True),
    Column(name="OS-Image", cell=_node_info("osImage", "<unknown>"), wide=True),
    Column(name="Kernel-Version", cell=_node_info("kernelVersion", "<unknown>"), wide=True),
    Column(name="Container-Runtime", cell=_node_info("containerRuntimeVersion", "<unknown>"), wide=True),
)


# --- events, as v1 has them -------------------------------------------------------------------------------------------


def _first_seen(event: Manifest, now: datetime) -> str:
    return since(event.get("firstTimestamp") or event.get("eventTime") or "", now)


def _last_seen(event: Manifest, now: datetime) -> str:
    series = at(event, "series", "lastObservedTime")
    if series or event.get("lastTimestamp"):
        return since(series or event["lastTimestamp"], now)
    return _first_seen(event, now)


def _target(event: Manifest, _now: datetime) -> str:
    about: Mapping[str, str] = event.get("involvedObject") or {}
    kind, name = about.get("kind", "").lower(), about.get("name", "")
    return f"{kind}/{name}" if name else kind


def _source(event: Manifest, _now: datetime) -> str:
    component = at(event, "source", "component") or event.get("reportingComponent") or ""
    instance = at(event, "source", "host") or event.get("reportingInstance") or ""
    return f"{component}, {instance}" if instance else component


def _times(event: Manifest, _now: datetime) -> Any:
    return at(event, "series", "count") or event.get("count") or 1


EVENT_COLUMNS = (
    Column(name="Last Seen", cell=_last_seen),
    Column(name="Type", cell=_at("type")),
    Column(name="Reason", cell=_at("reason")),
    Column(name="Object", cell=_target),
    Column(name="Subobject", cell=_at("involvedObject", "fieldPath"), wide=True),
    Column(name="Source", cell=_source, wide=True),
    Column(name="Message", cell=lambda event, _: str(event.get("message", "")).strip()),
    Column(name="First Seen", cell=_first_seen, wide=True),
    Column(name="Count", cell=_times, wide=True),
    replace(NAME, wide=True),
)

_CORE: Mapping[str, tuple[Column, ...]] = {
    "Namespace": (NAME, Column(name="Status", cell=_at("status", "phase")), AGE),
    "Secret": (
        NAME,
        Column(name="Type", cell=_at("type", absent="Opaque")),
        Column(name="Data", cell=_count("data")),
        AGE,
    ),
    "ConfigMap": (NAME, Column(name="Data", cell=_count("data", "binaryData")), AGE),
    "ServiceAccount": (NAME, AGE),
    "Node": _NODE,
    "Lease": (NAME, Column(name="Holder", cell=_at("spec", "holderIdentity")), AGE),
}
_SECRETS_UNTIL = 34


def core_columns(kind: str, minor: int) -> tuple[Column, ...]:
    """The columns that this kind of Kubernetes' own has in that minor: until 1.34 an account has the count of its secrets."""
    if kind == "ServiceAccount" and minor <= _SECRETS_UNTIL:
        return NAME, Column(name="Secrets", cell=_count("secrets")), AGE
    return _CORE.get(kind, (NAME, AGE))


_NONE: Final = "<none>"
_MODES: Final = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _number(name: str, *path: str, absent: int = 0) -> Column:
    def cell(manifest: Manifest, _now: datetime) -> Any:
        value = at(manifest, *path)
        return absent if value is None else value

    return Column(name=name, cell=cell, type="integer")


def _text(name: str, *path: str, absent: str = "", wide: bool = False) -> Column:
    return Column(name=name, cell=lambda manifest, _: at(manifest, *path) or absent, wide=wide)


# --- deployments ------------------------------------------------------------------------------------------------------


def _ready_of_all(manifest: Manifest, _now: datetime) -> str:
    wanted = at(manifest, "spec", "replicas")
    return f"{at(manifest, 'status', 'readyReplicas') or 0}/{1 if wanted is None else wanted}"


def _containers(field: str, *path: str) -> Cell:
    return lambda manifest, _: ",".join(one.get(field, "") for one in at(manifest, *path) or ())


# --- pods -------------------------------------------------------------------------------------------------------------


def _pod_containers(pod: Manifest) -> tuple[Mapping[str, Any], ...]:
    return tuple(at(pod, "status", "containerStatuses") or ())


def _pod_ready(pod: Manifest, _now: datetime) -> str:
    ready = sum(bool(one.get("ready")) for one in _pod_containers(pod))
    return f"{ready}/{len(at(pod, 'spec', 'containers') or ())}"


def _pod_status(pod: Manifest, _now: datetime) -> str:
    """The word kubectl shows: why a container waits or how it ended, before the phase; the last container counts."""
    word = at(pod, "status", "reason") or at(pod, "status", "phase") or ""
    for container in reversed(_pod_containers(pod)):
        waiting, ended = (at(container, "state", name) for name in ("waiting", "terminated"))
        if waiting and waiting.get("reason"):
            word = waiting["reason"]
        elif ended:
            word = ended.get("reason") or f"ExitCode:{ended.get('exitCode')}"
    return "Terminating" if at(pod, "metadata", "deletionTimestamp") else word


def _pod_restarts(pod: Manifest, now: datetime) -> str:
    containers = _pod_containers(pod)
    count = sum(one.get("restartCount", 0) for one in containers)
    ends = [time for one in containers if (time := at(one, "lastState", "terminated", "finishedAt"))]
    return f"{count} ({since(max(ends), now)} ago)" if count and ends else str(count)


# --- the rest ---------------------------------------------------------------------------------------------------------


def _ports(service: Manifest, _now: datetime) -> str:
    ports = at(service, "spec", "ports") or ()
    return ",".join(f"{one.get('port')}/{one.get('protocol', 'TCP')}" for one in ports) or _NONE


def _modes(claim: Manifest, _now: datetime) -> str:
    return ",".join(_MODES.get(one, one) for one in at(claim, "status", "accessModes") or ())


def _job_status(job: Manifest, _now: datetime) -> str:
    true = {one["type"] for one in at(job, "status", "conditions") or () if one.get("status") == "True"}
    order = ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet")
    word = next((one for one in order if one in true), "Running")
    return "Terminating" if at(job, "metadata", "deletionTimestamp") else word


def _completions(job: Manifest, _now: datetime) -> str:
    wanted = at(job, "spec", "completions")
    return f"{at(job, 'status', 'succeeded') or 0}/{1 if wanted is None else wanted}"


def _duration(job: Manifest, now: datetime) -> str:
    began, ended = (at(job, "status", name) for name in ("startTime", "completionTime"))
    if not began:
        return ""
    return since(began, datetime.fromisoformat(ended) if ended else now)


def _hostnames(route: Manifest, _now: datetime) -> list[str] | None:
    hosts: list[str] | None = at(route, "spec", "hostnames")
    return hosts


_TEMPLATE = ("spec", "template", "spec", "containers")
_IN_WORDS = (
    Column(name="Containers", cell=_containers("name", *_TEMPLATE), wide=True),
    Column(name="Images", cell=_containers("image", *_TEMPLATE), wide=True),
)

WORKLOAD_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "Deployment": (
        NAME,
        Column(name="Ready", cell=_ready_of_all),
        _number("Up-to-date", "status", "updatedReplicas"),
        _number("Available", "status", "availableReplicas"),
        AGE,
        *_IN_WORDS,
    ),
    "ReplicaSet": (
        NAME,
        _number("Desired", "spec", "replicas", absent=1),
        _number("Current", "status", "replicas"),
        _number("Ready", "status", "readyReplicas"),
        AGE,
        *_IN_WORDS,
    ),
    "Pod": (
        NAME,
        Column(name="Ready", cell=_pod_ready),
        Column(name="Status", cell=_pod_status),
        Column(name="Restarts", cell=_pod_restarts),
        AGE,
        _text("IP", "status", "podIP", absent=_NONE, wide=True),
        _text("Node", "spec", "nodeName", absent=_NONE, wide=True),
    ),
    "Service": (
        NAME,
        _text("Type", "spec", "type", absent="ClusterIP"),
        _text("Cluster-IP", "spec", "clusterIP", absent=_NONE),
        Column(name="External-IP", cell=lambda *_: _NONE),
        Column(name="Port(s)", cell=_ports),
        AGE,
    ),
    "PersistentVolumeClaim": (
        NAME,
        _text("Status", "status", "phase"),
        _text("Volume", "spec", "volumeName"),
        _text("Capacity", "status", "capacity", "storage"),
        Column(name="Access Modes", cell=_modes),
        _text("StorageClass", "spec", "storageClassName"),
        AGE,
    ),
    "Job": (
        NAME,
        Column(name="Status", cell=_job_status),
        Column(name="Completions", cell=_completions),
        Column(name="Duration", cell=_duration),
        AGE,
    ),
    "HTTPRoute": (NAME, Column(name="Hostnames", cell=_hostnames, type="string"), AGE),
}
"""By kind, as a server of Kubernetes 1.34 has them, without the columns that no fake fills."""
