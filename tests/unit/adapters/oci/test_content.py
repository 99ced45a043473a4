"""What an image store hands out: manifests, indexes, configs and digests, good and hostile."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.oci.content import (
    ContentError,
    Descriptor,
    Index,
    Manifest,
    Platform,
    choose_platform,
    parse_digest,
    parse_index,
    parse_labels,
    parse_manifest,
    verify,
)
from aimcore.domain.images.inspection import Cause

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"

DIGEST = "sha256:" + "a" * 64
AMD64 = Platform(os="linux", architecture="amd64")


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def descriptor(media_type: str = OCI_CONFIG, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": DIGEST, "size": 2, **more}


def child(platform: str | None, digit: str, **annotations: str) -> Descriptor:
    os, _, architecture = (platform or "").partition("/")
    return Descriptor(
        media_type=OCI_MANIFEST,
        digest="sha256:" + digit * 64,
        size=2,
        platform=None if platform is None else Platform(os=os, architecture=architecture),
        annotations=annotations,
    )


@pytest.mark.parametrize(
    ("media_type", "config_type"),
    [
        pytest.param(OCI_MANIFEST, OCI_CONFIG, id="oci"),
        pytest.param(DOCKER_MANIFEST, DOCKER_CONFIG, id="docker"),
        pytest.param(DOCKER_MANIFEST, "application/octet-stream", id="docker, its config filed as bytes"),
    ],
)
def test_a_manifest_points_to_the_config_that_holds_the_labels(media_type: str, config_type: str) -> None:
    document = body({"schemaVersion": 2, "mediaType": media_type, "config": descriptor(config_type), "layers": []})
    for announced in (None, media_type):
        parsed = parse_manifest(document, media_type=announced)
        assert isinstance(parsed, Manifest)
        assert parsed.config is not None
        assert parsed.config.digest == DIGEST


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_an_index_lists_a_manifest_for_each_platform(media_type: str) -> None:
    arm = descriptor(OCI_MANIFEST, platform={"os": "linux", "architecture": "arm64", "variant": "v8"})
    parsed = parse_manifest(body({"schemaVersion": 2, "mediaType": media_type, "manifests": [arm]}))
    assert isinstance(parsed, Index)
    assert [str(each.platform) for each in parsed.manifests] == ["linux/arm64"]


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        pytest.param({"manifests": []}, Index, id="a list of manifests"),
        pytest.param({"config": descriptor(), "layers": []}, Manifest, id="a config and layers"),
        pytest.param({"layers": []}, Manifest, id="layers alone"),
    ],
)
def test_without_a_media_type_the_shape_decides(document: Any, kind: type) -> None:
    assert isinstance(parse_manifest(body({"schemaVersion": 2, **document})), kind)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"mediaType": OCI_ARTIFACT, "blobs": []}, id="an artifact manifest"),
        pytest.param({"mediaType": OCI_MANIFEST, "config": None, "layers": []}, id="null for a config"),
        pytest.param(
            {"mediaType": OCI_MANIFEST, "config": descriptor("application/vnd.oci.empty.v1+json")},
            id="the empty config",
        ),
        pytest.param(
            {"mediaType": OCI_MANIFEST, "config": descriptor("application/vnd.cncf.helm.config.v1+json")}, id="a chart"
        ),
    ],
)
def test_an_artifact_has_no_image_config(document: Any) -> None:
    assert parse_manifest(body(document)) == Manifest(config=None)


@pytest.mark.rule("DISC-5")
@pytest.mark.parametrize(
    ("document", "announced", "problem"),
    [
        pytest.param({"schemaVersion": 1}, None, "schema 1", id="schema 1 by its version"),
        pytest.param({"mediaType": DOCKER_SCHEMA_1}, None, "schema 1", id="schema 1 by its type"),
        pytest.param({"schemaVersion": 2}, DOCKER_SCHEMA_1, "schema 1", id="schema 1 as announced"),
        pytest.param({"manifests": [], "layers": []}, None, "an index and an image at once", id="index and image"),
        pytest.param(
            {"mediaType": OCI_INDEX, "manifests": [], "config": descriptor()},
            OCI_INDEX,
            "at once",
            id="index with config",
        ),
        pytest.param(
            {"mediaType": OCI_INDEX, "manifests": []}, OCI_MANIFEST, "as announced", id="not what was announced"
        ),
        pytest.param({"mediaType": "text/html"}, None, "media type 'text/html'", id="a foreign type"),
        pytest.param({"mediaType": ["x"]}, None, "a list for a media type", id="a list for a type"),
        pytest.param({}, None, "no media type", id="no shape"),
        pytest.param([], None, "manifest is a list; expected an object", id="a list"),
        pytest.param({"mediaType": OCI_INDEX}, None, "no list of manifests", id="an index without manifests"),
        pytest.param({"manifests": {"a": 1}}, None, "no list of manifests", id="manifests is an object"),
        pytest.param({"manifests": ["x"]}, None, "manifests[0] is a text; expected a descriptor", id="no descriptor"),
        pytest.param({"config": {"digest": DIGEST, "size": 1}}, None, "config lacks a media type", id="no media type"),
        pytest.param({"config": {"mediaType": "x", "size": 1}}, None, "or a digest", id="no digest"),
        pytest.param({"config": descriptor(size=-1)}, None, "config has no size", id="negative size"),
        pytest.param({"config": descriptor(size=True)}, None, "config has no size", id="boolean size"),
        pytest.param({"config": descriptor(size="2")}, None, "config has no size", id="size as text"),
        pytest.param({"config": descriptor(digest="sha256:../../etc/passwd")}, None, "is malformed", id="traversal"),
        pytest.param({"config": descriptor(annotations={"a": 1})}, None, "annotation 'a' is a number", id="annotation"),
        pytest.param({"config": descriptor(annotations=[])}, None, "config.annotations is a list", id="annotations"),
    ],
)
def test_a_manifest_that_is_none_is_malformed(document: Any, announced: str | None, problem: str) -> None:
    with pytest.raises(ContentError) as caught:
        parse_manifest(body(document), media_type=announced)
    assert problem in caught.value.problem
    assert caught.value.cause is Cause.MALFORMED


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"<html>", id="html"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe{}", id="not utf-8"),
        pytest.param(b'{"a": NaN}', id="nan"),
        pytest.param(b'{"a": -Infinity}', id="infinity"),
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"size": ' + b"9" * 5000 + b"}", id="a huge integer"),
        pytest.param(b'{"manifests": []', id="cut off"),
    ],
)
def test_what_is_not_json_is_malformed(text: bytes) -> None:
    for parse in (parse_manifest, parse_index, parse_labels):
        with pytest.raises(ContentError, match="is not JSON"):
            parse(text)


def test_a_key_that_stands_twice_means_nothing() -> None:
    with pytest.raises(ContentError, match="key 'Labels' stands twice in one object"):
        parse_labels(b'{"config": {"Labels": {"a": "1"}, "Labels": {"a": "2"}}}')


def test_index_json_needs_no_media_type() -> None:
    assert parse_index(b'{"schemaVersion": 2, "manifests": []}') == Index(manifests=())


@pytest.mark.parametrize(
    ("config", "labels"),
    [
        pytest.param({"config": {"Labels": {"a": "b", "c": ""}}}, {"a": "b", "c": ""}, id="labels"),
        pytest.param({"config": {"Labels": None}}, {}, id="null, as Docker writes it"),
        pytest.param({"config": {}}, {}, id="no labels"),
        pytest.param({"config": None}, {}, id="null config"),
        pytest.param({}, {}, id="nothing"),
        pytest.param({"config": {"Labels": {"a": "b\ud800"}}}, {"a": "b\ud800"}, id="half a character"),
    ],
)
def test_labels_are_read_from_the_config_as_they_stand(config: Any, labels: Any) -> None:
    assert parse_labels(body(config)) == labels


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        pytest.param({"config": {"Labels": {"a": 1}}}, "label 'a' is a number; expected a text", id="a number"),
        pytest.param({"config": {"Labels": {"a": None}}}, "label 'a' is null; expected a text", id="null"),
        pytest.param({"config": {"Labels": ["a=b"]}}, "config.Labels is a list; expected an object", id="a list"),
        pytest.param({"config": "x"}, "config is a text; expected an object", id="a text"),
        pytest.param(True, "config is a boolean; expected an object", id="a boolean"),
    ],
)
def test_labels_that_are_no_texts_are_malformed(config: Any, problem: str) -> None:
    with pytest.raises(ContentError) as caught:
        parse_labels(body(config))
    assert caught.value.problem == problem


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        pytest.param([("linux/arm64", "1"), ("linux/amd64", "2")], "2", id="linux/amd64 wherever it stands"),
        pytest.param([("linux/arm64", "1")], "1", id="the only one, whatever it runs on"),
        pytest.param([(None, "1")], "1", id="the only one, unnamed"),
        pytest.param([("linux/arm64", "1"), ("linux/arm64", "1")], "1", id="the only one, listed twice"),
    ],
)
@pytest.mark.rule("DISC-4")
def test_the_child_is_that_of_the_platform_else_the_only_one(offered: list[tuple[str, str]], chosen: str) -> None:
    candidates = [child(platform, digit) for platform, digit in offered]
    assert choose_platform(candidates, AMD64).digest == "sha256:" + chosen * 64


def test_an_attestation_is_no_image() -> None:
    attestation = child("unknown/unknown", "2", **{"vnd.docker.reference.type": "attestation-manifest"})
    assert choose_platform([attestation, child("linux/arm64", "1")], AMD64).digest == "sha256:" + "1" * 64


@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize(
    ("offered", "named"),
    [
        pytest.param([("linux/s390x", "1"), ("linux/arm64", "2")], "'linux/arm64, linux/s390x'", id="others"),
        pytest.param([(None, "1"), (None, "2")], "'unnamed'", id="unnamed"),
        pytest.param([], "'none'", id="empty"),
    ],
)
def test_an_index_without_the_platform_says_what_it_offers(offered: list[tuple[str | None, str]], named: str) -> None:
    with pytest.raises(ContentError) as caught:
        choose_platform([child(platform, digit) for platform, digit in offered], AMD64)
    assert caught.value.cause is Cause.NO_MATCHING_PLATFORM
    assert caught.value.problem == f"index has no image for linux/amd64; it offers {named}"


@given(content=st.binary(max_size=64), algorithm=st.sampled_from(["sha256", "sha384", "sha512"]))
def test_content_is_what_its_digest_promises(content: bytes, algorithm: str) -> None:
    digest = f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"
    verify(content, digest)
    with pytest.raises(ContentError, match="does not match its digest"):
        verify(content + b"x", digest)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sha256:../../etc/passwd", id="traversal"),
        pytest.param("sha256:" + "A" * 64, id="upper case"),
        pytest.param("sha256:" + "a" * 63, id="short"),
        pytest.param("sha256:" + "a" * 64 + "\n", id="line break"),
        pytest.param("md5:" + "a" * 32, id="weak"),
        pytest.param("a" * 64, id="bare"),
        pytest.param("", id="empty"),
    ],
)
def test_a_digest_is_an_algorithm_and_hex_digits(text: str) -> None:
    with pytest.raises(ContentError, match="is malformed; expected sha256"):
        parse_digest(text)


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([OCI_INDEX, OCI_MANIFEST, DIGEST]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["mediaType", "manifests", "config", "layers", "digest", "size", "Labels", "platform"]),
            inner,
        )
    ),
    max_leaves=16,
)


@given(content=st.binary(max_size=64) | _json.map(body))
def test_whatever_comes_is_parsed_or_refused_with_a_content_error(content: bytes) -> None:
    for parse in (parse_manifest, parse_index, parse_labels):
        with suppress(ContentError):
            parse(content)
