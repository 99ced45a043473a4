"""What must hold between the fields of one object, said once for the library and once for an API server (KIND-3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aimcore.adapters.wire.problem import UnreadableError

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What must hold between the fields of one object; `cel` says it to an API server, with the same message (KIND-3).

    Without `cel` an API server knows it by itself.

    `holds` sees the object as it was written, before its fields are known to be right, and must not fail on any.
    """

    id: str
    message: str
    is_met: Callable[[Mapping[str, Any]], bool]
    at: str | None = None
    cel: str | None = None

    def broken(self, value: Mapping[str, Any]) -> UnreadableError | None:
        """The problem of an object that breaks this rule."""
        if self.is_met(value):
            return None
        return UnreadableError(self.message, at=() if self.at is None else (self.at,), rule=self.id)

    @property
    def validation(self) -> Mapping[str, str]:
        """One entry of `x-kubernetes-validations`."""
        place = {} if self.at is None else {"fieldPath": f".{self.at}"}
        return {"rule": self.cel or "", "message": self.message, **place}
