"""The operator as a process: images of a real registry become templates, secrets that come late are noticed, nothing is lost."""

from __future__ import annotations

import base64
import json
import socket
import time
from contextlib import suppress
from functools import partial
from itertools import count
from threading import Event, Thread
from typing import Any

import pytest

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.ports.errors import AlreadyExists, NotFound
from tests.integration.operator.conftest import TIMEOUT, Site
from tests.integration.registry.contents import image
from tests.integration.registry.registries import PASSWORDS, basic

_NUMBERS = count(1)
GRACE = 40.0
"""Seconds that the shipped pod has to end."""
TEMPLATES = [{"metric": metric} for metric in ("latency", "throughput")]


def _labels(*deployments: dict[str, Any]) -> dict[str, str]:
    return {
        "com.amd.aim.model.canonicalName": "acme/chat",
        "com.amd.aim.model.deployments": json.dumps(deployments),
    }


def _manifest(kind: str, name: str, namespace: str, **content: Any) -> Manifest:
    group = "v1" if kind in ("Secret", "Namespace") else "aim.silogen.ai/v1alpha1"
    return {"apiVersion": group, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **content}


class Town:
    """One namespace of the site, an image in its registry, and short ways to look."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.begun = len(site.log.read_text()) if site.log.exists() else 0
        self.namespace = f"town-{next(_NUMBERS)}"
        self.image = f"{site.registry.address}/ann/{self.namespace}:1"
        site.cluster.create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}, manager="kubectl"
        )
        self.push(*TEMPLATES)

    def push(self, *deployments: dict[str, Any]) -> str:
        with self.site.registry.pusher() as pusher:
            return pusher.push(image(_labels(*deployments)), f"ann/{self.namespace}", "1")

    def put(self, kind: str, name: str, **content: Any) -> None:
        self.site.cluster.create(_manifest(kind, name, self.namespace, **content), manager="kubectl")

    def edit(self, kind: str, name: str, **content: Any) -> None:
        self.site.cluster.patch(Address(kind, self.namespace, name), content, manager="kubectl")

    def secret(self, password: str) -> dict[str, Any]:
        login = {"auths": {self.site.registry.address: {"auth": basic("ann", password)}}}
        document = base64.b64encode(json.dumps(login).encode()).decode()
        return {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": document}}

    def status(self, kind: str, name: str) -> dict[str, Any]:
        with suppress(NotFound):
            found: dict[str, Any] = self.site.cluster.get(Address(kind, self.namespace, name)).get("status", {})
            return found
        return {}

    def word(self, kind: str, name: str) -> str | None:
        return self.status(kind, name).get("status")

    def told(self, kind: str, name: str, condition: str) -> str:
        conditions = self.status(kind, name).get("conditions", ())
        return next((one["message"] for one in conditions if one["type"] == condition), "")

    def templates(self) -> list[str]:
        listed, _ = self.site.cluster.list("AIMServiceTemplate", self.namespace)
        return sorted(one["metadata"]["name"] for one in listed)

    def has_more_templates(self, *, than: int) -> bool:
        return len(self.templates()) > than or than == 12 * len(TEMPLATES)

    def says(self, message: str) -> int:
        """How often operators have said this here, since this town began."""
        return self.site.log.read_text()[self.begun :].count(f'"message": "{message}"')

    def versions(self) -> list[str]:
        kinds = ("AIMModel", "AIMServiceTemplate", "AIMService")
        listed = [one for kind in kinds for one in self.site.cluster.list(kind, self.namespace)[0]]
        return sorted(one["metadata"]["resourceVersion"] for one in listed)


@pytest.fixture
def town(site: Site) -> Town:
    return Town(site)


@pytest.mark.parametrize("site", ["api_server"], indirect=True)  # half a minute; the walk does the same on a real one
@pytest.mark.rule("DISC-5", "DISC-7", "TMPL-1", "SEC-1")
def test_a_secret_that_comes_late_makes_a_failed_model_ready(town: Town) -> None:
    with town.site.operator():
        town.put("AIMModel", "chat", spec={"image": town.image, "imagePullSecrets": [{"name": "login"}]})
        town.site.until(lambda: town.word("AIMModel", "chat") == "Failed")
        assert town.told("AIMModel", "chat", "MetadataExtracted").startswith("SecretMissing: ")
        town.put("Secret", "login", **town.secret(PASSWORDS["ann"]))
        town.site.until(lambda: len(town.templates()) == len(TEMPLATES))
        town.site.until(lambda: town.told("AIMModel", "chat", "MetadataExtracted").startswith("read from sha256:"))
    assert PASSWORDS["ann"] not in town.site.log.read_text()
    assert basic("ann", PASSWORDS["ann"]) not in town.site.log.read_text()


@pytest.mark.rule("AUTO-1", "DISC-3", "DISC-6", "TMPL-4", "KIND-9")
def test_a_model_follows_its_image_and_its_switch_and_a_restart_writes_nothing(town: Town) -> None:
    town.put("Secret", "login", **town.secret(PASSWORDS["ann"]))
    with town.site.operator():
        spec = {"model": {"image": town.image}, "imagePullSecrets": [{"name": "login"}]}
        town.put("AIMService", "svc", spec=spec)
        named = town.site.until(lambda: town.status("AIMService", "svc").get("resolvedModel", {}).get("name"))
        town.site.until(lambda: len(town.templates()) == len(TEMPLATES))
        before = town.templates()
        town.edit("AIMModel", named, spec={"discovery": {"enabled": False, "autoCreateTemplates": False}})
        town.site.until(lambda: town.status("AIMModel", named).get("observedGeneration") == 2)
        assert town.templates() == before
        digest = town.push(TEMPLATES[0])
        again = {"image": f"{town.image}@{digest}", "discovery": {"enabled": True, "autoCreateTemplates": True}}
        town.edit("AIMModel", named, spec=again)
        town.site.until(lambda: town.status("AIMModel", named).get("resolvedImage", {}).get("digest") == digest)
        town.site.until(lambda: len(town.templates()) == 1)
        town.site.until(lambda: town.word("AIMModel", named) in ("Ready", "Degraded"))
    live = town.versions()
    with town.site.operator():
        marker = "marker"
        town.put("AIMModel", marker, spec={"image": "acme/none", "imageMetadata": {"model": {"canonicalName": "a/b"}}})
        town.site.until(lambda: town.word("AIMModel", marker) == "Ready")
    town.site.cluster.delete(Address("AIMModel", town.namespace, marker))
    assert town.versions() == live


@pytest.mark.parametrize("site", ["api_server"], indirect=True)
@pytest.mark.rule("SEC-4")
def test_a_registry_that_drips_does_not_keep_the_operator_from_ending(town: Town) -> None:
    asked = Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        registry = Thread(target=dripping, args=(listener, asked))
        registry.start()
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        with town.site.operator("--plain-http", host) as process:
            town.put("AIMModel", "drip", spec={"image": f"{host}/a/b:1"})
            assert asked.wait(TIMEOUT)
            process.terminate()
            assert process.wait(timeout=GRACE) == 0
        registry.join(timeout=TIMEOUT)


@pytest.mark.rule("OWN-4")
def test_whoever_ends_hands_the_lease_to_whoever_waits(town: Town) -> None:
    with suppress(AlreadyExists):
        system = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "aim-system"}}
        town.site.cluster.create(system, manager="kubectl")
    with town.site.operator("--elect") as first:
        town.site.until(lambda: town.says("became leader") == 1)
        with town.site.operator("--elect"):
            town.site.until(lambda: town.says("waiting for leadership") == 1)
            seen = town.site.cluster.list("Lease", "aim-system")[1]
            first.terminate()
            town.site.until(lambda: town.says("became leader") == 2)
    written = town.site.cluster.watch("Lease", seen).drain()
    holders = [event.manifest["spec"].get("holderIdentity", "") for event in written]
    assert "" in holders, "the lease was not given back, and had to run out"


def dripping(listener: socket.socket, asked: Event) -> None:
    """Answers with a byte a second, which no timeout of a single step ends."""
    with suppress(OSError):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            asked.set()
            while True:
                connection.sendall(b" ")
                time.sleep(1)


@pytest.mark.rule("OWN-4", "KIND-9")
def test_a_killed_operator_loses_nothing_and_makes_nothing_twice(town: Town) -> None:
    metadata = {"model": {"canonicalName": "acme/chat", "recommendedDeployments": TEMPLATES}}
    for number in range(12):
        town.put("AIMModel", f"m-{number}", spec={"image": f"acme/m-{number}:1", "imageMetadata": metadata})
    for _ in range(5):
        live = len(town.templates())
        with town.site.operator() as process:
            town.site.until(partial(town.has_more_templates, than=live))
            process.kill()
            process.wait()
    with town.site.operator():
        town.site.until(lambda: all(town.word("AIMModel", f"m-{number}") == "Ready" for number in range(12)))
    assert len(town.templates()) == 12 * len(TEMPLATES)
