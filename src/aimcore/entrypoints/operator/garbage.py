"""How seldom the operator's process looks for garbage that counting references does not find."""

from __future__ import annotations

import gc

__all__ = ["collect_seldom"]


def collect_seldom() -> None:
    """Has the interpreter look for circles seldom.

    What stands is kept in frozen records, of which none can refer to itself; walking through those of a hundred thousand
    objects again and again took a fifth of all work. Circles come of libraries and tracebacks, and are few.
    """
    gc.set_threshold(100_000, 50, 100)
