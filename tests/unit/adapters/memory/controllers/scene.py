"""A namespace in memory with all its controllers, and a clock that a case turns."""

from __future__ import annotations

from typing import Any

from aimcore.adapters import wire
from aimcore.adapters.memory.controllers import Controllers, Script
from aimcore.adapters.memory.controllers.podstatus import rfc3339
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pods import ObservedPod

__all__ = ["HOME", "Scene", "deployment", "job"]

HOME = "ml"
START = 1_767_225_600


class Scene:
    def __init__(self) -> None:
        self.now = START
        self.script = Script()
        self.store = MemoryStore(lambda: rfc3339(self.now), admit=self.script.admit)
        self.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}, manager="kubectl")
        self.controllers = Controllers(self.store, self.script)

    def after(self, seconds: int = 0) -> bool:
        """So much later, once everything that happens at once has happened; whether anything did."""
        self.now += seconds
        return self.controllers.step(self.now)

    def make(self, manifest: dict[str, Any]) -> Manifest:
        return self.store.create(manifest, manager="ann")

    def get(self, kind: str, name: str) -> Manifest:
        return self.store.get(Address(kind, HOME, name))

    def change(self, kind: str, name: str, **spec: Any) -> None:
        self.store.patch(Address(kind, HOME, name), {"spec": spec}, manager="ann")

    def delete(self, kind: str, name: str) -> None:
        self.store.delete(Address(kind, HOME, name))
        self.after()

    def names(self, kind: str) -> list[str]:
        return [one["metadata"]["name"] for one in self.store.list(kind)[0]]

    @property
    def pods(self) -> list[ObservedPod]:
        """The pods as the operator sees them, by name."""
        records = [wire.decode_stored(one) for one in self.store.list("Pod")[0]]
        return [one.spec for one in records if isinstance(one, PodRecord)]

    @property
    def pod(self) -> ObservedPod:
        [pod] = self.pods
        return pod

    def conditions(self, kind: str, name: str) -> dict[str, tuple[str, str, str]]:
        listed = self.get(kind, name).get("status", {}).get("conditions", ())
        return {one["type"]: (one["status"], one.get("reason", ""), one.get("message", "")) for one in listed}

    def events(self) -> list[tuple[str, str, str]]:
        return [(one["regarding"]["kind"], one["reason"], one["note"]) for one in self.store.list("Event")[0]]


def deployment(
    *, image: str = "aim:1", replicas: int | None = 1, surge: int = 0, unavailable: int = 1
) -> dict[str, Any]:
    labels = {"aim.silogen.ai/service": "chat"}
    spec = {
        **({} if replicas is None else {"replicas": replicas}),
        "progressDeadlineSeconds": 600,
        "minReadySeconds": 5,
        "selector": {"matchLabels": labels},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "aim", "image": image}]}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "aim-chat", "namespace": HOME},
        "spec": spec,
    }


def job(**spec: Any) -> dict[str, Any]:
    rules = [
        {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [20, 28, 30]}},
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
    ]
    whole = {
        "backoffLimit": 6,
        "podFailurePolicy": {"rules": rules},
        "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "get", "image": "aimcore:1"}]}},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "get-1", "namespace": HOME},
        "spec": whole | spec,
    }
