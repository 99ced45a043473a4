"""Numbers of bytes as people read them."""

from __future__ import annotations

__all__ = ["amount"]

_UNITS = ("KiB", "MiB", "GiB", "TiB")


def amount(count: int) -> str:
    """So many bytes, in the largest unit that makes it more than one.

    >>> amount(1023), amount(1127)
    ('1023 bytes', '1.1 KiB')
    """
    if count < 1024:
        return f"{count} bytes"
    power = min((count.bit_length() - 1) // 10, len(_UNITS))
    return f"{count / 1024**power:.1f} {_UNITS[power - 1]}"
