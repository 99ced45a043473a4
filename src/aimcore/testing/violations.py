"""How a law says that it is broken: which one, what was seen, and what it demands."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["demand"]

SHOWN = 12


def demand(law: str, violations: Iterable[str]) -> None:
    """Raises an `AssertionError` that names the law and what broke it; nothing broken, nothing raised.

    >>> demand("Names: every derived name is a DNS label", ["AIMModel alpha/Chat"])
    Traceback (most recent call last):
    AssertionError: Names: every derived name is a DNS label; broken by
      AIMModel alpha/Chat
    """
    __tracebackhide__ = True  # the message says it all; pytest need not show this line
    found = list(violations)
    if found:
        more = [f"... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        raise AssertionError(f"{law}; broken by\n  " + "\n  ".join([*found[:SHOWN], *more]))
