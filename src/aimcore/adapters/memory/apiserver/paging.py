"""Lists in pages: all pages of one list show the objects as they were at the first, or the rest is gone (410)."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from aimcore.adapters.memory.apiserver.refusals import bad_request, gone
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["Page", "Pages"]

_LISTS_AT_MOST = 64
_SECONDS = 300.0
_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You must start a new list without the continue parameter."
)


class Page(NamedTuple):
    """A part of a list: its objects, the version of the whole, how to ask for the next part, and how much is left."""

    items: Sequence[Manifest]
    version: str
    more: str = ""
    left: int = 0


class _Rest(NamedTuple):
    items: Sequence[Manifest]
    version: str
    about: str
    until: float


class Pages:
    """What is left of lists that were begun: the newest of them, for five minutes."""

    def __init__(self) -> None:
        self._rests: OrderedDict[str, _Rest] = OrderedDict()

    def first(self, items: Sequence[Manifest], version: str, limit: int, about: str) -> Page:
        """The first page of a list; `about` says which list it is."""
        return self._page(_Rest(items, version, about, time.monotonic() + _SECONDS), limit)

    def next(self, token: str, limit: int, about: str) -> Page:
        """The page that a token asks for. Raises `Refusal` for one that is none (400), or too old (410)."""
        try:
            key = base64.urlsafe_b64decode(token.encode()).decode("ascii")
        except (binascii.Error, UnicodeError) as error:
            raise bad_request("invalid continue token: continue key is not valid") from error
        if len(key) != 16:
            raise bad_request("invalid continue token: continue key is not valid")
        rest = self._rests.get(key)
        if rest is None or rest.about != about or rest.until < time.monotonic():
            raise gone(_EXPIRED)
        return self._page(rest, limit)

    def _page(self, rest: _Rest, limit: int) -> Page:
        if not 0 < limit < len(rest.items):
            return Page(rest.items, rest.version)
        key = secrets.token_hex(8)
        self._rests[key] = rest._replace(items=rest.items[limit:])
        while len(self._rests) > _LISTS_AT_MOST:
            self._rests.popitem(last=False)
        token = base64.urlsafe_b64encode(key.encode()).decode()
        return Page(rest.items[:limit], rest.version, token, len(rest.items) - limit)
