"""Manifests and headers as other tools and registries write them: the only image that could be meant is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed, Unchanged
from tests.integration.egress.server import answer
from tests.integration.registry.contents import Content, Piece, artifact, image
from tests.integration.registry_faults.hostile import CHAT, Stage, inspect, manifest_path, said, stage
from tests.integration.registry_faults.verdicts import refusal

INDEX: Final = "application/vnd.oci.image.index.v1+json"
LABELS: Final = {"com.amd.aim.model.canonicalName": "acme/chat"}
OTHERS: Final = {"com.amd.aim.model.canonicalName": "acme/other"}
AMD, ARM = ({"os": "linux", "architecture": name} for name in ("amd64", "arm64"))
UNKNOWN: Final = {"os": "unknown", "architecture": "unknown"}
AMD_IMAGE, ARM_IMAGE = image(LABELS), image(OTHERS, platform="linux/arm64")
NAMELESS: Final = image({**LABELS, "said": "nothing"}, platform="/")
SBOM: Final = artifact()


@pytest.fixture
def here() -> Iterator[Stage]:
    with stage() as made:
        yield made


def entry(content: Content, **more: Any) -> tuple[Content, dict[str, Any]]:
    return content, content.top.descriptor(**more)


def index(*entries: tuple[Content, dict[str, Any]]) -> Content:
    """An index of exactly these entries."""
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [one for _, one in entries]}
    contents = [content for content, _ in entries]
    return Content(
        top=Piece(media_type=INDEX, body=json.dumps(document).encode()),
        labels={},
        blobs=tuple(blob for each in contents for blob in each.blobs),
        children=tuple(manifest for each in contents for manifest in each.manifests),
    )


def attesting(content: Content) -> Content:
    """An attestation as `docker buildx` writes it: its config is that of an image for no platform."""
    return replace(content.attestation(), attests=None)


ARM_FIRST: Final = index(entry(ARM_IMAGE), entry(AMD_IMAGE))
NESTED: Final = index(
    entry(index(entry(ARM_IMAGE, platform=ARM))),
    entry(index(entry(AMD_IMAGE, platform=AMD))),
)


@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize(
    ("found", "labels", "asks"),
    [
        pytest.param(
            index(entry(ARM_IMAGE, platform=ARM), entry(attesting(ARM_IMAGE), platform=UNKNOWN)),
            OTHERS,
            3,
            id="arm64, and an attestation without an annotation",
        ),
        pytest.param(
            index(entry(SBOM, artifactType="application/vnd.example.sbom"), entry(AMD_IMAGE)),
            LABELS,
            3,
            id="an artifact that says it is one, and an image",
        ),
        pytest.param(index(entry(SBOM), entry(AMD_IMAGE)), LABELS, 4, id="an artifact that does not, and an image"),
        pytest.param(index(entry(SBOM, platform=AMD), entry(AMD_IMAGE, platform=AMD)), LABELS, 4, id="both for amd64"),
        pytest.param(
            index(entry(attesting(AMD_IMAGE)), entry(AMD_IMAGE)), LABELS, 5, id="an attestation like an image"
        ),
        pytest.param(index(entry(AMD_IMAGE), entry(ARM_IMAGE)), LABELS, 3, id="two without a platform: the first"),
        pytest.param(ARM_FIRST, LABELS, 5, id="two without a platform: the first that is not for another"),
        pytest.param(index(entry(ARM_IMAGE, platform=ARM), entry(AMD_IMAGE)), LABELS, 3, id="one without a platform"),
        pytest.param(index(entry(ARM_IMAGE), entry(AMD_IMAGE, platform=AMD)), LABELS, 3, id="one that says amd64"),
        pytest.param(index(entry(ARM_IMAGE)), OTHERS, 3, id="the only one, for another platform by its config"),
        pytest.param(
            index(entry(NAMELESS), entry(ARM_IMAGE, platform=ARM)), NAMELESS.labels, 3, id="nothing says otherwise"
        ),
        pytest.param(index(entry(AMD_IMAGE, platform=UNKNOWN)), LABELS, 3, id="unknown by the index, amd64 by itself"),
        pytest.param(index(entry(AMD_IMAGE, platform={"architecture": "amd64"})), LABELS, 3, id="no os"),
        pytest.param(
            index(entry(AMD_IMAGE, platform={"os": "linux", "architecture": "x86_64"}), entry(ARM_IMAGE, platform=ARM)),
            LABELS,
            3,
            id="x86_64",
        ),
        pytest.param(NESTED, LABELS, 5, id="two indexes without a platform"),
        pytest.param(
            index(entry(index(entry(AMD_IMAGE), entry(ARM_IMAGE))), entry(SBOM)),
            LABELS,
            4,
            id="an index, nameless both",
        ),
        pytest.param(
            index(entry(ARM_IMAGE, platform=ARM), (AMD_IMAGE, {"mediaType": INDEX, "size": 1})),
            OTHERS,
            3,
            id="an entry that cannot be read",
        ),
    ],
)
def test_the_only_image_that_could_be_meant_is_read(here: Stage, found: Content, labels: Any, asks: int) -> None:
    here.registry.holds(found)
    assert inspect(here) == Inspected(digest=found.digest, labels=labels)
    assert here.requests == asks


@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize(
    ("found", "says"),
    [
        pytest.param(index(entry(attesting(CHAT), platform=UNKNOWN)), "it offers none at all", id="attestations only"),
        pytest.param(index(entry(SBOM)), "it offers none at all", id="artifacts only"),
        pytest.param(
            index(entry(ARM_IMAGE), entry(image({}, platform="linux/s390x"))),
            "it offers 'linux/arm64, linux/s390x'",
            id="others by their configs",
        ),
        pytest.param(
            index(*(entry(image({"number": str(number)}, platform="linux/arm64")) for number in range(9))),
            "none of the first 8 is for linux/amd64",
            id="too many to look at",
        ),
    ],
)
def test_an_index_without_the_image_says_what_it_has(here: Stage, found: Content, says: str) -> None:
    here.registry.holds(found)
    assert says in refusal(inspect(here), Cause.NO_MATCHING_PLATFORM)
    assert here.requests <= 17


@pytest.mark.rule("DISC-4")
def test_an_index_that_names_what_the_registry_has_lost_says_so(here: Stage) -> None:
    here.registry.holds(index(entry(AMD_IMAGE, platform=AMD)))
    here.registry.on(manifest_path(AMD_IMAGE.digest), answer(404))
    found = inspect(here)
    assert isinstance(found, InspectionFailed)
    assert found.cause is Cause.NOT_FOUND
    assert (
        f"has no manifest {AMD_IMAGE.digest}, which the image names; check that all of it was pushed" in found.message
    )


@pytest.mark.rule("DISC-4")
def test_an_artifact_in_place_of_an_image_is_called_one(here: Stage) -> None:
    here.registry.holds(SBOM)
    found = inspect(here)
    assert isinstance(found, Inspected)
    assert found.labels == {}
    assert [each.rpartition(" of type ")[0] for each in found.problems] == ["this is an artifact"]


@pytest.mark.rule("DISC-4")
def test_an_index_whose_every_entry_is_broken_says_how(here: Stage) -> None:
    here.registry.holds(index((CHAT, {"mediaType": INDEX, "size": 1})))
    assert "manifests[0] lacks a media type or a digest" in refusal(inspect(here), Cause.MALFORMED)


# --- the digest that a registry says beside the body ---------------------------------------------------------------------

DIGITS: Final = CHAT.digest.partition(":")[2]
SPELLINGS: Final = [
    pytest.param(DIGITS, id="bare"),
    pytest.param(f'"{CHAT.digest}"', id="in quotes"),
    pytest.param(f"{CHAT.digest}, {CHAT.digest}", id="twice"),
    pytest.param(f"SHA256:{DIGITS.upper()}", id="in capitals"),
]
WRONG: Final = [
    pytest.param("sha256:" + "0" * 64, id="of another document"),
    pytest.param("sha512:" + "0" * 128, id="of another algorithm"),
    pytest.param(f"{CHAT.digest}, sha256:{'0' * 64}", id="two digests"),
    pytest.param("md5:d41d8cd98f00b204e9800998ecf8427e", id="of an algorithm nobody takes"),
    pytest.param('"', id="none"),
]


@pytest.mark.rule("DISC-3")
@pytest.mark.parametrize("told", [*SPELLINGS, *WRONG])
def test_the_digest_of_a_tag_is_that_of_the_body(here: Stage, told: str) -> None:
    here.registry.on(manifest_path(), said(CHAT.top, docker_content_digest=told))
    assert inspect(here) == Inspected(digest=CHAT.digest, labels=CHAT.labels)
    assert here.inspector.recheck(here.want(), CHAT.digest) == Unchanged(digest=CHAT.digest)


@pytest.mark.rule("DISC-3")
@pytest.mark.parametrize("told", SPELLINGS)
def test_a_digest_is_the_same_however_it_is_spelt(here: Stage, told: str) -> None:
    here.registry.on(manifest_path(), said(CHAT.top, docker_content_digest=told))
    assert here.inspector.recheck(here.want(), CHAT.digest) == Unchanged(digest=CHAT.digest)
    assert here.requests == 1


@pytest.mark.rule("DISC-3")
@pytest.mark.parametrize("told", SPELLINGS)
def test_a_digest_that_is_asked_for_may_be_spelt_otherwise(here: Stage, told: str) -> None:
    here.reference = f"{here.registry.address}/acme/chat@{CHAT.digest}"
    here.registry.on(manifest_path(CHAT.digest), said(CHAT.top, docker_content_digest=told))
    assert inspect(here) == Inspected(digest=CHAT.digest, labels=CHAT.labels)


@pytest.mark.rule("DISC-3")
@pytest.mark.parametrize("told", ["sha256:" + "0" * 64, "0" * 64, "sha512:" + "0" * 128])
def test_another_digest_than_the_one_asked_for_is_an_error(here: Stage, told: str) -> None:
    here.reference = f"{here.registry.address}/acme/chat@{CHAT.digest}"
    here.registry.on(manifest_path(CHAT.digest), said(CHAT.top, docker_content_digest=told))
    assert "does not match its digest" in refusal(inspect(here), Cause.MALFORMED)


def test_a_media_type_that_stands_twice_is_one(here: Stage) -> None:
    twice = f"{CHAT.top.media_type}, {CHAT.top.media_type}"
    here.registry.on(manifest_path(), said(CHAT.top, content_type=twice))
    assert inspect(here) == Inspected(digest=CHAT.digest, labels=CHAT.labels)
