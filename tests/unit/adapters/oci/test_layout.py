"""Image layouts on disk, as the tools write them and as nobody should: what an inspection answers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
REF_NAME = "org.opencontainers.image.ref.name"

IMAGE = "ghcr.io/x/y:1.0"
LABELS = {"com.amd.aim.model.canonicalName": "meta-llama/Llama-3.1-8B-Instruct"}


class Layout:
    """A layout in the making: blobs are content-addressed, `name` files one under a name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: list[dict[str, Any]] = []
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self.write()

    def write(self) -> None:
        index = {"schemaVersion": 2, "manifests": self.entries}
        (self.folder / "index.json").write_text(json.dumps(index))

    def blob(self, value: Any, media_type: str, **more: Any) -> dict[str, Any]:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        digits = hashlib.sha256(content).hexdigest()
        (self.folder / "blobs" / "sha256" / digits).write_bytes(content)
        return {"mediaType": media_type, "digest": f"sha256:{digits}", "size": len(content), **more}

    def image(self, labels: Mapping[str, str] = LABELS, **more: Any) -> dict[str, Any]:
        config = self.blob({"os": "linux", "architecture": "amd64", "config": {"Labels": labels}}, OCI_CONFIG)
        manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": []}
        return self.blob(manifest, OCI_MANIFEST, **more)

    def index(self, *children: dict[str, Any]) -> dict[str, Any]:
        return self.blob({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children}, OCI_INDEX)

    def name(self, descriptor: dict[str, Any], name: str | None = IMAGE, **annotations: str) -> str:
        named = {} if name is None else {REF_NAME: name}
        self.entries.append({**descriptor, "annotations": {**named, **annotations}})
        self.write()
        return str(descriptor["digest"])

    def path(self, digest: str) -> Path:
        return self.folder / "blobs" / "sha256" / digest.partition(":")[2]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "layout")


def inspect(*folders: Path, image: str = IMAGE) -> Inspected | InspectionFailed:
    return LayoutInspector(folders).inspect(Inspect(parse_image(image)))


def failure(*folders: Path, image: str = IMAGE) -> tuple[Cause, str]:
    answer = inspect(*folders, image=image)
    assert isinstance(answer, InspectionFailed)
    return answer.cause, answer.message


# --- what names an image ---------------------------------------------------------------------------------------------


@pytest.mark.rule("LOOK-4")
@pytest.mark.parametrize(
    ("name", "image"),
    [
        pytest.param("ghcr.io/x/y:1.0", "ghcr.io/x/y:1.0", id="in full"),
        pytest.param("docker.io/library/nginx:latest", "nginx", id="in full, asked for in short"),
        pytest.param("nginx", "docker.io/library/nginx:latest", id="in short, asked for in full"),
        pytest.param("y:1.0", "ghcr.io/x/y:1.0", id="the last part and the tag"),
        pytest.param("x/y:1.0", "ghcr.io/x/y:1.0", id="without the registry"),
    ],
)
def test_an_image_is_found_by_its_name_however_it_is_written(layout: Layout, name: str, image: str) -> None:
    digest = layout.name(layout.image(), name)
    assert inspect(layout.folder, image=image) == Inspected(digest=digest, labels=LABELS)


def test_an_image_is_found_by_the_name_that_containerd_gives_it(layout: Layout) -> None:
    digest = layout.name(layout.image(), "1.0", **{"io.containerd.image.name": IMAGE})
    assert inspect(layout.folder) == Inspected(digest=digest, labels=LABELS)


def test_a_tag_alone_names_the_image_that_the_folder_is_called_after(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "y")
    digest = layout.name(layout.image(), "1.0")
    assert inspect(layout.folder) == Inspected(digest=digest, labels=LABELS)


def test_a_tag_alone_names_no_image_in_any_other_folder_and_says_what_to_do(layout: Layout) -> None:
    layout.name(layout.image(), "1.0")
    cause, message = failure(layout.folder)
    assert cause is Cause.NOT_FOUND
    assert message.endswith("has the tag '1.0' of no repository: call the folder 'y' if it is that one")


