"""Laws of the way to the end: it is always the same, it comes soon, nothing is written twice, and then nothing at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from aimcore.adapters.memory.kinds import Address
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.plan import Create, Write
from aimcore.entrypoints.loop import Change
from aimcore.testing.endings import differences, outcome
from aimcore.testing.violations import demand
from aimcore.testing.world import Run, World, address_of

__all__ = [
    "MOST_ROUNDS",
    "check_converges",
    "check_deterministic",
    "check_idempotent",
    "check_minimal",
    "check_quiescent",
    "check_rests",
]

MOST_ROUNDS = 6


def check_deterministic(world: World) -> None:
    """Determinism: the same world ends the same way, byte for byte and write for write, in whatever order it is given."""
    first, second = world.settle(), world.settle()
    third = world.having(world.manifests[::-1]).settle()
    demand(
        "Determinism: the same world ends the same",
        differences(outcome(first.objects()), outcome(second.objects())),
    )
    demand(
        "Determinism: the order of documents does not matter",
        differences(outcome(first.objects()), outcome(third.objects())),
    )
    ways = {_way(run) for run in (first, second, third)}
    demand("Determinism: the same writes, in the same order", map(str, sorted(ways)) if len(ways) > 1 else ())


def _way(run: Run) -> tuple[str, ...]:
    return tuple(map(str, run.settled.changes))


def check_converges(world: World, *, within: int = MOST_ROUNDS) -> None:
    """Convergence: within so many rounds, the last and empty one included, nothing changes any more."""
    settled = world.settle().settled
    late = [f"{settled.rounds} rounds", *map(str, settled.changes[-4:])] if settled.rounds > within else []
    demand(f"Convergence: at most {within} rounds, the last one empty", late)
    demand("Convergence: nothing is refused for good", (f"{one.key}: {one.message}" for one in settled.refusals))


def check_idempotent(world: World) -> None:
    """Idempotence: what was decided and applied, decided again, is nothing."""
    run = world.settle()
    demand("Idempotence: a settled world is left alone", _writes(run))


def check_quiescent(world: World) -> None:
    """Quiescence: neither a restart, nor time, nor noise on nodes and namespaces is a reason to write."""
    check_rests(world.settle())


def check_rests(run: Run) -> None:
    """Quiescence of a run that has settled, however it came there: a fresh loop finds nothing to write."""
    demand("Idempotence: a settled world is left alone", _writes(run))
    run.restart()
    demand("Quiescence: a fresh loop writes nothing", _writes(run))
    for manifest in run.objects():
        if manifest["kind"] in ("Node", "Namespace") and "deletionTimestamp" not in manifest["metadata"]:
            metadata = {**manifest["metadata"], "annotations": {"example.com/heartbeat": run.clock()}}
            run.store.replace({**manifest, "metadata": metadata}, manager="kubelet")
    demand("Quiescence: noise on nodes and namespaces writes nothing", _writes(run))


def _writes(run: Run) -> list[str]:
    """What the loop would write; that a name which somebody else has is tried writes nothing (OWN-4)."""
    there = {address_of(manifest) for manifest in run.objects()}
    return [
        f"{_verb(write)} {write.key} by {write.rule}"
        for plan in run.loop.decide()
        for write in plan.writes
        if not (isinstance(write, Create) and Address(write.key.api_kind, write.key.namespace, write.key.name) in there)
    ]


def _verb(write: Write) -> str:
    return type(write).__name__.lower()


def check_minimal(world: World) -> None:
    """Minimality: a model alone with T templates costs T creates, T template statuses and at most two of its own: 2T + 2.

    In the whole world: nothing is made and then changed or deleted again, and nothing is made or written without need.
    """
    for alone in _models_alone(world):
        run = alone.settle()
        settled = run.settled
        changes = Counter(map(_sort, settled.changes))
        made = len(run.made())
        asked = {"create": made, "status of a template": made}
        wrong = [f"{what}: {count}" for what, count in changes.items() if count > asked.get(what, 2)]
        told = [f"{change.action} {change.key} by {change.rule}" for change in settled.changes]
        demand(f"Minimality: {2 * made + 2} writes for a model of {made} templates", [*wrong, *told] if wrong else ())
    demand("Minimality: nothing is made in vain", _vain(world.settle()))


def _sort(change: Change) -> str:
    if change.action != "status":
        return change.action if change.action == "create" else f"{change.action} of what is new"
    return f"status of a {'template' if change.key.kind is Kind.TEMPLATE else 'model'}"


def _models_alone(world: World) -> Iterator[World]:
    """The world of each model, without what would make templates change or models come up beside it."""
    others = [
        one for one in world.manifests if one["kind"].removeprefix("AIMCluster").removeprefix("AIM") not in _KINDS
    ]
    for one in world.manifests:
        if one["kind"] in ("AIMModel", "AIMClusterModel"):
            yield world.having((*others, one))


_KINDS = frozenset({"Model", "Service", "ServiceTemplate"})


def _vain(run: Run) -> Iterable[str]:
    """What was written of objects that the operator itself had only just made, beside their status."""
    changes = run.settled.changes
    made = {change.key for change in changes if change.action == "create"}
    return (
        f"{change.action} {change.key} by {change.rule}, which was only just made"
        for change in changes
        if change.key in made and change.action in ("apply", "delete")
    )
