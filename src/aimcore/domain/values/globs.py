"""Globs over label keys: `*` stands for any run of characters but `/` (CONF-5). Linear in the length of the text."""

from __future__ import annotations

__all__ = ["matches"]


def matches(glob: str, text: str) -> bool:
    """Whether `text` as a whole is what `glob` describes.

    >>> matches("team.example.com/*", "team.example.com/cost"), matches("*", "team.example.com/cost")
    (True, False)
    """
    patterns, pieces = glob.split("/"), text.split("/")
    return len(patterns) == len(pieces) and all(map(_matches_piece, patterns, pieces))


def _matches_piece(pattern: str, piece: str) -> bool:
    head, *middle = pattern.split("*")
    if not middle:
        return piece == head
    tail = middle.pop()
    if len(piece) < len(head) + len(tail) or not piece.startswith(head) or not piece.endswith(tail):
        return False
    at, end = len(head), len(piece) - len(tail)
    for literal in middle:
        at = piece.find(literal, at, end)
        if at < 0:
            return False
        at += len(literal)
    return True
