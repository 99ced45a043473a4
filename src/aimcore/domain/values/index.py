"""Things by the places where they are found."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Index"]

P = TypeVar("P", bound=Hashable)
T = TypeVar("T")


class Index(Generic[P, T]):
    """What stands at each place, by `key`; of two things with one key the later stands.

    Most places have one thing only, which is kept without a dictionary of its own: in a cluster of a hundred thousand
    objects these would be most of the memory. So no thing may be a `dict`.

    >>> letters = Index[str, str](key=str.lower)
    >>> letters.put("latin", "a"), letters.put("latin", "B"), letters.put("latin", "b")
    (None, None, None)
    >>> letters.at("latin"), letters.at("greek")
    (('a', 'b'), ())
    """

    def __init__(self, *, key: Callable[[T], Hashable]) -> None:
        self._key = key
        self._held: dict[P, T | dict[Hashable, T]] = {}

    def __contains__(self, place: P) -> bool:
        return place in self._held

    def at(self, place: P) -> tuple[T, ...]:
        """Everything at that place, in the order it came."""
        held = self._held.get(place)
        if held is None:
            return ()
        return tuple(held.values()) if isinstance(held, dict) else (held,)

    def put(self, place: P, thing: T) -> None:
        """The thing is at that place."""
        held = self._held.get(place)
        key = self._key(thing)
        if isinstance(held, dict):
            held[key] = thing
        elif held is None or self._key(held) == key:
            self._held[place] = thing
        else:
            self._held[place] = {self._key(held): held, key: thing}

    def remove(self, place: P, thing: T) -> None:
        """The thing of this key, which was put there, is at that place no longer."""
        held = self._held[place]
        if not isinstance(held, dict):
            del self._held[place]
            return
        del held[self._key(thing)]
        if len(held) == 1:
            [self._held[place]] = held.values()
