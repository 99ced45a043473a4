r"""What a lock file holds and answers, and its one spelling: sorted, a label a line, so that what changed is what a diff shows.

>>> labels = {"org.opencontainers.image.title": "say \"aim\""}
>>> read = Inspected(digest="sha256:" + "0" * 64, labels=labels)
>>> print(lock_text(Lock(platform="linux/amd64", images={"ghcr.io/acme/chat:1": read})), end="")
# Digests and labels of images, as `aimcore lock` read them. Run it again instead of editing.
version: 1
platform: "linux/amd64"
images:
  "ghcr.io/acme/chat:1":
    digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    labels:
      "org.opencontainers.image.title": "say \"aim\""
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Final

from aimcore.adapters.manifests.documents import Problem
from aimcore.domain.errors import AimError
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged, compared
from aimcore.domain.view.plan import Inspect

__all__ = ["VERSION", "Lock", "LockError", "LockedInspector", "is_text", "lock_text"]

VERSION: Final = 1
HEAD: Final = "# Digests and labels of images, as `aimcore lock` read them. Run it again instead of editing.\n"
KEY_AT_MOST: Final = 1_000
"""YAML lets a key stand before its colon for 1024 characters; a longer one is announced by a question mark."""
BMP: Final = "\uffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The images by their full reference, as an inspection for that platform answered."""

    platform: str
    images: Mapping[str, Inspected]


class LockError(AimError):
    """A lock file cannot be used; `problems` has everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


def is_text(text: str) -> bool:
    r"""Whether `text` can be written: half a surrogate pair, which JSON can escape, is no text to YAML.

    >>> is_text("\U0001f600"), is_text("\ud83d")
    (True, False)
    """
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def lock_text(lock: Lock) -> str:
    """The lock as a file of YAML in ASCII; the same lock, the same bytes. Its texts are such that `is_text` holds."""
    return "".join(_lines(lock))


def _lines(lock: Lock) -> Iterator[str]:
    yield HEAD
    yield f"version: {VERSION}\n"
    yield f"platform: {_quoted(lock.platform)}\n"
    yield "images:\n" if lock.images else "images: {}\n"
    for name, image in sorted(lock.images.items()):
        yield f"  {_key(name, 2)}:\n"
        yield f"    digest: {_quoted(image.digest)}\n"
        yield "    labels:\n" if image.labels else "    labels: {}\n"
        yield from (f"      {_key(label, 6)}: {_quoted(value)}\n" for label, value in sorted(image.labels.items()))
        yield "    problems:\n" if image.problems else ""
        yield from (f"      - {_quoted(problem)}\n" for problem in image.problems)


def _key(text: str, indent: int) -> str:
    written = _quoted(text)
    return written if len(written) <= KEY_AT_MOST else f"? {written}\n{'':{indent}}"


def _quoted(text: str) -> str:
    """`text` in double quotes, as JSON has it; what takes two escapes there takes one of YAML's own."""
    if text.isascii() or max(text) <= BMP:
        return encode_basestring_ascii(text).replace("\x7f", "\\u007f")
    return '"' + "".join(f"\\U{ord(char):08x}" if char > BMP else _quoted(char)[1:-1] for char in text) + '"'


class LockedInspector:
    """An `ImageInspector` over a lock; pull secrets play no part, since nothing is pulled."""

    def __init__(self, lock: Lock, *, file: Path) -> None:
        self._lock = lock
        self._file = file

    def inspect(self, want: Inspect) -> Inspection:
        """The digest and labels that are locked, or that the image is not among them."""
        found = self._lock.images.get(str(want.image))
        if found is None:
            message = f"image {want.image} is not in {ascii(str(self._file))[1:-1]}: run aimcore lock"
            return InspectionFailed(cause=Cause.NOT_FOUND, message=message)
        return found

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        """`Unchanged` while that digest is the one that is locked."""
        return compared(self.inspect(want), held)
