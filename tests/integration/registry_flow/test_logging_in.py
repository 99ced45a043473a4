"""Logging in as registries want it that say no in their own ways: who is shown which credential, and when (DISC-8)."""

from __future__ import annotations

import json

import pytest

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.images.inspection import Cause, Inspected, Unchanged
from aimcore.ports.secrets import PullSecret
from tests.integration.egress.server import Heard, Server, answer
from tests.integration.registry_flow.scripted import (
    DIGEST,
    HOST,
    LABELS,
    PASSWORD,
    Desk,
    HeldSecrets,
    asking,
    basic,
    docker_config,
    failed,
)

READ = Inspected(digest=DIGEST, labels=LABELS)
MANIFEST = "GET acme/chat/manifests/1"
CONFIG = "GET acme/chat/blobs/CONFIG"
ADA = frozenset({"ada"})


def both(host: str) -> HeldSecrets:
    return HeldSecrets(ada=docker_config(host, "ada"), bob=docker_config(host, "bob"))


def hiding(status: int, challenge: str = 'Basic realm="acme"') -> Desk:
    """A registry that answers `status` to whoever is not ada, and tells at `/v2/` alone how to log in."""

    def first(heard: Heard) -> bytes | None:
        if heard.target == "/v2/":
            return answer(401, www_authenticate=challenge)
        return None if heard.headers.get("authorization") == basic("ada") else answer(status)

    return Desk(first=first)


# --- registries that hide ------------------------------------------------------------------------------------------------


@pytest.mark.rule("DISC-8")
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_credential_is_shown_before_no_is_said(status: int) -> None:
    with asking(hiding(status), both) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "ada")) == READ
        assert asked.requests == [MANIFEST, "GET", f"{MANIFEST} as ada", f"{CONFIG} as ada"]


@pytest.mark.rule("DISC-8", "DISC-3")
def test_a_credential_is_shown_before_no_is_said_when_a_tag_is_looked_at_again() -> None:
    with asking(hiding(404), both) as asked:
        assert asked.inspector.recheck(asked.want("acme/chat:1", "ada"), DIGEST) == Unchanged(digest=DIGEST)


@pytest.mark.rule("DISC-8")
@pytest.mark.parametrize("status", [401, 403, 404])
def test_the_next_credential_is_tried_after_any_refusal(status: int) -> None:
    with asking(hiding(status), both) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "bob", "ada")) == READ
        assert asked.requests[2] == f"{MANIFEST} as bob"


@pytest.mark.rule("DISC-8")
def test_the_next_credential_is_tried_after_400_to_who_logged_in() -> None:
    def first(heard: Heard) -> bytes | None:
        authorization = heard.headers.get("authorization")
        if authorization is None:
            return answer(401, www_authenticate='Basic realm="acme"')
        return None if authorization == basic("ada") else answer(400)

    with asking(Desk(first=first), both) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "bob", "ada")) == READ
        assert asked.requests[1:3] == [f"{MANIFEST} as bob", MANIFEST]
        for _ in range(2):  # the second time the login is known already
            told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "bob")))
            assert told.cause is Cause.UNAUTHORIZED
            assert "answers 400; check the credentials in 'team/bob'" in told.message


@pytest.mark.rule("DISC-8")
def test_400_to_who_shows_no_credential_is_no_refusal() -> None:
    with asking(Desk(first=lambda _: answer(400)), both) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "bob", "ada")))
        assert (told.cause, asked.requests) == (Cause.MALFORMED, [MANIFEST])


@pytest.mark.rule("DISC-8")
@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_that_says_how_to_log_in_is_answered(status: int) -> None:
    def first(heard: Heard) -> bytes | None:
        if heard.headers.get("authorization") == basic("ada"):
            return None
        return answer(404) if heard.target == "/v2/" else answer(status, www_authenticate='Basic realm="acme"')

    with asking(Desk(first=first), both) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "ada")) == READ
        assert asked.requests == [MANIFEST, f"{MANIFEST} as ada", f"{CONFIG} as ada"]


@pytest.mark.rule("DISC-8")
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_the_next_credential_is_tried_after_any_refusal_of_the_token_service(status: int) -> None:
    def first(heard: Heard) -> bytes | None:
        if heard.target.startswith("/token?") and heard.headers.get("authorization") != basic("ada"):
            return answer(status)
        return None

    desk = Desk(first=first)
    with asking(desk, both) as asked:
        desk.realm = f"http://{asked.host}/token"
        assert asked.inspector.inspect(asked.want("acme/chat:1", "bob", "ada")) == READ
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "bob")))
        assert told.cause is Cause.UNAUTHORIZED
        assert f"answers {status}; check the credentials in 'team/bob'" in told.message


