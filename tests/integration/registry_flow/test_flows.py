"""What is asked of a registry, in which order and as whom; what is answered when it does not give it."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from aimcore.domain.images.inspection import Cause, Inspected, Unchanged
from aimcore.ports.errors import AccessDenied, NotFound, Unavailable
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
    docker_config,
    failed,
)

READ = Inspected(digest=DIGEST, labels=LABELS)
MANIFEST = "GET acme/chat/manifests/1"
CONFIG = "GET acme/chat/blobs/CONFIG"
HEAD = "HEAD acme/chat/manifests/1"
ADA = frozenset({"ada"})


def ada(host: str) -> HeldSecrets:
    return HeldSecrets(ada=docker_config(host, "ada"), bob=docker_config(host, "bob", "wrong"))


def own_realm() -> str:
    return f"http://{HOST}:{{port}}/token"


# --- logging in ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("DISC-4")
def test_an_open_registry_is_asked_as_nobody() -> None:
    with asking(Desk(), ada) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "ada")) == READ
        assert asked.requests == [MANIFEST, CONFIG]


@pytest.mark.rule("DISC-4")
def test_a_password_is_shown_when_it_is_asked_for_and_from_then_on() -> None:
    with asking(Desk(users=ADA), ada) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "ada")) == READ
        assert asked.inspector.inspect(asked.want("acme/other:1", "ada")) == READ
        assert asked.requests == [
            MANIFEST,
            f"{MANIFEST} as ada",
            f"{CONFIG} as ada",
            "GET acme/other/manifests/1 as ada",
            "GET acme/other/blobs/CONFIG as ada",
        ]


@pytest.mark.rule("DISC-4", "SEC-1")
def test_a_token_is_asked_for_each_repository_and_used_until_it_expires() -> None:
    with asking(Desk(users=ADA, realm=own_realm()), ada) as asked:
        for image in ("acme/chat:1", "acme/chat:1", "acme/other:1"):
            assert asked.inspector.inspect(asked.want(image, "ada")) == READ
        assert asked.requests == [
            MANIFEST,
            "GET token as ada",
            f"{MANIFEST} Bearer",
            f"{CONFIG} Bearer",
            f"{MANIFEST} Bearer",
            "GET token as ada",
            "GET acme/other/manifests/1 Bearer",
            "GET acme/other/blobs/CONFIG Bearer",
        ]
        scopes = [each.target.partition("?")[2] for each in asked.server.heard if "/token" in each.target]
        assert scopes == [f"service=acme&scope=repository:acme/{name}:pull" for name in ("chat", "other")]


def test_a_token_that_is_refused_is_forgotten() -> None:
    desk = Desk(realm=own_realm())
    with asking(desk) as asked:
        assert asked.inspector.inspect(asked.want()) == READ
        desk.first = lambda heard: None if "token" in heard.target else answer(401, www_authenticate="Bearer realm=x")
        asked.server.heard.clear()
        assert failed(asked.inspector.inspect(asked.want())).cause is Cause.MALFORMED
        assert asked.requests == [f"{MANIFEST} Bearer"]
        desk.first = lambda _: None
        assert asked.inspector.inspect(asked.want()) == READ


def test_a_registry_that_is_never_content_is_asked_once_more() -> None:
    desk = Desk(realm=own_realm())
    with asking(desk) as asked:
        challenge = f'Bearer realm="{desk.realm}"'
        desk.first = lambda heard: None if "token" in heard.target else answer(401, www_authenticate=challenge)
        assert failed(asked.inspector.inspect(asked.want())).cause is Cause.UNAUTHORIZED
        assert asked.requests == [MANIFEST, "GET token", f"{MANIFEST} Bearer"]


def test_credentials_are_tried_in_order_until_one_is_let_in() -> None:
    with asking(Desk(users=ADA), ada) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "bob", "ada")) == READ
        assert asked.requests == [MANIFEST, f"{MANIFEST} as bob", MANIFEST, f"{MANIFEST} as ada", f"{CONFIG} as ada"]


@pytest.mark.rule("SEC-1")
def test_credentials_that_are_refused_are_named_and_not_shown() -> None:
    with asking(Desk(users=ADA), ada) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "bob")))
        assert told.cause is Cause.UNAUTHORIZED
        assert told.message.endswith("answers 401; check the credentials in 'team/bob', and their right to pull")
        told = failed(asked.inspector.inspect(asked.want()))
        assert "name an imagePullSecret" in told.message


# --- to whom a credential is shown -----------------------------------------------------------------------------------


@pytest.mark.rule("SEC-1")
def test_a_password_is_not_sent_to_a_token_service_of_another_site() -> None:
    with Server(Desk()) as elsewhere:
        there = f"auth.other.example:{elsewhere.port}"
        with asking(Desk(realm=f"http://{there}/token"), ada, plain=[there]) as asked:
            told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "ada")))
            assert told.cause is Cause.UNTRUSTED
            assert there in told.message
            assert elsewhere.heard == []
            assert asked.inspector.inspect(asked.want()) == READ  # nobody in particular has nothing to lose
            assert [heard.headers.get("authorization") for heard in elsewhere.heard] == [None]


@pytest.mark.rule("SEC-1")
def test_a_password_goes_to_another_host_of_the_registrys_own_site() -> None:
    with Server(Desk(users=ADA)) as service:
        there = f"auth.acme.example:{service.port}"
        with asking(Desk(realm=f"http://{there}/token"), ada, plain=[there]) as asked:
            assert asked.inspector.inspect(asked.want("acme/chat:1", "ada")) == READ
            assert len(service.heard) == 1


@pytest.mark.rule("SEC-1")
def test_a_password_is_not_sent_without_tls_unless_a_setting_says_so() -> None:
    with asking(Desk(realm="http://auth.acme.example/token"), ada) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "ada")))
        assert told.cause is Cause.UNTRUSTED
        assert "without TLS" in told.message


@pytest.mark.rule("SEC-1")
def test_an_answer_that_sends_a_credential_back_is_not_repeated() -> None:
    def reflect(heard: Heard) -> bytes | None:
        said = json.dumps({"mediaType": PASSWORD, "schemaVersion": 2}).encode()
        return answer(200, said) if "authorization" in heard.headers else None

    with asking(Desk(users=ADA, first=reflect), ada) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "ada")))
        assert (told.cause, "sends back a credential" in told.message) == (Cause.MALFORMED, True)


# --- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("DISC-7")
@pytest.mark.parametrize(
    ("secret", "cause", "says"),
    [
        pytest.param(NotFound("x"), Cause.SECRET_MISSING, "'team/it' is missing", id="missing"),
        pytest.param(AccessDenied("x"), Cause.UNAUTHORIZED, "'team/it' may not be read", id="not for us"),
        pytest.param(Unavailable("x"), Cause.UNREACHABLE, "'team/it' cannot be read at the moment", id="later"),
        pytest.param(
            PullSecret(name="team/it", type="kubernetes.io/dockerconfigjson", document=PASSWORD.encode()),
            Cause.SECRET_MISSING,
            "'team/it' is no docker config",
            id="broken",
        ),
    ],
)
def test_a_secret_that_cannot_be_read_is_a_failure_before_anything_is_asked(
    secret: PullSecret | NotFound, cause: Cause, says: str
) -> None:
    with asking(Desk(), lambda _: HeldSecrets(it=secret)) as asked:
        told = failed(asked.inspector.inspect(asked.want("acme/chat:1", "it")))
        assert (told.cause, says in told.message) == (cause, True)
        assert asked.requests == []


# --- few requests ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("DISC-3")
def test_a_tag_that_did_not_move_costs_one_head() -> None:
    with asking(Desk()) as asked:
        assert asked.inspector.recheck(asked.want(), DIGEST) == Unchanged(digest=DIGEST)
        assert asked.requests == [HEAD]


@pytest.mark.rule("DISC-3")
def test_a_digest_costs_nothing_to_check_again() -> None:
    with asking(Desk()) as asked:
        want = asked.want(f"acme/chat:1@{DIGEST}", "a secret that is gone")
        assert asked.inspector.recheck(want, DIGEST) == Unchanged(digest=DIGEST)
        assert asked.requests == []


@pytest.mark.rule("DISC-3")
def test_a_tag_that_moved_is_read() -> None:
    with asking(Desk()) as asked:
        assert asked.inspector.recheck(asked.want(), f"sha256:{'0' * 64}") == READ
        assert asked.requests == [HEAD, MANIFEST, CONFIG]


@pytest.mark.rule("DISC-3")
@pytest.mark.parametrize("status", [405, 501, 200])
def test_a_registry_that_tells_no_digest_by_head_is_asked_for_the_manifest(status: int) -> None:
    desk = Desk(digest_header="")
    desk.first = lambda heard: answer(status) if heard.method == "HEAD" and status != 200 else None
    with asking(desk) as asked:
        assert asked.inspector.recheck(asked.want(), DIGEST) == Unchanged(digest=DIGEST)
        assert asked.requests == [HEAD, MANIFEST]


@pytest.mark.rule("DISC-4")
def test_a_config_is_read_once_for_each_repository() -> None:
    with asking(Desk()) as asked:
        for image in ("acme/chat:1", "acme/chat:1", "acme/other:1"):
            assert asked.inspector.inspect(asked.want(image)) == READ
        blobs = [each for each in asked.requests if "/blobs/" in each]
        assert blobs == [CONFIG, "GET acme/other/blobs/CONFIG"]


@pytest.mark.rule("DISC-4")
def test_a_cached_config_answers_nobody_whom_the_manifest_is_refused() -> None:
    with asking(Desk(users=ADA), ada) as asked:
        assert asked.inspector.inspect(asked.want("acme/chat:1", "ada")) == READ
        assert failed(asked.inspector.inspect(asked.want())).cause is Cause.UNAUTHORIZED


@pytest.mark.rule("DISC-4")
def test_the_same_question_at_the_same_time_is_asked_once() -> None:
    go = threading.Event()

    def wait(heard: Heard) -> None:
        if "/manifests/" in heard.target:
            go.wait(5)

    with asking(Desk(first=wait)) as asked, ThreadPoolExecutor(8) as pool:
        found = [pool.submit(asked.inspector.inspect, asked.want()) for _ in range(8)]
        time.sleep(0.2)
        go.set()
        assert [each.result() for each in found] == [READ] * 8
        assert asked.requests == [MANIFEST, CONFIG]


# --- patience --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_wait_is_waited_out_once(status: int) -> None:
    put_off = [answer(status, retry_after="1")]
    desk = Desk(first=lambda _: put_off.pop() if put_off else None)
    with asking(desk) as asked:
        began = time.monotonic()
        assert asked.inspector.inspect(asked.want()) == READ
        assert time.monotonic() - began >= 0.9
        assert asked.requests == [MANIFEST, MANIFEST, CONFIG]


def test_a_long_wait_is_kept_by_all_of_one_party_and_said() -> None:
    desk = Desk(first=lambda heard: None if "authorization" in heard.headers else answer(429, retry_after="120"))
    with asking(desk) as asked:
        for image in ("acme/chat:1", "acme/other:1"):
            told = failed(asked.inspector.inspect(asked.want(image)))
            assert told.cause is Cause.RATE_LIMITED
            assert "asks to be left alone for 120 s" in told.message
        assert asked.requests == [MANIFEST]


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        pytest.param(403, Cause.UNAUTHORIZED, id="forbidden"),
        pytest.param(404, Cause.NOT_FOUND, id="not there"),
        pytest.param(418, Cause.MALFORMED, id="a status nobody asked for"),
        pytest.param(429, Cause.RATE_LIMITED, id="a limit without a wait"),
        pytest.param(500, Cause.UNREACHABLE, id="a fault of the registry"),
        pytest.param(503, Cause.UNREACHABLE, id="not now"),
    ],
)
def test_a_status_has_its_cause_and_the_registry_its_name(status: int, cause: Cause) -> None:
    with asking(Desk(first=lambda _: answer(status, PASSWORD.encode()))) as asked:
        told = failed(asked.inspector.inspect(asked.want()))
        assert told.cause is cause
        assert told.message.startswith(f"image {asked.host}/acme/chat:1: registry {asked.host} ")