def test_the_full_name_wins_over_the_end_of_it(layout: Layout) -> None:
    layout.name(layout.image({"which": "by its end"}), "y:1.0")
    digest = layout.name(layout.image({"which": "in full"}), IMAGE)
    assert inspect(layout.folder) == Inspected(digest=digest, labels={"which": "in full"})


def test_another_image_of_that_tag_is_not_taken_for_it(layout: Layout) -> None:
    layout.name(layout.image(), "ghcr.io/x/other:1.0")
    cause, message = failure(layout.folder)
    assert cause is Cause.NOT_FOUND
    here = f"{str(layout.folder)!a}"
    told = f"image {IMAGE} is in none of the image folders; looked in {here}; {here} holds 'ghcr.io/x/other:1.0'"
    assert message == told


@pytest.mark.rule("DISC-9")
def test_of_many_names_the_first_are_told_and_of_none_that_there_is_none(layout: Layout) -> None:
    assert failure(layout.folder)[1].endswith(" holds no image")
    for number in range(9):
        layout.name(layout.image(), f"other:{number}")
    assert failure(layout.folder)[1].endswith("'other:6', 'other:7', ...")


def test_a_name_that_is_no_reference_is_left_alone(layout: Layout) -> None:
    layout.name(layout.image({}), "my build")
    layout.name(layout.image({}), None)
    digest = layout.name(layout.image())
    assert inspect(layout.folder) == Inspected(digest=digest, labels=LABELS)


def test_the_same_content_filed_twice_under_one_name_is_one_image(layout: Layout) -> None:
    layout.name(layout.image())
    digest = layout.name(layout.image())
    assert inspect(layout.folder) == Inspected(digest=digest, labels=LABELS)


def test_several_contents_of_one_name_are_told_apart_by_platform(layout: Layout) -> None:
    layout.name(layout.image({}, platform={"os": "linux", "architecture": "arm64"}))
    digest = layout.name(layout.image(platform={"os": "linux", "architecture": "amd64"}))
    assert inspect(layout.folder) == Inspected(digest=digest, labels=LABELS)


def test_several_contents_of_one_name_and_no_platform_are_not_guessed_between(layout: Layout) -> None:
    layout.name(layout.image({}))
    layout.name(layout.image())
    cause, message = failure(layout.folder)
    assert cause is Cause.MALFORMED
    assert message.endswith("index.json has 2 contents of that name; expected one, or one a platform")


@pytest.mark.rule("DISC-9")
def test_an_image_without_a_name_is_told_with_its_digest_and_what_to_do(layout: Layout) -> None:
    digest = layout.name(layout.image(), None)
    cause, message = failure(layout.folder)
    assert cause is Cause.NOT_FOUND
    here = str(layout.folder)
    told = (
        f"{here!a} holds 1 image without a name ({digest}): copy it as oci:{here}:TAG, or ask for ghcr.io/x/y@{digest}"
    )
    assert message.endswith(told)
    assert inspect(layout.folder, image=f"ghcr.io/x/y@{digest}") == Inspected(digest=digest, labels=LABELS)


@pytest.mark.rule("DISC-9")
def test_of_many_images_without_a_name_the_first_are_told(layout: Layout) -> None:
    digests = [layout.name(layout.image({"number": str(number)}), "" if number else None) for number in range(4)]
    layout.name(layout.image({"an": "attestation"}), None, **{"vnd.docker.reference.type": "attestation-manifest"})
    layout.name(layout.image({}), "ghcr.io/x/other:1.0")
    _, message = failure(layout.folder)
    assert f"holds 4 images without a name ({digests[0]}, {digests[1]}, ...): copy" in message
    _, message = failure(layout.folder, image=f"ghcr.io/x/y@sha256:{'0' * 64}")
    assert message.endswith(f"holds 4 images without a name ({digests[0]}, {digests[1]}, ...)")


def test_a_digest_needs_no_name(layout: Layout) -> None:
    digest = layout.image()["digest"]
    for image in (f"ghcr.io/x/y@{digest}", f"ghcr.io/x/y:other@{digest}"):
        assert inspect(layout.folder, image=image) == Inspected(digest=digest, labels=LABELS)


