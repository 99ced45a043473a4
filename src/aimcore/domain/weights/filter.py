"""Which files of a source are fetched: what its filter says, and by default no format twice (FETCH-2).

The sum for the size probe and the choice for a download are made by the same rule; the sum keeps no list of files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from aimcore.domain.errors import AimError, ParseError
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.files import RemoteFile
from aimcore.domain.weights.probing import Sized

__all__ = [
    "ALL_BUT_DUPLICATES",
    "FileFilter",
    "FilteredSum",
    "Picked",
    "TooManyFoldersError",
    "parse_filter",
    "path_matches",
    "pick",
]

PATTERNS_AT_MOST = 64
LONGEST_PATTERN = 256
FOLDERS_AT_MOST = 100_000
"""A repository of weights has some ten; a sum holds one entry for each that decides something."""

_BESIDE = (".bin", ".pt", ".pth")
"""Endings that give way to safetensors in the same folder: elsewhere they are other tensors."""
_BELOW = (".gguf", ".onnx", ".msgpack", ".h5")
"""Endings that give way to safetensors in the same folder or in one above it."""
_ORIGINAL = "original"
"""A folder of the weights as they were before they were converted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFilter:
    """Globs over paths, in which `*` is any text with its slashes; one that ends in `/` is all below that folder.

    With `include` only what it names is fetched, duplicates too. What `exclude` names is never fetched.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


ALL_BUT_DUPLICATES = FileFilter()
"""What holds where nobody says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """The files that are fetched, and those left out, each in the order listed."""

    kept: tuple[RemoteFile, ...]
    left_out: tuple[RemoteFile, ...]


class TooManyFoldersError(AimError):
    """More folders than weights have; the sum would take memory without bound."""


def parse_filter(include: Iterable[str], exclude: Iterable[str]) -> FileFilter:
    """The filter of these globs; ParseError for one that can match no path."""
    return FileFilter(include=_globs(include), exclude=_globs(exclude))


def _globs(texts: Iterable[str]) -> tuple[str, ...]:
    globs = tuple(texts)
    for glob in globs:
        if not glob or glob.startswith("/") or len(glob) > LONGEST_PATTERN:
            expected = f"a relative path with *, of at most {LONGEST_PATTERN} characters"
            raise ParseError("file pattern", glob, problem="matches no file", expected=expected)
    if len(globs) > PATTERNS_AT_MOST:
        expected = f"at most {PATTERNS_AT_MOST} patterns"
        raise ParseError("file pattern", globs[-1], problem="is one too many", expected=expected)
    return globs


def path_matches(glob: str, path: str) -> bool:
    """Whether `path` as a whole is what `glob` describes; linear in both for each star.

    >>> path_matches("*.safetensors", "unet/a.safetensors"), path_matches("original/", "original/params.json")
    (True, True)
    """
    head, *middle = (f"{glob}*" if glob.endswith("/") else glob).split("*")
    if not middle:
        return path == head
    tail = middle.pop()
    if len(path) < len(head) + len(tail) or not path.startswith(head) or not path.endswith(tail):
        return False
    at, end = len(head), len(path) - len(tail)
    for literal in middle:
        at = path.find(literal, at, end)
        if at < 0:
            return False
        at += len(literal)
    return True


def pick(files: Iterable[RemoteFile], by: FileFilter) -> Picked:
    """The files that the filter keeps, and the others."""
    listed = tuple(files)
    safe = frozenset(_folder(one.path) for one in listed if _is_safe(one.path) and _is_allowed(one.path, by))
    kept: list[RemoteFile] = []
    left_out: list[RemoteFile] = []
    for file in listed:
        wanted = _is_allowed(file.path, by) and (bool(by.include) or not _gives_way(_deciding(file.path), safe))
        (kept if wanted else left_out).append(file)
    return Picked(kept=tuple(kept), left_out=tuple(left_out))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deciding:
    """The folder whose safetensors make a file a duplicate, and whether those of the folders above it do so too."""

    folder: str
    above: bool


def _deciding(path: str) -> _Deciding | None:
    parts = path.split("/")
    if _ORIGINAL in parts[:-1]:
        return _Deciding(folder="/".join(parts[: parts.index(_ORIGINAL)]), above=True)
    if path.endswith(_BELOW):
        return _Deciding(folder=_folder(path), above=True)
    if path.endswith(_BESIDE):
        return _Deciding(folder=_folder(path), above=False)
    return None


def _gives_way(deciding: _Deciding | None, safe: Iterable[str]) -> bool:
    if deciding is None:
        return False
    if not deciding.above:
        return deciding.folder in safe
    parts = deciding.folder.split("/") if deciding.folder else []
    return any("/".join(parts[:count]) in safe for count in range(len(parts) + 1))


def _is_allowed(path: str, by: FileFilter) -> bool:
    included = not by.include or any(path_matches(glob, path) for glob in by.include)
    return included and not any(path_matches(glob, path) for glob in by.exclude)


def _is_safe(path: str) -> bool:
    return path.endswith(".safetensors")


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


@dataclass(slots=True)
class _Amount:
    size: int = 0
    files: int = 0

    def add(self, size: int, files: int = 1) -> None:
        self.size += size
        self.files += files


@dataclass(slots=True, kw_only=True)
class FilteredSum:
    """Bytes and number of files as they are listed, one at a time; what is a duplicate shows in the end."""

    by: FileFilter = ALL_BUT_DUPLICATES
    _kept: _Amount = field(default_factory=_Amount)
    _left_out: _Amount = field(default_factory=_Amount)
    _undecided: dict[_Deciding, _Amount] = field(default_factory=dict)
    _safe: set[str] = field(default_factory=set)

    def add(self, path: str, size: int) -> None:
        """Count one file; TooManyFoldersError where that would take too much memory."""
        if not _is_allowed(path, self.by):
            self._left_out.add(size)
            return
        if _is_safe(path):
            self._safe.add(_folder(path))
        deciding = None if self.by.include else _deciding(path)
        amount = self._kept if deciding is None else self._undecided.setdefault(deciding, _Amount())
        amount.add(size)
        if len(self._undecided) + len(self._safe) > FOLDERS_AT_MOST:
            raise TooManyFoldersError(f"more than {FOLDERS_AT_MOST} folders")

    def sized(self, *, uncounted: int = 0) -> Sized:
        """What is fetched and what is left out; `uncounted` files beside them have no size."""
        kept, left = _Amount(self._kept.size, self._kept.files), _Amount(self._left_out.size, self._left_out.files)
        for deciding, amount in self._undecided.items():
            (left if _gives_way(deciding, self._safe) else kept).add(amount.size, amount.files)
        return Sized(
            size=Quantity.of(kept.size),
            files=kept.files,
            uncounted=uncounted,
            left_out=Quantity.of(left.size),
            files_left_out=left.files,
        )
