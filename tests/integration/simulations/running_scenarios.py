"""Scenarios with services that run: applied, rolled, scaled, deleted, queued, and routed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from aimcore.adapters.memory.kinds import Manifest
from aimcore.testing import World
from tests.integration.simulations.acts import deleting, setting
from tests.integration.simulations.running import CHATS, running_world, the_service
from tests.integration.simulations.things import CHAT, TEAM, config, env
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


PRINTED = json.dumps([{"models": [{"name": "acme/chat", "source": "hf://acme/chat", "size_gb": 1}]}])
CACHED = the_service(caching={"mode": "Shared"})


def cached_world() -> World:
    """A service whose weights only the image knows."""
    made = running_world(CACHED)
    policy = replace(made.policy, download_image="registry.test/aimcore:1")
    return replace(made, policy=policy, sizes={"hf://acme/chat": 2**30}, dry_runs={CHAT: PRINTED})


def running_scenarios() -> Iterator[tuple[str, World, tuple[Act, ...]]]:
    """Name, world and acts of each."""
    yield (
        "a service runs, rolls, scales and goes",
        running_world(CHATS),
        (setting(CHATS, env=env("MORE")), setting(CHATS, replicas=2), setting(CHATS, replicas=0), deleting(CHATS)),
    )
    yield (
        "an image says which weights a service needs",
        cached_world(),
        (setting(CACHED, replicas=2), setting(CACHED, caching={"mode": "None"}), deleting(CACHED)),
    )
    yield "a config changes under three that run", running_world(*THREE, MINE), (setting(MINE, env=env("OTHER")),)
    yield (
        "a route comes and goes",
        running_world(CHATS),
        (setting(CHATS, routing=ROUTED), setting(CHATS, routing={"enabled": False})),
    )
