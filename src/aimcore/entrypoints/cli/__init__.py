"""The commands. Declaring them loads click and nothing else: help and completion answer at once."""

from __future__ import annotations

import errno
import gc
import os
import sys

__all__ = ["main"]


def main() -> None:
    """The entry point: runs the command that the arguments name, and exits."""
    # A call ends before garbage could matter, and looking for it costs a fifth of a plan.
    gc.disable()
    try:
        from aimcore.entrypoints.cli.commands import aimcore  # noqa: PLC0415 - click, which a bare installation lacks

        aimcore(prog_name="aimcore")
    except Exception as error:  # noqa: BLE001 - whoever types a command is owed a sentence, not a traceback
        sys.stderr.write(f"Error: {_told(error)}\n")
        sys.exit(1)


def _told(error: Exception) -> str:
    """What to say of an error that nobody expected: a disk that is full is no fault of ours."""
    if isinstance(error, OSError) and error.errno in _UNWRITABLE:
        # What is left to print goes nowhere, or the interpreter would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return f"the answer cannot be written: {os.strerror(error.errno).lower()}"
    if isinstance(error, ModuleNotFoundError) and (extras := _EXTRAS.get((error.name or "").partition(".")[0])):
        return f"package {error.name} is missing: pip install 'aimcore[{extras}]' brings it"
    return f"this is a fault of aimcore, please report it: {_where(error)}"


_EXTRAS = {
    **dict.fromkeys(("click", "attr", "attrs", "cattrs", "rich", "yaml"), "cli"),
    "kubernetes": "cli,kubernetes",
    **dict.fromkeys(("oras", "urllib3"), "cli,oci"),
    **dict.fromkeys(("boto3", "botocore"), "cli,s3"),
    "huggingface_hub": "cli,hf",
}
"""What brings a package that is not there."""
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _where(error: Exception) -> str:
    """The kind and place of an error, and nothing of the values it was about."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame else ""
    return f"{type(error).__name__}{place}"
