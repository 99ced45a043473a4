"""Keys of a store, which are shown to nobody but to sign with (SEC-1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

__all__ = ["Keys"]

_LETTERS: Final = 4
_PART: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Whom to ask as; `token` is empty but for keys that are lent for a while. `repr` shows nothing (SEC-1)."""

    id: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)

    def hold(self, text: str) -> bool:
        """Whether `text` shares a part with one of them, so that it must not be shown, in capitals or not.

        Two or three letters, as `NL`, are no part of anything.
        """
        shown = text.lower()
        return any(_share(shown, each.lower()) for each in (self.id, self.secret, self.token) if each)


def _share(text: str, key: str) -> bool:
    if len(text) >= _LETTERS and text in key:
        return True
    size = min(_PART, len(key))
    return any(key[at : at + size] in text for at in range(len(key) - size + 1))
