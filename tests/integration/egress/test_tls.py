"""TLS: who is believed, and what is said where nobody is (attack A33)."""

from __future__ import annotations

import os
import ssl
import warnings
from pathlib import Path

import pytest

from aimcore.adapters.egress import Rules, Session, Unreachable, Untrusted
from tests.integration.egress.asking import allowing, get, named, resolving
from tests.integration.egress.server import CLOSE, RESET, Authority, Server, Step, answer

CANARY = "Basic canary-51d0"


def old(context: ssl.SSLContext) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options &= ~(ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_certificate_of_the_named_ca_for_the_name_is_believed(authority: Authority, version: ssl.TLSVersion) -> None:
    def tune(context: ssl.SSLContext) -> None:
        context.minimum_version = context.maximum_version = version

    heard: list[str | None] = []

    def script(_: object) -> bytes:
        return answer(200, b"secret")

    def listen(context: ssl.SSLContext) -> None:
        tune(context)
        context.sni_callback = lambda _socket, name, _context: heard.append(name)

    with Server(script, certificate=authority.certificate("a.test"), tune=listen) as server:
        with Session(allowing(server, ca_file=authority.file), resolve=resolving()) as session:
            assert get(session, named("a", server), authorization=CANARY).body == b"secret"
            assert get(session, named("a", server), authorization=CANARY).body == b"secret"
        assert server.connections == 1
    assert heard == ["a.test"]


@pytest.mark.rule("SEC-3")
def test_a_certificate_for_an_address_is_believed_at_that_address(authority: Authority) -> None:
    certificate = authority.certificate("127.0.0.1")
    with Server(lambda _: answer(200, b"yes"), certificate=certificate) as server:
        session = Session(allowing(server, ca_file=authority.file), resolve=resolving())
        assert get(session, server.url).body == b"yes"
        with session, pytest.raises(Untrusted, match=r"certificate for other names; expected one for a\.test"):
            get(session, named("a", server))


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("self-signed", r"no CA known here; .*--ca FILE"),
        ("unknown-ca", r"no CA known here; .*--ca FILE"),
        ("expired", "expired or not valid yet"),
        ("wrong-host", r"for other names; expected one for a\.test"),
        ("wildcard-too-deep", r"for other names; expected one for a\.test"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused_and_nothing_is_sent(
    authority: Authority, tmp_path: Path, kind: str, message: str
) -> None:
    certificate = {
        "self-signed": lambda: authority.self_signed("a.test"),
        "unknown-ca": lambda: Authority(tmp_path).certificate("a.test"),
        "expired": lambda: authority.certificate("a.test", days=-1),
        "wrong-host": lambda: authority.certificate("b.test"),
        "wildcard-too-deep": lambda: authority.certificate("*.a.test"),
    }[kind]()
    with Server(certificate=certificate) as server:
        with Session(allowing(server, ca_file=authority.file), resolve=resolving()) as session:
            with pytest.raises(Untrusted, match=message) as refusal:
                get(session, named("a", server), authorization=CANARY)
            assert f"a.test:{server.port}" in str(refusal.value)
        assert server.heard == []


@pytest.mark.rule("SEC-3")
def test_a_private_ca_is_believed_only_where_a_setting_names_it(authority: Authority) -> None:
    with (
        Server(certificate=authority.certificate("a.test")) as server,
        Session(allowing(server), resolve=resolving()) as session,
        pytest.raises(Untrusted, match="no CA known"),
    ):
        get(session, named("a", server))


@pytest.mark.rule("SEC-3")
def test_tls_older_than_1_2_is_refused(authority: Authority) -> None:
    with Server(certificate=authority.certificate("a.test"), tune=old) as server:
        rules = allowing(server, ca_file=authority.file)
        with Session(rules, resolve=resolving()) as session, pytest.raises(Untrusted, match=r"no TLS newer than 1\.1"):
            get(session, named("a", server), authorization=CANARY)
        assert server.heard == []


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "greeting",
    [answer(400, b"this is http"), b"220 mail ready\r\n", b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00" * 64],
    ids=["http", "smtp", "ssh", "zeros"],
)
def test_a_port_that_speaks_no_tls_is_told_with_the_flag_for_it(greeting: bytes) -> None:
    with Server(greeting=[greeting, 0.2, CLOSE]) as server:
        rules = Rules(allow_hosts=frozenset({server.host}))
        with Session(rules) as session, pytest.raises(Untrusted, match=f"--plain-http {server.host}"):
            get(session, f"https://{server.host}/", authorization=CANARY)


@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_a_handshake_that_is_broken_off_is_unreachable(end: Step) -> None:
    with Server(greeting=[0.05, end]) as server:
        rules = Rules(allow_hosts=frozenset({server.host}))
        with Session(rules) as session, pytest.raises(Unreachable, match="broke the TLS handshake off"):
            get(session, f"https://{server.host}/")


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize(
    "greeting",
    [[30.0], [b"\x16\x03\x03\x40\x00", *([0.05, b"\x02"] * 200)]],
    ids=["silent", "one-byte-at-a-time"],
)
def test_a_slow_handshake_ends_at_the_deadline(greeting: list[Step]) -> None:
    with Server(greeting=greeting) as server:
        rules = Rules(allow_hosts=frozenset({server.host}))
        with Session(rules) as session, pytest.raises(Unreachable, match="TLS handshake in the time allowed"):
            get(session, f"https://{server.host}/", seconds=0.4)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"], ids=["missing", "empty", "garbage"])
def test_a_ca_file_without_certificates_is_told_at_once(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Untrusted, match=r"CA file '.*ca\.pem' cannot be used"):
        Session(Rules(ca_file=file))


@pytest.mark.rule("SEC-3")
def test_what_the_environment_says_of_cas_and_key_logs_is_ignored(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cas"
    folder.mkdir()
    (folder / "ca.0").write_bytes(authority.file.read_bytes())
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    with Server(lambda _: answer(200, b"yes"), certificate=authority.certificate("a.test")) as server:
        with Session(allowing(server), resolve=resolving()) as session, pytest.raises(Untrusted, match="no CA known"):
            get(session, named("a", server))
        with Session(allowing(server, ca_file=authority.file), resolve=resolving()) as session:
            assert get(session, named("a", server)).body == b"yes"
    assert not keys.exists()
    assert "SSL_CERT_FILE" in os.environ
