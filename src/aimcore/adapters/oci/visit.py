"""A visit to one repository as one party: it waits its turn, logs in when asked, and shows a credential to nobody else.

The order of things: a request goes out with what let this party in before, or with nothing. A 401 of the registry itself is
answered once, by Basic to the registry's own origin, or by a token, for which the credential goes to the token service if
that is on the registry's own site, or allowed by a setting, and speaks TLS (SEC-1). What is asked of the service is our own
scope, and once that of the repository that the registry names instead. A registry that says no without asking for a login
is asked at `/v2/` how to log in, where there is a credential for it.
"""

# ruff: noqa: N818 - named as what happened, like the port errors

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from aimcore.adapters.egress import Answer, Deadline, EgressError, Session
from aimcore.adapters.egress.origins import Origin, Url, parse_url
from aimcore.adapters.oci.challenge import Challenge, ways_in
from aimcore.adapters.oci.conduct import Party, Pauses, Turns, retry_after
from aimcore.adapters.oci.content import ContentError
from aimcore.adapters.oci.keyring import Credential
from aimcore.adapters.oci.tokens import (
    TOKEN_AT_MOST,
    Grant,
    Logins,
    Token,
    is_one_site,
    parse_token,
    repository_named,
    token_url,
)
from aimcore.domain.errors import AimError
from aimcore.domain.images.inspection import Cause
from aimcore.domain.values.image import DOCKER_HUB, ImageReference

__all__ = ["Denied", "Lobby", "Method", "Place", "RegistryError", "Visit", "unexpected"]

Method = Literal["GET", "HEAD"]

_WAITED_OUT_AT_MOST: Final = 5.0  # seconds; a longer wait is the caller's to plan
_HUB_SPEAKS_AT: Final = "registry-1.docker.io"
_REFUSALS: Final = frozenset({401, 403, 404})  # a registry may hide what one may not see
_REFUSED_LOGINS: Final = _REFUSALS | {400}  # as which some refuse whoever they let nothing see
_PASSING: Final = frozenset({Cause.RATE_LIMITED, Cause.UNREACHABLE})
_TIMED_OUT: Final = 408
_KNOCK_AT_MOST: Final = 64 * 1024


class RegistryError(AimError):
    """A registry does not give what was asked: the `cause` for the inspection, and the `problem` in one lower-case line."""

    def __init__(self, problem: str, *, cause: Cause) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cause = cause


class Denied(RegistryError):
    """The registry or its token service says no to this party; another credential may be let in."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, cause=Cause.UNAUTHORIZED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository, the registry's name as images spell it, and the origin that speaks for it."""

    registry: str
    origin: Origin
    repository: str

    @classmethod
    def of(cls, image: ImageReference, session: Session) -> Place:
        """Where `image` is. Docker Hub speaks at another host than its images name. Raises `EgressError` where there is no such host."""
        host = _HUB_SPEAKS_AT if image.registry == DOCKER_HUB else image.registry
        plain = parse_url(f"http://{host}").origin
        origin = parse_url(f"{session.rules.scheme(plain.host, plain.port)}://{host}").origin
        return cls(registry=image.registry, origin=origin, repository=image.repository)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lobby:
    """What all visits share."""

    session: Session
    turns: Turns
    pauses: Pauses
    logins: Logins


