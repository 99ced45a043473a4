"""Tokens: which answer is one, whose they are, how long they are good, and whom a password may be shown for one."""

from __future__ import annotations

import json

import pytest

from aimcore.adapters.oci.challenge import Challenge
from aimcore.adapters.oci.conduct import Party
from aimcore.adapters.oci.content import ContentError
from aimcore.adapters.oci.tokens import Grant, Logins, Token, is_one_site, parse_token

CHALLENGE = Challenge(scheme="bearer", parameters={"realm": "https://ghcr.io/token"})
GRANT = Grant(Party("ghcr.io", "ada"), "acme/llm")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    ("registry", "realm", "one"),
    [
        pytest.param("ghcr.io", "ghcr.io", True, id="the same host"),
        pytest.param("registry-1.docker.io", "auth.docker.io", True, id="Docker Hub"),
        pytest.param("registry.gitlab.com", "gitlab.com", True, id="the site itself"),
        pytest.param("ghcr.io", "evil.example", False, id="another site"),
        pytest.param("ghcr.io", "ghcr.io.evil.example", False, id="a longer name"),
        pytest.param("ghcr.io", "quay.io", False, id="only a public suffix in common"),
        pytest.param("a.co.uk", "b.co.uk", False, id="a public suffix of two parts"),
        pytest.param("ada.github.io", "eve.github.io", False, id="tenants of one site"),
        pytest.param("127.0.0.1", "127.0.0.1", True, id="an address"),
        pytest.param("10.0.0.1", "11.0.0.1", False, id="two addresses"),
        pytest.param("[::1]", "[::2]", False, id="two addresses of IPv6"),
        pytest.param("localhost", "evil.localhost", False, id="localhost is only itself"),
        pytest.param("a.b.1", "c.b.1", False, id="what a system may take for an address"),
        pytest.param("registry", "auth", False, id="names without a site"),
    ],
)
def test_a_password_stays_on_the_site_it_is_for(registry: str, realm: str, one: bool) -> None:  # noqa: FBT001 - a row
    assert is_one_site(registry, realm) is one
    assert is_one_site(realm, registry) is one


@pytest.mark.parametrize(
    ("answer", "life"),
    [
        pytest.param({"token": "abc"}, 60.0, id="what the protocol says of silence"),
        pytest.param({"access_token": "abc", "expires_in": 300}, 300.0, id="the other name"),
        pytest.param({"token": "abc", "access_token": "other", "expires_in": 10**400}, 3600.0, id="for good"),
        pytest.param({"token": "abc", "expires_in": True}, 60.0, id="no number"),
        pytest.param({"token": "abc", "expires_in": -5}, 60.0, id="in the past"),
    ],
)
def test_an_answer_holds_a_token_and_how_long_it_is_good(answer: dict[str, object], life: float) -> None:
    assert parse_token(json.dumps(answer).encode()) == Token(text="abc", life=life)


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>canary</html>", id="a page"),
        pytest.param(b'{"canary": 1, "canary": 2}', id="a key twice"),
        pytest.param(b"{}", id="no token"),
        pytest.param(b'{"token": ["canary"]}', id="a list"),
        pytest.param(b'{"token": "canary\\r\\nHost: evil"}', id="a header of its own"),
        pytest.param('{"token": "canary-ä"}'.encode(), id="letters that no header has"),
    ],
)
def test_an_answer_without_a_usable_token_is_refused_and_not_shown(body: bytes) -> None:
    with pytest.raises(ContentError) as caught:
        parse_token(body)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.rule("SEC-1")
def test_a_token_does_not_show_itself() -> None:
    assert repr(Token(text="canary", life=60)) == "Token(life=60)"


def test_a_token_is_good_until_shortly_before_it_expires() -> None:
    clock = Clock()
    logins = Logins(clock)
    logins.keep(GRANT, CHALLENGE, Token(text="abc", life=60))
    clock.now = 49.9
    assert logins.token(GRANT) == Token(text="abc", life=60)
    clock.now = 50.0
    assert logins.token(GRANT) is None
    assert logins.challenge(GRANT.party) == CHALLENGE


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Grant(Party("quay.io", "ada"), "acme/llm"), id="another registry"),
        pytest.param(Grant(Party("ghcr.io", "bob"), "acme/llm"), id="another credential"),
        pytest.param(Grant(Party("ghcr.io", ""), "acme/llm"), id="nobody in particular"),
        pytest.param(Grant(Party("ghcr.io", "ada"), "acme/other"), id="another repository"),
    ],
)
def test_a_token_is_for_one_registry_credential_and_repository(other: Grant) -> None:
    logins = Logins(Clock())
    logins.keep(GRANT, CHALLENGE, Token(text="abc", life=60))
    assert logins.token(other) is None


def test_what_did_not_let_in_is_forgotten() -> None:
    logins = Logins(Clock())
    logins.keep(GRANT, CHALLENGE, Token(text="abc", life=60))
    logins.forget(GRANT)
    assert (logins.token(GRANT), logins.challenge(GRANT.party)) == (None, None)
