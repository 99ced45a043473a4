"""Services that run while faults befall the operator: every kind of child is made, changed and deleted, and one service is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import cache
from typing import Any, Final

from aimcore.adapters.kubernetes.connection import Timeouts
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.testing import Run, World
from aimcore.testing.ownership_laws import ownership_violations, touched
from aimcore.testing.serving_laws import serving_pods
from aimcore.testing.violations import demand
from aimcore.testing.world import address_of
from tests.integration.faults.gate import PATIENT
from tests.integration.faults.scenario import GPUS, LATENCY, labels, manifest
from tests.integration.faults.stage import Stage, stage
from tests.integration.simulations.timeline import forked

__all__ = ["CHILDREN", "RUNNING", "Part", "aged", "begun", "change", "clean", "play", "running"]

CHILDREN: Final = (
    "deployments",
    "services",
    "httproutes",
    "persistentvolumeclaims",
    "jobs",
    "aimtemplatecaches",
)
ROUTED: Final = {"enabled": True, "gatewayRef": {"name": "web", "namespace": "edge"}}
SHARED: Final = {"mode": "Shared"}
LABELS: Final = {"app": "theirs"}
THEIRS: Final = {
    "replicas": 0,
    "selector": {"matchLabels": LABELS},
    "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "theirs:1"}]}},
}


def service(name: str, namespace: str, **spec: Any) -> Manifest:
    return manifest("AIMService", name, namespace, spec=spec)


def weights(name: str, namespace: str) -> Manifest:
    """A model whose weights are fetched."""
    return manifest(
        "AIMModel",
        name,
        namespace,
        spec={
            "modelSources": [{"modelId": f"acme/{name}", "sourceUri": f"hf://acme/{name}", "size": "1Gi"}],
            "custom": {"hardware": {"gpu": {"requests": 1, "models": ["MI300X"]}}},
        },
    )


RUNNING: Final = World(
    manifests=(
        manifest("Namespace", "default"),
        manifest("Node", "gpus", metadata={"labels": GPUS}, status={"allocatable": {"amd.com/gpu": "8"}}),
        weights("own", "red"),
        service("chat", "red", model={"ref": "own"}, caching=SHARED, routing=ROUTED),
        service("steady", "red", model={"ref": "own"}, caching=SHARED),
        manifest("AIMModel", "chat", "blue", spec={"image": "acme/chat:1"}),
        service("back", "blue", model={"ref": "chat"}, caching={"mode": "None"}),
        service("taken", "blue", model={"ref": "chat"}, caching={"mode": "None"}),
        {
            **manifest("Deployment", "aim-taken", "blue", metadata={"labels": LABELS}, spec=THEIRS),
            "apiVersion": "apps/v1",
        },
        weights("warm", "blue"),
        manifest(
            "AIMServiceTemplate",
            "by-hand",
            "blue",
            spec={"modelName": "warm", "hardware": {"cpu": {"requests": "1"}}},
        ),
        manifest("AIMTemplateCache", "ahead", "blue", spec={"templateName": "by-hand", "templateScope": "Namespace"}),
    ),
    images={"acme/chat:1": labels(LATENCY)},
    policy=Policy(unseen=Unseen.ABSENT, workloads=True, download_image="registry.test/aimcore:1"),
)


def change(here: Stage) -> None:
    """What somebody does to services that run: a pod is to be replaced, a route to go, a service to grow, a claim to be made anew."""
    with here.gate.shared.held() as store:
        chat, back = Address("AIMService", "red", "chat"), Address("AIMService", "blue", "back")
        spec = {"env": [{"name": "LEVEL", "value": "2"}], "routing": {"enabled": False}}
        store.patch(chat, {"spec": spec}, manager="kubectl")
        store.patch(back, {"spec": {"replicas": 2}}, manager="kubectl")
        for claim in store.list("PersistentVolumeClaim", "blue")[0]:
            store.delete(address_of(claim))


@contextmanager
def running(run: Run, *, seed: int, timeouts: Timeouts = PATIENT) -> Iterator[Stage]:
    """A stage on which the laws of each moment are checked after every step: who owns what, whose things stay, which pods serve on."""
    theirs = {address: one for one in run.objects() if (address := address_of(one)).name == "aim-taken"}
    pods = _steady(run)
    seen = [run.store.resource_version]

    def look() -> None:
        if run.store.resource_version != seen[0]:
            seen[0] = run.store.resource_version
            demand("Legal ownership", ownership_violations(run))
            demand("Hands off", touched(run, theirs))
            now = _steady(run)
            demand("Serving is sacred", (name for name, pod in pods.items() if now.get(name) != pod))
            pods.update(now)

    with stage(run, seed=seed, timeouts=timeouts) as here:
        here.watch = look
        yield here


def _steady(run: Run) -> dict[str, tuple[str, int]]:
    """The pods of the service that nobody changes."""
    return {name: pod for name, pod in serving_pods(run).items() if "/aim-steady-" in name}


class Part(Enum):
    """How much of the story is played: services come to run; people change services that run; both."""

    START = "start"
    CHANGE = "change"
    WHOLE = "whole"


def begun(part: Part) -> Run:
    """The services as they are applied, or once they run."""
    return forked(clean(Part.START)[0]) if part is Part.CHANGE else RUNNING.start()


def play(here: Stage, part: Part, *, before: Callable[[Stage], object] = lambda _: None) -> None:
    """The story, or a part of it; `before` is called before somebody changes anything."""
    here.rest()
    if part is not Part.START:
        before(here)
        change(here)
        here.rest()


@cache
def clean(part: Part) -> tuple[Run, Counter[str]]:
    """The end without faults, and what it took."""
    run = begun(part)
    with running(run, seed=1) as here:
        play(here, part)
        return run, Counter(asked.operation for asked in here.gate.asked)


@cache
def aged(part: Part) -> Run:
    """The end without faults two hours later, when no Job is left."""
    run = forked(clean(part)[0])
    with running(run, seed=1) as here:
        here.wait(2 * 3600 + 60)
    return run
