"""Which files a path means, as kubectl takes it, and their bytes; nothing is read beyond what is allowed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from aimcore.domain.errors import AimError

__all__ = ["STDIN", "Hidden", "UnreadableError", "find_files", "is_in_chart", "read_file", "read_stream"]

STDIN: Final = "-"
ENDINGS: Final = (".json", ".yaml", ".yml")
LOCKS: Final = ".lock.yaml"
"""How the names of lock files end, which lie beside manifests and are none."""
BLOCK: Final = 2**16


class UnreadableError(AimError):
    """A path that cannot be read; `str()` says why."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(file, why)
        self.file = file
        self.why = why

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class Hidden:
    """A file or folder that is not looked into, because somebody said so."""

    path: Path


class Hides(Protocol):
    """Says whether a path is not to be looked into."""

    def __call__(self, path: os.PathLike[str], /, *, folder: bool) -> bool: ...


def find_files(path: Path, *, recursive: bool, hides: Hides) -> tuple[Path | Hidden | UnreadableError, ...]:
    """The file itself, whatever its name; of a folder the files with the endings of YAML and JSON, sorted, less lock files.

    Sub-folders count when `recursive`; links to folders inside are not followed, so that the way down ends. What cannot be
    looked into stands among the files as its error, and hides none of them.
    """
    if not path.is_dir():
        return (Hidden(path) if hides(path, folder=False) else path,)
    found = tuple(_inside(path, recursive=recursive, hides=hides))
    if found:
        return found
    hint = "" if recursive else " directly in it (-R looks into sub-folders)"
    return (UnreadableError(str(path), f"folder holds no file ending in .yaml, .yml or .json{hint}"),)


def _inside(folder: Path, *, recursive: bool, hides: Hides) -> Iterator[Path | Hidden | UnreadableError]:
    waiting: list[os.PathLike[str]] = [folder]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, os.DirEntry) and not _is_folder(entry):
            if entry.name.endswith(ENDINGS) and not entry.name.endswith(LOCKS):
                yield Hidden(Path(entry)) if hides(entry, folder=False) else Path(entry)
        elif entry is folder or (recursive and isinstance(entry, os.DirEntry) and not entry.is_symlink()):
            if entry is not folder and hides(entry, folder=True):
                yield Hidden(Path(entry))
                continue
            try:
                waiting += _entries(entry)
            except OSError as error:
                yield _unreadable(Path(entry), error)


def is_in_chart(file: Path) -> bool:
    """Whether a file is among the templates of a Helm chart: below a folder `templates` that lies beside a `Chart.yaml`."""
    folders = file.absolute().parents
    return any(folder.name == "templates" and (folder.parent / "Chart.yaml").is_file() for folder in folders)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a ring of links: opening it says so


def _entries(folder: os.PathLike[str]) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name, reverse=True)


def read_file(path: Path, limit: int, seen: set[tuple[int, int]], *, named: bool) -> bytes:
    """The bytes of a file, none if it is among the `seen`, which it joins; UnreadableError when there are more than `limit`.

    That is said before any byte is read, where the system knows. A pipe or a device is read only if the user `named` it:
    one that lies in a folder could be waited for without end.
    """
    try:
        with (
            path.open("rb", buffering=0) if named else open(path, "rb", buffering=0, opener=_without_waiting) as stream
        ):
            status = os.fstat(stream.fileno())
            regular = stat.S_ISREG(status.st_mode)
            if not regular and not named:
                raise UnreadableError(str(path), "is no regular file")
            if regular and status.st_size > limit:
                raise _too_large(str(path), limit)
            if (identity := (status.st_dev, status.st_ino)) in seen:
                return b""
            seen.add(identity)
            return read_stream(stream, str(path), limit)
    except OSError as error:
        raise _unreadable(path, error) from error


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_stream(stream: BinaryIO | FileIO, name: str, limit: int) -> bytes:
    """The bytes of an open stream, block by block; UnreadableError as soon as there are more than `limit`."""
    blocks: list[bytes] = []
    size = 0
    try:
        while block := stream.read(BLOCK):
            blocks.append(block)
            size += len(block)
            if size > limit:
                raise _too_large(name, limit)
    except OSError as error:
        raise _unreadable(Path(name), error) from error
    return b"".join(blocks)


def _too_large(name: str, limit: int) -> UnreadableError:
    return UnreadableError(name, f"is larger than the {limit} bytes that may still be read; split the input")


def _unreadable(path: Path, error: OSError) -> UnreadableError:
    return UnreadableError(
        str(error.filename or path), f"cannot be read: {(error.strerror or 'unknown error').lower()}"
    )