class Visit:
    """The requests of one reading. Not for several threads."""

    def __init__(self, lobby: Lobby, place: Place, *, credential: Credential | None, deadline: Deadline) -> None:
        self._lobby = lobby
        self._place = place
        self._credential = credential
        self._deadline = deadline
        self._party = Party(place.registry, "" if credential is None else credential.fingerprint)
        self._grant = Grant(self._party, place.repository)
        self._has_waited = False
        self._has_knocked = False
        self._shown = set() if credential is None else {credential.password}

    def ask(self, method: Method, url: str, *, headers: Mapping[str, str], at_most: int) -> Answer:
        """What the registry answers, whatever its status, once it lets us in.

        Raises `Denied`, another `RegistryError` or `EgressError`.
        """
        request = _Request(method=method, url=url, headers=headers, at_most=at_most)
        held = self._held()
        answer, knows_us = self._send(request, held), held is not None
        if answer.status == 401:
            self._lobby.logins.forget(self._grant)
            answer, knows_us = self._let_in(request, self._ways(answer)), True
        elif answer.status in _REFUSALS and held is None and (ways := self._invitation(answer)):
            answer, knows_us = self._let_in(request, ways), True
        self._has_knocked = self._has_knocked or answer.status == 200  # it shows us something as we are
        if answer.status in {401, 403} or (answer.status == 400 and knows_us and self._credential):
            self._lobby.logins.forget(self._grant)
            raise Denied(f"registry {self._place.registry} answers {answer.status}")
        return answer

    def holds(self, text: str) -> bool:
        """Whether a part of what this visit has shown stands in `text`: an answer may send back what it got (SEC-1).

        The host that was asked is no secret, though a password may be made of its name.
        """
        told = text.replace(str(self._place.origin), "").replace(self._place.registry, "")
        return any(_shares_a_part(told, secret) for secret in self._shown)

    # --- logging in --------------------------------------------------------------------------------------------------

    def _held(self) -> str | None:
        """What let this party in before; where that was a token of another repository, one for this."""
        token = self._lobby.logins.token(self._grant)
        if token is not None:
            return f"Bearer {token.text}"
        challenge = self._lobby.logins.challenge(self._party)
        return None if challenge is None else self._log_in(challenge, self._place.repository)

    def _ways(self, answer: Answer) -> tuple[Challenge, ...]:
        if parse_url(answer.url).origin != self._place.origin:
            raise Denied(f"registry {self._place.registry} redirects to a host that answers 401")
        found = _ways_in(answer) or self._knock(answer)
        if not found:
            raise Denied(f"registry {self._place.registry} offers no login; expected Basic or Bearer")
        return found

    def _invitation(self, refusal: Answer) -> tuple[Challenge, ...]:
        """How to log in, of a registry that refused by 403 or 404: as it says there, else as it says to who knocks."""
        own = parse_url(refusal.url).origin == self._place.origin
        return (_ways_in(refusal) if own else ()) or self._knock(refusal)

    def _knock(self, refusal: Answer) -> tuple[Challenge, ...]:
        """How to log in, of a registry that refused without saying so; asked once a visit, and only with a credential."""
        origin = self._place.origin
        if self._credential is None or self._has_knocked or parse_url(refusal.url).origin != origin:
            return ()
        self._has_knocked = True
        url = f"{origin.scheme}://{origin}/v2/"
        answer = self._send(_Request(method="GET", url=url, headers={}, at_most=_KNOCK_AT_MOST), None)
        return _ways_in(answer) if answer.status == 401 and parse_url(answer.url).origin == origin else ()

    def _let_in(self, request: _Request, ways: tuple[Challenge, ...]) -> Answer:
        """The answer to who logged in, by a password where a registry that takes it offers tokens that it has none of."""
        first, *others = ways if self._credential is not None else ways[:1]
        try:
            answer = self._admitted(request, first)
        except RegistryError as error:
            if not others or error.cause in _PASSING:
                raise
        else:
            if not others or answer.status not in _REFUSED_LOGINS:
                return answer
        return self._admitted(request, others[0])

    def _admitted(self, request: _Request, challenge: Challenge) -> Answer:
        """The answer to who logged in: for our own repository, else once for the one that the registry names instead."""
        own = self._place.repository
        met: Challenge | None = None
        try:
            answer = self._send(request, self._log_in(challenge, own))
            met = next(iter(_ways_in(answer)), None)
            if answer.status not in _REFUSALS or self._elsewhere(met or challenge) is None:
                return answer
        except Denied:
            if self._elsewhere(challenge) is None:
                raise
        self._lobby.logins.forget(self._grant)
        asked = met or challenge
        return self._send(request, self._log_in(asked, self._elsewhere(asked) or own))

    def _elsewhere(self, challenge: Challenge) -> str | None:
        """The repository that a registry behind a path, or a proxy, calls what we call otherwise."""
        named = repository_named(challenge)
        return None if named == self._place.repository else named

    def _log_in(self, challenge: Challenge, repository: str) -> str:
        logins = self._lobby.logins
        if challenge.scheme == "basic":
            if self._credential is None:
                raise Denied(f"registry {self._place.registry} asks for a login")
            logins.keep(self._grant, challenge, None)
            return self._credential.basic
        try:
            token = self._token(challenge, repository)
        except AimError:
            logins.forget(self._grant)  # the service may have moved: the next visit asks the registry again
            raise
        logins.keep(self._grant, challenge, token)
        return f"Bearer {token.text}"

    def _token(self, challenge: Challenge, repository: str) -> Token:
        registry, origin = self._place.registry, self._place.origin
        try:
            realm = parse_url(challenge.parameters["realm"])
        except EgressError:  # it quotes the realm, which is the registry's text
            raise self._no_service() from None
        if self.holds(realm.origin.host):
            raise self._no_service()
        request = _Request(
            method="GET",
            url=token_url(realm, challenge, repository),
            headers={"accept": "application/json"},
            at_most=TOKEN_AT_MOST,
            on_behalf_of=f"{origin.scheme}://{origin}",
        )
        if self._credential is not None:
            self._refuse_strangers(realm)
        answer = self._send(request, None if self._credential is None else self._credential.basic)
        service = f"token service {realm.origin} of registry {registry}"
        if 400 <= answer.status < 500 and answer.status != _TIMED_OUT:  # some say 400 or 404 to who may not
            raise Denied(f"{service} answers {answer.status}")
        if answer.status != 200:
            raise unexpected(answer, service)
        try:
            return parse_token(answer.body)
        except ContentError as error:
            problem = f"{service}: {error.problem}; report it to whoever runs it"
            raise RegistryError(problem, cause=error.cause) from None

    def _no_service(self) -> RegistryError:
        problem = f"registry {self._place.registry} names no token service; expected the URL of one in its challenge"
        return RegistryError(problem, cause=Cause.MALFORMED)

    def _refuse_strangers(self, realm: Url) -> None:
        """SEC-1: a credential goes to the registry's own site, and over TLS unless a setting says otherwise."""
        registry, service = self._place.registry, realm.origin
        trusted = self._lobby.session.rules.trusts(registry, service.host, service.port)
        if not trusted and not is_one_site(self._place.origin.host, service.host):
            problem = (
                f"registry {registry} wants its credentials sent to {service}, which is another site; they were not sent: "
                f"if that is right, an administrator allows it with --token-service {registry}={service}"
            )
            raise RegistryError(problem, cause=Cause.UNTRUSTED)
        if service.scheme != self._lobby.session.rules.scheme(service.host, service.port) and service.scheme == "http":
            problem = (
                f"registry {registry} wants its credentials sent to {service} without TLS; they were not sent: "
                f"if that is right, allow it with --plain-http {service}"
            )
            raise RegistryError(problem, cause=Cause.UNTRUSTED)

    # --- sending -----------------------------------------------------------------------------------------------------

    def _send(self, request: _Request, authorization: str | None) -> Answer:
        """The answer to one request; where the registry asks for patience that can be had, to a second one."""
        self._respect_pause()
        answer = self._once(request, authorization)
        if self._was_put_off(answer):
            self._respect_pause()
            answer = self._once(request, authorization)
            if self._was_put_off(answer):
                raise self._rate_limited()
        return answer

    def _once(self, request: _Request, authorization: str | None) -> Answer:
        if authorization is not None:
            self._shown.add(authorization.partition(" ")[2])
        with self._lobby.turns.one(self._place.registry, within=self._deadline.left()):
            return self._lobby.session.request(
                request.method,
                request.url,
                headers=request.headers,
                authorization=authorization,
                at_most=request.at_most,
                deadline=self._deadline,
                on_behalf_of=request.on_behalf_of,
            )

    def _was_put_off(self, answer: Answer) -> bool:
        """Whether to come back later, which is noted for all of this party."""
        if answer.status not in {429, 503}:
            return False
        seconds = retry_after(answer.headers)
        if seconds is None and answer.status == 503:
            return False
        if seconds is None:
            raise self._rate_limited()
        self._lobby.pauses.note(self._party, seconds)
        return True

    def _respect_pause(self) -> None:
        seconds = self._lobby.pauses.left(self._party)
        if not seconds:
            return
        if self._has_waited or seconds > min(_WAITED_OUT_AT_MOST, self._deadline.left()):
            raise self._rate_limited()
        self._has_waited = True
        time.sleep(seconds)

    def _rate_limited(self) -> RegistryError:
        seconds = self._lobby.pauses.left(self._party)
        when = f"for {seconds:.0f} s" if seconds >= 1 else "for a while"
        problem = f"registry {self._place.registry} asks to be left alone {when}; try again then, or log in for a higher limit"
        return RegistryError(problem, cause=Cause.RATE_LIMITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: Method
    url: str
    headers: Mapping[str, str]
    at_most: int
    on_behalf_of: str | None = None


def unexpected(answer: Answer, who: str) -> RegistryError:
    """What an answer means that is neither a yes nor a no."""
    if answer.status >= 500 or answer.status == _TIMED_OUT:
        return RegistryError(f"{who} answers {answer.status}; try again later", cause=Cause.UNREACHABLE)
    problem = f"{who} answers {answer.status}, which means nothing here; report it to whoever runs it"
    return RegistryError(problem, cause=Cause.MALFORMED)


def _ways_in(answer: Answer) -> tuple[Challenge, ...]:
    return ways_in(answer.headers.get("www-authenticate", ""))


def _shares_a_part(text: str, secret: str) -> bool:
    """Whether eight characters on end are the same, or all of a shorter secret, in capitals or not, escaped or not."""
    size, within = min(8, len(secret)), text.lower()
    spellings = (secret.lower(), ascii(secret)[1:-1].lower())
    return any(one[at : at + size] in within for one in spellings if size for at in range(len(one) - size + 1))
