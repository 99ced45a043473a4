"""How much work a call is, counted the same on every machine: no clock is asked.

Lines run see every loop written in Python. Calls of C functions see what is asked of those again and again. What a single
one of them does inside (a regular expression, `json.loads`, `str.find`) neither sees; that no regular expression looks at a
text twice is shown apart, by its structure (`patterns`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from aimcore.domain.errors import AimError

__all__ = ["calls_made", "lines_run"]


def lines_run(call: Callable[[], object]) -> int:
    """The lines of Python that `call` runs, whether it answers or refuses."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with suppress(AimError):
            call()
    finally:
        sys.settrace(before)
    return count


def calls_made(call: Callable[[], object]) -> int:
    """The functions, in Python and in C, that `call` calls, whether it answers or refuses."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        with suppress(AimError):
            call()
    finally:
        sys.setprofile(before)
    return count
