"""Candidates for one lease, with clocks that are set by hand: at no moment do two of them lead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from aimcore.adapters.kubernetes.lease import Election, Terms
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.memory.kinds import Address
from aimcore.testing import Run, World
from tests.integration.faults.gate import Asked, Gate, Spoil, gate

__all__ = ["LEASE", "Candidates", "candidates"]

LEASE = Address("Lease", "default", "aim-operator")
TICK = 0.5
EVERY = 2.0


@dataclass(slots=True)
class Candidate:
    """One process that wants to lead, when it attempts next, and by how much its wall clock is wrong."""

    election: Election
    due: float
    wrong: timedelta = timedelta()
    sleeps: bool = False


class Candidates:
    """Two of them, on one gate. `timeline` is who led at each moment."""

    def __init__(self, opened: Gate) -> None:
        self.gate, self.now = opened, 0.0
        self.troubles: list[object] = []
        self.timeline: list[str] = []
        self.turn = ""
        self.connections = [opened.connection() for _ in range(2)]
        self.all = {name: self._one(name, number) for number, name in enumerate("ab")}

    def _one(self, name: str, number: int) -> Candidate:
        terms = Terms(wall=lambda: self._wall(name), clock=lambda: self.now, chance=lambda: 0.0)
        requests = Requests(self.connections[number])
        election = Election(
            requests, at=("default", LEASE.name), identity=name, terms=terms, report=self.troubles.append
        )
        return Candidate(election, due=number * TICK)

    def _wall(self, name: str) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.now) + self.all[name].wrong

    def run(self, seconds: float) -> None:
        """Lets that much time pass, and looks at each moment who leads."""
        ends = self.now + seconds
        while self.now < ends:
            for name, one in self.all.items():
                self.turn = name
                if one.due <= self.now and not one.sleeps:
                    one.election.attempt()
                    one.due = self.now + EVERY
            leading = [name for name, one in self.all.items() if one.election.leads]
            assert len(leading) <= 1, f"two lead at {self.now}"
            self.timeline.append("".join(leading))
            self.now += TICK

    def edit(self, **spec: Any) -> None:
        """Somebody edits the lease by hand."""
        with self.gate.shared.held() as store:
            store.patch(LEASE, {"spec": spec}, manager="kubectl")

    def spoil(self, name: str, spoil: Spoil) -> None:
        """From now on every request of this candidate goes wrong so."""

        def script(asked: Asked) -> Spoil | None:
            return spoil if asked.operation == "lease" and self.turn == name else None

        self.gate.script = script

    def heal(self) -> None:
        self.gate.script = lambda _: None

    @property
    def leader(self) -> str:
        return self.timeline[-1]

    def changes(self) -> int:
        """How often another led than before, gaps aside."""
        led = [name for name in self.timeline if name]
        return sum(one != other for one, other in pairwise(led))


@contextmanager
def candidates() -> Iterator[Candidates]:
    run = Run(World(manifests=({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}},)))
    with gate(run.store) as opened:
        both = Candidates(opened)
        try:
            yield both
        finally:
            for connection in both.connections:
                connection.close()
