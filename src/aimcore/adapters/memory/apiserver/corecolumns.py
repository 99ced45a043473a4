"""The columns that Kubernetes' own kinds have in `kubectl get`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from aimcore.adapters.memory.apiserver.columns import AGE, NAME, Cell, Column, at, since
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["EVENT_COLUMNS", "core_columns"]


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
