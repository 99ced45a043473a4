"""Faults of a registry that answers, but not with the image: refusals, detours, logins and token services."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from aimcore.domain.images.inspection import Cause
from tests.integration.egress.server import Heard, Steps, answer
from tests.integration.registry_faults.fault import Fault
from tests.integration.registry_faults.hostile import CHAT, Host, Stage, manifest_path, said

__all__ = ["FAULTS", "bearer", "letting_in"]

REFUSED: Final = b'{"errors": [{"code": "UNAUTHORIZED", "message": "planted"}]}'
IMAGE: Final = said(CHAT.top)


def status(code: int, body: bytes = b'{"errors": []}', **headers: str) -> Callable[[Stage], None]:
    """The registry answers the manifest with this."""
    return lambda stage: stage.registry.on(manifest_path(), answer(code, body, **headers))


def then_well(code: int, **headers: str) -> Callable[[Stage], None]:
    """The registry answers with this once, and with the image from then on."""
    return lambda stage: stage.registry.on(manifest_path(), answer(code, b"{}", **headers), IMAGE)


def detour(location: Callable[[Stage], str]) -> Callable[[Stage], None]:
    """The registry redirects there."""
    return lambda stage: stage.registry.on(manifest_path(), answer(307, location=location(stage)))


def to_store(stage: Stage) -> None:
    """The registry keeps its manifests elsewhere, as some keep their blobs."""
    stage.registry.on(manifest_path(), answer(307, location=f"{stage.store.url}/signed?key=1"))
    stage.store.on("/signed", IMAGE)


def chain(stage: Stage) -> None:
    """One redirect more than are followed."""
    for at in range(4):
        stage.registry.on(f"/{at}", answer(302, location=f"/{at + 1}"))
    stage.registry.on(manifest_path(), answer(302, location="/1"))
    stage.registry.on("/4", IMAGE)


def bearer(host: Host, path: str = "/token") -> str:
    """A challenge that sends to that token service."""
    return f'Bearer realm="{host.url}{path}",service="registry",scope="repository:acme/chat:pull,push"'


def letting_in(authorization: str) -> Callable[[Heard], Steps]:
    """The image for those who say so, and for nobody else what an empty hand gets."""
    return lambda heard: IMAGE if heard.headers.get("authorization") == authorization else answer(401, REFUSED)


def challenge(text: str) -> Callable[[Stage], None]:
    """The registry asks everybody to log in so, for ever."""
    return status(401, REFUSED, www_authenticate=text)


def granting(*replies: Any) -> Callable[[Stage], None]:
    """The registry wants a token of its own token service, which answers so."""

    def arrange(stage: Stage) -> None:
        stage.registry.on(manifest_path(), asking_for_token(stage))
        stage.tokens.on("/token", *replies)

    return arrange


def asking_for_token(stage: Stage) -> Callable[[Heard], Steps]:
    def reply(heard: Heard) -> Steps:
        if heard.headers.get("authorization") == "Bearer planted-token":
            return IMAGE
        return answer(401, REFUSED, www_authenticate=bearer(stage.tokens))

    return reply


def token(text: Any, **more: Any) -> bytes:
    return answer(200, json.dumps({"token": text, **more}).encode(), content_type="application/json")


def no_token_service(stage: Stage) -> None:
    def gone() -> tuple[str, ...]:
        return ()

    granting(b"")(stage)
    stage.addresses[stage.tokens.name] = gone


def realm_elsewhere(stage: Stage) -> None:
    stage.registry.on(manifest_path(), answer(401, REFUSED, www_authenticate=bearer(stage.evil)))
    stage.evil.on("/token", token("planted-token"))


def token_detour(stage: Stage) -> None:
    """The token service sends on to a stranger, who would hand out a token."""
    granting(lambda _: answer(307, location=f"{stage.evil.url}/token"))(stage)
    stage.evil.on("/token", token("planted-token"))


FAULTS: Final[Mapping[str, Fault]] = {
    "400": Fault(arrange=status(400), cause=Cause.MALFORMED, asks=1, says="answers 400"),
    "403": Fault(arrange=status(403), cause=Cause.UNAUTHORIZED, asks=2, says="answers 403; check the credentials in"),
    "404": Fault(arrange=status(404), cause=Cause.NOT_FOUND, asks=2, says="has no such image"),
    "404 with a page for people": Fault(
        arrange=status(404, b"<html>\x1b[2J", content_type="text/html"), cause=Cause.NOT_FOUND, asks=2
    ),
    "408": Fault(arrange=status(408), cause=Cause.UNREACHABLE, asks=1, says="answers 408; try again later"),
    "410": Fault(arrange=status(410), cause=Cause.NOT_FOUND, asks=1, says="no such image"),
    "429": Fault(arrange=status(429), cause=Cause.RATE_LIMITED, asks=1, says="asks to be left alone for a while"),
    "429 for two minutes": Fault(
        arrange=status(429, retry_after="120"), cause=Cause.RATE_LIMITED, asks=1, says="for 120 s"
    ),
    "429 until the limit is reset": Fault(
        arrange=status(429, ratelimit_remaining="0", ratelimit_reset="40"),
        cause=Cause.RATE_LIMITED,
        asks=1,
        says="for 40 s",
    ),
    "429 until a date": Fault(
        arrange=status(429, date="Mon, 23 Nov 2026 22:00:00 GMT", retry_after="Mon, 23 Nov 2026 22:05:00 GMT"),
        cause=Cause.RATE_LIMITED,
        asks=1,
        says="for 300 s",
    ),
    "429 for ever": Fault(
        arrange=status(429, retry_after="9" * 400), cause=Cause.RATE_LIMITED, asks=1, says="for 900 s"
    ),
    "429 until the year 9999": Fault(
        arrange=status(429, date="Mon, 23 Nov 2026 22:00:00 GMT", retry_after="Fri, 31 Dec 9999 23:59:59 GMT"),
        cause=Cause.RATE_LIMITED,
        asks=1,
        says="for 900 s",
    ),
    "429 until something else": Fault(arrange=status(429, retry_after="-1"), cause=Cause.RATE_LIMITED, asks=1),
    "429 for a moment": Fault(arrange=then_well(429, retry_after="0"), cause=None, asks=3),
    "429 for a moment, again and again": Fault(arrange=status(429, retry_after="0"), cause=Cause.RATE_LIMITED, asks=2),
    "500": Fault(arrange=status(500), cause=Cause.UNREACHABLE, asks=1, says="answers 500; try again later"),
    "502": Fault(arrange=status(502), cause=Cause.UNREACHABLE, asks=1, says="answers 502"),
    "503": Fault(arrange=status(503), cause=Cause.UNREACHABLE, asks=1, says="answers 503"),
    "503 for two minutes": Fault(arrange=status(503, retry_after="120"), cause=Cause.RATE_LIMITED, asks=1),
    "504": Fault(arrange=status(504), cause=Cause.UNREACHABLE, asks=1, says="answers 504"),
    "999": Fault(arrange=status(999), cause=Cause.UNREACHABLE, asks=1, says="answers 999"),
    "204": Fault(arrange=lambda stage: stage.registry.on(manifest_path(), answer(204)), cause=Cause.MALFORMED, asks=1),
    "206": Fault(arrange=status(206, CHAT.top.body[:9]), cause=Cause.MALFORMED, asks=1, says="answers 206"),
    "304": Fault(arrange=status(304, b""), cause=Cause.MALFORMED, asks=1, says="answers 304"),
    "a redirect to a store of the same site": Fault(arrange=to_store, cause=None, asks=3),
    "a redirect to itself": Fault(
        arrange=detour(lambda _: manifest_path()), cause=Cause.MALFORMED, asks=4, says="redirects more than 3 times"
    ),
    "four redirects": Fault(arrange=chain, cause=Cause.MALFORMED, asks=4, says="redirects more than 3 times"),
    "a redirect to nowhere": Fault(arrange=status(302), cause=Cause.MALFORMED, asks=1, says="answers 302"),
    "a redirect to an empty place": Fault(
        arrange=lambda stage: stage.registry.on(
            manifest_path(), b"HTTP/1.1 302 Said\r\nlocation:\r\ncontent-length: 0\r\n\r\n"
        ),
        cause=Cause.MALFORMED,
        asks=1,
    ),
    "a redirect to a file": Fault(arrange=detour(lambda _: "file:///etc/passwd"), cause=Cause.UNTRUSTED, asks=1),
    "a redirect to what is not plain HTTP by setting": Fault(
        arrange=detour(lambda stage: f"{stage.inside.url}/x"), cause=Cause.UNTRUSTED, asks=1, says="without TLS"
    ),
    "a redirect to loopback": Fault(
        arrange=detour(lambda stage: f"https://{stage.inside.address}/x"),
        cause=Cause.UNTRUSTED,
        asks=1,
        says="(loopback)",
    ),
    "a redirect to a private address": Fault(
        arrange=detour(lambda _: "https://10.1.2.3/x"), cause=Cause.UNTRUSTED, asks=1, says="(private)"
    ),
    "a redirect to where clouds hand out credentials": Fault(
        arrange=detour(lambda _: "https://169.254.169.254/latest/meta-data/"),
        cause=Cause.UNTRUSTED,
        asks=1,
        says="(cloud metadata)",
    ),
    "a redirect with a user in it": Fault(
        arrange=detour(lambda stage: f"http://ada:x@{stage.store.address}/signed"), cause=Cause.UNTRUSTED, asks=1
    ),
    "a redirect with an escape for the terminal": Fault(
        arrange=detour(lambda _: "https://evil.example/\x1b[2J"),
        cause=Cause.MALFORMED,
        asks=1,
        says="redirects to no URL",
    ),
    "a redirect of 100,000 characters": Fault(
        arrange=detour(lambda stage: f"{stage.store.url}/" + "a" * 60_000), cause=Cause.UNTRUSTED, asks=1
    ),
    "401 for ever, by Basic": Fault(
        arrange=challenge('Basic realm="registry"'), cause=Cause.UNAUTHORIZED, asks=2, says="answers 401"
    ),
    "401 without a word on how": Fault(arrange=status(401), cause=Cause.UNAUTHORIZED, asks=2, says="offers no login"),
    "401 with a login nobody knows": Fault(
        arrange=challenge("Negotiate, NTLM"), cause=Cause.UNAUTHORIZED, asks=2, says="offers no login"
    ),
    "401 with a token of nobody": Fault(
        arrange=challenge('Bearer service="registry"'), cause=Cause.UNAUTHORIZED, asks=2, says="offers no login"
    ),
    "401 with a realm that is no URL": Fault(
        arrange=challenge('Bearer realm="file:///etc/passwd"'),
        cause=Cause.MALFORMED,
        asks=1,
        says="names no token service",
    ),
    "401 with a realm at loopback": Fault(
        arrange=lambda stage: challenge(bearer(stage.inside))(stage), cause=Cause.UNTRUSTED, asks=1, says="another site"
    ),
    "401 with a realm of another site": Fault(
        arrange=realm_elsewhere, cause=Cause.UNTRUSTED, asks=1, says="which is another site; they were not sent"
    ),
    "401 with ten thousand challenges": Fault(
        arrange=challenge("Digest a=b, " * 5_000), cause=Cause.UNAUTHORIZED, asks=2, says="offers no login"
    ),
    "a token that lets in": Fault(arrange=granting(token("planted-token")), cause=None, asks=4),
    "a token that does not let in": Fault(
        arrange=granting(token("another")), cause=Cause.UNAUTHORIZED, asks=3, says="answers 401"
    ),
    "a token that is over before it begins": Fault(
        arrange=granting(token("planted-token", expires_in=1)), cause=None, asks=5
    ),
    "a token that lasts for a negative time": Fault(
        arrange=granting(token("planted-token", expires_in=-5)), cause=None, asks=4
    ),
    "a token that lasts beyond all numbers": Fault(
        arrange=granting(answer(200, b'{"token": "planted-token", "expires_in": 1e999}')), cause=None, asks=4
    ),
    "a token service that is not there": Fault(
        arrange=no_token_service, cause=Cause.UNREACHABLE, asks=1, says="auth.acme.example"
    ),
    "a token service that is ill": Fault(
        arrange=granting(answer(500)), cause=Cause.UNREACHABLE, asks=2, says="token service auth.acme.example"
    ),
    "a token service that refuses": Fault(
        arrange=granting(answer(403)), cause=Cause.UNAUTHORIZED, asks=2, says="answers 403"
    ),
    "a token service that asks to log in": Fault(
        arrange=granting(answer(401, www_authenticate='Basic realm="x"')), cause=Cause.UNAUTHORIZED, asks=2
    ),
    "a token service that is crowded": Fault(
        arrange=granting(answer(429, retry_after="60")), cause=Cause.RATE_LIMITED, asks=2
    ),
    "a token service that says nothing": Fault(
        arrange=granting((30.0,)), cause=Cause.UNREACHABLE, asks=2, says="auth.acme.example", slow=True
    ),
    "a token service that sends on to a stranger": Fault(arrange=token_detour, cause=None, asks=5),
    "a token of a megabyte": Fault(arrange=granting(token("a" * 2**20)), cause=Cause.TOO_LARGE, asks=2),
    "a token with a line break": Fault(arrange=granting(token("a\r\nx: y")), cause=Cause.MALFORMED, asks=2),
    "a token that is a number": Fault(arrange=granting(token(7)), cause=Cause.MALFORMED, asks=2),
    "an answer without a token": Fault(
        arrange=granting(answer(200, b'{"expires_in": 60}')), cause=Cause.MALFORMED, asks=2, says="holds no token"
    ),
    "a token in no JSON": Fault(arrange=granting(answer(200, b"planted")), cause=Cause.MALFORMED, asks=2),
    "a token in a list": Fault(arrange=granting(answer(200, b'["planted"]')), cause=Cause.MALFORMED, asks=2),
    "two tokens under one name": Fault(
        arrange=granting(answer(200, b'{"token": "a", "token": "b"}')), cause=Cause.MALFORMED, asks=2
    ),
}
