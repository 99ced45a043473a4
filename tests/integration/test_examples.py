"""The examples are what they say: their images are made by their script, their names are free, and README knows each file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.domain.images.inspection import Inspected
from aimcore.domain.images.labels import read_labels
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect

EXAMPLES = Path(__file__).parents[2] / "examples"
IMAGES = EXAMPLES / "quickstart" / "images"
CLUSTER_SCOPED = {"Namespace", "Node", "AIMClusterModel", "AIMClusterRuntimeConfig", "AIMClusterServiceTemplate"}

WORLDS = [
    pytest.param([EXAMPLES / "quickstart"], id="the quickstart"),
    pytest.param([EXAMPLES / "quickstart", EXAMPLES / "cluster"], id="the quickstart on a cluster"),
    pytest.param([EXAMPLES / "variations"], id="the variations"),
]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def manifests(folder: Path) -> list[dict[str, Any]]:
    paths = sorted(folder.glob("*.yaml"))
    return [document for path in paths for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def image_names() -> list[str]:
    index = json.loads((IMAGES / "index.json").read_text(encoding="utf-8"))
    return [each["annotations"]["org.opencontainers.image.ref.name"] for each in index["manifests"]]


def test_the_images_are_what_their_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(EXAMPLES / "make_images.py"), str(tmp_path)], check=True, capture_output=True)
    assert files(tmp_path) == files(IMAGES)


def test_the_script_leaves_no_blob_of_another_time_behind(tmp_path: Path) -> None:
    stale = tmp_path / "blobs" / "sha256" / ("0" * 64)
    stale.parent.mkdir(parents=True)
    stale.touch()
    subprocess.run([sys.executable, str(EXAMPLES / "make_images.py"), str(tmp_path)], check=True, capture_output=True)
    assert not stale.exists()


@pytest.mark.rule("LABEL-3")
@pytest.mark.parametrize("name", image_names())
def test_every_image_says_what_it_is_and_how_to_run_it(name: str) -> None:
    answer = LayoutInspector([IMAGES]).inspect(Inspect(parse_image(name)))
    assert isinstance(answer, Inspected)
    read = read_labels(answer.labels)
    assert (read.failure, read.problems) == (None, ())
    assert read.metadata.model.canonical_name
    assert read.metadata.model.recommended_deployments


def test_the_images_show_both_prefixes_and_both_spellings() -> None:
    answers = [LayoutInspector([IMAGES]).inspect(Inspect(parse_image(name))) for name in image_names()]
    labels = [pair for each in answers if isinstance(each, Inspected) for pair in each.labels.items()]
    deployments = [(key, value) for key, value in labels if key.lower().endswith("deployments") and value]
    assert {key.partition(".model.")[0] for key, _ in deployments} == {"com.amd.aim", "org.amd.silogen"}
    assert {"'gpuModel'" in value for _, value in deployments} == {True, False}


@pytest.mark.parametrize("folders", WORLDS)
def test_no_two_manifests_take_one_name(folders: list[Path]) -> None:
    names = [
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for folder in folders
        for each in manifests(folder)
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("folders", WORLDS)
def test_every_namespace_is_among_the_manifests_and_every_object_is_where_it_belongs(folders: list[Path]) -> None:
    everything = [each for folder in folders for each in manifests(folder)]
    there = {each["metadata"]["name"] for each in everything if each["kind"] == "Namespace"}
    for each in everything:
        namespace = each["metadata"].get("namespace")
        assert (namespace is None) == (each["kind"] in CLUSTER_SCOPED)
        assert namespace is None or namespace in there


@pytest.mark.parametrize("folder", ["quickstart", "variations"])
def test_the_readme_says_which_section_each_file_is(folder: str) -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    named = [path.name for path in (EXAMPLES / folder).glob("[0-9a-z]*.yaml") if path.name != "00-namespaces.yaml"]
    assert [name for name in named if f"`{folder}/{name}`" not in readme] == []
