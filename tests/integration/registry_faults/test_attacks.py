"""Attacks from the network on an inspection, A2 to A12 of the list in docs/security.md, from end to end."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import chain, repeat

import pytest

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.errors import ParseError
from aimcore.domain.images.inspection import Cause, Inspected
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from tests.integration.egress.server import Heard, Server, Steps, answer
from tests.integration.registry.contents import Piece
from tests.integration.registry_faults.canaries import Canary, docker_config
from tests.integration.registry_faults.hostile import (
    CHAT,
    Host,
    Secrets,
    Stage,
    blob_path,
    inspect,
    manifest_path,
    said,
)
from tests.integration.registry_faults.verdicts import assert_no_leak, refusal

IMAGE = said(CHAT.top)
REGISTRY = "registry.acme.example"


def anonymous(session: Session) -> RegistryInspector:
    return RegistryInspector(session, secrets=Secrets({}))


def basic_only(content: bytes = IMAGE) -> Callable[[Heard], Steps]:
    """The content for who logs in, whoever that is."""
    challenge = answer(401, b"{}", www_authenticate='Basic realm="registry"')
    return lambda heard: content if "authorization" in heard.headers else challenge


# --- A2, A3: addresses -----------------------------------------------------------------------------------------------


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    ("host", "reason"),
    [
        pytest.param("127.0.0.1", "loopback", id="A2: loopback"),
        pytest.param("localhost", "loopback", id="A2: localhost"),
        pytest.param("127.1", "loopback", id="A2: loopback, shortened"),
        pytest.param("2130706433", "loopback", id="A2: loopback as one number"),
        pytest.param("0x7f000001", "loopback", id="A2: loopback in hex"),
        pytest.param("017700000001", "loopback", id="A2: loopback in octal"),
        pytest.param("0177.0.0.1", "loopback", id="A2: loopback, half in octal"),
        pytest.param("127.255.255.254", "loopback", id="A2: the other end of loopback"),
        pytest.param("0.0.0.0", "unspecified", id="A2: every address at once"),  # noqa: S104 - it is refused
        pytest.param("[::]", "unspecified", id="A2: every address of IPv6"),
        pytest.param("[::1]", "loopback", id="A2: loopback of IPv6"),
        pytest.param("[::ffff:7f00:1]", "loopback, IPv4-mapped", id="A2: loopback, mapped"),
        pytest.param("[64:ff9b::7f00:1]", "loopback, NAT64", id="A2: loopback behind NAT64"),
        pytest.param("[2002:7f00:1::]", "loopback, 6to4", id="A2: loopback by 6to4"),
        pytest.param("169.254.169.254", "cloud metadata", id="A2: metadata"),
        pytest.param("[::ffff:a9fe:a9fe]", "cloud metadata, IPv4-mapped", id="A2: metadata, mapped"),
        pytest.param("[fd00:ec2::254]", "cloud metadata", id="A2: metadata of IPv6"),
        pytest.param("169.254.1.1", "link-local", id="A2: link-local"),
        pytest.param("[fe80::1]", "link-local", id="A2: link-local of IPv6"),
        pytest.param("224.0.0.1", "multicast", id="A2: multicast"),
        pytest.param("255.255.255.255", "broadcast", id="A2: broadcast"),
    ],
)
def test_an_image_cannot_name_a_host_of_the_inside(host: str, reason: str) -> None:
    with Server() as server, Session(Rules()) as session:
        want = Inspect(parse_image(f"{host}:{server.port}/acme/chat:1"))
        assert f"({reason})" in refusal(anonymous(session).inspect(want), Cause.UNTRUSTED)
        assert server.connections == 0


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "host", [pytest.param("10.1.2.3", id="A2: private"), pytest.param("[fd12::1]", id="A2: private, of IPv6")]
)
def test_a_private_address_is_refused_where_a_setting_says_so(host: str) -> None:
    with Session(Rules(refuse_private=True)) as session:
        want = Inspect(parse_image(f"{host}/acme/chat:1"))
        assert "(private)" in refusal(anonymous(session).inspect(want), Cause.UNTRUSTED)


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(("127.0.0.1",), id="A3: a name of loopback"),
        pytest.param(("169.254.169.254",), id="A3: a name of metadata"),
        pytest.param(("93.184.216.34", "127.0.0.1"), id="A3: a name of two addresses, one of the inside"),
        pytest.param(("::ffff:127.0.0.1",), id="A3: a name of loopback, mapped"),
    ],
)
def test_a_name_cannot_lead_inside(addresses: Sequence[str]) -> None:
    with Server() as server, Session(Rules(), resolve=lambda _: addresses) as session:
        want = Inspect(parse_image(f"rebind.example:{server.port}/acme/chat:1"))
        refusal(anonymous(session).inspect(want), Cause.UNTRUSTED)
        assert server.connections == 0


@pytest.mark.rule("SEC-3")
def test_a_name_is_looked_up_once_for_a_connection_and_judged_by_that(here: Stage) -> None:
    """A3: whoever answers differently the second time is not asked a second time."""
    lookups: list[str] = []

    def look_up() -> Sequence[str]:
        lookups.append(REGISTRY)
        return ("127.0.0.1",)

    here.addresses[REGISTRY] = look_up
    assert isinstance(inspect(here), Inspected)
    assert len(here.registry.heard) == 2
    assert len(lookups) == here.registry.server.connections


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("evil.example#@ghcr.io/acme/chat", id="A1: a fragment"),
        pytest.param("ghcr.io@evil.example/acme/chat", id="A1: a user"),
        pytest.param("ghcr.io\\evil.example/acme/chat", id="A1: a backslash"),
        pytest.param("ghcr.io/acme/../../evil", id="A1: a path that climbs"),
        pytest.param("ghcr.io/acme/chat:1?x=/v2/", id="A1: a query"),
        pytest.param("ghcr.io/acme/chat:1\r\nHost: evil.example", id="A1: a header"),
        pytest.param("ghcr.io/acme/chat:%2e%2e", id="A1: an escape"),
        pytest.param("ghcr\u3002io/acme/chat", id="A1: a dot that is none"),
        pytest.param("\u0261hcr.io/acme/chat", id="A1: a letter that looks like g"),
    ],
)
def test_a_reference_cannot_mean_another_host_to_another_reader(text: str) -> None:
    with pytest.raises(ParseError) as refused:
        parse_image(text)
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()


# --- A4 to A7: credentials -------------------------------------------------------------------------------------------


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "realm",
    [
        pytest.param("{evil}/token", id="A4: another host"),
        pytest.param("http://registry.acme.example.evil.example/token", id="A5: a host that begins like ours"),
        pytest.param("http://evil-acme.example/token", id="A5: a host that ends like ours"),
        pytest.param("http://registry.acme.example@evil.example/token", id="A5: ours as a user"),
        pytest.param("http://evil.example\\@registry.acme.example/", id="A5: a backslash"),
        pytest.param("http://evil.example#@registry.acme.example/", id="A5: ours in a fragment"),
        pytest.param("https://example/token", id="A5: the suffix of both"),
        pytest.param("http://127.0.0.1/token", id="A5: loopback"),
        pytest.param("http://[::1]/token", id="A5: loopback of IPv6"),
        pytest.param("//evil.example/token", id="A5: no scheme"),
    ],
)
def test_a_realm_elsewhere_is_not_asked_with_our_password(here: Stage, realm: str) -> None:
    challenge = f'Bearer realm="{realm.format(evil=here.evil.url)}",service="registry"'
    here.registry.on(manifest_path(), answer(401, b"{}", www_authenticate=challenge))
    found = inspect(here)
    assert here.requests == 1
    assert_no_leak(here, repr(found))


@pytest.mark.rule("SEC-1")
def test_a_realm_without_tls_gets_no_password(here: Stage) -> None:
    """A5: of the registry's own site, but where anybody may listen."""
    challenge = f'Bearer realm="http://{here.registry.name.replace("registry", "login")}/token"'
    here.registry.on(manifest_path(), answer(401, b"{}", www_authenticate=challenge))
    assert "without TLS; they were not sent" in refusal(inspect(here), Cause.UNTRUSTED)