@pytest.mark.rule("DISC-8", "DISC-5")
def test_a_token_service_that_timed_out_is_asked_again_later_and_as_nobody_else() -> None:
    desk = Desk(first=lambda heard: answer(408) if heard.target.startswith("/token?") else None)
    with asking(desk, both) as asked:
        desk.realm = f"http://{asked.host}/token"
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "bob", "ada")))
        assert told.cause is Cause.UNREACHABLE
        assert "answers 408; try again later" in told.message
        assert [each for each in asked.requests if each.startswith("GET token")] == ["GET token as bob"]


@pytest.mark.rule("DISC-8")
@pytest.mark.parametrize("realm", ["http://HOST/token", "https://elsewhere.example/token", "/token"])
def test_a_password_is_shown_where_no_token_service_is_behind_the_token_that_is_offered_too(realm: str) -> None:
    def first(heard: Heard) -> bytes | None:
        if heard.headers.get("authorization") == basic("ada") and not heard.target.startswith("/token"):
            return None
        offered = f'Bearer realm="{realm.replace("HOST", heard.headers["host"])}", Basic realm="acme"'
        return answer(404) if heard.target.startswith("/token") else answer(401, www_authenticate=offered)

    with asking(Desk(first=first), both) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "ada")) == READ
        assert asked.requests[-2:] == [f"{MANIFEST} as ada", f"{CONFIG} as ada"]


@pytest.mark.rule("DISC-8")
def test_what_every_credential_is_refused_is_told_once() -> None:
    with asking(Desk(first=hiding(404).first), both) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/none:1", "bob")))
        assert told.cause is Cause.NOT_FOUND
        assert "check its name and tag, and that the credentials in 'team/bob' may pull it" in told.message
        assert [each for each in asked.requests if each.endswith("as bob")] == ["GET acme/none/manifests/1 as bob"]


@pytest.mark.rule("DISC-8", "SEC-1")
def test_a_registry_that_asks_for_no_login_is_shown_no_credential() -> None:
    with asking(Desk(), both) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/none:2", "bob", "ada")))
        assert told.cause is Cause.NOT_FOUND
        assert all("as " not in each for each in asked.requests)


@pytest.mark.rule("DISC-8")
def test_without_a_credential_there_is_nothing_to_ask() -> None:
    with asking(hiding(404)) as asked:
        assert failed(asked.inspector.inspect(asked.want())).cause is Cause.NOT_FOUND
        assert asked.requests == [MANIFEST]


@pytest.mark.rule("SEC-1")
def test_a_login_that_another_host_asks_for_is_none() -> None:
    with Server(lambda _: answer(401, www_authenticate="Basic")) as away:
        there = f"away.example:{away.port}"

        def first(heard: Heard) -> bytes | None:
            return answer(307, location=f"http://{there}{heard.target}") if heard.target == "/v2/" else answer(404)

        with asking(Desk(first=first), both, plain=[there]) as asked:
            assert failed(asked.inspector.inspect(asked.want("acme/chat:1", "ada"))).cause is Cause.NOT_FOUND
        assert all("authorization" not in heard.headers for heard in away.heard)


# --- scopes --------------------------------------------------------------------------------------------------------------


def renaming(scope: str, *, opens: str, service: int = 200) -> Desk:
    """A registry whose challenge has that scope, and whose tokens open it for the repository `opens`."""

    def first(heard: Heard) -> bytes | None:
        here = heard.headers["host"]
        if heard.target.startswith("/token"):
            good = heard.target.endswith(f"scope=repository:{opens}:pull")
            return answer(200 if good else service, json.dumps({"token": "opens" if good else "shut"}).encode())
        if heard.headers.get("authorization") == "Bearer opens":
            return None
        challenge = f'Bearer realm="http://{here}/token",service="acme",scope="{scope}"'
        return answer(401, www_authenticate=challenge)

    return Desk(first=first)


@pytest.mark.rule("DISC-8")
@pytest.mark.parametrize(
    "scope",
    [
        pytest.param("repository:chat:pull", id="to pull"),
        pytest.param("repository:chat:pull,push,delete", id="to pull and more"),
        pytest.param("registry:catalog:* repository:chat:*", id="behind another scope"),
    ],
)
def test_a_repository_that_the_registry_calls_otherwise_is_asked_for_once(scope: str) -> None:
    with asking(renaming(scope, opens="chat"), both) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "ada")) == READ
        scopes = [each.target.rpartition("scope=")[2] for each in asked.server.heard if "/token" in each.target]
        assert scopes == ["repository:acme/chat:pull", "repository:chat:pull"]
        assert asked.requests[-2:] == [f"{MANIFEST} Bearer", f"{CONFIG} Bearer"]


@pytest.mark.rule("DISC-8")
@pytest.mark.parametrize("status", [401, 403])
def test_it_is_asked_for_where_the_token_service_knows_no_other_name(status: int) -> None:
    with asking(renaming("repository:chat:pull", opens="chat", service=status)) as asked:
        assert asked.inspector.inspect(asked.want()) == READ


