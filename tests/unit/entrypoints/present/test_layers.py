from __future__ import annotations

import pytest

from aimcore.domain.kinds.resources import MergedResources, ResourceClaim
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.kinds.workload import GatewayRef
from aimcore.domain.values.layering import Layer, Layered, PassedOver
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.sources import EnvVar, SecretKeyRef
from aimcore.entrypoints.present.layers import layered_data, plain_value, resources_data, told_value

MEMORY = Layered(
    value=parse_quantity("128Gi"),
    layer=Layer.SERVICE,
    passed_over=(
        PassedOver(layer=Layer.MODEL, value=parse_quantity("64Gi")),
        PassedOver(layer=Layer.PROFILE, value=parse_quantity("1"), name="amd.com/gpu", reason="below the request"),
    ),
)


@pytest.mark.rule("RES-1")
def test_a_value_tells_its_layer_and_all_that_it_beat() -> None:
    assert layered_data({"memory": MEMORY}) == {
        "memory": {
            "value": "128Gi",
            "layer": "service",
            "passedOver": [
                {"layer": "model", "value": "64Gi"},
                {"layer": "profile", "value": "1", "name": "amd.com/gpu", "reason": "below the request"},
            ],
        }
    }
    assert told_value(MEMORY) == "128Gi (service, over model 64Gi, profile amd.com/gpu 1, below the request)"


def test_values_are_listed_by_name() -> None:
    cpu = Layered(value=parse_quantity("4"), layer=Layer.MODEL)
    assert list(layered_data({"memory": MEMORY, "cpu": cpu})) == ["cpu", "memory"]


def test_claims_are_told_when_there_are_any() -> None:
    claim = Layered(value=ResourceClaim(name="gpus"), layer=Layer.MODEL)
    assert "claims" not in resources_data(MergedResources())
    assert resources_data(MergedResources(claims={"gpus": claim}))["claims"] == {
        "gpus": {"value": {"name": "gpus"}, "layer": "model", "passedOver": []}
    }


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(True, True, id="a boolean"),
        pytest.param(Scope.CLUSTER, "Cluster", id="a word"),
        pytest.param(("a/*", "b"), ["a/*", "b"], id="a list"),
        pytest.param({"a": "b"}, {"a": "b"}, id="a mapping"),
        pytest.param(parse_quantity("0.5Gi"), "512Mi", id="a quantity, canonically"),
        pytest.param(
            GatewayRef(name="g", section_name="s"), {"name": "g", "sectionName": "s"}, id="a reference, as spelt"
        ),
        pytest.param(EnvVar(name="A", value="x"), "x", id="a variable"),
        pytest.param(EnvVar(name="A"), "", id="an empty variable"),
        pytest.param(
            EnvVar(name="A", value_from=SecretKeyRef(name="hf", key="token")),
            {"secretKeyRef": {"name": "hf", "key": "token"}},
            id="a variable from a secret",
        ),
    ],
)
def test_values_of_the_domain_are_spelt_as_manifests_spell_them(value: object, plain: object) -> None:
    assert plain_value(value) == plain


def test_a_value_that_is_no_text_is_told_as_json() -> None:
    assert told_value(Layered(value=("a", "b"), layer=Layer.CLUSTER_CONFIG)) == '["a", "b"] (clusterConfig)'
