"""The files of one source, several at a time: each is fetched, verified and written down before it counts (FETCH-3, FETCH-4)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aimcore.domain.errors import quoted
from aimcore.domain.weights.fetchplan import SourcePlan
from aimcore.domain.weights.files import Digest, RemoteFile
from aimcore.domain.weights.marker import StoredFile
from aimcore.domain.weights.outcome import FetchCause, FetchError
from aimcore.entrypoints.download.meter import Meter
from aimcore.ports.fetching import Fetcher, Volume

__all__ = ["Transfer"]

_AT_ONCE: Final = 8
_PAUSES: Final = (1.0, 3.0, 9.0)
"""Seconds before a file is asked for again within one attempt."""
_PASSING: Final = frozenset({FetchCause.UNREACHABLE, FetchCause.RATE_LIMITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Brings the files of a plan into the staging folder of a volume."""

    plan: SourcePlan
    fetcher: Fetcher
    volume: Volume
    meter: Meter

    def run(self, verified: Mapping[str, StoredFile]) -> tuple[StoredFile, ...]:
        """All files of the plan, in its order, those of `verified` without another look; raises `FetchError`."""
        missing = [one for one in self.plan.files if one.path not in verified]
        missing.sort(key=lambda one: one.size, reverse=True)  # so that no large one is left alone at the end
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fetch") as pool:
            futures = [pool.submit(self._brought, one) for one in missing]
            try:
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                _raise_first(done)
            except BaseException:
                self.meter.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        found = {one.path: one for one in (each.result() for each in futures)}
        return tuple(verified.get(one.path) or found[one.path] for one in self.plan.files)

    def _brought(self, file: RemoteFile) -> StoredFile:
        try:
            stored = self._verified(file)
        except OSError as error:
            raise self.volume.failed(error, file.path) from error
        self.meter.finished()
        return stored

    def _verified(self, file: RemoteFile) -> StoredFile:
        model_id = self.plan.source.model_id
        part = self.volume.part(model_id, file)
        resumed = _size(part) > 0
        while True:
            self._fetched(file, part)
            digest = self.fetcher.digest(file)
            if self._matches(file, part, digest):
                break
            digest = self.fetcher.disputed(file)
            if self._matches(file, part, digest):
                break
            self.meter.found(-max(0, _size(part)))
            self.volume.drop(model_id, file)
            if not resumed:
                raise _damaged(self.plan.source.uri, file, digest)
            resumed = False  # what was there may be what is wrong: once more from its beginning
        return self.volume.accept(model_id, file, digest)

    def _fetched(self, file: RemoteFile, part: str) -> None:
        if _size(part) > file.size:
            self.meter.found(-max(0, _size(part)))
            self.volume.drop(self.plan.source.model_id, file)
        for pause in (*_PAUSES, None):
            if _size(part) == file.size:
                return
            try:
                self.fetcher.fetch(file, part)
            except FetchError as error:
                if pause is None or error.cause not in _PASSING or error.retry_after is not None:
                    raise
                self.meter.waits(pause)
                time.sleep(pause)
                self.meter.worked()
            else:
                return

    def _matches(self, file: RemoteFile, part: str, digest: Digest | None) -> bool:
        if _size(part) != file.size:
            return False
        return digest is None or self.volume.hash(part, digest, self.meter.worked) == digest


def _size(path: str) -> int:
    """The bytes of a file, -1 where there is none."""
    try:
        return Path(path).stat().st_size
    except FileNotFoundError:
        return -1


def _damaged(uri: str, file: RemoteFile, digest: Digest | None) -> FetchError:
    expected = f"{file.size} bytes" if digest is None else str(digest)
    message = f"file {quoted(file.path)} of {quoted(uri)}: what came is not {expected}; ask whoever keeps the source"
    return FetchError(FetchCause.CHECKSUM, message)


def _raise_first(done: set[Future[StoredFile]]) -> None:
    """Raise what went wrong first; those that were stopped for it only say so."""
    errors = [error for one in done if not one.cancelled() and (error := one.exception()) is not None]
    errors.sort(key=lambda error: isinstance(error, FetchError) and error.cause is FetchCause.INTERRUPTED)
    if errors:
        raise errors[0]
