"""A cluster in memory for the operator to look at, fed from a folder of manifests, with an API for kubectl on loopback."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any, Final

from aimcore.adapters.manifests import read_manifests
from aimcore.adapters.memory.admission import admit
from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.memory.controllers import Controllers, Script
from aimcore.adapters.memory.kinds import Address, resource_of
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.errors import AimError
from aimcore.entrypoints.wiring.definitions import definitions_text
from aimcore.entrypoints.wiring.embedded_place import kubeconfig_place
from aimcore.entrypoints.wiring.input import Inputs, take_in
from aimcore.ports.errors import AlreadyExists, NotFound

__all__ = ["Embedded", "embedded"]

LOG: Final = logging.getLogger("aimcore.embedded")
LOOK_AGAIN: Final = 1.0
QUIET_LOOKS: Final = 3
MANAGER: Final = "folder"

Manifests = Mapping[Address, Mapping[str, Any]]
Traces = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A cluster in memory: where kubectl finds it, and whether there was a node in its folders when it began."""

    kubeconfig: Path
    has_nodes: bool


@contextmanager
def embedded(folders: tuple[Path, ...], clock: Callable[[], str], environment: Mapping[str, str]) -> Iterator[Embedded]:
    """A cluster in memory, for as long as it lasts; what the folders say, it is told again."""
    definitions = read_manifests(("-",), recursive=False, stdin=io.BytesIO(definitions_text().encode())).documents
    with (
        kubeconfig_place(environment) as kubeconfig,
        ApiServer(MemoryStore(clock, admit=admit), [document.manifest for document in definitions]) as api_server,
    ):
        api_server.write_kubeconfig(kubeconfig)
        follower = _Follower(folders, kubeconfig)
        follower.look(api_server)
        stopping = threading.Event()
        thread = threading.Thread(target=follower.follow, args=(api_server, stopping), name="folder", daemon=True)
        thread.start()
        try:
            yield Embedded(kubeconfig=kubeconfig, has_nodes=follower.has_nodes)
        finally:
            stopping.set()
            thread.join(timeout=10)


class _Follower:
    """Tells a cluster what stands in folders: changed files are applied, what is no longer there is deleted."""

    def __init__(self, folders: tuple[Path, ...], kubeconfig: Path) -> None:
        self._folders = folders
        self._kubeconfig = kubeconfig
        self._quiet = _Quiet()
        self._traces: Traces | None = None
        self._live: Manifests = {}
        self._controllers: Controllers | None = None

    def follow(self, api_server: ApiServer, stopping: threading.Event) -> None:
        """Looks once a second until told to stop; at each look the pods of the cluster get on, as those of a kubelet would."""
        while not stopping.wait(LOOK_AGAIN):
            self.look(api_server)
            with api_server.held() as store:
                self._controllers = self._controllers or Controllers(store, Script.without_logs())
                self._controllers.step(int(time.time()))
                settled = self._quiet.after(store.resource_version)
            if settled:
                LOG.info("settled; to look: KUBECONFIG=%s kubectl get aim -A", quote(str(self._kubeconfig)))

    @property
    def has_nodes(self) -> bool:
        """Whether there is a node among what stands."""
        return any(address.kind == "Node" for address in self._live)

    def look(self, api_server: ApiServer) -> None:
        """Tells the cluster what has changed since the last look."""
        traces = frozenset().union(*map(_traces, self._folders))
        if traces == self._traces:
            return
        self._traces = traces
        taken = take_in(Inputs(paths=tuple(map(str, self._folders)), recursive=False), None)
        for problem in taken.problems:
            LOG.warning(
                "invalid manifest",
                extra={
                    "object": f"{problem.file}:{problem.line}:{problem.column}",
                    "error": f"{problem.path}: {problem.message} [{problem.rule}]",
                },
            )
        now = {_address(manifest): manifest for manifest in taken.manifests}
        with api_server.held() as store:
            for address in self._live.keys() - now.keys():
                with suppress(NotFound):
                    store.delete(address)
            for address, manifest in now.items():
                if manifest != self._live.get(address):
                    _apply(store, address, manifest)
        self._live = now


class _Quiet:
    """Tells once when nothing was written for a few looks."""

    def __init__(self) -> None:
        self._version = ""
        self._looks = 0

    def after(self, version: str) -> bool:
        """Whether this is the look at which it may be told."""
        self._looks = self._looks + 1 if version == self._version else 0
        self._version = version
        return self._looks == QUIET_LOOKS


def _apply(store: MemoryStore, address: Address, manifest: Mapping[str, Any]) -> None:
    said = {name: value for name, value in manifest.items() if name != "status"}
    try:
        if address.namespace is not None:
            with suppress(AlreadyExists):
                namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": address.namespace}}
                store.create(namespace, manager=MANAGER)
        store.apply(said, manager=MANAGER, force=True)
        if address.kind == "Node" and "status" in manifest:  # there is no kubelet here to say what a node has
            head = {name: manifest[name] for name in ("apiVersion", "kind")} | {"metadata": {"name": address.name}}
            store.apply({**head, "status": manifest["status"]}, manager=MANAGER, force=True, subresource="status")
    except AimError as error:
        LOG.warning("manifest refused", extra={"object": str(address), "error": str(error)})


def _address(manifest: Mapping[str, Any]) -> Address:
    metadata = manifest["metadata"]
    return Address(resource_of(manifest).kind, metadata.get("namespace"), metadata["name"])


def _traces(folder: Path) -> Traces:
    """What tells whether a file of the folder changed: its name, its time and its size."""
    found = set()
    for path in folder.iterdir():
        with suppress(OSError):
            seen = path.stat()
            found.add((str(path), seen.st_mtime_ns, seen.st_size))
    return frozenset(found)
