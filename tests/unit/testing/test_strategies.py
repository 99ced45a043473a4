"""What the strategies draw is what they say: valid where they say valid, wrong exactly where they say wrong."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import aimcore.testing as harness
from aimcore.adapters import wire
from aimcore.domain.hardware.nodes import node_gpus
from aimcore.domain.images.deployments import parse_deployments
from aimcore.domain.images.labels import read_labels
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.kubenames import is_dns1123_label, is_label_value
from aimcore.domain.values.quantity import parse_quantity

PATIENT = (HealthCheck.too_slow,)
UNSHRUNK = settings(max_examples=500, phases=[Phase.generate], suppress_health_check=PATIENT)


def test_every_public_name_is_where_the_package_says() -> None:
    found = {name: getattr(harness, name) for name in harness.__all__}
    for module, names in harness._HOMES.items():
        home = import_module(f"aimcore.testing.{module}")
        assert {name: found[name] for name in names} == {name: getattr(home, name) for name in names}
        assert set(names) <= set(home.__all__)
    assert {name for names in harness._HOMES.values() for name in names} == found.keys()
    with pytest.raises(AttributeError, match="has no attribute 'surprise'"):
        harness.__getattr__("surprise")


@given(harness.names(), harness.label_values(), harness.quantities(), harness.image_references())
def test_values_are_valid(name: str, value: str, quantity: str, image: str) -> None:
    assert is_dns1123_label(name)
    assert is_label_value(value)
    assert parse_quantity(str(parse_quantity(quantity))) == parse_quantity(quantity)
    assert parse_image(str(parse_image(image))) == parse_image(image)


@settings(suppress_health_check=PATIENT)
@given(harness.manifests() | harness.secrets() | harness.service_accounts() | harness.namespaces() | harness.nodes())
def test_manifests_are_valid(manifest: dict[str, Any]) -> None:
    assert wire.faults(manifest) == ()


RECORDS = (
    *(harness.model_records(), harness.template_records()),
    *(harness.service_records(), harness.runtime_config_records()),
)


@settings(suppress_health_check=PATIENT)
@given(st.one_of(*RECORDS))
def test_records_are_what_their_manifests_decode_to(thing: Any) -> None:
    assert wire.decode(wire.encode(thing)) == thing


@given(harness.secret_records(), harness.service_account_records(), harness.node_records())
def test_core_records_are_records(secret: object, account: object, node: Any) -> None:
    assert repr(secret).startswith("Secret(")
    assert repr(account).startswith("ServiceAccount(")
    assert all(gpu.count for gpu in node_gpus(node))


@settings(suppress_health_check=PATIENT)
@given(harness.nearly_valid_manifests())
def test_what_was_planted_is_found_where_it_was_planted(nearly: harness.NearlyValid) -> None:
    found = {fault.path for fault in wire.faults(nearly.manifest)}
    assert {planted.path for planted in nearly.planted} <= found


@given(st.lists(harness.deployments(), max_size=4), st.data())
def test_a_list_of_deployments_reads_the_same_in_every_spelling(elements: list[Any], data: st.DataObject) -> None:
    text = data.draw(harness.spelt_deployments(elements))
    assert parse_deployments(text) == parse_deployments(json.dumps(elements))
    assert parse_deployments(text)[1] == ()


@given(st.lists(harness.deployments(), max_size=3), harness.broken_deployments(), st.data())
def test_a_broken_element_costs_itself(elements: list[Any], broken: Any, data: st.DataObject) -> None:
    text = data.draw(harness.spelt_deployments([*elements, broken]))
    good, bad = parse_deployments(text)
    assert good == parse_deployments(json.dumps(elements))[0]
    assert [element.index for element in bad] == [len(elements)]


@pytest.mark.parametrize(
    "sort",
    [
        pytest.param(lambda read: bool(read.failure), id="cannot be read"),
        pytest.param(lambda read: not read.failure and bool(read.problems), id="is read with problems"),
        pytest.param(lambda read: len(read.metadata.model.recommended_deployments) > 1, id="recommends several"),
        pytest.param(lambda read: not read.metadata.model.recommended_deployments, id="recommends none"),
    ],
)
def test_image_labels_are_of_every_sort(sort: Any) -> None:
    assert sort(read_labels(find(harness.image_labels(), lambda labels: sort(read_labels(labels)))))


@pytest.mark.parametrize("word", ["Ready", "Failed", "Degraded", "Starting", "Pending", "NotAvailable"])
def test_worlds_end_in_every_word(word: str) -> None:
    def says(world: harness.World) -> bool:
        return any(one.get("status", {}).get("status") == word for one in world.settle().ours().values())

    assert says(find(harness.worlds(), says, settings=UNSHRUNK))
