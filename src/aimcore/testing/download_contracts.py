"""What every volume and every host of weights keeps, as functions to run on one's own, as those of `contracts`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Lock

from aimcore.adapters.volume.hashing import digest_of
from aimcore.domain.errors import ParseError
from aimcore.domain.weights.files import Digest, DigestKind, Listed, RemoteFile, check_paths
from aimcore.domain.weights.outcome import FetchCause, FetchError
from aimcore.domain.weights.probing import ProbeFailed
from aimcore.domain.weights.sources import SourceUri, parse_source_uri
from aimcore.ports.fetching import Hosts, Volume
from aimcore.testing.violations import demand

__all__ = ["check_hosts", "check_volume"]

MODEL = "contract/model"
DATA = {"a.bin": b"one", "deep/b.bin": b"two two"}


def check_volume(volume: Volume) -> None:
    """That an empty volume keeps its port's promise; it has a folder `contract/model` in the end, and a marker."""
    demand("Volume", [*_volume_faults(volume)])


def _volume_faults(volume: Volume) -> Iterator[str]:
    files = tuple(RemoteFile(path=path, key=path, size=len(data)) for path, data in DATA.items())
    if volume.marker() is not None:
        yield "marker of an empty volume is a text; expected None"
        return
    with volume.lock():
        yield from _fails("a second lock", FetchCause.LOCKED, lambda: volume.lock().__enter__())
        if volume.begin(MODEL, files, ours=False):
            yield "begin says that files are verified which nobody fetched"
        stored = []
        for file in files:
            part = Path(volume.part(MODEL, file))
            part.write_bytes(b"x")
            volume.drop(MODEL, file)
            if volume.waiting(MODEL, file) is not None:
                yield f"{file.path} still waits after its part was dropped"
            part.write_bytes(DATA[file.path])
            if volume.waiting(MODEL, file) != file.size:
                yield f"of {file.path} {volume.waiting(MODEL, file)} bytes wait; expected {file.size}"
            expected = Digest(kind=DigestKind.SHA256, value=hashlib.sha256(DATA[file.path]).hexdigest())
            if volume.hash(str(part), expected, lambda: None) != expected:
                yield f"hash of {file.path} is not its sha256"
            stored.append(volume.accept(MODEL, file, expected))
        if set(volume.begin(MODEL, files, ours=False)) != set(DATA):
            yield "begin forgets what was accepted before"
        if volume.holds(MODEL, stored):
            yield "files are there before they were published"
        volume.publish(MODEL, stored)
        if not volume.holds(MODEL, stored):
            yield "files are not there after they were published"
            return
        for path, data in DATA.items():
            if Path(volume.published(MODEL, path)).read_bytes() != data:
                yield f"what is published as {path} is not what was accepted"
        volume.mark("marked")
        if volume.marker() != "marked":
            yield "marker is not what was marked"
        volume.forget(MODEL)
        yield from _fails(
            "begin of a folder that the marker does not know",
            FetchCause.FOLDER_TAKEN,
            lambda: volume.begin(MODEL, files, ours=False),
        )
        if volume.free() < 0:
            yield "free is negative"


def _fails(what: str, cause: FetchCause, act: Callable[[], object]) -> Iterator[str]:
    try:
        act()
    except FetchError as error:
        if error.cause is not cause:
            yield f"{what} fails by {error.cause}; expected {cause}"
    else:
        yield f"{what} succeeds; expected {cause}"


class _Heard:
    """Counts the bytes of a transfer, from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.bytes = 0

    def received(self, count: int) -> None:
        with self._lock:
            self.bytes += count

    def worked(self) -> None:
        """Nothing to count."""

    def waits(self, seconds: float) -> None:
        """Nothing to count."""


def check_hosts(
    hosts: Hosts, *, there: str, missing: str, folder: Path, environment: Mapping[str, str] | None = None
) -> None:
    """That they keep their port's promise; `there` and `missing` are URIs of a small source, and of none.

    All its files are fetched into `folder`. Messages may hold no value of `environment`.
    """
    demand(
        "Hosts", [*_host_faults(hosts, parse_source_uri(there), missing, folder=folder, environment=environment or {})]
    )


def _host_faults(
    hosts: Hosts, source: SourceUri, missing: str, *, folder: Path, environment: Mapping[str, str]
) -> Iterator[str]:
    failed = hosts.files(parse_source_uri(missing), environment)
    if not isinstance(failed, ProbeFailed):
        yield f"files({missing}) is no ProbeFailed"
    elif not failed.message or any(value and value in failed.message for value in environment.values()):
        yield f"files({missing}) fails without a message, or shows a value of its environment"
    listed = hosts.files(source, environment)
    if not isinstance(listed, Listed):
        yield f"files({source}) is {listed!r}; expected Listed"
        return
    try:
        check_paths(listed.files)
    except ParseError as error:
        yield f"files({source}) lists what cannot be written: {error}"
    activity = _Heard()
    with hosts.fetcher(source, environment, listed=listed, activity=activity) as fetcher:
        for number, file in enumerate(listed.files):
            part = folder / f"part-{number}"
            fetcher.fetch(file, str(part))
            if part.stat().st_size != file.size:
                yield f"{file.path} has {part.stat().st_size} bytes; listed with {file.size}"
            digest = fetcher.digest(file)
            if digest is not None and digest_of(part, digest, lambda: None) != digest:
                yield f"{file.path} is not what its digest {digest} says"
    if activity.bytes != sum(file.size for file in listed.files):
        yield f"received told of {activity.bytes} bytes; expected {sum(file.size for file in listed.files)}"
