"""Where each value of a document begins, as a tree of the document's own form."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Spot"]


@dataclass(slots=True, eq=False)
class Spot:
    """Where a value begins (a field's: its key), and the spots of what is in it."""

    index: int
    children: dict[str | int, Spot] | None = None
