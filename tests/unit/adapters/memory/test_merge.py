"""Merging says what was said last, removes nothing, and shares what stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.memory.kinds import PLAIN, Shape
from aimcore.adapters.memory.merge import claims, compare, merge, remove
from aimcore.ports.errors import Invalid

KEYED = Shape(keys=("name",), items=PLAIN)
PORTS = Shape(keys=("port", "protocol"), items=PLAIN)
SHAPE = Shape(
    fields={
        "env": KEYED,
        "tags": Shape(keys=()),
        "unit": Shape(atomic=True),
        "ports": PORTS,
        "pools": Shape(members=True),
    }
)

words = st.sampled_from(["a", "b", "c"])
entries = st.builds(lambda name, value: {"name": name, "value": value}, words, words)
ports = st.builds(lambda port, protocol: {"port": port, "protocol": protocol}, st.integers(1, 2), words)
documents = st.fixed_dictionaries(
    {},
    optional={
        "env": st.lists(entries, unique_by=lambda entry: str(entry["name"])),
        "tags": st.lists(words, unique=True),
        "unit": st.dictionaries(words, words),
        "ports": st.lists(ports, unique_by=str),
        "pools": st.dictionaries(words, st.dictionaries(words, words)),
        "args": st.lists(words),
        "inner": st.dictionaries(words, st.dictionaries(words, words) | words),
    },
)


@given(documents, documents)
def test_merging_changes_neither_side(live: Any, applied: Any) -> None:
    before = copy.deepcopy((live, applied))
    merge(live, applied, SHAPE)
    compare(live, applied, SHAPE)
    remove(live, claims(applied, SHAPE), SHAPE)
    assert (live, applied) == before


@given(documents, documents)
def test_merging_twice_is_merging_once(live: Any, applied: Any) -> None:
    once = merge(live, applied, SHAPE)
    assert merge(once, applied, SHAPE) is once


@given(documents, documents)
def test_a_merge_holds_all_that_either_claims(live: Any, applied: Any) -> None:
    merged = merge(live, applied, SHAPE)
    assert not compare(live, merged, SHAPE).removed
    assert merge(merged, applied, SHAPE) is merged


@given(documents)
def test_a_document_does_not_differ_from_itself(live: Any) -> None:
    assert compare(live, copy.deepcopy(live), SHAPE) == ({}, {}, {})
    assert merge(live, copy.deepcopy(live), SHAPE) is live


@given(documents, documents)
def test_what_one_way_adds_the_other_way_removes(one: Any, other: Any) -> None:
    there, back = compare(one, other, SHAPE), compare(other, one, SHAPE)
    assert (there.added, there.removed, there.modified) == (back.removed, back.added, back.modified)


def test_members_of_a_map_of_containers_are_claimed_themselves() -> None:
    assert claims({"pools": {"a": {"b": "c"}}}, SHAPE) == {"f:pools": {"f:a": {".": {}, "f:b": {}}}}


def test_an_empty_keyed_list_claims_nothing() -> None:
    assert claims({"env": [], "tags": []}, SHAPE) == {}


def test_two_keys_make_one_identity() -> None:
    applied = {"ports": [{"port": 1, "protocol": "udp"}]}
    merged = merge({"ports": [{"port": 1, "protocol": "tcp"}]}, applied, SHAPE)
    assert [port["protocol"] for port in merged["ports"]] == ["tcp", "udp"]
    assert claims(applied, SHAPE) == {
        "f:ports": {'k:{"port":1,"protocol":"udp"}': {".": {}, "f:port": {}, "f:protocol": {}}}
    }


def test_an_atomic_map_is_replaced_whole() -> None:
    assert merge({"unit": {"a": "1"}}, {"unit": {"b": "2"}}, SHAPE) == {"unit": {"b": "2"}}


@pytest.mark.parametrize(
    ("old", "new", "added"),
    [
        pytest.param({}, {"inner": None}, {"f:inner": {}}, id="a null where nothing was"),
        pytest.param({"inner": None}, {"inner": {"a": "b"}}, {"f:inner": {"f:a": {}}}, id="a map where null was"),
    ],
)
def test_null_is_an_empty_container(old: Any, new: Any, added: Any) -> None:
    assert compare(old, new, SHAPE).added == added


def test_null_applied_to_a_container_leaves_it() -> None:
    live = {"inner": {"a": "b"}, "env": [{"name": "a"}]}
    assert merge(live, {"inner": None, "env": None}, SHAPE) == live


@pytest.mark.parametrize(
    "env",
    [
        pytest.param([{"value": "a"}], id="no key"),
        pytest.param(["a"], id="no mapping"),
        pytest.param([{"name": "a"}, {"name": "a"}], id="one key twice"),
    ],
)
def test_a_keyed_list_is_applied_with_each_key_once(env: Any) -> None:
    with pytest.raises(Invalid):
        claims({"env": env}, SHAPE)
