"""Words and tables as the reference pages have them."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["code", "page", "plain", "table"]


def page(title: str, *parts: str) -> str:
    """A page, which says that it is made."""
    return "\n\n".join([f"# {title}", *(part.strip("\n") for part in parts)]) + "\n"


def table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    """A text that stays within its cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Verbatim, and nothing where there is nothing."""
    return f"`{text}`" if text else ""


def plain(text: str) -> str:
    """Text of somebody else, in which nothing is marked up."""
    return re.sub(r"(?<!\w)_|_(?!\w)|\*", r"\\\g<0>", text).replace("<", "&lt;")
