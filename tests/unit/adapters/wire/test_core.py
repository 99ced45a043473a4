"""Objects of Kubernetes' own are read for the little that decisions look at."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters import wire
from aimcore.domain.errors import InvalidManifestError
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.taints import Taint
from aimcore.domain.kinds.core import Namespace, Secret, ServiceAccount
from aimcore.domain.values.quantity import parse_quantity

HERE = {"name": "one", "namespace": "here"}


def core(kind: str, metadata: Any = HERE, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **fields}


@pytest.mark.parametrize(
    ("manifest", "thing"),
    [
        pytest.param(core("Namespace", {"name": "a"}), Namespace(name="a"), id="a namespace"),
        pytest.param(
            core("Namespace", {"name": "a", "deletionTimestamp": "t"}),
            Namespace(name="a", deleting=True),
            id="one deleted",
        ),
        pytest.param(
            core("Namespace", {"name": "a"}, status={"phase": "Terminating"}),
            Namespace(name="a", deleting=True),
            id="one terminating",
        ),
        pytest.param(
            core("Secret", type="kubernetes.io/dockerconfigjson", data={".dockerconfigjson": 5}),
            Secret(namespace="here", name="one", type="kubernetes.io/dockerconfigjson"),
            id="a secret, whatever is in it",
        ),
        pytest.param(core("Secret"), Secret(namespace="here", name="one", type="Opaque"), id="a secret of no type"),
        pytest.param(
            core("ServiceAccount", imagePullSecrets=[{"name": "a"}, {}, {"name": "b"}]),
            ServiceAccount(namespace="here", name="one", image_pull_secrets=("a", "b")),
            id="a service account with pull secrets",
        ),
        pytest.param(
            core("ServiceAccount", imagePullSecrets=None),
            ServiceAccount(namespace="here", name="one"),
            id="a service account without",
        ),
        pytest.param(
            core(
                "Node",
                {"name": "n", "labels": {"amd.com/gpu.product-name": "MI300X"}},
                spec={"taints": []},
                status={"allocatable": {"amd.com/gpu": "8", "cpu": 96}},
            ),
            Node(
                name="n",
                labels={"amd.com/gpu.product-name": "MI300X"},
                allocatable={"amd.com/gpu": parse_quantity("8"), "cpu": parse_quantity("96")},
            ),
            id="a node",
        ),
        pytest.param(core("Node", {"name": "n"}), Node(name="n", labels={}, allocatable={}), id="a bare node"),
        pytest.param(
            core(
                "Node",
                {"name": "n"},
                spec={"unschedulable": True, "taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}, "?"]},
                status={"conditions": ["?", {"type": "MemoryPressure", "status": "True"}]},
            ),
            Node(
                name="n",
                labels={},
                allocatable={},
                unschedulable=True,
                taints=(Taint(key="gpu", value="yes", effect="NoSchedule"), Taint(key="", effect="")),
            ),
            id="a cordoned, tainted node",
        ),
        *(
            pytest.param(
                core("Node", {"name": "n"}, status={"conditions": [{"type": "Ready", "status": status}]}),
                Node(name="n", labels={}, allocatable={}, ready=ready),
                id=f"a node whose condition Ready is {status}",
            )
            for status, ready in (("True", True), ("False", False), ("Unknown", False))
        ),
    ],
)
def test_it_is_read(manifest: dict[str, Any], thing: object) -> None:
    assert wire.knows(manifest)
    assert wire.faults(manifest) == ()
    assert wire.decode(manifest) == thing


@pytest.mark.parametrize(
    ("manifest", "line"),
    [
        pytest.param(core("Namespace", {}), "$.metadata.name: found null; expected text [KIND-1]", id="no name"),
        pytest.param(
            core("Secret", {"name": "a"}), "$.metadata.namespace: found null; expected text [KIND-1]", id="no place"
        ),
        pytest.param(core("Secret", "a"), "$.metadata: found text; expected an object [KIND-1]", id="no metadata"),
        pytest.param(core("Secret", type=5), "$.type: found a number; expected text [KIND-1]", id="no type"),
        pytest.param(
            core("ServiceAccount", imagePullSecrets="a"),
            "$.imagePullSecrets: found text; expected a list [KIND-1]",
            id="no list",
        ),
        pytest.param(
            core("Node", {"name": "n", "labels": []}),
            "$.metadata.labels: found a list; expected an object [KIND-1]",
            id="no labels",
        ),
    ],
)
def test_what_cannot_be_read_is_told(manifest: dict[str, Any], line: str) -> None:
    assert list(map(str, wire.faults(manifest))) == [line]
    with pytest.raises(InvalidManifestError):
        wire.decode(manifest)


@pytest.mark.rule("TMPL-8")
def test_an_amount_of_a_node_that_is_none_costs_itself_and_is_told_where_it_is() -> None:
    node = core("Node", {"name": "n"}, status={"allocatable": {"amd.com/gpu": "many", "cpu": "8"}})
    assert [(fault.path, fault.rule, fault.warning) for fault in wire.faults(node)] == [
        ('$.status.allocatable["amd.com/gpu"]', "TMPL-8", True)
    ]
    assert wire.decode(node) == Node(name="n", labels={}, allocatable={"cpu": parse_quantity("8")})


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param({"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMModle"}, id="ours, misspelt"),
        pytest.param({"apiVersion": "aim.silogen.ai", "kind": "AIMModel"}, id="ours, without a version"),
    ],
)
def test_it_knows_what_it_refuses(manifest: dict[str, Any]) -> None:
    assert wire.knows(manifest)


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param({"apiVersion": "apps/v1", "kind": "Deployment"}, id="another group"),
        pytest.param({"apiVersion": "v1", "kind": "Pod"}, id="another kind"),
        pytest.param({"apiVersion": 1, "kind": []}, id="no kind at all"),
    ],
)
def test_it_does_not_know_what_others_read(manifest: dict[str, Any]) -> None:
    assert not wire.knows(manifest)
