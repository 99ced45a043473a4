"""Services that run on the engine with controllers in memory: what stands, and what they come to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aimcore.adapters.memory.controllers import Script
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.testing import World
from tests.integration.operator.simulation import Simulation
from tests.integration.simulations.things import CHAT, TEAM, model, node, service, world

__all__ = ["CHATS", "LLAMA", "Runs", "running_world", "the_service"]

LLAMA = model("llama", image=CHAT)


def the_service(name: str = "chat", **spec: Any) -> Manifest:
    return service(name, **{"model": {"ref": "llama"}, **spec})


CHATS = the_service()


def running_world(*manifests: Manifest) -> World:
    """The model, a node, and these, with workloads on."""
    made = world(LLAMA, node(), *manifests)
    return replace(made, policy=replace(made.policy, workloads=True))


class Runs:
    """One operator and the cluster under it."""

    def __init__(self, given: World, *, seed: int = 0) -> None:
        self.run = given.start()
        self.operator = Simulation(self.run, seed=seed)

    @property
    def script(self) -> Script:
        return self.run.controllers.script

    def rest(self, *, after: int = 0) -> Runs:
        """So many seconds later, once nothing is left to do."""
        self.run.clock.forward(after)
        self.operator.now += after
        self.operator._calm = 0
        self.operator.rest()
        return self

    def restart(self) -> None:
        """Another operator, which knows nothing and has written nothing yet."""
        self.operator = Simulation(self.run)

    def said(self, name: str = "chat") -> tuple[str, str, str]:
        """The word of a service, and reason and message of its condition Ready."""
        status = self.run.store.get(Address("AIMService", TEAM, name))["status"]
        [ready] = [one for one in status["conditions"] if one["type"] == "Ready"]
        return status["status"], ready["reason"], ready.get("message", "")

    def pods(self) -> list[Manifest]:
        """The pods that stand and are not on their way out."""
        return [one for one in self.run.store.list("Pod")[0] if "deletionTimestamp" not in one["metadata"]]

    def patch(self, kind: str, name: str, **spec: Any) -> None:
        """Somebody changes fields of a spec."""
        self.run.store.patch(Address(kind, TEAM, name), {"spec": spec}, manager="kubectl")
