"""Text from anywhere becomes text that a terminal can be given: printable ASCII, the rest escaped (A15, A38)."""

from __future__ import annotations

__all__ = ["shown"]


def shown(text: object) -> str:
    r"""`text` with everything escaped that could move a cursor, turn a line around or pass for another letter.

    >>> print(shown("chat"), shown("a\x1b[2J"), shown("\u202ellama"))
    chat a\x1b[2J \u202ellama
    """
    given = str(text)
    if given.isascii() and given.isprintable():
        return given
    return "".join(char if char.isascii() and char.isprintable() else ascii(char)[1:-1] for char in given)
