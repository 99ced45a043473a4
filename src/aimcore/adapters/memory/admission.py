"""What the definitions refuse is refused in memory too, by wire's rules (KIND-3)."""

from __future__ import annotations

from aimcore.adapters import wire
from aimcore.adapters.memory.kinds import Manifest
from aimcore.domain.errors import Fault
from aimcore.ports.errors import Invalid

__all__ = ["Refused", "admit"]


class Refused(Invalid):
    """A manifest breaks the rules of its definition; `faults` are the paths and messages of all that is wrong."""

    def __init__(self, found: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(map(str, found)))
        self.faults = tuple((fault.path, fault.message) for fault in found)


def admit(old: Manifest | None, new: Manifest) -> None:
    """Refuse `new` in place of `old`, or at creation, as an API server with the definitions would. Raises `Refused`."""
    if found := wire.admit(old, new):
        raise Refused(found)
