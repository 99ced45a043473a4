"""Scenarios with weights on volumes: filled, shared, lost under the pods, and moved away from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.testing import World
from tests.integration.simulations.acts import creating, deleting, setting
from tests.integration.simulations.things import SOURCES, TEAM, config, custom, model, node, service, world
from tests.integration.simulations.timeline import Act, Timeline

__all__ = ["CACHED", "TWIN", "cached", "cached_scenarios", "cached_world"]

PLAIN_SOURCES = [{name: value for name, value in SOURCES[0].items() if name != "env"}]
OTHER_SOURCES = [{**PLAIN_SOURCES[0], "sourceUri": "s3://models/other"}]
CACHED, TWIN = (model(name, **{**custom(), "modelSources": PLAIN_SOURCES}) for name in ("own", "twin"))


def cached(name: str, *, ref: str = "own", mode: str = "Shared") -> Manifest:
    """A service whose weights are on a volume."""
    return service(name, model={"ref": ref}, caching={"mode": mode})


def cached_world(*manifests: Manifest) -> World:
    """A node, and these, with workloads on and an image to download with."""
    made = world(node(), *manifests)
    return replace(made, policy=replace(made.policy, workloads=True, download_image="registry.test/aimcore:1"))


def _claims_go(timeline: Timeline) -> None:
    for claim in timeline.run.store.list("PersistentVolumeClaim", TEAM)[0]:
        timeline.delete(Address("PersistentVolumeClaim", TEAM, claim["metadata"]["name"]))


CLAIMS_GO = Act(says="delete every claim", do=_claims_go)


def _caches_go(timeline: Timeline) -> None:
    for cache in timeline.run.store.list("AIMTemplateCache", TEAM)[0]:
        timeline.delete(Address("AIMTemplateCache", TEAM, cache["metadata"]["name"]))


CACHES_GO = Act(says="delete every cache", do=_caches_go)


MINE: Manifest = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "mine", "namespace": TEAM, "finalizers": ["kubernetes.io/pvc-protection"]},
    "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "2Gi"}}, "volumeName": "mine"},
    "status": {"phase": "Bound", "accessModes": ["ReadWriteMany"], "capacity": {"storage": "2Gi"}},
}
"""A claim as it stands when all but us are done with it."""


def cached_scenarios() -> Iterator[tuple[str, World, tuple[Act, ...]]]:
    """Name, world and acts of each."""
    chat = cached("chat")
    yield (
        "weights come to a volume, and another service shares them",
        cached_world(CACHED, chat),
        (creating(TWIN), creating(cached("twin", ref="twin")), deleting(chat)),
    )
    yield "a cache is deleted, and then its claim", cached_world(CACHED, chat), (CACHES_GO, CLAIMS_GO)
    yield (
        "sources change under weights on a volume",
        cached_world(CACHED, chat),
        (
            setting(CACHED, modelSources=OTHER_SOURCES),
            creating(config("default", storage={"accessMode": "ReadWriteOnce"})),
        ),
    )
    existing = service("chat", model={"ref": "own"}, caching={"existingClaim": {"name": "mine"}})
    yield (
        "a claim that somebody filled is looked at, and again for other sources",
        cached_world(CACHED, MINE, existing),
        (setting(CACHED, modelSources=OTHER_SOURCES), CACHES_GO),
    )
