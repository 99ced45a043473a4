"""Ages as kubectl writes them, and columns as definitions have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from aimcore.adapters.memory.apiserver.columns import printed, since
from aimcore.adapters.memory.apiserver.endpoints import endpoints_of
from aimcore.adapters.schemas import definitions

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = 86_400


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (601, "10m"),
        (179 * 60, "179m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 60, "3h1m"),
        (8 * 3600 + 60, "8h"),
        (47 * 3600, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + 3600, "2d1h"),
        (8 * DAY + 3600, "8d"),
        (729 * DAY, "729d"),
        (730 * DAY, "2y"),
        (731 * DAY, "2y1d"),
        (8 * 365 * DAY + DAY, "8y"),
    ],
)
def test_an_age_is_written_as_kubectl_writes_it(seconds: int, age: str) -> None:
    assert since((NOW - timedelta(seconds=seconds)).isoformat(), NOW) == age


def test_a_time_without_a_zone_is_no_age() -> None:
    assert since("2026-01-01T00:00:00", NOW) == "<invalid>"


def test_every_column_of_the_definitions_is_a_plain_path() -> None:
    for _, text in definitions():
        [version] = yaml.safe_load(text)["spec"]["versions"]
        for column in version["additionalPrinterColumns"]:
            path = column["jsonPath"]
            assert path.startswith(".")
            assert path.replace(".", "").isalnum()
            assert printed(column).cell({}, NOW) is None


def test_all_kinds_are_served_once_for_each_version() -> None:
    served = endpoints_of(yaml.safe_load(text) for _, text in definitions())
    assert {version for version, plural in served if plural == "events"} == {"v1", "events.k8s.io/v1"}
    assert {one.plural for one in served.values() if one.custom} == {plural for plural, _ in definitions()}
    assert ("coordination.k8s.io/v1", "leases") in served


# --- workloads --------------------------------------------------------------------------------------------------------


def cells(kind: str, **manifest: Any) -> list[Any]:
    [endpoint] = [one for one in endpoints_of([]).values() if one.kind == kind]
    about = {"name": "aim-chat", "creationTimestamp": "2026-06-01T11:59:00Z"}
    manifest = {**manifest, "metadata": about | manifest.get("metadata", {})}
    return [column.cell(manifest, NOW) for column in endpoint.columns if not column.wide]


def test_deployments_and_replica_sets_count_pods() -> None:
    status = {"readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1, "replicas": 2}
    assert cells("Deployment", spec={"replicas": 2}, status=status) == ["aim-chat", "1/2", 2, 1, "60s"]
    assert cells("Deployment", spec={"replicas": 0}) == ["aim-chat", "0/0", 0, 0, "60s"]
    assert cells("Deployment", spec={}) == ["aim-chat", "0/1", 0, 0, "60s"]
    assert cells("ReplicaSet", spec={}, status=status) == ["aim-chat", 1, 2, 1, "60s"]


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ({}, ["0/1", "", "0"]),
        ({"phase": "Pending"}, ["0/1", "Pending", "0"]),
        ({"phase": "Failed", "reason": "Evicted"}, ["0/1", "Evicted", "0"]),
        ({"phase": "Running", "containerStatuses": [{"ready": True}]}, ["1/1", "Running", "0"]),
        (
            {
                "phase": "Running",
                "containerStatuses": [
                    {
                        "restartCount": 3,
                        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                        "lastState": {"terminated": {"finishedAt": "2026-06-01T11:59:30Z"}},
                    }
                ],
            },
            ["0/1", "CrashLoopBackOff", "3 (30s ago)"],
        ),
        ({"containerStatuses": [{"state": {"terminated": {"exitCode": 2}}}]}, ["0/1", "ExitCode:2", "0"]),
    ],
)
def test_pods_say_why_they_wait(status: dict[str, Any], shown: list[str]) -> None:
    assert cells("Pod", spec={"containers": [{}]}, status=status)[1:4] == shown


def test_a_pod_and_a_job_on_their_way_out() -> None:
    leaving = {"deletionTimestamp": "2026-06-01T12:00:00Z"}
    assert cells("Pod", metadata=leaving, status={"phase": "Running"})[2] == "Terminating"
    assert cells("Job", metadata=leaving)[1] == "Terminating"


def test_jobs_say_how_far_they_are() -> None:
    assert cells("Job", spec={})[1:4] == ["Running", "0/1", ""]
    began = {"startTime": "2026-06-01T11:59:20Z"}
    assert cells("Job", status=began)[3] == "40s"
    complete = {"conditions": [{"type": "Complete", "status": "True"}], "succeeded": 1}
    times = {**began, "completionTime": "2026-06-01T11:59:30Z"}
    assert cells("Job", spec={"completions": 1}, status=complete | times)[1:4] == ["Complete", "1/1", "10s"]


def test_services_claims_and_routes() -> None:
    spec = {"clusterIP": "10.0.0.5", "ports": [{"port": 80, "protocol": "TCP"}]}
    assert cells("Service", spec=spec)[1:5] == ["ClusterIP", "10.0.0.5", "<none>", "80/TCP"]
    assert cells("Service")[4] == "<none>"
    status = {"phase": "Bound", "capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteMany", "Odd"]}
    bound = cells("PersistentVolumeClaim", spec={"volumeName": "pv", "storageClassName": "fast"}, status=status)
    assert bound[1:6] == ["Bound", "pv", "5Gi", "RWX,Odd", "fast"]
    assert cells("HTTPRoute", spec={"hostnames": ["chat.test"]})[1] == ["chat.test"]


def test_short_names_are_those_of_kubernetes() -> None:
    short = {one.kind: one.short for one in endpoints_of([]).values() if one.kind in ("Pod", "Service", "Deployment")}
    assert short == {"Pod": ("po",), "Service": ("svc",), "Deployment": ("deploy",)}
