"""A cluster in memory for the operator to look at, fed from a folder of manifests, with an API for kubectl at one place."""

from __future__ import annotations

import fcntl
import io
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Any, Final

from aimcore.adapters.manifests import read_manifests
from aimcore.adapters.memory.admission import admit
from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.memory.controllers import Controllers, Script
from aimcore.adapters.memory.kinds import Address, resource_of
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.errors import AimError
from aimcore.entrypoints.wiring.definitions import definitions_text
from aimcore.entrypoints.wiring.input import Inputs, take_in
from aimcore.ports.errors import AlreadyExists, NotFound

__all__ = ["Embedded", "embedded", "kubeconfig_place"]

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


FOLDER: Final = Path("aimcore", "embedded")
OTHERS_MAY_WRITE: Final = 0o022


@contextmanager
def kubeconfig_place(environment: Mapping[str, str]) -> Iterator[Path]:
    """The path of the kubeconfig, in the cache of the user; the file goes with the cluster.

    A second cluster beside the first has a folder of its own, which goes too, and so has a user who has no cache that is
    theirs alone to write. Raises `NotFound` where there is none for temporary files either.
    """
    folder = _cache(environment)
    lock = None if folder is None else _lock(folder)
    if folder is None or lock is None:
        with _folder_of_its_own() as home:
            yield Path(home) / "kubeconfig"
        return
    try:
        yield folder / "kubeconfig"
    finally:
        with suppress(OSError):
            (folder / "kubeconfig").unlink()
        os.close(lock)


def _cache(environment: Mapping[str, str]) -> Path | None:
    """The folder in the cache of the user, None for a user who has no home."""
    home, said = Path(environment.get("HOME", "")), Path(environment.get("XDG_CACHE_HOME", ""))
    if said.is_absolute():
        return said / FOLDER
    return home / ".cache" / FOLDER if home.is_absolute() and home.is_dir() else None


def _lock(folder: Path) -> int | None:
    """The lock of the folder, which the kernel lets go of when the process ends; None where it cannot be had."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.stat()
        if seen.st_uid != os.getuid() or seen.st_mode & OTHERS_MAY_WRITE:
            return None
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _folder_of_its_own() -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix="aimcore-")
    except OSError as error:
        message = "the kubeconfig needs a folder for temporary files, and none can be written to; TMPDIR names one"
        raise NotFound(message) from error
