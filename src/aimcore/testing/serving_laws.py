"""The law that serving is sacred: what is no change of the pod never deletes or restarts one (RUN-1, RUN-13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.testing.violations import demand
from aimcore.testing.world import Run, World, address_of

__all__ = ["check_serving_is_sacred", "happen", "lost_pods", "serving_pods"]

ACTS_AT_MOST = 5

Pods = Mapping[str, tuple[str, int]]


def check_serving_is_sacred(world: World, *, ways: int = 2, seed: int = 0) -> None:
    """Serving is sacred: restarts, changes of nodes, moved tags, edits that leave the merged pod equal, and the loss of a config,
    model or template leave the pods of a service that runs as they are. Workloads are on, whatever the world's policy says.
    """
    world = replace(world, policy=replace(world.policy, workloads=True))
    for number in range(ways):
        chance = Random(f"serving {seed} {number}")  # noqa: S311 - a way to take, not a secret
        run = world.settle()
        done: list[str] = []
        for _ in range(ACTS_AT_MOST):
            before = serving_pods(run)
            done.append(happen(run, chance))
            run.settle()
            lost = list(lost_pods(before, serving_pods(run)))
            demand(f"Serving is sacred: no pod goes; after {', then '.join(done)}", lost)


def serving_pods(run: Run) -> Pods:
    """Each pod by its name, with its uid and how often its container was restarted."""
    return {
        f"{pod['metadata']['namespace']}/{pod['metadata']['name']}": (pod["metadata"]["uid"], _restarts(pod))
        for pod in run.store.list("Pod")[0]
        if "deletionTimestamp" not in pod["metadata"]
    }


def _restarts(pod: Manifest) -> int:
    return sum(one.get("restartCount", 0) for one in (pod.get("status") or {}).get("containerStatuses", ()))


def lost_pods(before: Pods, now: Pods) -> Iterator[str]:
    """The pods that went, or whose container was restarted."""
    for name, pod in before.items():
        if now.get(name) != pod:
            yield f"pod {name} was {pod} and is {now.get(name)}"


# What happens around a service that runs ------------------------------------------------------------------------------


def happen(run: Run, chance: Random) -> str:
    """One thing that is no change of any pod, in words."""
    acts = (_restart, _lose_node, _cordon, _move_tag, _delete_source, _repeat, _change_strategy)
    act: Callable[[Run, Random], str] = chance.choice(acts)
    return act(run, chance)


def _restart(run: Run, _: Random) -> str:
    run.restart()
    return "a restart of the operator"


def _lose_node(run: Run, chance: Random) -> str:
    return _deleted(run, chance, ("Node",))


def _cordon(run: Run, chance: Random) -> str:
    found = _drawn(run, chance, ("Node",))
    if found is None:
        return "nothing"
    run.store.replace({**found, "spec": {**found.get("spec", {}), "unschedulable": True}}, manager="kubectl")
    return f"cordon {address_of(found)}"


def _move_tag(run: Run, chance: Random) -> str:
    images = sorted(run.world.images)
    if not images:
        return "nothing"
    image = chance.choice(images)
    run.registry.push(image, {})
    run.restart()
    return f"another image under {image}"


def _delete_source(run: Run, chance: Random) -> str:
    """A config, a model or a template goes; one that an owner makes again is made again."""
    endings = ("RuntimeConfig", "Model", "ServiceTemplate")
    return _deleted(run, chance, tuple(f"AIM{scope}{end}" for scope in ("", "Cluster") for end in endings))


def _repeat(run: Run, chance: Random) -> str:
    """A variable of a service is written twice with the same value: the merged pod is the same."""
    found = _drawn(run, chance, ("AIMService",))
    env = found["spec"].get("env") if found else None
    if not found or not env:
        return "nothing"
    _patch(run, found, env=[*env, env[-1]] if len(env) == 1 and "value" in env[0] else env)
    return f"the same environment of {address_of(found)}"


def _change_strategy(run: Run, chance: Random) -> str:
    found = _drawn(run, chance, ("AIMService",))
    if found is None:
        return "nothing"
    _patch(run, found, rollout={"strategy": chance.choice(("Surge", "InPlace"))})
    return f"another strategy of {address_of(found)}"


def _patch(run: Run, found: Manifest, **spec: Any) -> None:
    run.store.patch(address_of(found), {"spec": spec}, manager="kubectl")


def _deleted(run: Run, chance: Random, kinds: tuple[str, ...]) -> str:
    found = _drawn(run, chance, kinds)
    if found is None:
        return "nothing"
    run.store.delete(address_of(found))
    run.store.collect()
    return f"delete {address_of(found)}"


def _drawn(run: Run, chance: Random, kinds: tuple[str, ...]) -> Manifest | None:
    found = [one for kind in kinds for one in run.store.list(kind)[0] if _is_fit(one, run)]
    return chance.choice(found) if found else None


def _is_fit(manifest: Manifest, run: Run) -> bool:
    """Whether somebody wrote it, and it is not on its way out: an inline model that is deleted is the service's own child."""
    address: Address = address_of(manifest)
    return "deletionTimestamp" not in manifest["metadata"] and address in run.given