@pytest.mark.rule("SEC-1")
def test_a_redirect_takes_no_credential_along_and_none_back(here: Stage) -> None:
    """A6: not to a stranger, not to a neighbour of the same site, and not on the way back home."""
    there = f"{here.evil.url}/there"
    here.registry.on(manifest_path(), basic_only(answer(307, location=there)))
    here.evil.on("/there", answer(307, location=f"{here.store.url}/further"))
    here.store.on("/further", answer(307, location=f"{here.registry.url}/back"))
    here.registry.on("/back", IMAGE)
    assert isinstance(inspect(here), Inspected)
    with_password = {heard.target for heard in here.registry.heard if "authorization" in heard.headers}
    assert with_password == {manifest_path(), blob_path(CHAT.blobs[0])}
    assert len(here.evil.heard) == len(here.store.heard) == 1
    assert_no_leak(here)


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("port", ["same name, another port", "another name, same address"])
def test_another_port_is_another_party(here: Stage, port: str) -> None:
    """A6: a credential is for a host and its port."""
    with Server() as neighbour:
        heard = Host(name=here.registry.name, server=neighbour)
        neighbour.script = heard.reply
        heard.on("/there", IMAGE)
        name = here.registry.name if port.startswith("same") else here.store.name
        target = heard if port.startswith("same") else here.store
        target.on("/there", IMAGE)
        location = f"http://{name}:{target.server.port}/there"
        here.registry.on(manifest_path(), basic_only(answer(307, location=location)))
        assert isinstance(inspect(here), Inspected)
        assert ["authorization" in one.headers for one in target.heard] == [False]


