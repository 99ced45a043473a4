"""Scenarios with services that run: applied, rolled, scaled, deleted, queued, and routed."""

from __future__ import annotations

from collections.abc import Iterator

from aimcore.adapters.memory.kinds import Manifest
from aimcore.testing import World
from tests.integration.simulations.acts import deleting, setting
from tests.integration.simulations.running import CHATS, running_world, the_service
from tests.integration.simulations.things import TEAM, config, env
from tests.integration.simulations.timeline import Act

__all__ = ["FOREIGN", "running_scenarios"]

THREE = tuple(the_service(name, runtimeConfigName="mine") for name in ("a", "b", "c"))
MINE = config("mine", env=env("MINE"))
ROUTED = {"enabled": True, "gatewayRef": {"name": "web", "namespace": "edge"}}
LABELS = {"app": "theirs"}
FOREIGN: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "aim-chat", "namespace": TEAM, "labels": LABELS},
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": LABELS},
        "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "theirs:1"}]}},
    },
}


def running_scenarios() -> Iterator[tuple[str, World, tuple[Act, ...]]]:
    """Name, world and acts of each."""
    yield (
        "a service runs, rolls, scales and goes",
        running_world(CHATS),
        (setting(CHATS, env=env("MORE")), setting(CHATS, replicas=2), setting(CHATS, replicas=0), deleting(CHATS)),
    )
    yield "a config changes under three that run", running_world(*THREE, MINE), (setting(MINE, env=env("OTHER")),)
    yield (
        "a route comes and goes",
        running_world(CHATS),
        (setting(CHATS, routing=ROUTED), setting(CHATS, routing={"enabled": False})),
    )
