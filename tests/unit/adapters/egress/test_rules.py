"""How the settings name hosts (SEC-3)."""

from __future__ import annotations

import pytest

from aimcore.adapters.egress import Rules


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    ("spelled", "host", "port", "named"),
    [
        ("registry.test", "registry.test", 443, True),
        ("registry.test", "registry.test", 5000, True),
        ("registry.test:5000", "registry.test", 5000, True),
        ("registry.test:5000", "registry.test", 443, False),
        ("registry.test:5000", "registry.test", 50001, False),
        ("Registry.Test", "registry.test", 443, True),
        ("registry.test", "REGISTRY.test.", 443, True),
        ("registry.test", "my.registry.test", 443, False),
        ("registry.test", "registry.test.evil.test", 443, False),
        ("10.0.0.1", "10.0.0.10", 443, False),
        ("[::1]", "[::1]", 443, True),
        ("[::1]:5000", "[::1]", 5000, True),
        ("*", "registry.test", 443, False),
    ],
)
def test_a_setting_names_a_host_at_any_port_or_at_one(spelled: str, host: str, port: int, named: bool) -> None:  # noqa: FBT001
    assert Rules(allow_hosts=frozenset({spelled})).allows(host, port) is named
    plain = Rules(plain_http=frozenset({spelled}))
    assert plain.allows(host, port) is named
    assert plain.scheme(host, port) == ("http" if named else "https")


@pytest.mark.rule("SEC-3")
def test_an_allowed_host_is_still_spoken_to_over_tls() -> None:
    assert Rules(allow_hosts=frozenset({"registry.test"})).scheme("registry.test", None) == "https"


@pytest.mark.parametrize(
    ("spelled", "scheme"), [("h", "http"), ("h:80", "http"), ("h:443", "https"), ("h:5000", "https")]
)
def test_without_a_port_the_one_of_the_scheme_is_meant(spelled: str, scheme: str) -> None:
    assert Rules(plain_http=frozenset({spelled})).scheme("h", None) == scheme
