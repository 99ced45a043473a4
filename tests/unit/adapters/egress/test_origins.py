"""URLs: which are read, which are refused, and what of them may be shown (SEC-1, SEC-3; attack A29)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.egress import ProtocolError, Refused
from aimcore.adapters.egress.origins import parse_url, redirected

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    ("text", "origin", "target"),
    [
        ("https://ghcr.io", "ghcr.io", "/"),
        ("https://ghcr.io/v2/", "ghcr.io", "/v2/"),
        ("HTTPS://GHCR.io:443/V2/", "ghcr.io", "/V2/"),
        ("https://ghcr.io.:444/", "ghcr.io:444", "/"),
        ("http://a_b.test:80/x?y=1#z", "a_b.test", "/x?y=1"),
        ("http://h:443/", "h:443", "/"),
        ("https://[2606:4700::1111]:5000/v2/", "[2606:4700::1111]:5000", "/v2/"),
        ("https://h?q", "h", "/?q"),
        ("https://0x7f.1/", "0x7f.1", "/"),
        ("https://2130706433/", "2130706433", "/"),
    ],
)
def test_a_url_is_an_origin_and_a_target(text: str, origin: str, target: str) -> None:
    url = parse_url(text)
    assert (str(url.origin), url.target) == (origin, target)


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "ghcr.io",
        "//ghcr.io/",
        "https:/ghcr.io",
        "https://",
        "https:///v2/",
        "https://.ghcr.io/",
        "https://a..b/",
        "https://./",
        f"https://{'a' * 64}.test/",
        "https://h:/",
        "https://h:port/",
        "https://h:123456/",
        "https://h:65536/",
        "https://h\\@evil.test/",
        "https://h /",
        "https://h/\r\nHost: evil.test",
        "https://h/\x00",
        "https://h/\x7f",
        "https://hé/",
        "https://h/é",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://%31.test/",
        "file:///etc/passwd",
        "ftp://h/",
        "gopher://h/",
        "unix://h/",
        "data:text/plain,x",
        f"https://{CANARY}@h/",
        f"https://user:{CANARY}@h/",
        "https://@h/",
        f"https://user:p@{CANARY}@h/",
        f"https://h/ ?token={CANARY}",
        f"nonsense:{CANARY}@h",
        f"https://h/{'x' * 9000}",
    ],
)
def test_anything_else_is_refused_without_its_user_and_query(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_url(text)
    assert CANARY not in str(refusal.value)
    assert len(str(refusal.value)) < 250


@pytest.mark.rule("SEC-1")
def test_the_query_is_sent_and_never_shown() -> None:
    url = parse_url(f"https://h/x?signature={CANARY}")
    assert url.target == f"/x?signature={CANARY}"
    assert CANARY not in repr(url) + str(url)


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("/token", "https://h:5000/token"),
        ("token", "https://h:5000/v2/token"),
        ("../x", "https://h:5000/x"),
        ("?y", "https://h:5000/v2/a"),
        ("//other.test/x", "https://other.test/x"),
        ("//other.test:5000/x", "https://other.test:5000/x"),
        ("http://other.test/x", "http://other.test/x"),
        ("https://h:5000/", "https://h:5000/"),
        ("https://h/", "https://h/"),
        ("#top", "https://h:5000/v2/a"),
    ],
)
def test_a_redirect_may_be_relative(location: str, leads: str) -> None:
    assert str(redirected(parse_url("https://h:5000/v2/a?b"), location)) == leads


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "location",
    [
        "",
        "/x\r\nset-cookie: a",
        "/\tx",
        "\x01https://h/",
        "https://h/ x",
        "/é",
        "\\\\other.test\\x y",
        "http://[::1",
        "http://[x]/",
    ],
)
def test_a_redirect_with_what_no_url_has_is_a_protocol_error_or_refused(location: str) -> None:
    with pytest.raises((ProtocolError, Refused)):
        redirected(parse_url("https://h/"), location)


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://h/", "javascript:alert(1)", f"https://u:{CANARY}@h/", "//u@h/"]
)
def test_a_redirect_to_another_scheme_or_with_a_user_is_refused(location: str) -> None:
    with pytest.raises(Refused) as refusal:
        redirected(parse_url("https://h/"), location)
    assert CANARY not in str(refusal.value)


@given(st.text(alphabet=st.characters(codec="latin-1")) | st.from_regex(r"(https?:)?//[a-z@:\\?#/\[\]%.0-9]*"))
def test_any_text_is_a_url_or_refused(text: str) -> None:
    try:
        url = parse_url(text)
    except Refused:
        return
    assert set(url.origin.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-[]:")
    assert 1 <= url.origin.port <= 65535
    assert url.target.isascii()
    assert url.target.isprintable()


@given(st.text(alphabet=st.characters(codec="latin-1")) | st.from_regex(r"(https?:)?//[a-z@:\\?#/\[\]%.0-9]*"))
def test_any_text_as_a_location_is_a_url_or_an_error_of_ours(location: str) -> None:
    try:
        redirected(parse_url("https://h/a"), location)
    except (ProtocolError, Refused):
        return
