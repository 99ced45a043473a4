"""A life of the operator in which it does everything it ever does: the document's examples, and what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from aimcore.adapters.memory.kinds import Address
from aimcore.ports.errors import AlreadyExists, NotFound
from tests.integration.cluster.driver import HttpCluster

__all__ = ["Life"]

TIMEOUT = 90.0
LLAMA = "meta-llama-3-8b-instruct"
CACHE = {
    "apiVersion": "aim.silogen.ai/v1alpha1",
    "kind": "AIMTemplateCache",
    "metadata": {"name": "warm", "namespace": "ml-team"},
    "spec": {"templateName": "by-hand"},
}
"""A cache made by hand, whose status is written."""


class Life:
    """The examples in a folder, on a cluster on which an operator runs."""

    def __init__(self, cluster: HttpCluster, folder: Path, hosts: Mapping[str, str], log: Path) -> None:
        self._cluster = cluster
        self._folder = folder
        self._host = hosts["ghcr.io"]
        self._log = log

    def lived_in_all_namespaces(self) -> None:
        """From the first model to the last; fails where something does not come to pass."""
        self._begin("cluster/nodes.yaml", "quickstart/*.yaml")
        for namespace, name in (("ml-team", "my-service"), ("research", "chat"), ("ml-team", "llama-custom")):
            self._until_resolved(Address("AIMService", namespace, name))
        self._change_the_image(Address("AIMClusterModel", None, LLAMA), "example/llama-3.1-8b-instruct:v1.2.0")
        self._edit(Address("AIMClusterModel", None, LLAMA), {"serviceAccountName": "runner"})
        self._until(lambda: "runner" in {one["spec"].get("serviceAccountName") for one in self._templates(None, LLAMA)})
        self.lived_on_in_one_namespace()

    def lived_in_one_namespace(self) -> None:
        """The same where the operator looks after ml-team alone, and services find no cluster models to write."""
        self._begin("cluster/nodes.yaml", "quickstart/0[0235]*.yaml", "quickstart/1[12]*.yaml", "quickstart/06*.yaml")
        self._until_resolved(Address("AIMService", "ml-team", "llama-custom"))
        self.lived_on_in_one_namespace()

    def lived_on_in_one_namespace(self) -> None:
        """Images change, sources grow, services turn elsewhere."""
        model = Address("AIMModel", "ml-team", LLAMA)
        self._until(lambda: self._templates("ml-team", LLAMA))
        self._cluster.create(CACHE, manager="kubectl")
        self._until(lambda: self._status(Address("AIMTemplateCache", "ml-team", "warm")).get("status") == "Pending")
        self._until(lambda: self._status(Address("AIMModel", "ml-team", "proprietary-model")).get("status") == "Ready")
        self._change_the_image(model, "silogen/aim-meta-llama-llama-3-1-8b-instruct:0.7.0")
        self._edit(model, {"serviceAccountName": "runner"})
        self._until(
            lambda: "runner" in {one["spec"].get("serviceAccountName") for one in self._templates("ml-team", LLAMA)}
        )
        self._grow(Address("AIMService", "ml-team", "llama-custom"))
        turning = Address("AIMService", "ml-team", "my-llama-service")
        inline = Address("AIMModel", "ml-team", self._until(lambda: self._resolved(turning)))
        self._edit(turning, {"model": {"custom": None, "ref": "my-custom-llama"}})
        self._until(lambda: not self._stands(inline))

    def _begin(self, *patterns: str) -> None:
        for pattern in patterns:
            for path in sorted(self._folder.glob(pattern)):
                for manifest in yaml.safe_load_all(path.read_text()):
                    with suppress(AlreadyExists):  # a namespace with roles in it was there before
                        self._cluster.create(manifest, manager="kubectl")

    def _until_resolved(self, service: Address) -> None:
        self._until(lambda: self._status(service).get("resolvedTemplate"))

    def _change_the_image(self, at: Address, image: str) -> None:
        """And wait until every template of the old one is gone."""
        old = {one["metadata"]["name"] for one in self._until(lambda: self._templates(at.namespace, at.name))}
        self._edit(at, {"image": f"{self._host}/{image}"})
        self._until(lambda: not old & {one["metadata"]["name"] for one in self._templates(at.namespace, at.name)})

    def _grow(self, at: Address) -> None:
        model = Address("AIMModel", "ml-team", self._until(lambda: self._resolved(at)))
        custom = dict(self._cluster.get(at)["spec"]["model"]["custom"])
        custom["modelSources"] = [{**source, "size": "17Gi"} for source in custom["modelSources"]]
        self._edit(at, {"model": {"custom": custom}})
        self._until(lambda: self._cluster.get(model)["spec"]["modelSources"][0]["size"] == "17Gi")

    def _edit(self, at: Address, spec: Mapping[str, Any]) -> None:
        self._cluster.patch(at, {"spec": dict(spec)}, manager="kubectl")

    def _resolved(self, at: Address) -> str:
        return str(self._status(at).get("resolvedModel", {}).get("name", ""))

    def _status(self, at: Address) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._cluster.get(at).get("status", {}) if self._stands(at) else {}
        return found

    def _stands(self, at: Address) -> bool:
        try:
            self._cluster.get(at)
        except NotFound:
            return False
        return True

    def _templates(self, namespace: str | None, model: str) -> list[Mapping[str, Any]]:
        kind = "AIMServiceTemplate" if namespace else "AIMClusterServiceTemplate"
        listed, _ = self._cluster.list(kind, namespace, {"aim.silogen.ai/model": model})
        return list(listed)

    def _until(self, holds: Callable[[], Any]) -> Any:
        ends = time.monotonic() + TIMEOUT
        while not (found := holds()):
            assert time.monotonic() < ends, self._log.read_text()[-4000:]
            time.sleep(0.1)
        return found
