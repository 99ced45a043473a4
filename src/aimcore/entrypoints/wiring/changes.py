"""Two states of a cluster beside each other: which objects came, went, or are otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aimcore.adapters.memory.kinds import Address

__all__ = ["address_of", "changed_objects"]

Manifest = Mapping[str, Any]


def changed_objects(
    before: Iterable[Manifest], after: Iterable[Manifest]
) -> Iterator[tuple[Manifest | None, Manifest | None]]:
    """Every object that is not the same, before and after, by kind, namespace and name; None where it is not there."""
    old, new = ({address_of(one): one for one in each} for each in (before, after))
    for address in sorted(old.keys() | new.keys(), key=lambda at: (at.kind, at.namespace or "", at.name)):
        if old.get(address) != new.get(address):
            yield old.get(address), new.get(address)


def address_of(manifest: Manifest) -> Address:
    """Where a manifest stands."""
    metadata = manifest["metadata"]
    return Address(manifest["kind"], metadata.get("namespace"), metadata["name"])
