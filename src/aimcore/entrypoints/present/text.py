"""How values become text that a terminal can be given: printable ASCII, amounts and ages as people read them, columns (A15, A38)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aimcore.domain.errors import ParseError
from aimcore.domain.values.times import seconds_of

__all__ = ["age", "amount", "columns", "shown", "span"]


def shown(text: object) -> str:
    r"""`text` with everything escaped that could move a cursor, turn a line around or pass for another letter.

    >>> print(shown("chat"), shown("a\x1b[2J"), shown("\u202ellama"))
    chat a\x1b[2J \u202ellama
    """
    given = str(text)
    if given.isascii() and given.isprintable():
        return given
    return "".join(char if char.isascii() and char.isprintable() else ascii(char)[1:-1] for char in given)


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


NOTHING: Final = "<none>"


def columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The lines under their heads; a cell with nothing in it says so.

    >>> print(columns(("NAME", "AGE"), [("llama", "5d"), ("a", "")]), end="")
    NAME   AGE
    llama  5d
    a      <none>
    """
    cells = [tuple(shown(cell) or NOTHING for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    lines = (
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *cells)
    )
    return "".join(f"{line}\n" for line in lines)


_SPANS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def age(since: str | None, now: int) -> str:
    """How old what came then is now, in seconds since 1970; empty where nobody knows.

    >>> age("1970-01-01T00:00:00Z", 3 * 86_400), age(None, 0)
    ('3d', '')
    """
    try:
        return span(now - seconds_of(since or ""))
    except ParseError:
        return ""


def span(seconds: int) -> str:
    """So long, in the largest unit that it fills twice, as kubectl cuts it.

    >>> span(90), span(119 * 60), span(47 * 3_600), span(49 * 3_600), span(-5)
    ('90s', '119m', '47h', '2d', '0s')
    """
    left = max(seconds, 0)
    for unit, size in _SPANS:
        if left >= 2 * size:
            return f"{left // size}{unit}"
    return f"{left}s"
