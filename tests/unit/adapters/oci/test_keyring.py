"""Which credential of a docker config an image gets, and which it never gets."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from aimcore.adapters.oci.keyring import Credential, KeyringError, parse_keyring
from aimcore.domain.values.image import parse_image
from aimcore.ports.secrets import PullSecret

PASSWORD = "planted-canary"  # noqa: S105 - it is searched for


def entry(name: str = "ada", password: str = PASSWORD) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{name}:{password}".encode()).decode()}


def secret(document: Any, *, name: str = "team/pull", type: str = "kubernetes.io/dockerconfigjson") -> PullSecret:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return PullSecret(name=name, type=type, document=body)


def config(**auths: Any) -> PullSecret:
    return secret({"auths": auths})


def names(image: str, *secrets: PullSecret) -> list[str]:
    return [each.username for each in parse_keyring(secrets).find(parse_image(image))]


@pytest.mark.parametrize(
    ("key", "image"),
    [
        pytest.param("ghcr.io", "ghcr.io/acme/llm", id="a host"),
        pytest.param("GHCR.io", "ghcr.io/acme/llm", id="a host in capitals"),
        pytest.param("ghcr.io", "GHCR.IO/acme/llm", id="an image of a host in capitals"),
        pytest.param("docker.io", "DOCKER.IO/acme/llm", id="Docker Hub in capitals"),
        pytest.param("https://ghcr.io", "ghcr.io/acme/llm", id="with a scheme"),
        pytest.param("http://ghcr.io/", "ghcr.io/acme/llm", id="with the other scheme and a slash"),
        pytest.param("https://ghcr.io/v1/", "ghcr.io/acme/llm", id="as docker login wrote it once"),
        pytest.param("https://ghcr.io/v2/", "ghcr.io/acme/llm", id="with the version of the API"),
        pytest.param("ghcr.io/v2/acme", "ghcr.io/acme/llm", id="a path behind the version"),
        pytest.param("ghcr.io/acme", "ghcr.io/acme/llm", id="a path that leads to the repository"),
        pytest.param("ghcr.io/acme/llm", "ghcr.io/acme/llm:1.0", id="the repository itself"),
        pytest.param("registry.test:5000", "registry.test:5000/llm", id="a port"),
        pytest.param("docker.io", "nginx", id="Docker Hub"),
        pytest.param("https://index.docker.io/v1/", "nginx", id="Docker Hub as docker login writes it"),
        pytest.param("registry-1.docker.io", "acme/llm", id="Docker Hub by the host that speaks for it"),
    ],
)
def test_a_key_fits_the_images_it_names(key: str, image: str) -> None:
    assert names(image, config(**{key: entry()})) == ["ada"]


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    ("key", "image"),
    [
        pytest.param("ghcr.io", "quay.io/acme/llm", id="another host"),
        pytest.param("ghcr.io", "ghcr.io.evil.example/acme/llm", id="a longer host"),
        pytest.param("ghcr.io", "sub.ghcr.io/acme/llm", id="a host below"),
        pytest.param("ghcr.io", "ghcr.io:5000/acme/llm", id="another port"),
        pytest.param("ghcr.io:443", "ghcr.io/acme/llm", id="a port where none is asked"),
        pytest.param("ghcr.io/acme", "ghcr.io/acme-evil/llm", id="a path that only begins alike"),
        pytest.param("ghcr.io/acme/llm", "ghcr.io/acme", id="a path further down"),
        pytest.param("*.io", "ghcr.io/acme/llm", id="a wildcard for a part"),
        pytest.param("*", "ghcr.io/acme/llm", id="a wildcard for everything"),
        pytest.param("ada@ghcr.io", "ghcr.io/acme/llm", id="a key with a user in it"),
        pytest.param("", "nginx", id="an empty key"),
        pytest.param("https://", "nginx", id="a scheme alone"),
        pytest.param("ghcr.io", "nginx", id="Docker Hub is not another"),
    ],
)
def test_a_credential_goes_to_no_other_host_or_path(key: str, image: str) -> None:
    assert names(image, config(**{key: entry()})) == []


def test_the_longest_path_comes_first_and_then_the_first_secret() -> None:
    one = config(**{"ghcr.io": entry("wide"), "ghcr.io/acme": entry("near")})
    two = config(**{"ghcr.io/acme/llm": entry("exact"), "https://ghcr.io": entry("late")})
    assert names("ghcr.io/acme/llm", one, two) == ["exact", "near", "wide", "late"]


def test_a_credential_in_two_secrets_is_tried_once() -> None:
    assert names("ghcr.io/x", config(**{"ghcr.io": entry()}), config(**{"ghcr.io": entry()})) == ["ada"]


def test_the_older_form_has_no_envelope() -> None:
    older = secret({"ghcr.io": entry()}, type="kubernetes.io/dockercfg")
    assert names("ghcr.io/x", older) == ["ada"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param(entry("ada", "a:b:c"), ("ada", "a:b:c"), id="a password with colons"),
        pytest.param(entry("ada", ""), ("ada", ""), id="an empty password"),
        pytest.param({"auth": "YWRhOng"}, ("ada", "x"), id="without its padding"),
        pytest.param({"auth": "YWRh\nOng=\n"}, ("ada", "x"), id="broken into lines, as base64 does it"),
        pytest.param({"auth": "YWRhOngAAA=="}, ("ada", "x"), id="filled up with zeros, as docker does it"),
        pytest.param({"username": "ada", "password": "ü:"}, ("ada", "ü:"), id="in two fields"),
        pytest.param({**entry("ada"), "username": "x", "password": "y"}, ("ada", PASSWORD), id="in both ways"),
        pytest.param({"auth": "", "username": "ada", "password": "x"}, ("ada", "x"), id="beside an empty auth"),
    ],
)
def test_a_name_and_a_password_are_read_as_the_kubelet_reads_them(written: Any, read: tuple[str, str]) -> None:
    (found,) = parse_keyring([config(**{"ghcr.io": written})]).find(parse_image("ghcr.io/x"))
    assert (found.username, found.password) == read
    assert base64.b64decode(found.basic.removeprefix("Basic ")).decode() == ":".join(read)


@pytest.mark.rule("SEC-2")
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"auth": "!!!"}, id="no base64"),
        pytest.param({"auth": base64.b64encode(b"no colon").decode()}, id="no colon"),
        pytest.param({"auth": base64.b64encode(b":x").decode()}, id="no name"),
        pytest.param({"auth": base64.b64encode(b"\xff:x").decode()}, id="no text"),
        pytest.param({"auth": 5}, id="a number"),
        pytest.param({"username": "a:b", "password": "x"}, id="a name with a colon"),
        pytest.param({"username": "ada"}, id="no password"),
        pytest.param({"username": "ada", "password": "\ud800"}, id="half a surrogate pair"),
        pytest.param({"identitytoken": PASSWORD}, id="an identity token, which is for others"),
        pytest.param([], id="a list"),
        pytest.param(None, id="null"),
    ],
)
def test_an_entry_that_cannot_be_used_costs_itself_alone(broken: Any) -> None:
    assert names("ghcr.io/x", config(**{"ghcr.io": broken, "https://ghcr.io": entry()})) == ["ada"]


@pytest.mark.rule("SEC-2")
def test_helpers_are_not_heard_of() -> None:
    document = {"credsStore": "evil", "credHelpers": {"ghcr.io": "evil"}}
    assert names("ghcr.io/x", secret(document)) == []


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    ("document", "problem"),
    [
        pytest.param(PASSWORD.encode(), "is no docker config", id="no JSON"),
        pytest.param(b'{"planted-canary": 1, "planted-canary": 2}', "is no docker config", id="a key twice"),
        pytest.param(b"[" * 100_000, "is no docker config", id="depth"),
        pytest.param(b'{"auths": ["planted-canary"]}', "expected an object under 'auths'", id="a list of auths"),
        pytest.param(b" " * (1024 * 1024 + 1), "has more than 1048576 bytes", id="size"),
        pytest.param(
            json.dumps({"auths": {str(at): {} for at in range(1025)}}).encode(), "expected at most 1024", id="entries"
        ),
    ],
)
def test_a_document_that_is_none_is_named_and_not_shown(document: bytes, problem: str) -> None:
    with pytest.raises(KeyringError) as caught:
        parse_keyring([secret(document)])
    assert "pull secret 'team/pull'" in str(caught.value)
    assert problem in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.rule("SEC-1")
def test_a_credential_does_not_show_itself() -> None:
    credential = Credential(username="ada", password=PASSWORD, secret="team/pull")  # noqa: S106 - it is searched for
    assert repr(credential) == "Credential(secret='team/pull')"


def test_two_credentials_have_one_fingerprint_exactly_when_they_are_one() -> None:
    def made(username: str, password: str, *, of: str = "team/pull") -> str:
        return Credential(username=username, password=password, secret=of).fingerprint

    assert made("a", "b") == made("a", "b", of="team/other")
    assert len({made("a", "b"), made("a", "c"), made("b", "b")}) == 3
