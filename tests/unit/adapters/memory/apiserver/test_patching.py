"""Patches do what their standards say, and touch nothing in place."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.memory.apiserver.patching import PatchError, json_patched, merge_patched, strategically_patched
from aimcore.adapters.memory.kinds import Shape

OBJECT = {"a": {"b": [1, 2]}, "c~/": None}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab/~"), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ([{"op": "add", "path": "/a/b/1", "value": 9}], {"a": {"b": [1, 9, 2]}, "c~/": None}),
        ([{"op": "add", "path": "/a/b/-", "value": 9}], {"a": {"b": [1, 2, 9]}, "c~/": None}),
        ([{"op": "replace", "path": "/a/b/0", "value": 9}], {"a": {"b": [9, 2]}, "c~/": None}),
        ([{"op": "remove", "path": "/c~0~1"}], {"a": {"b": [1, 2]}}),
        ([{"op": "remove", "path": "/a/b/0"}], {"a": {"b": [2]}, "c~/": None}),
        ([{"op": "test", "path": "/c~0~1", "value": None}], OBJECT),
        ([{"op": "copy", "from": "/a/b/0", "path": "/d"}], {**OBJECT, "d": 1}),
        ([{"op": "move", "from": "/a/b", "path": "/d"}], {"a": {}, "c~/": None, "d": [1, 2]}),
        ([{"op": "add", "path": "", "value": {}}], {}),
    ],
)
def test_a_json_patch(patch: Any, after: Any) -> None:
    before = copy.deepcopy(OBJECT)
    assert json_patched(OBJECT, patch) == after
    assert before == OBJECT


@pytest.mark.parametrize(
    "patch",
    [
        {},
        [1],
        [{"op": "add", "path": "a", "value": 1}],
        [{"op": "add", "path": "/a/b/9", "value": 1}],
        [{"op": "add", "path": "/x/y", "value": 1}],
        [{"op": "add", "path": "/a/b/0/z", "value": 1}],
        [{"op": "replace", "path": "/x", "value": 1}],
        [{"op": "replace", "path": "/a/b/-", "value": 1}],
        [{"op": "remove", "path": ""}],
        [{"op": "test", "path": "/a", "value": 1}],
        [{"op": "add", "path": "/a"}],
        [{"op": "fly", "path": "/a"}],
        [{"op": "remove", "path": "/a/b/٣"}],
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused(patch: Any) -> None:
    with pytest.raises(PatchError):
        json_patched(OBJECT, patch)


@given(JSON, JSON)
def test_whatever_patches_whatever_there_is_one_kind_of_error(value: Any, patch: Any) -> None:
    before = copy.deepcopy(value)
    for patched in (json_patched, merge_patched, lambda old, new: strategically_patched(old, new, NAMED)):
        with suppress(PatchError):
            patched(value, patch)
    assert value == before


NAMED = Shape(fields={"a": Shape(keys=("name",)), "finalizers": Shape(keys=())})
ITEMS: dict[str, Any] = {"a": [{"name": "x", "v": 1}, {"name": "y"}], "finalizers": ["one"]}


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ({"a": [{"name": "x", "v": 2}]}, {**ITEMS, "a": [{"name": "x", "v": 2}, {"name": "y"}]}),
        ({"a": [{"name": "z"}]}, {**ITEMS, "a": [*ITEMS["a"], {"name": "z"}]}),
        ({"a": [{"name": "x", "$patch": "delete"}]}, {**ITEMS, "a": [{"name": "y"}]}),
        ({"a": [{"$patch": "replace"}, {"name": "z"}]}, {**ITEMS, "a": [{"name": "z"}]}),
        ({"$setElementOrder/a": [{"name": "x"}], "a": [{"name": "x"}]}, ITEMS),
        ({"finalizers": ["two", "one"]}, {**ITEMS, "finalizers": ["one", "two"]}),
        ({"$deleteFromPrimitiveList/finalizers": ["one"]}, {**ITEMS, "finalizers": []}),
        ({"a": None}, {"finalizers": ["one"]}),
        ({"$patch": "replace", "b": 1}, {"b": 1}),
        ({"$retainKeys": ["b"], "b": {"c": 1}}, {"b": {"c": 1}}),
        ({"a": {"$patch": "delete"}}, {"finalizers": ["one"]}),
    ],
)
def test_a_strategic_merge_patch(patch: Any, after: Any) -> None:
    assert strategically_patched(ITEMS, patch, NAMED) == after
