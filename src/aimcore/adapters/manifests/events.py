"""PyYAML's events and complaints, and what a scalar means: the only part of PyYAML that is trusted with the input."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml
from yaml import MarkedYAMLError, YAMLError

from aimcore.adapters.manifests.scalars import MERGE, Scalar, plain, tagged
from aimcore.domain.errors import quoted

__all__ = ["complaint", "is_merge", "key_text", "loader_of", "scalar"]


def loader_of(text: str) -> yaml.SafeLoader | yaml.CSafeLoader:
    """The parser over `text`, libyaml's where it is built in; its events are read and its constructors are never called."""
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)


def scalar(event: Any) -> Scalar:
    """The value of a scalar; ParseError for a tag that is not allowed, and for what JSON cannot say."""
    if event.tag is not None:
        return tagged(event.tag, event.value)
    return plain(event.value) if event.implicit[0] else str(event.value)


def is_merge(event: Any) -> bool:
    """Whether the key is an unquoted `<<`."""
    return (
        isinstance(event, yaml.ScalarEvent) and event.value == MERGE and event.tag is None and bool(event.implicit[0])
    )


def key_text(value: object) -> str | None:
    """The text that a key stands for, as kubectl turns it into JSON; None for what cannot be a key.

    >>> key_text(True), key_text(8080), key_text(1.5), key_text(None)
    ('true', '8080', None, None)
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else None


# YAML's own list, less the halves of surrogate pairs, which no decoded text holds.
UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def complaint(error: YAMLError, text: str) -> tuple[int, str]:
    """The index in `text` of what is wrong, and what it is."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        index = int(error.problem_mark.index)
        if text[index : index + 1] == "\t":
            return index, "a tab cannot indent or begin a value; expected spaces"
        context = f", {error.context}" if error.context else ""
        return index, f"{error.problem or 'is not YAML'}{context}"
    if match := UNPRINTABLE.search(text):
        return match.start(), f"control character {quoted(match[0])} is not allowed; expected printable text"
    return 0, f"is not YAML: {quoted(str(error))}"
