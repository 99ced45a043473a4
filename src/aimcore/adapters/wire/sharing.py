"""Values that a cluster says ten thousand times over, read once and kept once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from aimcore.adapters.wire.codec import Codec

__all__ = ["shared"]

T = TypeVar("T")

KEPT_AT_MOST = 512
LONGEST = 1024
"""Characters that a value may be written in, to be kept."""


def shared(codec: Codec[T]) -> Codec[T]:
    """The same, for values that nobody changes: those written alike are one. Not for secrets, as what was read last is kept."""
    read, held = codec.read, dict[str, T]()

    def read_once(value: Any, _type: Any) -> T:
        try:
            written = repr(value)
        except RecursionError:  # what is too deep to be written is nothing to be kept
            return read(value, None)
        made = held.get(written)
        if made is None:
            made = read(value, None)
            if len(held) >= KEPT_AT_MOST:
                held.clear()
            if len(written) <= LONGEST:
                held[written] = made
        return made

    return replace(codec, read=read_once)