def test_a_digest_that_is_not_there_is_not_found(layout: Layout) -> None:
    layout.name(layout.image())
    cause, message = failure(layout.folder, image=f"{IMAGE}@sha256:{'0' * 64}")
    assert cause is Cause.NOT_FOUND
    assert "is in none of the image folders" in message


# --- several folders -------------------------------------------------------------------------------------------------


def test_the_first_folder_that_knows_the_image_answers(tmp_path: Path) -> None:
    first, second, third = (Layout(tmp_path / name) for name in ("first", "second", "third"))
    first.name(first.image(), "ghcr.io/x/other:1.0")
    digest = second.name(second.image({"from": "second"}))
    third.name(third.image({"from": "third"}))
    answer = inspect(first.folder, second.folder, third.folder)
    assert answer == Inspected(digest=digest, labels={"from": "second"})


def test_where_no_folder_knows_it_all_are_named(tmp_path: Path) -> None:
    folders = [Layout(tmp_path / name).folder for name in ("first", "second")]
    _, message = failure(*folders)
    assert all(str(folder) in message for folder in folders)


def test_a_folder_of_layouts_is_searched_by_name(tmp_path: Path) -> None:
    other, named = Layout(tmp_path / "a"), Layout(tmp_path / "y")
    (tmp_path / "notes").mkdir()
    other.name(other.image({}), "1.0")
    digest = named.name(named.image(), "1.0")
    assert inspect(tmp_path) == Inspected(digest=digest, labels=LABELS)


@pytest.mark.parametrize("exists", [pytest.param(True, id="an empty folder"), pytest.param(False, id="no folder")])
def test_what_is_no_layout_is_said_to_be_none(tmp_path: Path, *, exists: bool) -> None:
    folder = tmp_path / "images"
    if exists:
        folder.mkdir()
    assert failure(folder) == (
        Cause.NOT_FOUND,
        f"image {IMAGE} in folder {str(folder)!a}: index.json of an OCI image layout is missing",
    )


def test_a_broken_layout_is_not_skipped_for_one_that_knows_the_image(tmp_path: Path) -> None:
    broken, sound = Layout(tmp_path / "broken"), Layout(tmp_path / "sound")
    sound.name(sound.image())
    (broken.folder / "index.json").write_text("{")
    cause, message = failure(broken.folder, sound.folder)
    assert cause is Cause.MALFORMED
    assert message == f"image {IMAGE} in folder {str(broken.folder)!a}: index is not JSON"


def test_one_inspector_answers_for_many_images(layout: Layout) -> None:
    names = [f"ghcr.io/x/y:{at}" for at in range(3)]
    for name in names:
        layout.name(layout.image({"name": name}), name)
    inspector = LayoutInspector([layout.folder])
    answers = [inspector.inspect(Inspect(parse_image(name))) for name in names]
    assert [dict(each.labels) for each in answers if isinstance(each, Inspected)] == [{"name": name} for name in names]


# --- indexes and artifacts -------------------------------------------------------------------------------------------


@pytest.mark.rule("DISC-4")
def test_an_index_is_followed_to_linux_amd64_and_keeps_its_own_digest(layout: Layout) -> None:
    arm = layout.image({}, platform={"os": "linux", "architecture": "arm64"})
    amd = layout.image(platform={"os": "linux", "architecture": "amd64"})
    digest = layout.name(layout.index(arm, amd))
    assert inspect(layout.folder) == Inspected(digest=digest, labels=LABELS)


def test_an_index_may_lie_in_an_index(layout: Layout) -> None:
    digest = layout.name(layout.index(layout.index(layout.image())))
    assert inspect(layout.folder) == Inspected(digest=digest, labels=LABELS)


def test_indexes_nest_to_a_bound(layout: Layout) -> None:
    nested = layout.image()
    for _ in range(4):
        nested = layout.index(nested)
    layout.name(nested)
    cause, message = failure(layout.folder)
    assert cause is Cause.MALFORMED
    assert message.endswith("index nests deeper than 4")


