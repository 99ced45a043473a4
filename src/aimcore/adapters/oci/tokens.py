"""Bearer tokens: asked of whom the registry names, if that is the registry's own site; for one repository, to pull."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from aimcore.adapters.egress.origins import Url
from aimcore.adapters.oci.challenge import Challenge
from aimcore.adapters.oci.conduct import Party
from aimcore.adapters.oci.content import ContentError, parse_object
from aimcore.adapters.oci.recent import Recent

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

__all__ = [
    "TOKEN_AT_MOST",
    "Grant",
    "Logins",
    "Token",
    "is_one_site",
    "parse_token",
    "repository_named",
    "token_url",
]

TOKEN_AT_MOST: Final = 64 * 1024  # SEC-4

_LIFE_BY_DEFAULT: Final = 60.0  # what the protocol says of an answer without `expires_in`
_LIFE_AT_MOST: Final = 3600.0
_MARGIN: Final = 10.0  # so that a token lives as long as the inspection that begins with it needs the registry's yes

_SCOPE: Final = re.compile(r"repository:([a-z0-9]++(?:[._/-]++[a-z0-9]++)*+):([a-z*,]++)")
_PULLING: Final = frozenset({"pull", "*"})
_REPOSITORY_AT_MOST: Final = 255
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]++=*+")  # the characters of a bearer token (RFC 6750, 2.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token service hands out; `repr` does not show it (SEC-1). `life` is in seconds."""

    text: str = field(repr=False)
    life: float


class Grant(NamedTuple):
    """What a token is good for: one repository, as one party."""

    party: Party
    repository: str


class Logins:
    """What is known of how a party logs in: the challenge it met, and tokens until shortly before they expire."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._challenges: Recent[Party, Challenge] = Recent(1024)
        self._tokens: Recent[Grant, tuple[Token, float]] = Recent(4096)

    def challenge(self, party: Party) -> Challenge | None:
        """The challenge this party met last and could answer."""
        return self._challenges.get(party)

    def token(self, grant: Grant) -> Token | None:
        """A token that was granted and is still good."""
        token, until = self._tokens.get(grant) or (None, 0.0)
        return token if self._clock() < until else None

    def keep(self, grant: Grant, challenge: Challenge, token: Token | None) -> None:
        """Remembers what let this party in."""
        self._challenges.keep(grant.party, challenge)
        if token is not None:
            self._tokens.keep(grant, (token, self._clock() + min(token.life, _LIFE_AT_MOST) - _MARGIN))

    def forget(self, grant: Grant) -> None:
        """Forgets what did not let it in."""
        self._challenges.drop(grant.party)
        self._tokens.drop(grant)


def token_url(realm: Url, challenge: Challenge, repository: str) -> str:
    """The request for a token; the scope is what we need, whatever the challenge says.

    >>> from aimcore.adapters.egress.origins import parse_url
    >>> challenge = Challenge(scheme="bearer", parameters={"service": "a b", "scope": "repository:*:push"})
    >>> token_url(parse_url("https://ghcr.io/token?x=1"), challenge, "acme/llm")
    'https://ghcr.io/token?x=1&service=a%20b&scope=repository:acme/llm:pull'
    """
    service = challenge.parameters.get("service")
    named = "" if service is None else f"service={quote(service, safe='')}&"
    joint = "&" if realm.query else "?"
    place = f"{realm.origin.scheme}://{realm.origin}{realm.target}"
    return f"{place}{joint}{named}scope=repository:{repository}:pull"


def repository_named(challenge: Challenge) -> str | None:
    """The repository that the scope of a challenge for tokens is about, if it is to pull from one.

    >>> repository_named(Challenge(scheme="bearer", parameters={"scope": "repository:acme/llm:pull,push"}))
    'acme/llm'
    >>> repository_named(Challenge(scheme="bearer", parameters={"scope": "repository:*:pull registry:catalog:*"}))
    """
    scopes = challenge.parameters.get("scope", "").split() if challenge.scheme == "bearer" else []
    for scope in scopes:
        found = _SCOPE.fullmatch(scope)
        if found is not None and len(found[1]) <= _REPOSITORY_AT_MOST and _PULLING & set(found[2].split(",")):
            return found[1]
    return None


def parse_token(body: bytes) -> Token:
    """The token in an answer, under either of its names. Raises `ContentError`, which shows nothing of the answer."""
    try:
        answer = parse_object(body, "token")
    except ContentError:
        raise ContentError("token is not a JSON object in which no key stands twice") from None
    text = answer.get("token") or answer.get("access_token")
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise ContentError("answer holds no token that could stand in a header")
    return Token(text=text, life=_life(answer))


def is_one_site(registry: str, realm: str) -> bool:
    """Whether two hosts are one, or names that one owner registered: `registry-1.docker.io` and `auth.docker.io`.

    Addresses and `localhost` are only themselves, and what a public suffix separates belongs to two.
    """
    if registry == realm:
        return True
    if any(host == "localhost" or _is_address(host) for host in (registry, realm)):
        return False
    site = _suffixes().privatesuffix(registry)
    return site is not None and site == _suffixes().privatesuffix(realm)


def _is_address(host: str) -> bool:
    if host.startswith("["):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()
    return True


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - 50 ms that only those pay who send a password abroad

    return PublicSuffixList()


def _life(answer: Mapping[str, object]) -> float:
    seconds = answer.get("expires_in")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0:
        return float(min(seconds, _LIFE_AT_MOST))
    return _LIFE_BY_DEFAULT
