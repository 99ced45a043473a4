"""Field sets are sets: the algebra of trees is the algebra of the paths in them."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.memory.fieldset import FieldSet, difference, intersection, paths, union

steps = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'])
members = st.sets(st.lists(steps, min_size=1, max_size=3).map(tuple), max_size=6)


def tree(found: set[tuple[str, ...]]) -> FieldSet:
    """The tree of these paths, as the API server writes it."""
    out: dict[str, FieldSet] = {}
    for first in {path[0] for path in found}:
        below = tree({path[1:] for path in found if path[0] == first and len(path) > 1})
        itself = (first,) in found
        out[first] = {".": {}, **below} if itself and below else below
    return out


def test_paths_are_printed_as_the_api_server_prints_them() -> None:
    fields: FieldSet = {"f:a": {'k:{"name":"x","port":1}': {"f:b": {}}, "v:true": {}, "i:3": {}}}
    assert list(paths(fields)) == [".a[3]", '.a[name="x",port=1].b', ".a[=true]"]


@given(members)
def test_a_tree_has_the_paths_it_was_made_of(found: set[tuple[str, ...]]) -> None:
    assert len(list(paths(tree(found)))) == len(found)


@given(members, members)
def test_union_holds_what_either_holds(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> None:
    assert union(tree(one), tree(other)) == tree(one | other)


@given(members, members)
def test_difference_holds_what_only_the_first_holds(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> None:
    assert difference(tree(one), tree(other)) == tree(one - other)


@given(members, members)
def test_intersection_holds_what_both_hold(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> None:
    assert intersection(tree(one), tree(other)) == tree(one & other)


@given(members, members)
def test_no_operation_changes_what_it_was_given(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> None:
    given_trees = tree(one), tree(other)
    before = copy.deepcopy(given_trees)
    for operation in (union, difference, intersection):
        operation(*given_trees)
    assert given_trees == before


@given(members, members)
def test_what_nothing_happens_to_is_returned_as_it_was(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> None:
    whole = tree(one | other)
    if one | other:
        assert union(whole, tree(one)) is whole
    assert difference(tree(one - other), tree(other)) == tree(one - other)
    kept = tree(one)
    assert difference(kept, tree(other - one)) is kept
