"""A URL is read once, by a strict grammar, so that what is checked is what is connected to (SEC-3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from aimcore.adapters.egress.errors import ProtocolError, Refused
from aimcore.domain.errors import quoted

__all__ = ["Origin", "Url", "moved_to", "parse_url", "redirected"]

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,15})://"
    r"(?:(?P<user>[^/?#@]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*+\.?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?"
)
_SENDABLE: Final = re.compile(r"[!-~]*")  # printable ASCII without the space
_LONGEST: Final = 8192
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who answers: `host` in lower case, an IPv6 address in brackets and no dot at the end; the port is always given."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """Where a request goes. `str()` is what may be shown: no query, for that may be a credential (SEC-1)."""

    origin: Origin
    path: str
    query: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.origin.scheme}://{self.origin}{self.path}"

    @property
    def target(self) -> str:
        """What stands in the first line of the request."""
        return self.path + self.query


def parse_url(text: str) -> Url:
    """The URL a text is, or `Refused`.

    >>> str(parse_url("https://ghcr.io:443/v2/?page=2"))
    'https://ghcr.io/v2/'
    """
    matched = _URL.fullmatch(text) if len(text) <= _LONGEST and _SENDABLE.fullmatch(text) else None
    if matched is None:
        raise Refused(f"URL {quoted(_shown(text))} is none; expected http or https, a host, and no spaces")
    scheme, port = matched["scheme"].lower(), int(matched["port"] or 0)
    if scheme not in _PORTS:
        raise Refused(f"URL {quoted(_shown(text))} has scheme {quoted(scheme)}; expected 'http' or 'https'")
    if matched["user"] is not None:
        raise Refused(f"URL {quoted(_shown(text))} names a user; expected credentials apart from the URL")
    if port > 65535:
        raise Refused(f"URL {quoted(_shown(text))} has port {port}; expected 1 to 65535")
    return Url(
        origin=Origin(scheme=scheme, host=matched["host"].lower().rstrip("."), port=port or _PORTS[scheme]),
        path=matched["path"] or "/",
        query=matched["query"] or "",
    )


def redirected(url: Url, location: str) -> Url:
    """Where `location`, as the host of `url` answered it, leads; `ProtocolError` or `Refused` where it must not be followed."""
    if not location or not _SENDABLE.fullmatch(location):
        raise ProtocolError(f"{url.origin} redirects to no URL; report it to whoever runs {url.origin}")
    try:
        text = urljoin(f"{url.origin.scheme}://{url.origin}{url.target}", location)
    except ValueError:
        text = ""
    if not text:
        raise ProtocolError(f"{url.origin} redirects to no URL; report it to whoever runs {url.origin}")
    return parse_url(text)


def moved_to(url: str, location: str) -> str | None:
    """The address of another host to which `location` leads from `url`, without its path; None where it stays, or is none.

    >>> moved_to("http://hub.test/api/x", "https://hub.test/api/x"), moved_to("http://hub.test/api/x", "/api/y")
    ('https://hub.test', None)
    """
    here = parse_url(url)
    try:
        there = redirected(here, location)
    except (ProtocolError, Refused):
        return None
    return None if there.origin == here.origin else f"{there.origin.scheme}://{there.origin}"


def _shown(text: str) -> str:
    """The text without user and query, and whatever is in their place in a text that is no URL."""
    head = re.split(r"[?#]", text[: _LONGEST * 2], maxsplit=1)[0]
    scheme, separator, rest = head.partition("://")
    if not separator:
        return head.rpartition("@")[2]
    return f"{scheme}://{rest.rpartition('@')[2]}"
