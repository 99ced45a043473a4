"""What a status says of nodes: a cluster keeps it as it was said, and Kubernetes takes it for a Pod as it is."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters import wire
from aimcore.domain.decide.templates import resolved_hardware
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import TemplateStatus, Verdict
from aimcore.domain.view.plan import SetStatus
from tests.integration.cluster.bench import bench
from tests.integration.cluster.driver import Cluster, RealCluster

KINDS = [
    pytest.param(("MI300X", "MI250"), id="models of the table"),
    pytest.param(("MI300X", "NVIDIA-H100-80GB-HBM3"), id="a model of the table and one of none"),
    pytest.param(("\u2603",), id="what no label can say"),
]


def status(models: tuple[str, ...]) -> TemplateStatus:
    return TemplateStatus(status=Verdict.READY, resolved_hardware=resolved_hardware(Hardware(gpu=Gpu(models=models))))


def template(home: str) -> dict[str, Any]:
    return {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMServiceTemplate",
        "metadata": {"name": "llama-1x", "namespace": home},
        "spec": {"modelName": "llama"},
    }


@pytest.mark.rule("KIND-10", "KIND-9")
@pytest.mark.parametrize("models", KINDS)
def test_a_cluster_keeps_it_as_it_was_said(cluster: Cluster, home: str, models: tuple[str, ...]) -> None:
    uid = cluster.create(template(home), manager="ann")["metadata"]["uid"]
    key, said = Key(Kind.TEMPLATE, home, "llama-1x"), status(models)
    with bench(cluster) as at:
        at.port.set_status(SetStatus(key=key, uid=uid, status=said, events=(), rule="TMPL-6"))
        known = at.hear_until(lambda known: isinstance(one := known.find(key), Template) and one.status is not None)
        stands = known.find(key)
        assert isinstance(stands, Template)
        assert stands.status == said


@pytest.mark.rule("KIND-10")
@pytest.mark.parametrize("models", KINDS)
def test_kubernetes_takes_it_for_a_pod(real: RealCluster, models: tuple[str, ...]) -> None:
    affinity = wire.encode_status(Kind.TEMPLATE, status(models))["resolvedHardware"]["nodeAffinity"]
    spec = {"containers": [{"name": "main", "image": "nginx"}], "affinity": {"nodeAffinity": affinity}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "placed"}, "spec": spec}
    taken = real.send("POST", "/api/v1/namespaces/default/pods?dryRun=All&fieldValidation=Strict", pod)
    assert taken["spec"]["affinity"] == spec["affinity"]
