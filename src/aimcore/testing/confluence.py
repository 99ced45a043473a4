"""The law of confluence: the end does not depend on the way.

Ways are drawn from a seed: documents come in batches, writes of a round in any order, some not at all, some twice, some late;
two loops take turns; and any of them may be struck down between any two writes, and start anew knowing nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from aimcore.adapters.memory.kinds import Manifest
from aimcore.domain.view.plan import Write
from aimcore.entrypoints.loop import Loop
from aimcore.testing.endings import same_end, with_auto_models
from aimcore.testing.violations import demand
from aimcore.testing.world import Run, World, address_of

__all__ = ["check_confluent", "check_forgets", "split", "take_another_way"]

LEADERS = 2


def check_confluent(world: World, *, ways: int = 3, seed: int = 0) -> None:
    """Confluence: any of so many ways ends where the straight one does.

    A way of its own is the one of a loop that dies after each single write.
    """
    for number in range(ways):
        run = take_another_way(world, Random(f"{seed} {number}"))  # noqa: S311  (a way to take, not a secret)
        _same(world, run, f"way {number} of seed {seed}")
    run = world.start()
    _write_one_by_one(run)
    _same(world, run, "a crash after each write")


def _same(world: World, run: Run, way: str) -> None:
    straight = with_auto_models(world, run).settle()
    demand(f"Confluence: the end does not depend on the way; {way}", same_end(straight, run))


def _write_one_by_one(run: Run) -> None:
    for _ in range(200):
        writes = _decided(run.new_loop())
        if not writes:
            break
        run.new_loop().write(writes[:1])
    run.restart()
    run.settle()


def _decided(loop: Loop) -> list[Write]:
    return [write for plan in loop.decide() for write in plan.writes]


def take_another_way(world: World, chance: Random, *, decided: list[Write] | None = None) -> Run:
    """The world settled, but by way of every accident that `chance` brings about.

    `decided` gets the writes that were decided since all documents were there, whether they were carried out or not.
    """
    early, late = split(world, chance)
    run = world.having(early).start()
    loops = [run.new_loop() for _ in range(LEADERS)]
    delayed: list[Write] = []
    for manifest in [*late, None, None]:
        for _ in range(chance.randint(0, 2)):
            number = chance.randrange(LEADERS)
            writes = _decided(loops[number])
            if decided is not None:
                decided += writes
            delayed = _interrupted_round(loops[number], [*writes, *delayed], chance)
            if chance.random() < 0.5:
                loops[number] = run.new_loop()
        if manifest is not None:
            run.load([manifest])
            if decided is not None:
                decided.clear()
    run.loop = loops[0]
    run.loop.write(delayed)
    run.settle()
    return run


def _interrupted_round(loop: Loop, writes: list[Write], chance: Random) -> list[Write]:
    """Part of a round, in any order, some of it twice, with what another left over in between; what comes later is returned."""
    chance.shuffle(writes)
    cut = chance.randint(0, len(writes))
    loop.write(writes[:cut])
    loop.write(chance.sample(writes[:cut], cut // 2))
    return writes[cut : cut + chance.randint(0, 3)]


def split(world: World, chance: Random, *, share: float = 0.7) -> tuple[list[Manifest], list[Manifest]]:
    """What is there at first, about this share, and what comes later, one by one. What images are read with is there: reading
    is once for all.
    """
    early = [manifest for manifest in world.manifests if _is_credential(manifest) or chance.random() < share]
    late = [manifest for manifest in world.manifests if manifest not in early]
    chance.shuffle(late)
    return early, late


def _is_credential(manifest: Manifest) -> bool:
    kind, spec = manifest["kind"], manifest.get("spec", {})
    if kind.endswith("RuntimeConfig"):
        return bool({"imagePullSecrets", "serviceAccountName"} & spec.keys())
    return kind in ("Secret", "ServiceAccount", "Namespace")


def check_forgets(world: World) -> None:
    """Forgetting: a thing that came and went leaves nothing behind.

    Each service and node, and each template and runtime config that nobody names, in turn is taken away from the settled
    world, which then ends as if it had never been there. Models made for it stay, as AUTO-1 says; and what is named and gone
    leaves those who name it in error, holding what they had.
    """
    named = {name for manifest in world.manifests for name in _names(manifest.get("spec", {}))}
    for index, manifest in enumerate(world.manifests):
        if _is_credential(manifest) or manifest["kind"].endswith("Model") or manifest["metadata"]["name"] in named:
            continue
        if "deletionTimestamp" in manifest["metadata"]:
            continue
        run = world.settle()
        address = address_of(manifest)
        run.store.delete(address)
        run.settle()
        left = world.having(one for number, one in enumerate(world.manifests) if number != index)
        never = with_auto_models(left, run).settle()
        demand(f"Forgetting: {address} leaves nothing behind", same_end(never, run))


def _names(spec: Mapping[str, Any]) -> tuple[str | None, ...]:
    """The templates and runtime configs that a spec names."""
    fields = (spec.get(name) for name in ("runtimeConfigName", "templateName", "defaultServiceTemplate"))
    return (*fields, spec.get("template", {}).get("name"))