@pytest.mark.rule("SEC-1")
def test_a_credential_is_for_the_registry_that_it_is_filed_under(here: Stage) -> None:
    """A7: whoever else asks for a password hears that there is none."""
    for host in (here.good, here.evil):
        host.on(manifest_path(), basic_only())
        want = Inspect(parse_image(f"{host.address}/acme/chat:1"), "team", ("pull",))
        assert "name an imagePullSecret for" in refusal(here.inspector.inspect(want), Cause.UNAUTHORIZED)
        assert all("authorization" not in heard.headers for heard in host.heard)


@pytest.mark.rule("SEC-1", "DISC-4")
def test_what_one_may_read_another_may_not(here: Stage) -> None:
    """A7: neither a token nor a config that one namespace brought in serves another, nor nobody."""
    stranger = Canary(home=here.registry.address, user="mallory", password="Pl4nt3d-0f-m4ll0ry")  # noqa: S106 - planted
    here.secrets.held["other", "pull"] = docker_config(stranger, name="other/pull")
    logged_in = f"Basic {here.canary.basic}"

    def grant(heard: Heard) -> Steps:
        return (
            answer(200, b'{"token": "t0ken-0f-4da"}')
            if heard.headers.get("authorization") == logged_in
            else answer(401)
        )

    def guard(heard: Heard) -> Steps:
        if heard.headers.get("authorization") == "Bearer t0ken-0f-4da":
            return IMAGE
        return answer(401, b"{}", www_authenticate=f'Bearer realm="{here.tokens.url}/token"')

    here.registry.on(manifest_path(), guard)
    here.tokens.on("/token", grant)
    image = here.want().image
    assert isinstance(inspect(here), Inspected)
    for want in (Inspect(image, "other", ("pull",)), Inspect(image)):
        refusal(here.inspector.inspect(want), Cause.UNAUTHORIZED)
    heard_of = [one for one in here.registry.heard if one.headers.get("authorization") == "Bearer t0ken-0f-4da"]
    assert len(heard_of) == 2  # the manifest and the config, both for the team
    assert isinstance(inspect(here), Inspected)


