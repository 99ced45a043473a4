"""Whose turn it is: the namespaces one after the other, and in each what came first.

The cluster counts as one namespace. Somebody with ten thousand of a thing delays another's by one, not by ten thousand.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Turns"]

T = TypeVar("T")


@dataclass(slots=True)
class Turns(Generic[T]):
    """What waits for its turn."""

    _waiting: OrderedDict[str | None, deque[T]] = field(default_factory=OrderedDict)

    def add(self, namespace: str | None, thing: T) -> None:
        """One more of a namespace, behind its others."""
        self._waiting.setdefault(namespace, deque()).append(thing)

    def take(self) -> T | None:
        """The next one, None where nothing waits."""
        if not self._waiting:
            return None
        namespace, things = self._waiting.popitem(last=False)
        thing = things.popleft()
        if things:
            self._waiting[namespace] = things
        return thing
