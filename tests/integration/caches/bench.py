"""A cluster in memory whose Jobs, claims and pods live as a script says, and an operator that begins anew at each look.

Nothing is kept between two looks but what the cluster holds: every test is a test of starts and crashes, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.controllers import Controllers, Script
from aimcore.adapters.memory.controllers.podstatus import rfc3339
from aimcore.adapters.memory.kinds import Address
from aimcore.adapters.memory.outside import MemorySizes
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.kinds.conditions import EventType
from aimcore.domain.kinds.diagnostics import LogCause, LogFailed
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy
from aimcore.engine.handlers import read_events, read_log
from aimcore.entrypoints.loop import Loop
from aimcore.ports.errors import NotFound

NS = "ml-team"
API = "aim.silogen.ai/v1alpha1"
POLICY = Policy(workloads=True, download_image="registry.test/aimcore:1")
GONE = LogFailed(cause=LogCause.GONE)
Manifest = dict[str, Any]


def manifest(kind: str, name: str, **body: Any) -> Manifest:
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name, "namespace": NS}, **body}


def model(name: str = "llama", *, uri: str = "hf://acme/llama", env: list[Manifest] | None = None) -> Manifest:
    """A custom model of 1 GiB, for a CPU."""
    source = {"modelId": "acme/llama", "sourceUri": uri, "size": "1Gi", **({"env": env} if env else {})}
    hardware = {"cpu": {"requests": "1"}}
    return manifest("AIMModel", name, spec={"modelSources": [source], "custom": {"hardware": hardware}})


def service(name: str = "chat", *, ref: str = "llama", mode: str = "Shared", **spec: Any) -> Manifest:
    said = {"model": {"ref": ref}, "caching": {"mode": mode}, **spec}
    return manifest("AIMService", name, spec=said)


def token() -> list[Manifest]:
    return [{"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "hub", "key": "token"}}}]


def secret(name: str = "hub") -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NS},
        "type": "Opaque",
        "data": {"token": "Y2FuYXJ5"},
    }


def last_words(cause: str, message: str, **more: Any) -> str:
    return json.dumps({"cause": cause, "message": message, **more})


@dataclass(slots=True)
class Bench:
    """The cluster, its script, and its time in seconds since 1970. `refuses` is what writes may be refused with; `refused`
    counts those.
    """

    script: Script = field(default_factory=Script)
    policy: Policy = POLICY
    now: int = 1_000_000
    sizes: dict[str, int] = field(default_factory=lambda: {"hf://acme/llama": 2**30})
    reads_logs: bool = True
    reads_events: bool = True
    lost: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    refuses: str | None = None
    refused: int = 0
    store: MemoryStore = field(init=False)
    controllers: Controllers = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(lambda: rfc3339(self.now), admit=self.script.admit)
        self.controllers = Controllers(self.store, self.script)
        self.store.load([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}}])

    def apply(self, *manifests: Manifest) -> None:
        """What a person puts there, or changes."""
        for one in manifests:
            metadata = one["metadata"]
            address = Address(one["kind"], metadata.get("namespace"), metadata["name"])
            try:
                self.store.get(address)
            except NotFound:
                self.store.create(one, manager="kubectl")
            else:
                self.store.patch(address, {"spec": one["spec"]}, manager="kubectl")

    def look(self, after: int = 0) -> None:
        """So much later an operator begins, does all that follows, and ends."""
        self.now += after
        settled = self._loop().settle()
        unexpected = [one for one in settled.refusals if self.refuses is None or self.refuses not in one.message]
        assert not unexpected, unexpected
        self.refused += len(settled.refusals)
        told = (event for _, event in settled.events)
        self.warnings += [f"{one.reason}: {one.message}" for one in told if one.type is EventType.WARNING]

    def _loop(self) -> Loop:
        logs = self.controllers.logs(allowed=self.reads_logs)
        return Loop(
            cluster=MemoryCluster(self.store, step=lambda: self.controllers.step(self.now)),
            clock=lambda: rfc3339(self.now),
            size=partial(map, MemorySizes(self.sizes).size),
            read=partial(map, lambda one: GONE if one.pod in self.lost else read_log(logs, one)),
            look_closer=partial(map, partial(read_events, self.controllers.events(allowed=self.reads_events))),
            policy=self.policy,
            cache=ObjectCache(),
        )

    def all(self, kind: str) -> list[Manifest]:
        return [dict(one) for one in self.store.list(kind, NS)[0]]

    def one(self, kind: str, name: str = "") -> Manifest:
        (found,) = [one for one in self.all(kind) if name in ("", one["metadata"]["name"])]
        return found

    def delete(self, kind: str, name: str) -> None:
        self.store.delete(Address(kind, NS, name))

    def patch(self, kind: str, name: str, change: Manifest) -> None:
        self.store.patch(Address(kind, NS, name), change, manager="kubectl")

    def lose_log(self, pod: str) -> None:
        """The log of a pod goes, and the pod with it when somebody asks for it."""
        self.lost.add(pod)

    def annotate(self, kind: str, name: str, key: str, value: str) -> None:
        """As somebody else in the cluster does."""
        self.store.patch(Address(kind, NS, name), {"metadata": {"annotations": {key: value}}}, manager="somebody")

    def word(self, kind: str = "AIMService", name: str = "") -> str:
        """The word, and the reason of Ready for a service."""
        status = self.one(kind, name)["status"]
        if kind != "AIMService":
            return str(status["status"])
        (ready,) = [one for one in status["conditions"] if one["type"] == "Ready"]
        return f"{status['status']} {ready['reason']}"

    def condition(self, kind: str, of: str, name: str = "") -> tuple[str, str, str]:
        (found,) = [one for one in self.one(kind, name)["status"]["conditions"] if one["type"] == of]
        return found["status"], found["reason"], found["message"]
