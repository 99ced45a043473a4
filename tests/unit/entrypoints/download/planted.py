"""Hosts that hold their sources in memory, and a volume that breaks off at a chosen step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimcore.adapters.volume.volume import FolderVolume
from aimcore.domain.weights.files import Digest, DigestKind, Listed, RemoteFile
from aimcore.domain.weights.sources import SourceUri
from aimcore.ports.fetching import Activity, Fetcher

__all__ = ["BrittleVolume", "BrokenOffError", "PlantedHosts"]


class BrokenOffError(BaseException):
    """The process is gone: nothing after it runs, not even what catches errors."""


@dataclass(kw_only=True)
class PlantedHosts:
    """One source; `fetched` is every file that was fetched, in order."""

    files_held: Mapping[str, bytes]
    commit: str = "c0ffee"
    fetched: list[str] = field(default_factory=list)

    def endpoint(self, source: SourceUri, environment: Mapping[str, str]) -> str:
        del source
        return environment.get("HF_ENDPOINT", "")

    def files(self, source: SourceUri, environment: Mapping[str, str]) -> Listed:
        del source, environment
        files = tuple(_listed(path, data) for path, data in self.files_held.items())
        return Listed(files=files, commit=self.commit)

    def fetcher(
        self, source: SourceUri, environment: Mapping[str, str], *, listed: Listed, activity: Activity
    ) -> AbstractContextManager[Fetcher]:
        del source, environment, listed
        return self._fetcher(activity)

    @contextmanager
    def _fetcher(self, activity: Activity) -> Iterator[Fetcher]:
        yield _PlantedFetcher(self, activity)


@dataclass(frozen=True)
class _PlantedFetcher:
    hosts: PlantedHosts
    activity: Activity

    def digest(self, file: RemoteFile) -> Digest | None:
        return file.digest

    def fetch(self, file: RemoteFile, part: str) -> None:
        data = self.hosts.files_held[file.key]
        self.hosts.fetched.append(file.key)
        Path(part).write_bytes(data)
        self.activity.received(len(data))

    def disputed(self, file: RemoteFile) -> Digest | None:
        return file.digest


def _listed(path: str, data: bytes) -> RemoteFile:
    digest = Digest(kind=DigestKind.SHA256, value=sha256(data).hexdigest())
    return RemoteFile(path=path, key=path, size=len(data), digest=digest)


class BrittleVolume(FolderVolume):
    """A folder whose process is gone before the step of that number, counted from 1; `steps` counts those that were made."""

    def __init__(self, target: Path, break_before: int) -> None:
        super().__init__(target)
        self.steps, self._break_before = 0, break_before

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self._break_before:
            raise BrokenOffError

    def mark(self, *given: Any) -> None:
        self._step()
        super().mark(*given)

    def accept(self, *given: Any) -> Any:
        self._step()
        return super().accept(*given)

    def publish(self, *given: Any) -> None:
        self._step()
        super().publish(*given)

    def forget(self, *given: Any) -> None:
        self._step()
        super().forget(*given)

    def withdraw(self, *given: Any) -> None:
        self._step()
        super().withdraw(*given)
