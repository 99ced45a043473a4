"""The promises of whoever lists and fetches the files of a source, and of the volume that they are put on (FETCH)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from aimcore.domain.weights.files import Digest, Listed, RemoteFile
from aimcore.domain.weights.marker import StoredFile
from aimcore.domain.weights.outcome import FetchError
from aimcore.domain.weights.probing import ProbeFailed
from aimcore.domain.weights.sources import SourceUri

__all__ = ["Activity", "Fetcher", "Hosts", "Volume"]


class Activity(Protocol):
    """Is told what goes on, from several threads at once."""

    def received(self, count: int) -> None:
        """So many bytes came, a negative number where some are thrown away. Raises to end the transfer that tells."""
        ...

    def worked(self) -> None:
        """Something went on that is no transfer, such as hashing. Raises as `received` does."""
        ...

    def waits(self, seconds: float) -> None:
        """The host asked to be left alone for so long, and is."""
        ...


class Fetcher(Protocol):
    """Fetches files of one source, from several threads at once. What hosts do is raised as `FetchError`."""

    def digest(self, file: RemoteFile) -> Digest | None:
        """By what the file can be verified; asks the host where it keeps more than it lists. None: by its size alone."""
        ...

    def fetch(self, file: RemoteFile, part: str) -> None:
        """Write the file to `part`, going on where one that is there ends if the host can do that.

        Raises OSError where the part cannot be written.
        """
        ...

    def disputed(self, file: RemoteFile) -> Digest | None:
        """By what to judge a file that does not match: another digest, None for its size, or the same once more.

        Raises `FetchError` with cause `Changed` where the host has another version by now.
        """
        ...


class Hosts(Protocol):
    """Opens sources. `environment` is the source's own, the only place that credentials and endpoints come from."""

    def endpoint(self, source: SourceUri, environment: Mapping[str, str]) -> str:
        """The endpoint that is asked, empty for the usual one."""
        ...

    def files(self, source: SourceUri, environment: Mapping[str, str]) -> Listed | ProbeFailed:
        """All files of the source, or why they are not known; within 60 s."""
        ...

    def fetcher(
        self, source: SourceUri, environment: Mapping[str, str], *, listed: Listed, activity: Activity
    ) -> AbstractContextManager[Fetcher]:
        """A fetcher of the files of that source as they were listed; its connections are closed in the end."""
        ...


class Volume(Protocol):
    """A folder that sources are gathered on; of one source several threads add files at once.

    Raises `FetchError` with cause `DiskFull` or `NotWritable` where a write fails, and no other error of its own.
    """

    def marker(self) -> str | None:
        """The text of the marker, None where there is none that can be read."""
        ...

    def mark(self, text: str) -> None:
        """Put this marker there, in one step."""
        ...

    def holds(self, model_id: str, files: Iterable[StoredFile]) -> bool:
        """Whether the published folder has all of these, by name and size."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Keep other writers out; `FetchError` with cause `Locked` where there is one."""
        ...

    def free(self) -> int:
        """The bytes that can still be written."""
        ...

    def begin(self, model_id: str, files: tuple[RemoteFile, ...], *, ours: bool) -> Mapping[str, StoredFile]:
        """Make room for the files of a source; those that an earlier call verified and that are still as it left them.

        Parts of other files are deleted, since nothing can go on from them. `ours` says that the marker knows what is
        published under that name; else `FetchError` with cause `FolderTaken` where the folder has files of somebody else.
        """
        ...

    def waiting(self, model_id: str, file: RemoteFile) -> int | None:
        """The bytes of a file that is staged, or of its part; None where there is neither."""
        ...

    def part(self, model_id: str, file: RemoteFile) -> str:
        """Where the part of a file goes; a file that is staged and was never verified becomes its part."""
        ...

    def drop(self, model_id: str, file: RemoteFile) -> None:
        """Throw the part of a file away."""
        ...

    def hash(self, path: str, digest: Digest, worked: Callable[[], object]) -> Digest:
        """The digest of that kind of what is at `path`; `worked` is called now and then."""
        ...

    def accept(self, model_id: str, file: RemoteFile, digest: Digest | None) -> StoredFile:
        """Stage the part of a file as verified, and write that down."""
        ...

    def publish(self, model_id: str, files: Iterable[StoredFile]) -> None:
        """Let the folder of the source appear, with these files and no other, in one step."""
        ...

    def forget(self, model_id: str) -> None:
        """Throw away what was written down about a source that is whole and marked by now."""
        ...

    def failed(self, error: OSError, what: str) -> FetchError:
        """What an error of the file system means while `what` was written."""
        ...

    def withdraw(self, model_id: str, damaged: Iterable[StoredFile]) -> None:
        """Take a published folder back into staging and throw the damaged files away."""
        ...

    def published(self, model_id: str, path: str) -> str:
        """Where a file of a published folder is."""
        ...
