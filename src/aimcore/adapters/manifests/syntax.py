"""PyYAML's complaints about syntax as one message and one place."""

from __future__ import annotations

import re
from typing import Final

from yaml import MarkedYAMLError, YAMLError

from aimcore.domain.errors import quoted

__all__ = ["complaint"]

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
