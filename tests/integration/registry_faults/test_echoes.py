"""A34: a registry, or its token service, that sends back what it heard, in every place an answer has."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping

import pytest

from aimcore.adapters.egress import Deadline, EgressError
from aimcore.adapters.oci.keyring import parse_keyring
from aimcore.domain.images.inspection import Inspected
from tests.integration.egress.server import CLOSE, Heard, Steps, answer
from tests.integration.registry_faults.canaries import docker_config
from tests.integration.registry_faults.hostile import CHAT, PLANTED, Stage, inspect, manifest_path
from tests.integration.registry_faults.verdicts import assert_no_leak

Echo = Callable[[str], Steps]


def manifest_with(**fields: str) -> Echo:
    return lambda secret: answer(
        200, json.dumps({"schemaVersion": 2, **{key: text.format(secret) for key, text in fields.items()}}).encode()
    )


def to_who_logs_in(steps: Steps, challenge: str) -> Callable[[Heard], Steps]:
    """These for any login at all; the challenge for none."""
    asking = answer(401, b"{}", www_authenticate=challenge)
    return lambda heard: steps if "authorization" in heard.headers else asking


ECHOES: Mapping[str, Echo] = {
    "in the body of an error": lambda secret: answer(500, secret.encode()),
    "in the reason of a status": lambda secret: f"HTTP/1.1 500 {secret}\r\ncontent-length: 0\r\n\r\n".encode(),
    "for a status line": lambda secret: (f"{secret}\r\n\r\n".encode(), CLOSE),
    "for a status": lambda secret: (f"HTTP/1.1 {secret}\r\n\r\n".encode(), CLOSE),
    "for a header": lambda secret: (f"HTTP/1.1 200 OK\r\n{secret}\r\n\r\n".encode(), CLOSE),
    "for a chunk": lambda secret: (
        f"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{secret}\r\n".encode(),
        CLOSE,
    ),
    "for a length": lambda secret: answer(200, b"{}", content_length=secret),
    "for an encoding": lambda secret: answer(200, b"{}", content_encoding=secret),
    "for a transfer encoding": lambda secret: answer(200, b"{}", content_length="", transfer_encoding=secret),
    "for a type": lambda secret: answer(200, b"{}", content_type=secret),
    "for a digest": lambda secret: answer(200, CHAT.top.body, docker_content_digest=secret),
    "for a digest, well begun": lambda secret: answer(200, CHAT.top.body, docker_content_digest=f"sha256:{secret}"),
    "for a time to wait": lambda secret: answer(429, b"", retry_after=secret),
    "for a manifest": lambda secret: answer(200, secret.encode()),
    "for a media type": manifest_with(mediaType="{}"),
    "for a key": manifest_with(**{"{}": "x"}),
    "for a key, twice": lambda secret: answer(200, f'{{"{secret}": 1, "{secret}": 2}}'.encode()),
    "for a platform": lambda secret: answer(
        200,
        json.dumps(
            {
                "manifests": [
                    {**CHAT.top.descriptor(), "platform": {"os": secret, "architecture": part}} for part in "ab"
                ]
            }
        )
        .replace(CHAT.digest, "sha256:" + "1" * 64, 1)
        .encode(),
    ),
    "for the digest of a config": lambda secret: answer(
        200, json.dumps({"config": {**CHAT.blobs[0].descriptor(), "digest": secret}, "layers": []}).encode()
    ),
    "in a redirect, for a host": lambda secret: answer(307, location=f"https://{secret.strip('=')}.example/"),
    "in a redirect, for a path": lambda secret: answer(307, location=f"https://10.1.2.3/{secret}"),
    "in a redirect, for a query": lambda secret: answer(307, location=f"https://10.1.2.3/?{secret}"),
    "in a redirect, for a user": lambda secret: answer(307, location=f"https://{secret}@10.1.2.3/"),
    "in a redirect, for a scheme": lambda secret: answer(307, location=f"{secret.strip('=')}://10.1.2.3/"),
    "in a redirect, for a port": lambda secret: answer(307, location=f"https://10.1.2.3:{secret}/"),
    "in a challenge": lambda secret: answer(401, b"", www_authenticate=f'{secret} realm="{secret}"'),
    "in a challenge, for a realm": lambda secret: answer(
        401, b"", www_authenticate=f'Bearer realm="https://{secret}/"'
    ),
    "in a challenge, for a path": lambda secret: answer(
        401, b"", www_authenticate=f'Bearer realm="https://evil.example/{secret}"'
    ),
}


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("what", ["the password", "the password and its user, as they were sent"])
@pytest.mark.parametrize("echo", ECHOES.values(), ids=[f"A34: {where}" for where in ECHOES])
def test_a_registry_that_sends_back_what_it_heard_is_not_quoted(
    here: Stage, echo: Echo, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = here.canary.basic if "sent" in what else PLANTED
    here.registry.on(manifest_path(), to_who_logs_in(echo(secret), "Basic"))
    found = inspect(here)
    assert not isinstance(found, Inspected) or found == Inspected(digest=CHAT.digest, labels=CHAT.labels)
    assert_no_leak(here, found.message if hasattr(found, "message") else "", repr(found), caplog.text)


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(lambda secret: answer(401, secret.encode()), id="A34: a refusal"),
        pytest.param(lambda secret: answer(500, secret.encode()), id="A34: an error"),
        pytest.param(lambda secret: answer(200, secret.encode()), id="A34: no JSON"),
        pytest.param(lambda secret: answer(200, json.dumps({"token": f"{secret}\n"}).encode()), id="A34: a token"),
        pytest.param(
            lambda secret: answer(307, location=f"https://{secret.strip('=')}.example/"), id="A34: a redirect"
        ),
        pytest.param(lambda secret: (secret.encode(), CLOSE), id="A34: no HTTP"),
    ],
)
def test_a_token_service_that_sends_back_what_it_heard_is_not_quoted(
    here: Stage, reply: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    challenge = answer(401, b"{}", www_authenticate=f'Bearer realm="{here.tokens.url}/token"')
    here.registry.on(manifest_path(), challenge)
    for secret in (PLANTED, here.canary.basic):
        here.tokens.on("/token", reply(secret))
        assert_no_leak(here, repr(inspect(here)), caplog.text)
    assert all("authorization" in heard.headers for heard in here.tokens.heard)


@pytest.mark.rule("SEC-1")
def test_a_token_is_not_quoted_either(here: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A34: what the service granted and the registry sends back in every place it can."""
    caplog.set_level(logging.DEBUG)
    token = "Pl4nt3d-t0k3n"  # noqa: S105 - planted
    here.tokens.on("/token", answer(200, json.dumps({"token": token}).encode()))
    for echo in ECHOES.values():
        here.registry.on(manifest_path(), to_who_logs_in(echo(token), f'Bearer realm="{here.tokens.url}/token"'))
        found = repr(inspect(here))
        assert token not in found
        assert token not in caplog.text


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("echo", ECHOES.values(), ids=[f"A34: {where}" for where in ECHOES])
def test_no_traceback_of_a_request_shows_what_was_sent(here: Stage, echo: Echo) -> None:
    """A34: the error, its cause, its context, and all their texts; but a URL is the caller's to show or not."""
    here.registry.on("/", echo(here.canary.basic))
    try:
        here.session.request(
            "GET",
            f"{here.registry.url}/?q={PLANTED}",
            headers={"x-planted": PLANTED},
            authorization=f"Basic {here.canary.basic}",
            at_most=1,
            deadline=Deadline.after(5),
        )
    except EgressError as error:
        text = "".join(traceback.format_exception(error)).replace(str(error), "")
        assert here.canary.leaks(text) == []


def test_what_holds_a_secret_does_not_show_it(here: Stage) -> None:
    """A34: no `repr` on the way from a pull secret to a request."""
    secret = docker_config(here.canary)
    keyring = parse_keyring([secret])
    found = keyring.find(here.want().image)
    assert len(found) == 1
    assert here.canary.leaks(repr(secret), repr(keyring), repr(found), str(found[0]), repr(here.want())) == []
