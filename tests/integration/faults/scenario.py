"""The world that faults befall, and what people do to it while they do: every operation of the operator is in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.testing import Run, World
from aimcore.testing.endings import same_end
from aimcore.testing.ownership_laws import ownership_violations
from aimcore.testing.status_laws import dishonesties
from aimcore.testing.world import CHILD_KINDS
from tests.integration.faults.stage import Stage, stage

__all__ = ["CHAT", "WORLD", "assert_same_end", "clean", "edit", "made_and_gone", "play", "started"]


def manifest(kind: str, name: str, namespace: str | None = None, **content: Any) -> Manifest:
    core = kind in ("Namespace", "Node", "Secret")
    place = {} if namespace is None else {"namespace": namespace}
    metadata = {"name": name, **place, **content.pop("metadata", {})}
    return {"apiVersion": "v1" if core else "aim.silogen.ai/v1alpha1", "kind": kind, "metadata": metadata, **content}


def labels(*deployments: dict[str, Any]) -> dict[str, str]:
    return {
        "com.amd.aim.model.canonicalName": "acme/chat",
        "com.amd.aim.model.deployments": json.dumps(deployments),
    }


LATENCY = {"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency", "precision": "fp8", "profileId": "one"}
THROUGHPUT = {"gpuModel": "MI300X", "gpuCount": 2, "metric": "throughput", "precision": "fp8", "profileId": "two"}
ANOTHER = {"gpuModel": "MI300X", "gpuCount": 4, "metric": "latency", "precision": "fp16", "profileId": "four"}
GPUS = {"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}
WORLD = World(
    manifests=(
        manifest("Namespace", "default"),
        manifest("Node", "gpus", metadata={"labels": GPUS}, status={"allocatable": {"amd.com/gpu": "8"}}),
        manifest("AIMClusterRuntimeConfig", "default", spec={"labelPropagation": {"enabled": True, "match": ["team"]}}),
        manifest("Secret", "login", "red", type="kubernetes.io/dockerconfigjson", data={".dockerconfigjson": "e30="}),
        manifest(
            "AIMModel",
            "chat",
            "red",
            metadata={"labels": {"team": "red"}},
            spec={"image": "acme/chat:1", "imagePullSecrets": [{"name": "login"}]},
        ),
        manifest(
            "AIMService", "front", "red", spec={"model": {"ref": "chat"}, "overrides": {"gpuSelector": {"count": 2}}}
        ),
        manifest(
            "AIMModel",
            "unsized",
            "red",
            spec={
                "modelSources": [{"modelId": "acme/u", "sourceUri": "hf://acme/u"}],
                "custom": {"hardware": {"cpu": {"requests": "1"}}},
            },
        ),
        manifest("AIMService", "back", "blue", spec={"model": {"image": "acme/chat:1"}}),
        manifest(
            "AIMServiceTemplate",
            "by-hand",
            "blue",
            spec={"modelName": "weights", "hardware": {"cpu": {"requests": "1"}}},
        ),
        manifest(
            "AIMModel",
            "weights",
            "blue",
            spec={
                "modelSources": [{"modelId": "acme/w", "sourceUri": "hf://acme/w", "size": "1Gi"}],
                "custom": {"hardware": {"gpu": {"requests": 1, "models": ["MI300X"]}}},
            },
        ),
    ),
    images={"acme/chat:1": labels(LATENCY, THROUGHPUT), "acme/chat:2": labels(LATENCY, ANOTHER)},
    sizes={"hf://acme/u": 2**30},
    policy=Policy(unseen=Unseen.ABSENT),
)
CHAT = Address("AIMModel", "red", "chat")
EDITED = {"image": "acme/chat:2", "env": [{"name": "LEVEL", "value": "2"}]}


def edit(here: Stage) -> None:
    """What somebody does to the settled world: templates are to be changed, made and deleted."""
    with here.gate.shared.held() as store:
        store.patch(CHAT, {"metadata": {"labels": {"team": "crimson"}}, "spec": EDITED}, manager="kubectl")
        store.delete(Address("AIMService", "red", "front"))


def play(here: Stage, *, before: Callable[[Stage], object] = lambda _: None) -> None:
    """The whole story: it settles, somebody edits, it settles again. `before` is called before the edit."""
    here.rest()
    before(here)
    edit(here)
    here.rest()


@cache
def _settled() -> Run:
    run = WORLD.start()
    with stage(run, seed=1) as here:
        here.rest()
    return run


def started(*, settled: bool) -> Run:
    """The world before the story, or as it is once it settled: the first half is nothing to what goes wrong in the second."""
    return deepcopy(_settled()) if settled else WORLD.start()


@cache
def clean(*, settled: bool = False) -> tuple[Run, Counter[str]]:
    """The end without faults, and what it took."""
    run = started(settled=settled)
    with stage(run, seed=1) as here:
        play(here)
        return run, Counter(asked.operation for asked in here.gate.asked)


def made_and_gone(run: Run) -> Counter[tuple[str, str]]:
    """How often each of the operator's objects, and each pod, came up and went."""
    return Counter(
        (entry.type, f"{entry.kind} {metadata.get('namespace')}/{metadata['name']}")
        for entry in run.store._history._entries
        if entry.type != "MODIFIED" and (entry.kind.startswith("AIM") or entry.kind in (*CHILD_KINDS, "Pod"))
        for metadata in [entry.manifest()["metadata"]]
    )


def without_events(run: Run) -> Run:
    """The same cluster without what was told of it: an event that was lost is lost."""
    for address in list(run.store._objects.get("Event", {})):
        run.store.delete(address)
    return run


def assert_same_end(run: Run, clean: Run, *, same_way: bool = True, once: bool = True) -> None:
    """It ended where it ends without faults, honestly, made nothing twice (`once`), and nothing that it would not have (`same_way`)."""
    differ = same_end(without_events(clean), without_events(run))
    assert differ == [], differ
    lives = made_and_gone(run)
    assert not once or max(lives.values()) == 1
    usual = made_and_gone(clean)
    assert not same_way or lives == usual, f"in vain {lives - usual}, missing {usual - lives}"
    assert list(dishonesties(run, settled=True)) == []
    assert list(ownership_violations(run)) == []
    version = run.store.resource_version
    run.restart()
    run.settle()
    assert run.store.resource_version == version, "and an operator that starts anew writes nothing"
