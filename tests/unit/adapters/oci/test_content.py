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
    no_image,
    parse_config,
    parse_digest,
    parse_index,
    parse_manifest,
    possible_images,
    verify,
)
from aimcore.adapters.oci.platforms import Platform, parse_platform
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
    found = parse_manifest(body(document))
    assert isinstance(found, Manifest)
    assert found.config is None


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
        pytest.param({"config": {"digest": DIGEST, "size": 1}}, None, "config lacks a media type", id="no media type"),
        pytest.param({"config": {"mediaType": "x", "size": 1}}, None, "or a digest", id="no digest"),
        pytest.param({"config": descriptor(size=-1)}, None, "config has no size", id="negative size"),
        pytest.param({"config": descriptor(size=True)}, None, "config has no size", id="boolean size"),
        pytest.param({"config": descriptor(size="2")}, None, "config has no size", id="size as text"),
        pytest.param({"config": descriptor(digest="sha256:../../etc/passwd")}, None, "is malformed", id="traversal"),
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
    for parse in (parse_manifest, parse_index, parse_config):
        with pytest.raises(ContentError, match="is not JSON"):
            parse(text)


def test_a_key_that_stands_twice_means_nothing() -> None:
    with pytest.raises(ContentError, match="key 'Labels' stands twice in one object"):
        parse_config(b'{"config": {"Labels": {"a": "1"}, "Labels": {"a": "2"}}}')


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
        pytest.param({"config": {"Labels": {"a": None, "b": "c"}}}, {"b": "c"}, id="a label that is null, so absent"),
        pytest.param({"config": {"Labels": {"a": "b\ud800"}}}, {"a": "b\ud800"}, id="half a character"),
    ],
)
def test_labels_are_read_from_the_config_as_they_stand(config: Any, labels: Any) -> None:
    assert parse_config(body(config)).labels == labels


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        pytest.param({"config": {"Labels": ["a=b"]}}, "config.Labels is a list; expected an object", id="a list"),
        pytest.param({"config": "x"}, "config is a text; expected an object", id="a text"),
        pytest.param(True, "config is a boolean; expected an object", id="a boolean"),
    ],
)
def test_labels_that_are_no_texts_are_malformed(config: Any, problem: str) -> None:
    with pytest.raises(ContentError) as caught:
        parse_config(body(config))
    assert caught.value.problem == problem


@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize(
    ("offered", "ranked"),
    [
        pytest.param([("linux/arm64", "1"), ("linux/amd64", "2")], "21", id="its own before the others"),
        pytest.param([("linux/arm64", "1"), (None, "2")], "21", id="of no platform before the others"),
        pytest.param([(None, "1"), ("linux/amd64", "2")], "21", id="its own before those of no platform"),
        pytest.param([(None, "2"), (None, "1")], "21", id="of no platform in their order"),
        pytest.param([("linux/arm64", "1"), ("unknown/unknown", "2")], "1", id="what runs nowhere is no image"),
        pytest.param([("unknown/unknown", "1"), ("unknown/unknown", "2")], "12", id="unless nothing else is there"),
        pytest.param([("linux/arm64", "1"), ("linux/amd64", "1"), ("linux/s390x", "2")], "12", id="one content once"),
    ],
)
def test_the_possible_images_of_an_index_are_ranked(offered: list[tuple[str | None, str]], ranked: str) -> None:
    found = possible_images([child(platform, digit) for platform, digit in offered], AMD64)
    assert "".join(each.digest[-1] for each in found) == ranked


@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}, id="an attestation"),
        pytest.param({"artifactType": "application/vnd.example.sbom"}, id="an artifact"),
        pytest.param({"mediaType": OCI_ARTIFACT}, id="an artifact manifest"),
        pytest.param({"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip"}, id="no manifest at all"),
    ],
)
def test_what_is_filed_beside_an_image_is_none(more: dict[str, Any]) -> None:
    beside = descriptor(OCI_MANIFEST) | more
    found = parse_index(body({"manifests": [beside, descriptor(OCI_MANIFEST, digest="sha256:" + "b" * 64)]}))
    assert [each.digest[-1] for each in possible_images(found.manifests, AMD64)] == ["b"]


def test_an_image_may_name_the_type_of_its_config() -> None:
    found = parse_index(body({"manifests": [descriptor(OCI_MANIFEST, artifactType=OCI_CONFIG)]}))
    assert len(possible_images(found.manifests, AMD64)) == 1


@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize(
    ("said", "platform"),
    [
        pytest.param({"os": "linux", "architecture": "arm64"}, "linux/arm64", id="both"),
        pytest.param({"architecture": "arm64"}, "linux/arm64", id="no os"),
        pytest.param({"os": "Linux", "architecture": "x86_64"}, "linux/amd64", id="the name of the kernel"),
        pytest.param({"os": "windows"}, "windows/amd64", id="no architecture"),
        pytest.param({"os": "linux", "architecture": None}, "None", id="nothing that tells"),
        pytest.param({}, "None", id="nothing"),
        pytest.param({"os": "", "architecture": ""}, "None", id="empty"),
        pytest.param({"os": 1, "architecture": ["amd64"]}, "None", id="no texts"),
    ],
)
def test_a_platform_is_what_is_said_of_it(said: dict[str, Any], platform: str) -> None:
    assert str(parse_platform(said)) == platform


@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("x", id="a text"),
        pytest.param({"mediaType": OCI_MANIFEST, "size": 2}, id="no digest"),
        pytest.param({"digest": DIGEST, "size": 2}, id="no media type"),
        pytest.param(descriptor(OCI_MANIFEST, size=None), id="no size"),
        pytest.param(descriptor(OCI_MANIFEST, digest="md5:" + "a" * 32), id="a weak digest"),
    ],
)
def test_an_entry_that_cannot_be_read_costs_that_entry(bad: Any) -> None:
    found = parse_manifest(body({"mediaType": OCI_INDEX, "manifests": [bad, descriptor(OCI_MANIFEST)]}))
    assert isinstance(found, Index)
    assert [each.digest for each in found.manifests] == [DIGEST]
    assert len(found.problems) == 1
    assert found.problems[0].partition(" ")[0] in {"manifests[0]", "digest"}


def test_every_entry_of_a_layout_must_be_readable() -> None:
    with pytest.raises(ContentError, match=r"manifests\[0\] is a text; expected a descriptor"):
        parse_index(body({"manifests": ["x"]}))


def test_an_annotation_that_is_no_text_is_left_out() -> None:
    found = parse_index(body({"manifests": [descriptor(OCI_MANIFEST, annotations={"a": 1, "b": None, "c": "d"})]}))
    assert found.manifests[0].annotations == {"c": "d"}


@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize(
    ("offered", "named"),
    [
        pytest.param(["linux/s390x", "linux/arm64"], "'linux/arm64, linux/s390x'", id="others"),
        pytest.param([None, None], "'unnamed'", id="unnamed"),
        pytest.param([], "none at all, but attestations or artifacts if anything", id="empty"),
    ],
)
def test_an_index_without_the_platform_says_what_it_offers(offered: list[str | None], named: str) -> None:
    found = no_image(AMD64, [child(platform, "1").platform for platform in offered])
    assert found.cause is Cause.NO_MATCHING_PLATFORM
    assert found.problem == f"index has no image for linux/amd64; it offers {named}"


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
    for parse in (parse_manifest, parse_index, parse_config):
        with suppress(ContentError):
            parse(content)
