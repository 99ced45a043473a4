"""A cluster in memory with one pod that has begun and one that has not, and an API server before it that speaks of their logs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from aimcore.adapters.kubernetes.connection import Timeouts
from aimcore.adapters.kubernetes.diagnostics import KubernetesLogs
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.memory.controllers import Controllers, Script
from aimcore.adapters.memory.controllers.fates import ends, waits
from aimcore.adapters.memory.kinds import Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.ports.diagnostics import PodLogs
from aimcore.ports.errors import AccessDenied, Invalid, NotFound
from tests.unit.adapters.kubernetes.scripted import Answer, Asked, refused, serving

PATIENT = Timeouts(connect=10, read=30, watch=1, whole=60)
LINES = tuple(f"line {number}" for number in range(1, 8))
BEGUN, WAITING = "begun", "waiting"


def _job(name: str) -> Manifest:
    container = {"name": "download", "image": "registry.test/aimcore:1"}
    spec = {"template": {"spec": {"containers": [container], "restartPolicy": "Never"}}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "ml"}, "spec": spec}


class Node:
    """Two Jobs, and the names of their pods. `write` says what the one that has begun writes from now on."""

    def __init__(self) -> None:
        self.store = MemoryStore(lambda: "1970-01-01T00:00:00Z")
        self.script = Script()
        self.script.pods(BEGUN, ends(after=100))
        self.script.pods(WAITING, waits("ContainerCreating", ""))
        self.controllers = Controllers(self.store, self.script)
        self.store.load([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml"}}])
        for name in (BEGUN, WAITING):
            self.store.create(_job(name), manager="kubectl")
        self.write(*LINES)
        self.controllers.step(0)

    def write(self, *lines: str) -> None:
        self.script.log(BEGUN, *lines)

    def pod(self, job: str) -> str:
        [name] = [
            one["metadata"]["name"]
            for one in self.store.list("Pod", "ml")[0]
            if one["metadata"]["name"].startswith(job)
        ]
        return str(name)


@contextmanager
def in_memory(node: Node, *, allowed: bool) -> Iterator[PodLogs]:
    yield node.controllers.logs(allowed=allowed)


@contextmanager
def over_http(node: Node, *, allowed: bool) -> Iterator[PodLogs]:
    with serving(partial(_answer, node.controllers.logs(allowed=allowed))) as server:
        yield KubernetesLogs(Requests(server.connection(PATIENT)))


def _answer(logs: PodLogs, asked: Asked) -> Answer:
    """As an API server answers for a kubelet: so many lines, of which it sends so many bytes."""
    *_, namespace, _, pod, log = asked.path.split("/")
    assert (asked.method, log) == ("GET", "log")
    lines, most = int(asked.query["tailLines"]), int(asked.query["limitBytes"])
    try:
        text = logs.tail(namespace, pod, asked.query["container"], lines=lines)
    except NotFound as error:
        return refused(404, "NotFound", message=str(error))
    except AccessDenied as error:
        return refused(403, "Forbidden", message=str(error))
    except Invalid as error:
        return refused(400, "BadRequest", message=str(error))
    return Answer(text.encode()[:most])


HARNESSES = {"memory": in_memory, "kubernetes": over_http}
