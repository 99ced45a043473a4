"""Which word may have been meant by one that nothing is called."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from aimcore.domain.errors import quoted

__all__ = ["did_you_mean", "nearest"]

_NEARLY: Final = 0.7
"""How alike words are that may be meant for one another: `servce` and `service`, but not `pods` and `models`."""
_LONGEST: Final = 64  # of a word that is compared, which takes its length squared


def nearest(said: str, words: Iterable[str]) -> str:
    """The word that is most like the one that was said, whatever stands in capitals; empty where none is nearly.

    >>> nearest("iamge", ["env", "image"]), nearest("modelID", ["modelId"]), nearest("colour", ["env", "image"])
    ('image', 'modelId', '')
    """
    by_lower = {word.lower(): word for word in words}
    if len(said) > _LONGEST:
        return ""
    return next((by_lower[word] for word in get_close_matches(said.lower(), by_lower, n=1, cutoff=_NEARLY)), "")


def did_you_mean(said: str, words: Iterable[str]) -> str:
    """The question to put behind what was expected; empty where no word is nearly.

    >>> did_you_mean("iamge", ["env", "image"])
    "; did you mean 'image'?"
    """
    near = nearest(said, words)
    return f"; did you mean {quoted(near)}?" if near else ""
