"""PyYAML's events, and what a scalar among them means; the only part of PyYAML that is trusted with the input."""

from __future__ import annotations

from typing import Any

import yaml

from aimcore.adapters.manifests.scalars import MERGE, Scalar, plain, tagged

__all__ = ["is_merge", "key_text", "loader_of", "scalar"]


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
