"""A folder as a `Volume`: `.aimcore/` holds what is under way, and everything beside it is whole (FETCH-3, FETCH-5)."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from aimcore.adapters.volume.hashing import digest_of
from aimcore.adapters.volume.journal import Journal, version_of
from aimcore.domain.weights.files import Digest, RemoteFile
from aimcore.domain.weights.marker import StoredFile
from aimcore.domain.weights.outcome import FetchCause, FetchError

__all__ = ["FolderVolume"]

_MARKER_AT_MOST: Final = 64 * 1024 * 1024
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderVolume:
    """The folder `target`; one process at a time may hold its lock."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._own = target / ".aimcore"
        self._marker = self._own / "complete.json"
        self._journals: dict[str, Journal] = {}
        self._folders: set[Path] = set()

    def marker(self) -> str | None:
        """The text of the marker, None where there is none that can be read."""
        try:
            with self._marker.open(encoding="utf-8") as file:
                text = file.read(_MARKER_AT_MOST + 1)
        except (OSError, UnicodeDecodeError):
            return None
        return text if len(text) <= _MARKER_AT_MOST else None

    def mark(self, text: str) -> None:
        """Write the marker beside its place, flush it to the disk, and rename it."""
        with self._writing("the marker"):
            self._own.mkdir(parents=True, exist_ok=True)
            beside = self._own / "complete.json.new"
            with beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._marker)

    def holds(self, model_id: str, files: Iterable[StoredFile]) -> bool:
        """Whether the published folder has all of these, by name and size."""
        folder = self._target / model_id
        return all(_size(folder / one.path) == one.size for one in files)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold `.aimcore/lock`; the kernel lets go of it when the process ends, however that happens."""
        with self._writing("the lock"):
            self._own.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._own / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"{self._target}: another download writes here; wait for it to end"
                raise FetchError(FetchCause.LOCKED, message) from None
            yield
        finally:
            for journal in self._journals.values():
                journal.close()
            os.close(handle)

    def free(self) -> int:
        """The bytes that this user may still write."""
        found = os.statvfs(self._target)
        return found.f_bavail * found.f_frsize

    def begin(self, model_id: str, files: tuple[RemoteFile, ...], *, ours: bool) -> Mapping[str, StoredFile]:
        """Make the folders, delete parts of other files, and say what is verified already."""
        entries = self._journal(model_id).entries()
        staging, folder = self._staging(model_id), self._target / model_id
        if folder.exists() and not ours and not entries:
            message = f"{folder}: is there and no download of aimcore made it; move it away"
            raise FetchError(FetchCause.FOLDER_TAKEN, message)
        with self._writing(model_id):
            if not staging.exists() and entries and not ours:  # a run ended between publishing and marking
                self.withdraw(model_id, ())
            staging.mkdir(parents=True, exist_ok=True)
            parts = self._parts(model_id)
            parts.mkdir(parents=True, exist_ok=True)
            wanted = {_part_name(one) for one in files}
            for part in parts.iterdir():
                if part.name not in wanted:
                    part.unlink()
        return dict(self._verified(model_id, files, entries))

    def _verified(
        self, model_id: str, files: tuple[RemoteFile, ...], entries: Mapping[str, tuple[str, StoredFile, int]]
    ) -> Iterator[tuple[str, StoredFile]]:
        for file in files:
            key, stored, mtime = entries.get(file.path, ("", None, 0))
            if stored is None or key != version_of(file):
                continue
            path = self._staging(model_id) / file.path
            with suppress(OSError):
                found = path.stat()
                if (found.st_size, found.st_mtime_ns) == (stored.size, mtime):
                    yield file.path, stored

    def waiting(self, model_id: str, file: RemoteFile) -> int | None:
        """The bytes of the staged file, else of its part."""
        staged = _size(self._staging(model_id) / file.path)
        return staged if staged is not None else _size(self._parts(model_id) / _part_name(file))

    def part(self, model_id: str, file: RemoteFile) -> str:
        """The part, which a staged file of the right size that nobody verified becomes once more."""
        part, staged = self._parts(model_id) / _part_name(file), self._staging(model_id) / file.path
        if not part.exists() and _size(staged) == file.size:
            with self._writing(file.path):
                staged.rename(part)
        return str(part)

    def drop(self, model_id: str, file: RemoteFile) -> None:
        """Throw the part of a file away."""
        with self._writing(file.path):
            (self._parts(model_id) / _part_name(file)).unlink(missing_ok=True)

    def hash(self, path: str, digest: Digest, worked: Callable[[], object]) -> Digest:
        """The digest of that kind of what is at `path`."""
        with self._writing(f"what is read at {path}"):
            return digest_of(Path(path), digest, worked)

    def accept(self, model_id: str, file: RemoteFile, digest: Digest | None) -> StoredFile:
        """Rename the part to its place in the staging folder, then write it down."""
        stored = StoredFile(path=file.path, size=file.size, digest=digest)
        staged = self._staging(model_id) / file.path
        with self._writing(file.path):
            self._make(staged.parent)
            part = self._parts(model_id) / _part_name(file)
            part.chmod(0o644)
            mtime = part.stat().st_mtime_ns
            part.rename(staged)
            self._journal(model_id).add(version_of(file), stored, mtime)
        return stored

    def publish(self, model_id: str, files: Iterable[StoredFile]) -> None:
        """Delete from staging what is not of the source, move what was published before aside, and rename."""
        staging, folder = self._staging(model_id), self._target / model_id
        with self._writing(model_id):
            _prune(staging, frozenset(one.path for one in files))
            folder.parent.mkdir(exist_ok=True)
            before = self._own / "before"
            shutil.rmtree(before, ignore_errors=True)
            if folder.exists():
                folder.rename(before)
            staging.rename(folder)
            shutil.rmtree(before, ignore_errors=True)

    def forget(self, model_id: str) -> None:
        """Throw away what was written down about a source that is whole and marked by now."""
        journal = self._journals.pop(model_id, None)
        if journal is not None:
            journal.close()
        self._journal_path(model_id).unlink(missing_ok=True)
        shutil.rmtree(self._parts(model_id), ignore_errors=True)

    def withdraw(self, model_id: str, damaged: Iterable[StoredFile]) -> None:
        """Rename the folder back to staging, and delete what is damaged."""
        staging, folder = self._staging(model_id), self._target / model_id
        with self._writing(model_id):
            shutil.rmtree(staging, ignore_errors=True)
            staging.parent.mkdir(parents=True, exist_ok=True)
            if folder.exists():
                folder.rename(staging)
            for file in damaged:
                (staging / file.path).unlink(missing_ok=True)

    def published(self, model_id: str, path: str) -> str:
        """Where a file of a published folder is."""
        return str(self._target / model_id / path)

    def _staging(self, model_id: str) -> Path:
        return self._own / "staging" / model_id

    def _parts(self, model_id: str) -> Path:
        return self._own / "parts" / model_id

    def _journal_path(self, model_id: str) -> Path:
        return self._own / "journal" / f"{model_id}.jsonl"

    def _journal(self, model_id: str) -> Journal:
        return self._journals.setdefault(model_id, Journal(self._journal_path(model_id)))

    def _make(self, folder: Path) -> None:
        if folder not in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)

    @contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self.failed(error, what) from error

    def failed(self, error: OSError, what: str) -> FetchError:
        """What an error of the file system means for a download."""
        reason = os.strerror(error.errno).lower() if error.errno else "cannot be used"
        if error.errno in _FULL:
            return FetchError(FetchCause.DISK_FULL, f"{self._target}: {reason} while {what} was written")
        message = f"{self._target}: {what} cannot be written ({reason}); let user {os.getuid()} write there"
        return FetchError(FetchCause.NOT_WRITABLE, message)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _part_name(file: RemoteFile) -> str:
    return hashlib.sha256(version_of(file).encode()).hexdigest()[:32]


def _prune(folder: Path, keep: frozenset[str]) -> None:
    """Delete all files but those, and the folders that are empty then."""
    for root, _, names in os.walk(folder, topdown=False):
        here = Path(root)
        for name in names:
            if (here / name).relative_to(folder).as_posix() not in keep:
                (here / name).unlink()
        if here != folder and not any(here.iterdir()):
            here.rmdir()
