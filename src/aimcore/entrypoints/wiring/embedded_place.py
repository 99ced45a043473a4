"""Where kubectl finds a cluster in memory: in one place each time, so that a command that was copied works after a restart."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aimcore.ports.errors import NotFound

__all__ = ["kubeconfig_place"]

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
