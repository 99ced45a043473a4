"""A lock file is written whole or not at all, and only where a plain file is or nothing."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from aimcore.adapters.manifests.limits import BYTES_AT_MOST
from aimcore.domain.errors import AimError

__all__ = ["UnwritableError", "check_place", "write_lock"]

NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


class UnwritableError(AimError):
    """The lock file cannot be written; what stood there still stands."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{ascii(str(file))[1:-1]} cannot be written: {why}")


def check_place(file: Path) -> bool:
    """Whether there is a file already. A link, a folder, a pipe or a device is refused: an `UnwritableError` says what it is."""
    try:
        mode = file.lstat().st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unwritable(file, error) from error
    if not stat.S_ISREG(mode):
        what = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise UnwritableError(file, f"is {what}; expected a file, or nothing yet")
    return True


def write_lock(file: Path, text: str) -> None:
    """Puts the text there in one step: who reads meanwhile reads the old or the new. The permissions stay as they are."""
    data = text.encode("ascii")
    if len(data) > BYTES_AT_MOST:
        raise UnwritableError(file, f"has {len(data)} bytes; expected at most {BYTES_AT_MOST}, which can be read again")
    mode = stat.S_IMODE(file.lstat().st_mode) if check_place(file) else None
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, NEW, 0o666), "wb") as stream:
            if mode is not None:
                os.fchmod(stream.fileno(), mode)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except OSError as error:
        raise _unwritable(file, error) from error
    finally:
        beside.unlink(missing_ok=True)


def _unwritable(file: Path, error: OSError) -> UnwritableError:
    return UnwritableError(file, (error.strerror or "unknown error").lower())
