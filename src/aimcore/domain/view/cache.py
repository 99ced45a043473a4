"""Everything that stands, found by name and by the declared indexes.

The engine keeps it in step with the cluster by `put` and `drop`; decisions only read. It is the one mutable thing of the
domain: a copy for every change would cost as much as the whole cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aimcore.domain.hardware.inventory import Inventory, Offer, combine, offer_of
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.config import ResolvedConfig, merge_configs
from aimcore.domain.kinds.records import AimObject, RuntimeConfig
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.index import Index
from aimcore.domain.view.keys import CoreObject, IndexDef, IndexKey, Placed, key_of, news, placed
from aimcore.domain.view.read_view import ReadView

__all__ = ["CoreObject", "ObjectCache", "ReadView"]


class ObjectCache(ReadView):
    """The objects of a cluster. `nodes_known` is False where nodes cannot be read: then GPUs are assumed present."""

    def __init__(self, *, nodes_known: bool = True) -> None:
        self.nodes_known = nodes_known
        self._objects: dict[Kind, dict[tuple[str | None, str], Any]] = {kind: {} for kind in Kind}
        self._found: Index[IndexKey, Any] = Index(key=lambda thing: thing.key)
        self._offers: dict[str, Offer] = {}
        self._inventory: Inventory | None = None
        self._merged: dict[
            tuple[Key | None, Key | None], tuple[RuntimeConfig | None, RuntimeConfig | None, ResolvedConfig]
        ] = {}

    @classmethod
    def of(cls, things: Iterable[AimObject | CoreObject], *, nodes_known: bool = True) -> ObjectCache:
        """A cache of these things."""
        cache = cls(nodes_known=nodes_known)
        for thing in things:
            cache.put(thing)
        return cache

    # Reading ----------------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[AimObject]:
        """Every object of our own kinds, sorted by key."""
        things = (thing for kind, named in self._objects.items() if kind.is_aim for thing in named.values())
        return iter(sorted(things, key=lambda thing: thing.key.sort_key))

    def find(self, key: Key) -> Any:
        """The object of this key, None if it does not stand."""
        return self._objects[key.kind].get((key.namespace, key.name))

    def get(self, kind: Kind, namespace: str | None, name: str) -> Any:
        """As `ReadView.get`."""
        return self._objects[kind].get((namespace, name))

    def at(self, index: IndexDef, namespace: str | None, word: str) -> tuple[Any, ...]:
        """As `ReadView.at`."""
        found = self._found.at((index.name, namespace, word))
        return found if index.shown is None else tuple(map(index.shown, found))

    def merged(self, near: RuntimeConfig | None, far: RuntimeConfig | None) -> ResolvedConfig:
        """As `ReadView.merged`, once for the very same two records."""
        keys = (None if near is None else near.key, None if far is None else far.key)
        held = self._merged.get(keys)
        if held is None or held[0] is not near or held[1] is not far:
            held = self._merged[keys] = near, far, merge_configs(near, far)
        return held[2]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes that stand, as far as they can be read."""
        return tuple(self._objects[Kind.NODE].values())

    @property
    def inventory(self) -> Inventory | None:
        """As `ReadView.inventory`."""
        if not self.nodes_known:
            return None
        if self._inventory is None:
            self._inventory = combine(self._offers)
        return self._inventory

    # In step with the cluster -----------------------------------------------------------------------------------------

    def put(self, thing: AimObject | CoreObject) -> Iterator[IndexKey]:
        """Takes the thing as it is now, in place of what it was; the keys at which it shows differently now."""
        key = key_of(thing)
        named = self._objects[key.kind]
        before, now = placed(named.get((key.namespace, key.name))), placed(thing)
        if isinstance(thing, Node) and before.thing != thing:  # most news of a node is of what nobody here looks at
            self._offers[thing.name] = offer_of(thing)
            self._inventory = None
        named[key.namespace, key.name] = thing
        self._move(before, now)
        return news(before, now)

    def drop(self, thing: AimObject | CoreObject) -> Iterator[IndexKey]:
        """Forgets the thing, if it stood, and says where; that another of its name is absent is not forgotten with it."""
        key = key_of(thing)
        before, now = placed(self._objects[key.kind].get((key.namespace, key.name))), placed(None)
        if type(before.thing) is not type(thing):
            return iter(())
        self._move(before, now)
        if key.kind is Kind.RUNTIME_CONFIG:
            self._merged.clear()  # what is gone is not kept for the sake of what was merged of it
        del self._objects[key.kind][key.namespace, key.name]
        if isinstance(thing, Node):
            del self._offers[thing.name]
            self._inventory = None
        return news(before, now)

    def _move(self, before: Placed, now: Placed) -> None:
        for at in before.at:
            if at not in now.at:
                self._found.remove(at, before.thing)
        for at in now.at:
            self._found.put(at, now.thing)
