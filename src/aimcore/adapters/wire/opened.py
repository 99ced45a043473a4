"""An object that keeps what nobody here reads: its other fields pass as they are, for a later release (KIND-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from aimcore.adapters.wire.codec import Codec
from aimcore.domain.kinds.workload import GatewayRef, RoutingSettings

__all__ = ["PRESERVE", "opened"]

PRESERVE = "x-kubernetes-preserve-unknown-fields"

T = TypeVar("T", RoutingSettings, GatewayRef)


def opened(codec: Codec[T]) -> Codec[T]:
    """The codec of the same record, whose attribute `others` takes the fields that `codec` does not know."""
    known = frozenset(codec.schema["properties"])

    def read(value: Any, _type: Any) -> T:
        return _with_others(codec.read(_named(value, known), None), value, known)

    def examine(value: Any, _type: Any) -> T:
        return _with_others(codec.examine(_named(value, known), None), value, known)

    def write(made: T) -> Any:
        return {**codec.write(made), **made.others}

    return Codec(read=read, examine=examine, write=write, schema={**codec.schema, PRESERVE: True})


def _named(value: Any, known: frozenset[str]) -> Any:
    """The fields that are known; what is no object is left for the codec to refuse."""
    return {name: one for name, one in value.items() if name in known} if isinstance(value, dict) else value


def _with_others(made: T, value: Mapping[str, Any], known: frozenset[str]) -> T:
    others = {name: one for name, one in value.items() if name not in known and one is not None}
    return replace(made, others=others) if others else made
