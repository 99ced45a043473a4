"""Routing is kept as a whole: what this release does not know of it is neither refused nor lost."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters import wire
from aimcore.domain.kinds.config import merge_configs
from aimcore.domain.kinds.records import RuntimeConfig
from aimcore.domain.values.layering import Layer


def config(routing: Any, kind: str = "AIMClusterRuntimeConfig") -> dict[str, Any]:
    place = {} if "Cluster" in kind else {"namespace": "team"}
    return {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": kind,
        "metadata": {"name": "default", **place},
        "spec": {"serviceAccountName": "runner", "routing": routing},
    }


def decoded(routing: Any, kind: str = "AIMClusterRuntimeConfig") -> RuntimeConfig:
    thing = wire.decode(config(routing, kind))
    assert isinstance(thing, RuntimeConfig)
    return thing


@pytest.mark.rule("KIND-8")
@pytest.mark.parametrize(
    "routing",
    [
        pytest.param({"mirrors": ["workloads.example.com"]}, id="a list"),
        pytest.param({"enabled": True, "cors": {"origins": ["*"], "maxAge": 5}}, id="an object"),
        pytest.param({"gatewayRef": {"name": "edge", "weight": 3}}, id="of the gateway"),
        pytest.param({"pathTemplate": "/{x}", "requestTimeout": "180s", "retries": 2}, id="beside what is known"),
        pytest.param({"pathTemplate": "{.metadata.namespace}/{.metadata.labels['x']}"}, id="no slash in front"),
    ],
)
def test_what_is_not_known_of_routing_is_kept(routing: dict[str, Any]) -> None:
    assert wire.faults(config(routing)) == ()
    for read in (wire.decode, wire.decode_stored):
        thing = read(config(routing))
        assert isinstance(thing, RuntimeConfig)
        assert wire.encode(thing)["spec"] == {"serviceAccountName": "runner", "routing": routing}


@pytest.mark.rule("KIND-8")
def test_a_null_in_routing_says_nothing() -> None:
    assert decoded({"mirrors": None}) == decoded({})


@pytest.mark.rule("KIND-8", "CONF-1")
def test_what_is_not_known_merges_by_presence() -> None:
    near = decoded({"mirrors": [], "retries": 0}, "AIMRuntimeConfig")
    merged = merge_configs(near, decoded({"mirrors": ["a"], "weight": 1})).values
    assert {name: (one.value, one.layer) for name, one in merged.items() if name.startswith("routing")} == {
        "routing.mirrors": ([], Layer.NAMESPACE_CONFIG),
        "routing.retries": (0, Layer.NAMESPACE_CONFIG),
        "routing.weight": (1, Layer.CLUSTER_CONFIG),
    }


@pytest.mark.rule("KIND-3", "KIND-8")
@pytest.mark.parametrize(
    ("routing", "fault"),
    [
        pytest.param("on", "$.spec.routing: found text; expected an object [KIND-8]", id="no object"),
        pytest.param(
            {"enabled": "yes", "mirrors": []},
            "$.spec.routing.enabled: found 'yes'; expected true or false [KIND-8]",
            id="a known field of the wrong type",
        ),
    ],
)
def test_what_is_known_of_routing_is_still_read_strictly(routing: Any, fault: str) -> None:
    assert [str(one) for one in wire.faults(config(routing))] == [fault]


@pytest.mark.rule("KIND-8")
@pytest.mark.parametrize(
    ("routing", "told"),
    [
        pytest.param({"hostnames": ["a.example"], "cors": {}}, [], id="known, and for later"),
        pytest.param(
            {"hostname": "a.example"},
            ["$.spec.routing.hostname: is kept and not read; did you mean 'hostnames'?"],
            id="one",
        ),
        pytest.param(
            {"gatewayRef": {"name": "edge", "sectionname": "https"}},
            ["$.spec.routing.gatewayRef.sectionname: is kept and not read; did you mean 'sectionName'?"],
            id="of the gateway",
        ),
    ],
)
def test_a_field_that_is_nearly_one_that_is_read_is_kept_and_warned_of(routing: Any, told: list[str]) -> None:
    manifest = config(routing)
    assert [f"{fault.path}: {fault.message}" for fault in wire.faults(manifest)] == told
    assert all(fault.warning for fault in wire.faults(manifest))
    assert isinstance(wire.decode(manifest), RuntimeConfig)