def test_an_index_that_points_to_itself_ends_at_once(layout: Layout) -> None:
    digest = layout.name(layout.index(layout.image()))
    child = {"mediaType": OCI_INDEX, "digest": digest, "size": 1}
    layout.path(digest).write_text(json.dumps({"mediaType": OCI_INDEX, "manifests": [child]}))
    cause, message = failure(layout.folder)
    assert cause is Cause.MALFORMED
    assert message.endswith(f"content does not match its digest {digest}")


def test_an_index_without_the_platform_says_so(layout: Layout) -> None:
    children = [
        layout.image({"for": name}, platform={"os": "linux", "architecture": name}) for name in ("arm64", "s390x")
    ]
    layout.name(layout.index(*children))
    cause, message = failure(layout.folder)
    assert cause is Cause.NO_MATCHING_PLATFORM
    assert message.endswith("it offers 'linux/arm64, linux/s390x'")


def test_an_artifact_is_an_image_without_labels(layout: Layout) -> None:
    media_type = "application/vnd.oci.artifact.manifest.v1+json"
    digest = layout.name(layout.blob({"mediaType": media_type, "blobs": []}, media_type))
    told = "this is an artifact and no image; name the image"
    assert inspect(layout.folder) == Inspected(digest=digest, labels={}, problems=(told,))


# --- hostile and broken ----------------------------------------------------------------------------------------------


@pytest.mark.rule("SEC-4")
def test_content_is_verified_before_it_is_parsed(layout: Layout) -> None:
    digest = layout.name(layout.image())
    layout.path(digest).write_bytes(b"[" * 200_000)
    cause, message = failure(layout.folder)
    assert cause is Cause.MALFORMED
    assert message.endswith(f"content does not match its digest {digest}")


@pytest.mark.rule("SEC-4")
def test_a_digest_leads_nowhere_but_to_the_blobs(layout: Layout) -> None:
    layout.name({"mediaType": OCI_MANIFEST, "digest": "sha256:../../etc/passwd", "size": 1})
    cause, message = failure(layout.folder)
    assert cause is Cause.MALFORMED
    assert "digest 'sha256:../../etc/passwd' is malformed" in message


def test_a_missing_blob_is_named(layout: Layout) -> None:
    digest = layout.name(layout.image())
    layout.path(digest).unlink()
    cause, message = failure(layout.folder)
    assert cause is Cause.NOT_FOUND
    assert message.endswith(f"blob {digest} is missing")


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize("part", ["index.json", "manifest", "config"])
def test_every_part_is_bounded(layout: Layout, part: str) -> None:
    padding = b" " * (4 * 1024 * 1024)
    config = layout.blob(b"{}" + (padding if part == "config" else b""), OCI_CONFIG)
    manifest = json.dumps({"mediaType": OCI_MANIFEST, "config": config, "layers": []}).encode()
    layout.name(layout.blob(manifest + (padding if part == "manifest" else b""), OCI_MANIFEST))
    if part == "index.json":
        with (layout.folder / "index.json").open("ab") as stream:
            stream.write(padding)
    cause, message = failure(layout.folder)
    assert cause is Cause.TOO_LARGE
    assert message.endswith("has more than 4194304 bytes")


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(layout: Layout) -> None:
    digest = layout.name(layout.image())
    layout.path(digest).unlink()
    os.mkfifo(layout.path(digest))
    assert failure(layout.folder)[0] is Cause.NOT_FOUND


def test_what_may_not_be_looked_at_is_unreachable(tmp_path: Path) -> None:
    cause, message = failure(tmp_path / ("x" * 300))
    assert cause is Cause.UNREACHABLE
    assert "index.json of an OCI image layout cannot be read" in message


@pytest.mark.rule("LABEL-4")
def test_a_label_that_is_no_text_costs_that_label(layout: Layout) -> None:
    digest = layout.name(layout.image({"a": 1, "b": "2"}))  # type: ignore[dict-item]  # the very fault under test
    told = ("label 'a' is a number; expected a text",)
    assert inspect(layout.folder) == Inspected(digest=digest, labels={"b": "2"}, problems=told)
