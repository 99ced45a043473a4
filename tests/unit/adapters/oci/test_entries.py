"""What is said of a docker config that has nothing for a registry: which entry was passed over, and why."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from aimcore.adapters.oci.keyring import parse_keyring
from aimcore.domain.values.image import parse_image
from aimcore.ports.secrets import PullSecret

PASSWORD = "planted-canary"  # noqa: S105 - it is searched for
IMAGE = parse_image("registry.test:5000/team/llm:1")
HERE = "registry.test:5000"


def coded(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


FULL = {"auth": coded(f"ada:{PASSWORD}")}
EMPTY = {"auth": coded("00000000-0000-0000-0000-000000000000:")}


def secret(document: Any, *, name: str = "team/pull", kind: str = "kubernetes.io/dockerconfigjson") -> PullSecret:
    return PullSecret(name=name, type=kind, document=json.dumps(document).encode())


def notes(*documents: Any) -> tuple[str, ...]:
    keyring = parse_keyring([secret(one) for one in documents])
    told = keyring.notes(IMAGE)
    assert PASSWORD not in "".join(told)
    assert keyring.find(IMAGE) == () or not told
    return told


@pytest.mark.rule("DISC-7", "SEC-1", "SEC-2")
@pytest.mark.parametrize(
    ("document", "says"),
    [
        pytest.param(
            {"auths": {HERE: {}}, "credsStore": "desktop"},
            f"names {HERE} but holds no name and password (credsStore desktop, which is not run)",
            id="credsStore and an empty entry",
        ),
        pytest.param({"auths": {HERE: {}}}, f"names {HERE} but holds no name and password", id="an empty entry"),
        pytest.param({"auths": {HERE: {"auth": ""}}}, "holds no name and password", id="an empty auth"),
        pytest.param({"auths": {HERE: {"username": "ada"}}}, "holds no name and password", id="no password"),
        pytest.param(
            {"auths": {}, "credHelpers": {HERE: "ecr-login"}},
            f"leaves {HERE} to the helper ecr-login (credHelpers), which is not run",
            id="credHelpers",
        ),
        pytest.param(
            {"auths": {"other.test": FULL}, "credsStore": "osxkeychain"},
            f"has no entry for {HERE} (credsStore osxkeychain, which is not run)",
            id="credsStore without an entry",
        ),
        pytest.param(
            {"credsStore": f"{PASSWORD} !"}, "has no entries under auths", id="a credsStore that is no program"
        ),
        pytest.param(
            {"auths": {HERE: {}}, "credsStore": "desktop", "credHelpers": {f"https://{HERE}": "ecr-login"}},
            f"names {HERE} but holds no name and password (credHelpers ecr-login, which is not run)",
            id="credHelpers and an empty entry",
        ),
        pytest.param(
            {"auths": {"registry.test:*": FULL}},
            "has an entry for the pattern 'registry.test:*', and patterns are not used",
            id="a pattern for ports",
        ),
        pytest.param(
            {"auths": {f" {HERE} ": FULL}}, f"has an entry for {HERE} with spaces in its key", id="spaces around a key"
        ),
        pytest.param({HERE: FULL}, "has its entries outside of auths, as the older .dockercfg has", id="no envelope"),
        pytest.param(
            {"apiVersion": "v1", "kind": "Secret", "data": {".dockerconfigjson": PASSWORD}},
            "is a Secret; expected the docker config in it",
            id="a whole Secret",
        ),
        pytest.param({"auths": None}, f"has no entries under auths, and so none for {HERE}", id="auths is null"),
        pytest.param({}, "has no entries under auths", id="no auths"),
        pytest.param(
            {"auths": {"other.test": FULL}},
            f"has no entry for {HERE}; add it there, or name an imagePullSecret for {HERE}",
            id="another registry",
        ),
        pytest.param(
            {"auths": {HERE: {**EMPTY, "identitytoken": PASSWORD}}},
            f"names {HERE} but holds identitytoken, which is not used; log in with a name and a password",
            id="an identity token beside an empty password",
        ),
        pytest.param({"auths": {HERE: {"identitytoken": PASSWORD}}}, "holds identitytoken", id="an identity token"),
        pytest.param({"auths": {HERE: {"registrytoken": PASSWORD}}}, "holds registrytoken", id="a registry token"),
        pytest.param({"auths": {HERE: {"auth": f"{PASSWORD}!"}}}, "its auth is not base64 of NAME", id="no base64"),
        pytest.param({"auths": {HERE: {"auth": coded(PASSWORD)}}}, "its auth is not base64 of NAME", id="no colon"),
        pytest.param({"auths": {HERE: {"auth": coded(b"a:\xff")}}}, "its auth is not base64 of NAME", id="no UTF-8"),
        pytest.param({"auths": {HERE: PASSWORD}}, "holds nothing that can be read", id="a text for an entry"),
        pytest.param({"auths": {HERE: None}}, "holds nothing that can be read", id="null for an entry"),
        pytest.param(
            {"auths": {"*.test": FULL}},
            f"has an entry for the pattern '*.test', and patterns are not used; name {HERE} itself",
            id="a pattern",
        ),
        pytest.param({"auths": {"https://*:5000": FULL}}, "the pattern '*:5000'", id="a pattern for all"),
        pytest.param({"auths": {"*.example": FULL}}, f"has no entry for {HERE}", id="a pattern for others"),
        pytest.param(
            {"auths": {f"https://{HERE}/v1": FULL}},
            f"has an entry for {HERE} and repositories under 'v1/' only; write {HERE} alone for all",
            id="a version without its slash",
        ),
        pytest.param({"auths": {f"{HERE}/other": FULL}}, "under 'other/' only", id="another path"),
        pytest.param({"auths": {"registry.test": FULL}}, "which is another port than", id="another port"),
        pytest.param({"auths": {f"{PASSWORD}@{HERE}": FULL}}, f"names a user in its key for {HERE}", id="a user"),
    ],
)
def test_what_is_passed_over_is_named_with_the_reason(document: Any, says: str) -> None:
    [told] = notes(document)
    assert told.startswith("'team/pull' ")
    assert says in told
    assert told.isascii()
    assert told.isprintable()


def test_nothing_is_said_of_a_secret_that_has_a_credential() -> None:
    assert notes({"auths": {HERE: FULL, "*.test": FULL, f"{HERE}/v1": {}}}) == ()


@pytest.mark.rule("DISC-7")
def test_of_many_secrets_the_first_are_told() -> None:
    told = notes(*[{"auths": {HERE: {}}}] * 5)
    assert len(told) == 4
    assert told[-1] == "2 more secrets have none either"


@pytest.mark.rule("SEC-2")
def test_a_name_without_a_password_beside_a_token_is_not_shown() -> None:
    keyring = parse_keyring([secret({"auths": {HERE: {**EMPTY, "identitytoken": "x"}}})])
    assert keyring.find(IMAGE) == ()


def test_a_password_beside_a_token_is_used() -> None:
    keyring = parse_keyring([secret({"auths": {HERE: {**FULL, "identitytoken": "x"}}})])
    assert [each.username for each in keyring.find(IMAGE)] == ["ada"]


def test_the_older_form_is_told_of_likewise() -> None:
    keyring = parse_keyring([secret({HERE: {}}, kind="kubernetes.io/dockercfg")])
    assert keyring.notes(IMAGE) == (f"'team/pull' names {HERE} but holds no name and password",)


@pytest.mark.rule("DISC-7")
def test_entries_in_the_newer_form_under_the_older_type_are_told() -> None:
    keyring = parse_keyring([secret({"auths": {HERE: FULL}}, kind="kubernetes.io/dockercfg")])
    told = "'team/pull' has its entries under auths; expected the type kubernetes.io/dockerconfigjson"
    assert keyring.notes(IMAGE) == (told,)
