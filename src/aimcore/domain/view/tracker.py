"""Which objects a change concerns: those whose decisions read something that shows differently now.

A decision is a function of what it read, so it can only change where one of those answers does. Nobody lists what each
decision depends on: it is noted what it read, and a change enqueues those who read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aimcore.domain.hardware.fit import Need
from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.config import ResolvedConfig
from aimcore.domain.kinds.records import AimObject, Resource, RuntimeConfig
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.index import Index
from aimcore.domain.view.cache import CoreObject, ObjectCache, ReadView
from aimcore.domain.view.keys import IndexDef, IndexKey, key_of

__all__ = ["DependencyTracker", "Looked", "watched"]

Looked = dict[IndexKey, Need | None]
"""The keys that were read, in the order of reading; with those that ask all nodes together stands what they ask for."""

_NODES = "nodes"
_COMMON = frozenset({Kind.RUNTIME_CONFIG, Kind.NAMESPACE, Kind.SECRET, Kind.SERVICE_ACCOUNT})


def watched(view: ReadView, looked: Looked) -> ReadView:
    """The same view; the key of each read is put into `looked`, in the order of reading."""
    return _Watched(view, looked)


@lru_cache(maxsize=1024)  # what many read is kept once
def _common(word: str, namespace: str | None, name: str) -> IndexKey:
    return word, namespace, name


class _Watched(ReadView):
    """The view behind it, and a note of each read."""

    def __init__(self, behind: ReadView, looked: Looked) -> None:
        self._behind = behind
        self._looked = looked
        self._inventory: Inventory | None = None

    def get(self, kind: Kind, namespace: str | None, name: str) -> Any:
        make = _common if kind in _COMMON else _key
        self._looked[make(kind.plural, namespace, name)] = None
        return self._behind.get(kind, namespace, name)

    def at(self, index: IndexDef, namespace: str | None, word: str) -> tuple[Any, ...]:
        self._looked[index.name, namespace, word] = None
        return self._behind.at(index, namespace, word)

    def merged(self, near: RuntimeConfig | None, far: RuntimeConfig | None) -> ResolvedConfig:
        return self._behind.merged(near, far)  # both were read

    @property
    def inventory(self) -> Inventory | None:
        found = self._behind.inventory  # whether nodes can be read at all is told by another way
        if found is not None and self._inventory is None:
            supplies, away, answers = found.supplies, found.away, found.answers
            self._inventory = _WatchedInventory(supplies=supplies, away=away, answers=answers, looked=self._looked)
        return self._inventory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _WatchedInventory(Inventory):
    """An inventory, and a note of each need that it was asked about."""

    looked: Looked

    def lacks(self, need: Need) -> str | None:
        self.looked[_NODES, None, need.word] = need
        return Inventory.lacks(self, need)


def _key(word: str, namespace: str | None, name: str) -> IndexKey:
    return word, namespace, name


@dataclass(frozen=True, slots=True, eq=False)
class _Reads:
    """What somebody read. The templates of a model read the same, and share one."""

    keys: tuple[IndexKey, ...]


class DependencyTracker:
    """Who read what of a cache, which it keeps in step with the cluster."""

    def __init__(self, cache: ObjectCache) -> None:
        self._cache = cache
        self._reads: dict[tuple[IndexKey, ...], _Reads] = {}
        self._of: dict[Key, _Reads] = {}
        self._readers: Index[IndexKey, _Reads] = Index(key=_itself)
        self._shared_by: Index[_Reads, Key] = Index(key=_itself)
        self._needs: dict[str, Need] = {}
        self._asked: dict[Key, tuple[str, ...]] = {}
        self._askers: Counter[str] = Counter()

    def put(self, thing: AimObject | CoreObject) -> set[Key]:
        """Takes the thing as it is now; the keys for which another answer may come of it, its own among them."""
        return self._change(self._cache.put, thing)

    def drop(self, thing: AimObject | CoreObject) -> set[Key]:
        """Forgets the thing; the keys for which another answer may come of it."""
        affected = self._change(self._cache.drop, thing)
        if _is_decided(thing):
            self._forget(key_of(thing))
            affected.discard(key_of(thing))
        return affected

    def note(self, key: Key, looked: Mapping[IndexKey, Need | None]) -> None:
        """The object of this key was decided, and read what is at these index keys only."""
        self._note_needs(key, [need for need in looked.values() if need is not None])
        keys = tuple([one for one, need in looked.items() if need is None])
        reads = self._reads.get(keys)
        if reads is not None and self._of.get(key) is reads:
            return
        self._forget_reads(key)
        if reads is None:
            reads = self._reads[keys] = _Reads(keys)
            for one in keys:
                self._readers.put(one, reads)
        self._of[key] = reads
        self._shared_by.put(reads, key)

    def _note_needs(self, key: Key, needs: Sequence[Need]) -> None:
        """Which needs it asked all nodes about: few are different, so each is kept once, and who asked is sought when one changes."""
        words = tuple([need.word for need in needs])
        before = self._asked.get(key, ())
        if words == before:
            return
        self._needs |= {need.word: need for need in needs}
        self._askers.update(words)
        self._askers.subtract(before)
        for word in before:
            if not self._askers[word]:
                del self._askers[word], self._needs[word]
        if words:
            self._asked[key] = words
        else:
            del self._asked[key]

    def _change(
        self, take: Callable[[AimObject | CoreObject], Iterator[IndexKey]], thing: AimObject | CoreObject
    ) -> set[Key]:
        before = self._cache.inventory if isinstance(thing, Node) and self._needs else None
        news = take(thing)
        changed = set(news) if self._of else set()
        affected = {key for one in changed for reads in self._readers.at(one) for key in self._shared_by.at(reads)}
        now = self._cache.inventory if before is not None else None
        if before is not None and now is not None and before != now:
            differ = {word for word, need in self._needs.items() if before.lacks(need) != now.lacks(need)}
            affected |= {key for key, words in self._asked.items() if not differ.isdisjoint(words)}
        return affected | {key_of(thing)} if _is_decided(thing) else affected

    def _forget(self, key: Key) -> None:
        self._note_needs(key, ())
        self._forget_reads(key)

    def _forget_reads(self, key: Key) -> None:
        reads = self._of.pop(key, None)
        if reads is None:
            return
        self._shared_by.remove(reads, key)
        if reads in self._shared_by:
            return
        del self._reads[reads.keys]
        for one in reads.keys:
            self._readers.remove(one, reads)


def _is_decided(thing: AimObject | CoreObject) -> bool:
    return isinstance(thing, Resource) and thing.key.kind.is_aim


def _itself(thing: Hashable) -> Hashable:
    return thing