@pytest.mark.rule("SEC-1")
def test_a_token_is_for_one_repository(here: Stage) -> None:
    """A7: the scope is ours, whatever the registry asks for, and another repository needs a token of its own."""
    asked: list[str] = []

    def grant(heard: Heard) -> Steps:
        asked.append(heard.target)
        return answer(200, b'{"token": "t0ken"}')

    here.tokens.on("/token", grant)
    challenge = f'Bearer realm="{here.tokens.url}/token",scope="repository:*:*,push registry:catalog:*"'
    for path in (manifest_path(), "/v2/acme/other/manifests/1"):
        here.registry.on(
            path,
            lambda heard: IMAGE if "authorization" in heard.headers else answer(401, b"{}", www_authenticate=challenge),
        )
    here.registry.on(f"/v2/acme/other/blobs/{CHAT.blobs[0].digest}", said(CHAT.blobs[0]))
    for repository in ("chat", "other"):
        want = Inspect(parse_image(f"{here.registry.address}/acme/{repository}:1"), "team", ("pull",))
        assert isinstance(here.inspector.inspect(want), Inspected)
    assert asked == [f"/token?scope=repository:acme/{name}:pull" for name in ("chat", "other")]


# --- A8 to A12: content ----------------------------------------------------------------------------------------------


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param(b"content-encoding: gzip\r\n", gzip.compress(b" " * 200_000_000, 1), id="A8: a bomb"),
        pytest.param(b"", b" " * 65_536, id="A9: a body without end"),
        pytest.param(b"content-length: 99999999999\r\n", b" " * 65_536, id="A9: a body that is said to be huge"),
    ],
)
def test_an_answer_takes_no_more_memory_than_its_bound(here: Stage, headers: bytes, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + headers + b"\r\n"
    here.registry.on(manifest_path(), lambda _: chain((head,), repeat(body)))
    tracemalloc.start()
    try:
        found = inspect(here)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not isinstance(found, Inspected)
    assert peak < 16 * 2**20


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize("where", ["manifest", "config"])
def test_content_is_judged_by_its_digest_before_anybody_parses_it(here: Stage, where: str) -> None:
    """A12: what would hurt a parser is never shown to one."""
    bomb = b'{"a":' + b"[" * 100_000
    if where == "manifest":
        here.reference = f"{here.registry.address}/acme/chat@{CHAT.digest}"
        here.registry.on(manifest_path(CHAT.digest), answer(200, bomb))
    else:
        piece = Piece(media_type=CHAT.blobs[0].media_type, body=bomb.ljust(len(CHAT.blobs[0].body)))
        here.registry.on(blob_path(CHAT.blobs[0]), said(piece))
    text = refusal(inspect(here), Cause.MALFORMED)
    assert "does not match its digest" in text or "bytes; expected" in text


def test_a_digest_is_no_path(here: Stage) -> None:
    """A11: one that climbs is refused as it stands, and never becomes part of a request."""
    climbing = b'{"mediaType": "a/b", "size": 2, "digest": "sha256:../../../../etc/passwd"}'
    document = b'{"schemaVersion": 2, "mediaType": "%s", "config": %s, "layers": []}'
    here.registry.on(manifest_path(), answer(200, document % (CHAT.top.media_type.encode(), climbing)))
    assert "is malformed" in refusal(inspect(here), Cause.MALFORMED)
    assert [heard.target for heard in here.registry.heard] == [manifest_path()]


def test_content_is_asked_of_the_repository_and_nowhere_else(here: Stage) -> None:
    """A10: the `urls` of a descriptor are not gone to."""
    entry = {**CHAT.top.descriptor(), "urls": [f"{here.evil.url}/there"]}
    body = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
    listed = Piece(media_type="application/vnd.oci.image.index.v1+json", body=body)
    here.registry.on(manifest_path(), said(listed))
    assert inspect(here) == Inspected(digest=listed.digest, labels=CHAT.labels)
    assert len(here.evil.heard) == 0
