"""Pull secrets among manifests are handed out as a cluster would, and never shown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from aimcore.entrypoints.wiring.secrets import ManifestSecrets
from aimcore.ports.secrets import UnusableSecret

NEW, OLD = "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"


def secret(**content: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pull", "namespace": "ml"}, **content}


@pytest.mark.parametrize(
    ("content", "document"),
    [
        pytest.param({"type": NEW, "data": {".dockerconfigjson": "e30="}}, b"{}", id="data"),
        pytest.param({"type": NEW, "data": {".dockerconfigjson": "e3\n0=\n"}}, b"{}", id="data on several lines"),
        pytest.param({"type": NEW, "stringData": {".dockerconfigjson": "{}"}}, b"{}", id="stringData"),
        pytest.param(
            {"type": NEW, "data": {".dockerconfigjson": "eA=="}, "stringData": {".dockerconfigjson": "{}"}},
            b"{}",
            id="both, of which stringData wins",
        ),
        pytest.param({"type": OLD, "data": {".dockercfg": "e30="}}, b"{}", id="the older type"),
    ],
)
def test_a_secret_is_its_document(content: dict[str, Any], document: bytes) -> None:
    found = ManifestSecrets([secret(**content)]).read("ml", "pull")
    assert (found.name, found.type, found.document) == ("ml/pull", content["type"], document)


@pytest.mark.rule("SEC-1", "DISC-7")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            {"type": "Opaque", "data": {"a": "Y2FuYXJ5"}},
            "is of type Opaque; expected kubernetes.io/dockerconfigjson",
            id="another type",
        ),
        pytest.param(
            {"stringData": {".dockerconfigjson": "canary"}},
            "is of type Opaque; expected kubernetes.io/dockerconfigjson",
            id="no type",
        ),
        pytest.param(
            {"type": NEW, "data": {".dockercfg": "Y2FuYXJ5"}}, "has no key .dockerconfigjson", id="the other's key"
        ),
        pytest.param({"type": NEW, "data": "canary"}, "has no key .dockerconfigjson", id="no mapping"),
        pytest.param({"type": NEW, "data": {".dockerconfigjson": 7}}, "has no key .dockerconfigjson", id="no text"),
        pytest.param(
            {"type": NEW, "data": {".dockerconfigjson": "canary!"}},
            "has a .dockerconfigjson that is not base64; encode it again",
            id="no base64",
        ),
    ],
)
def test_what_is_no_pull_secret_is_told_and_shows_nothing(content: dict[str, Any], message: str) -> None:
    with pytest.raises(UnusableSecret, match=re.escape(message)) as caught:
        ManifestSecrets([secret(**content)]).read("ml", "pull")
    assert "canary" not in str(caught.value)


def test_a_secret_that_is_assumed_opens_nothing() -> None:
    assert ManifestSecrets([secret()]).read("other", "pull").document == b'{"auths": {}}'
