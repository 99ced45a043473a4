"""The document's custom models, with weights that are there: both ways to name them, both ways to be let in, and their hardware."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from aimcore.adapters.memory.kinds import Address
from tests.integration.operator.conftest import AIMCORE, Site
from tests.integration.operator.test_killed import live
from tests.integration.sizes.hub import TOKEN, Repository, hub
from tests.integration.sizes.s3_stores import KEYS, STORES

EXAMPLES = Path(__file__).parents[3] / "examples" / "quickstart"
HOME = "weighed"
NODE = "weighed-1"
LABELS = {"amd.com/gpu.device-id": "74a1", "amd.com/gpu.vram": "192G"}
HUB = {"config.json": 683, "model-00001-of-00001.safetensors": 16_060_556_376}
SIZES = {"hf": str(sum(HUB.values())), "s3": "1127"}
SECRETS = {
    "hf-credentials": {"token": TOKEN},
    "s3-credentials": {"access-key": KEYS["AWS_ACCESS_KEY_ID"], "secret-key": KEYS["AWS_SECRET_ACCESS_KEY"]},
}


def variable(name: str, secret: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


class Weights:
    """The examples, their sources moved to a hub and a store of this machine; the sizes they give are taken away."""

    def __init__(self, hub_url: str, store: str) -> None:
        self.environment = {
            "hf": [{"name": "HF_ENDPOINT", "value": hub_url}, variable("HF_TOKEN", "hf-credentials", "token")],
            "s3": [
                {"name": "AWS_ENDPOINT_URL", "value": f"http://{store}"},
                variable("AWS_ACCESS_KEY_ID", "s3-credentials", "access-key"),
                variable("AWS_SECRET_ACCESS_KEY", "s3-credentials", "secret-key"),
            ],
        }
        self.hosts = (hub_url.removeprefix("http://"), store)

    def example(self, number: str) -> Iterator[dict[str, Any]]:
        (file,) = EXAMPLES.glob(f"{number}-*.yaml")
        for manifest in yaml.safe_load_all(file.read_text()):
            manifest["metadata"]["namespace"] = HOME
            if manifest["kind"] == "Secret":
                manifest["stringData"] = SECRETS[manifest["metadata"]["name"]]
            else:
                self._move(manifest["spec"])
            yield manifest

    def _move(self, spec: dict[str, Any]) -> None:
        sources = spec.get("modelSources") or spec["model"]["custom"]["modelSources"]
        for source in sources:
            scheme = source["sourceUri"].partition("://")[0]
            source.pop("size", None)
            source["env"] = self.environment[scheme]
            if scheme == "s3":
                source["sourceUri"] = "s3://weights/models/llama"


RESOLVED = """
cpu:
  limits: "8"
  requests: "4"
gpu:
  minVram: 64Gi
  models:
  - MI300X
  - MI250
  requests: 2
  resourceName: amd.com/gpu
nodeAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    nodeSelectorTerms:
    - matchExpressions:
      - key: amd.com/gpu.device-id
        operator: In
        values: ["7408", 740c, 74a1, 74a9, 74b5, 74bd]
    - matchExpressions:
      - key: beta.amd.com/gpu.device-id
        operator: In
        values: ["7408", 740c, 74a1, 74a9, 74b5, 74bd]
