"""An index is a dictionary of dictionaries, whatever is put into it and taken out of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.values.index import Index

PLACES, KEYS = st.sampled_from("ab"), st.sampled_from("xyz")


@given(st.lists(st.tuples(PLACES, KEYS, st.integers(0, 1) | st.none())))
def test_it_holds_what_a_dictionary_of_dictionaries_holds(moves: list[tuple[str, str, int | None]]) -> None:
    index = Index[str, tuple[str, int]](key=lambda thing: thing[0])
    plain: dict[str, dict[str, tuple[str, int]]] = {"a": {}, "b": {}}
    for place, key, number in moves:
        if number is not None:
            index.put(place, (key, number))
            plain[place][key] = (key, number)
        elif key in plain[place]:
            index.remove(place, (key, 0))
            del plain[place][key]
        assert {at: index.at(at) for at in plain} == {at: tuple(held.values()) for at, held in plain.items()}
        assert [at in index for at in plain] == [bool(held) for held in plain.values()]
