"""Which staged files were verified, a line each: what a run that was killed need not do again (FETCH-3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Final, TextIO

from aimcore.domain.errors import ParseError
from aimcore.domain.weights.files import RemoteFile, parse_digest
from aimcore.domain.weights.marker import StoredFile

__all__ = ["Journal", "version_of"]

_LINE_AT_MOST: Final = 8192


class Journal:
    """One file beside the staging folder, added to by several threads; a line that was cut short counts for nothing.

    A line says which version of the file was meant (`key`) and how the file on disk looked then (size, mtime in ns).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._file: TextIO | None = None

    def entries(self) -> dict[str, tuple[str, StoredFile, int]]:
        """What is written down, by path: the version, the file and its mtime; the last line of a path counts."""
        return {file.path: (key, file, mtime) for key, file, mtime in self._lines()}

    def _lines(self) -> Iterator[tuple[str, StoredFile, int]]:
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                while line := file.readline(_LINE_AT_MOST):
                    found = _parsed(line)
                    if found is not None:
                        yield found
        except FileNotFoundError:
            return

    def add(self, key: str, file: StoredFile, mtime: int) -> None:
        """Write a verified file down. Raises OSError."""
        digest = "" if file.digest is None else str(file.digest)
        line = json.dumps([key, file.path, file.size, digest, mtime]) + "\n"
        with self._lock:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8")
                self._file.write("\n")  # ends a line that was cut short
            self._file.write(line)
            self._file.flush()

    def close(self) -> None:
        """Close the file; it is opened again when there is more to write."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def _parsed(line: str) -> tuple[str, StoredFile, int] | None:
    try:
        match json.loads(line):
            case [str(key), str(path), int(size), str(digest), int(mtime)]:
                known = parse_digest(digest) if digest else None
                return key, StoredFile(path=path, size=size, digest=known), mtime
            case _:
                return None
    except (ParseError, ValueError, RecursionError):
        return None


def version_of(file: RemoteFile) -> str:
    """What tells this version of a file from others."""
    return json.dumps([file.path, file.size, str(file.digest or ""), file.tag])
