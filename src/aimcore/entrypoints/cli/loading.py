"""What answers a command is loaded when it is called, so that help and completion answer at once."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from aimcore.entrypoints.cli.call import Call

__all__ = ["answered_by"]

INTERRUPTED = 130


def answered_by(module: str, given: dict[str, Any]) -> NoReturn:
    """Loads what answers the call, and ends with its exit code; Ctrl-C ends it as the shell's own commands end."""
    try:
        run: Callable[[Call], int] = import_module(f"aimcore.entrypoints.cli.{module}").run
        code = int(run(Call(**given)))
    except KeyboardInterrupt:
        code = INTERRUPTED
    raise SystemExit(code)
