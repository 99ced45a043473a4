"""One kind of the API: how its spec and status are spelt, which record they become, and what its definition says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aimcore.adapters.wire.codec import Codec
from aimcore.domain.kinds.records import AimObject

__all__ = ["Column", "Immutable", "KindCodec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that `kubectl get` prints: where its value stands, and whether it is printed with `-o wide` alone."""

    name: str
    path: str
    type: str = "string"
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Immutable:
    """Fields of a spec that never change, also against being added or removed; `instead` is what to make instead."""

    fields: tuple[str, ...]
    rule: str
    instead: str

    def message(self, field: str) -> str:
        """What is said to who changes one."""
        return f"{field} is immutable; expected {self.instead} of another name instead of a change"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCodec:
    """One row of the registry on the wire.

    `make` takes key, meta, spec and status. `describe` says what an object is, `describe_twin` what one of the cluster is
    where there are both. `scalable` gives it the subresource that `kubectl scale` and autoscalers use.
    """

    spec: Codec[Any]
    status: Codec[Any]
    make: Callable[..., AimObject]
    describe: str
    describe_twin: str = ""
    columns: tuple[Column, ...] = ()
    spec_needed: bool = True
    scalable: bool = False
    immutable: Immutable | None = None