@pytest.mark.rule("DISC-8")
@pytest.mark.parametrize(
    "scope",
    [
        pytest.param("repository:acme/chat:pull", id="our own"),
        pytest.param("repository:*:pull", id="all repositories"),
        pytest.param("repository:chat:push", id="not to pull"),
        pytest.param("repository:../chat:pull", id="a path that climbs"),
        pytest.param("repository:chat&scope=repository:evil:pull", id="another parameter"),
        pytest.param("registry:catalog:*", id="no repository"),
        pytest.param("repository:" + "a" * 300 + ":pull", id="too long"),
    ],
)
def test_no_other_scope_is_asked_for(scope: str) -> None:
    with asking(renaming(scope, opens="evil"), both) as asked:
        assert failed(asked.inspector.inspect(asked.want("acme/chat:1", "ada"))).cause is Cause.UNAUTHORIZED
        scopes = [each.target.rpartition("scope=")[2] for each in asked.server.heard if "/token" in each.target]
        assert scopes == ["repository:acme/chat:pull"]


@pytest.mark.rule("DISC-8")
def test_a_registry_that_renames_and_is_never_content_is_asked_twice() -> None:
    with asking(renaming("repository:chat:pull", opens="nothing"), both) as asked:
        assert failed(asked.inspector.inspect(asked.want("acme/chat:1", "ada"))).cause is Cause.UNAUTHORIZED
        assert len(asked.requests) == 5


# --- a token service of another site -----------------------------------------------------------------------------------------


@pytest.mark.rule("DISC-8", "SEC-1")
def test_an_administrator_allows_a_token_service_of_another_site() -> None:
    with Server(Desk(users=ADA)) as elsewhere:
        there = f"auth.other.example:{elsewhere.port}"
        with asking(Desk(realm=f"http://{there}/token"), both, plain=[there]) as asked:
            want = asked.want("acme/chat:1", "ada")
            told = failed(asked.inspector.inspect(want))
            assert told.cause is Cause.UNTRUSTED
            assert f"allows it with --token-service {asked.host}={there}" in told.message
            for pair in ((asked.host, there), (HOST, "auth.other.example")):
                rules = Rules(plain_http=frozenset({asked.host, there}), token_services=frozenset({pair}))
                with Session(rules, resolve=lambda _: ["127.0.0.1"]) as session:
                    allowed = RegistryInspector(session, secrets=both(asked.host))
                    assert allowed.inspect(want) == READ
            assert {each.headers["authorization"] for each in elsewhere.heard} == {basic("ada")}


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "pair",
    [
        pytest.param((HOST, "other.example"), id="another service"),
        pytest.param(("registry.evil.example", "auth.other.example"), id="another registry"),
        pytest.param((HOST, "auth.other.example:1"), id="another port"),
    ],
)
def test_a_pair_is_for_that_registry_and_that_service(pair: tuple[str, str]) -> None:
    with Server(Desk(users=ADA)) as elsewhere:
        there = f"auth.other.example:{elsewhere.port}"
        with asking(Desk(realm=f"http://{there}/token"), both, plain=[there]) as asked:
            rules = Rules(plain_http=frozenset({asked.host, there}), token_services=frozenset({pair}))
            with Session(rules, resolve=lambda _: ["127.0.0.1"]) as session:
                inspector = RegistryInspector(session, secrets=both(asked.host))
                assert failed(inspector.inspect(asked.want("acme/chat:1", "ada"))).cause is Cause.UNTRUSTED
        assert elsewhere.heard == []


# --- what is told of secrets ----------------------------------------------------------------------------------------------


def holding(auths: object, **more: object) -> PullSecret:
    document = json.dumps({"auths": auths, **more}).encode()
    return PullSecret(name="team/pull", type="kubernetes.io/dockerconfigjson", document=document)


@pytest.mark.rule("DISC-7")
@pytest.mark.parametrize("desk", [Desk(users=ADA), hiding(404), hiding(403)], ids=["401", "404", "403"])
def test_a_refusal_names_what_was_passed_over_and_does_not_advise_what_was_done(desk: Desk) -> None:
    def held_secrets(host: str) -> HeldSecrets:
        return HeldSecrets(pull=holding({host: {"identitytoken": PASSWORD}}))

    with asking(desk, held_secrets) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "pull")))
        assert f"'team/pull' names {asked.host} but holds identitytoken" in told.message
        assert "--registry-config" not in told.message
        assert "imagePullSecret" not in told.message


@pytest.mark.rule("DISC-7")
def test_a_credential_that_is_refused_is_told_beside_one_that_was_passed_over() -> None:
    def held_secrets(host: str) -> HeldSecrets:
        return HeldSecrets(bob=docker_config(host, "bob"), pull=holding({host: {}}, credsStore="desktop"))

    with asking(Desk(users=ADA), held_secrets) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "bob", "pull")))
        assert "check the credentials in 'team/bob'" in told.message
        assert "'team/pull' names" in told.message