"""
"""What the hardware of the document comes to, as `kubectl get -o yaml` shows it."""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weights]:
    gated = Repository(name="meta-llama/Llama-3-8B", files={"main": HUB}, private=True)
    with hub(gated) as here, STORES["nanio"](tmp_path_factory.mktemp("nanio")) as store:
        yield Weights(here.url, store.host)


@pytest.fixture
def home(site: Site) -> Iterator[Site]:
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    site.cluster.create(place, manager="kubectl")
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE, "labels": LABELS}}
    site.cluster.create(node, manager="kubectl")
    gpus = {"amd.com/gpu": "8"}
    at = Address("Node", None, NODE)
    site.cluster.patch(at, {"status": {"capacity": gpus, "allocatable": gpus}}, manager="kubelet", subresource="status")
    yield site
    site.cluster.delete(at)


def templates(site: Site) -> dict[str, Any]:
    """By the name of their model."""
    return {one["spec"]["modelName"]: one for one in live(site, "AIMServiceTemplate", HOME)}


def words(site: Site) -> set[str]:
    return {one.get("status", {}).get("status", "") for one in live(site, "AIMServiceTemplate", HOME)}


@pytest.mark.rule("SIZE-1", "SIZE-3", "CUST-3", "CUST-5", "TMPL-6")
def test_the_custom_models_of_the_document_are_ready_and_weighed(home: Site, weights: Weights) -> None:
    for number in ("06", "07", "08", "09", "10"):
        for manifest in weights.example(number):
            home.cluster.create(manifest, manager="kubectl")
    hosts = [word for host in weights.hosts for word in ("--plain-http", host)]
    with home.operator(*hosts):
        home.until(lambda: len(live(home, "AIMServiceTemplate", HOME)) == 6)
        home.until(lambda: words(home) == {"Ready"})
        home.until(lambda: _sizes(home) == [SIZES["hf"]] * 2 + [SIZES["s3"]] * 4)
        found = {one["metadata"]["name"]: one["spec"] for one in live(home, "AIMServiceTemplate", HOME)}
        (high,) = (spec for name, spec in found.items() if "-high-memory-" in name)
        (standard,) = (spec for name, spec in found.items() if "-standard-" in name)
        assert high["hardware"]["gpu"]["requests"] == 2, "what the entry says of itself"
        assert standard["hardware"]["gpu"]["requests"] == 1, "what it inherits"
        counts = {name: one["gpu"]["requests"] for name, one in _resolved(home, HOME).items()}
        assert counts == {name: spec["hardware"]["gpu"]["requests"] for name, spec in found.items()}
        named = templates(home)["llama-with-hardware"]["status"]
        assert (named["hardwareSummary"], named["resolvedHardware"]) == ("2 x MI300X/MI250", yaml.safe_load(RESOLVED))
        assert templates(home)["llama-with-hardware"]["spec"]["hardware"] == {
            "gpu": {"requests": 2, "models": ["MI300X", "MI250"], "minVram": "64Gi"},
            "cpu": {"requests": "4", "limits": "8"},
        }
        assert _replicas(home) == {name: 8 // spec["hardware"]["gpu"]["requests"] for name, spec in found.items()}
        gone = dict.fromkeys(LABELS)
        node = Address("Node", None, NODE)
        home.cluster.patch(node, {"metadata": {"labels": gone}}, manager="kubectl")
        home.until(lambda: _named(home) == "NotAvailable")
        home.cluster.patch(node, {"metadata": {"labels": LABELS}}, manager="kubectl")
        home.until(lambda: _named(home) == "Ready")
    said = home.log.read_text() + str(live(home, "AIMServiceTemplate", HOME))
    assert TOKEN not in said
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in said


@pytest.mark.rule("TMPL-6", "CUST-3", "KIND-10")
def test_what_an_entry_says_of_its_hardware_lies_over_what_it_inherits(site: Site) -> None:
    site.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "placed"}}, manager="kubectl")
    (model,) = yaml.safe_load_all((EXAMPLES / "07-hardware-requirements.yaml").read_text())
    model["metadata"]["namespace"] = "placed"
    entry = {"gpu": {"requests": 1, "models": ["MI325X", "NVIDIA-L4"]}, "cpu": {"requests": "2"}}
    model["spec"]["custom"]["templates"] = [{"name": "same"}, {"name": "other", "hardware": entry}]
    site.cluster.create(model, manager="kubectl")
    with site.operator():
        resolved = site.until(lambda: len(found := _resolved(site, "placed")) == 2 and found)
    (same,) = (one for name, one in resolved.items() if "-same-" in name)
    (other,) = (one for name, one in resolved.items() if "-other-" in name)
    assert same == yaml.safe_load(RESOLVED)
    models = ["MI325X", "NVIDIA-L4"]
    assert other["gpu"] == {"requests": 1, "models": models, "minVram": "64Gi", "resourceName": "amd.com/gpu"}
    assert other["cpu"] == {"requests": "2", "limits": "8"}
    terms = other["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    labels = {label["key"]: label["values"] for term in terms for label in term["matchExpressions"]}
    products = ["NVIDIA-L4", "NVIDIA_L4"]
    assert labels == {
        "amd.com/gpu.device-id": ["74a5", "74b9"],
        "beta.amd.com/gpu.device-id": ["74a5", "74b9"],
        "nvidia.com/gpu.product": ["NVIDIA-L4"],
        "amd.com/gpu.product-name": products,
        "beta.amd.com/gpu.product-name": products,
    }


def _resolved(site: Site, namespace: str) -> dict[str, Any]:
    """The resolved hardware of the templates that have any."""
    found = {one["metadata"]["name"]: one.get("status", {}) for one in live(site, "AIMServiceTemplate", namespace)}
    return {name: status["resolvedHardware"] for name, status in found.items() if "resolvedHardware" in status}


def _sizes(site: Site) -> list[str]:
    found = live(site, "AIMServiceTemplate", HOME)
    return sorted(source.get("size", "") for one in found for source in one["status"].get("modelSources", ()))[::-1]


def _named(site: Site) -> str:
    """The word of the template that names the models of its GPUs."""
    word: str = templates(site)["llama-with-hardware"]["status"]["status"]
    return word


def _replicas(site: Site) -> dict[str, int]:
    """How often each template fits on the node, by the command that looks at a cluster."""
    command = ["capacity", "-n", HOME, "-o", "json", "--kubeconfig", str(site.cluster.kubeconfig)]
    told = subprocess.run([str(AIMCORE), *command], capture_output=True, text=True, check=False, timeout=60)
    assert told.stderr == ""
    rooms = [(one, room) for one in json.loads(told.stdout)["templates"] for room in one["nodes"]]
    return {one["name"]: room["replicas"] for one, room in rooms if (one["namespace"], room["name"]) == (HOME, NODE)}
