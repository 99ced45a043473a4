"""The laws that hold at any moment of a timeline, and those of a moment at which the operator rests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.view.plan import SetStatus, Write
from aimcore.testing import Run
from aimcore.testing.ownership_laws import ownership_violations, touched
from aimcore.testing.status_laws import dishonesties, malformed, misnomers
from aimcore.testing.violations import demand
from tests.integration.simulations.things import CANARY

__all__ = ["Moment", "check_moment", "check_rest"]


class Moment(Protocol):
    """What of a timeline the laws look at: `growing` while nothing went or changed that a status may have spoken of."""

    run: Run
    authored: dict[Address, Manifest]
    growing: bool


def check_moment(timeline: Moment, write: Write) -> None:
    """After this write: nobody's things are touched, owners are legal, names are whole, nothing secret is told, and what the
    status of an object says is well-formed; as long as the cluster only grows, it is true as well.
    """
    run = timeline.run
    if isinstance(write, SetStatus):
        told = [*map(str, write.events), *_statuses(run, write)]
        demand("Secrets stay secret", (text for text in told if CANARY in text))
        demand("Honest status", () if timeline.growing else _misspoken(run, write))
    else:
        run.store.collect()
        demand("Legal ownership", ownership_violations(run))
        demand("Names", misnomers(run))
    demand("Hands off", touched(run, timeline.authored))
    if timeline.growing:
        demand("Honest status", dishonesties(run, settled=False))


def check_rest(run: Run, authored: Mapping[Address, Manifest]) -> None:
    """At rest: every status is of the object as it stands and true, owners are legal, and what people wrote stays."""
    demand("Honest status", dishonesties(run, settled=True))
    demand("Legal ownership", ownership_violations(run))
    demand("Hands off", touched(run, authored))
    demand("Secrets stay secret", _leaks(run))


def _statuses(run: Run, write: SetStatus) -> Iterator[str]:
    there = _find(run, write)
    if there is not None:
        yield str(there.get("status"))


def _misspoken(run: Run, write: SetStatus) -> Iterator[str]:
    there = _find(run, write)
    if there is not None and "status" in there:
        yield from malformed(there)


def _find(run: Run, write: SetStatus) -> Manifest | None:
    address = Address(write.key.api_kind, write.key.namespace, write.key.name)
    found: Mapping[Address, Any] = run.store._objects.get(address.kind, {})
    return found[address].manifest() if address in found else None


def _leaks(run: Run) -> Iterator[str]:
    for address, manifest in run.ours().items():
        metadata = {key: value for key, value in manifest["metadata"].items() if key != "managedFields"}
        if CANARY in f"{metadata} {manifest.get('status')}":
            yield f"{address} tells a secret"
