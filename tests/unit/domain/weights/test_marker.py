"""The marker is read as it is written, and says whether a source that is asked for is the one that stands there."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aimcore.domain.errors import ParseError
from aimcore.domain.weights.fetchplan import FetchSource
from aimcore.domain.weights.files import Digest, DigestKind
from aimcore.domain.weights.filter import FileFilter
from aimcore.domain.weights.marker import CompleteSource, Marker, StoredFile, marker_text, parse_marker

WHOLE = CompleteSource(
    model_id="org/model",
    uri="hf://org/model",
    endpoint="",
    filter=FileFilter(include=("*.json",)),
    commit="c0ffee",
    files=(
        StoredFile(path="a.json", size=3, digest=Digest(kind=DigestKind.GIT, value="aa" * 20)),
        StoredFile(path="b.json", size=4, digest=None),
        StoredFile(path="c.json", size=5, digest=Digest(kind=DigestKind.GIT, value="bb" * 20)),
    ),
)
ASKED = FetchSource(model_id="org/model", uri="hf://org/model", files=FileFilter(include=("*.json",)))


@pytest.mark.rule("FETCH-5")
def test_a_marker_is_read_as_it_is_written() -> None:
    marker = Marker(sources=(WHOLE, replace(WHOLE, model_id="org/other")))
    assert parse_marker(marker_text(marker)) == marker


@pytest.mark.rule("FETCH-4")
def test_a_source_says_how_each_of_its_files_was_verified() -> None:
    assert WHOLE.result.verified == (("git", 2), ("size", 1))
    assert (WHOLE.result.bytes, WHOLE.result.files) == (12, 3)


@pytest.mark.parametrize(
    ("asked", "endpoint", "answers"),
    [
        pytest.param(ASKED, "", True, id="the same"),
        pytest.param(replace(ASKED, uri="hf://org/model@v2"), "", False, id="another revision"),
        pytest.param(replace(ASKED, files=FileFilter()), "", False, id="another filter"),
        pytest.param(replace(ASKED, model_id="org/other"), "", False, id="another folder"),
        pytest.param(ASKED, "https://hub.example", False, id="another endpoint"),
    ],
)
def test_a_marker_answers_only_what_was_asked(asked: FetchSource, endpoint: str, answers: bool) -> None:  # noqa: FBT001 - a row of the table
    assert WHOLE.answers(asked, endpoint) is answers


def test_a_source_takes_the_place_of_the_one_before() -> None:
    newer = replace(WHOLE, commit="beef")
    marker = Marker(sources=(WHOLE,)).with_source(newer)
    assert marker.of("org/model") == newer
    assert marker.without("org/model").of("org/model") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"version": 2, "sources": []}',
        '{"version": true, "sources": []}',
        '{"version": -1, "sources": []}',
        '{"version": 1, "sources": [{"modelId": "a/b"}]}',
    ],
)
def test_what_no_download_wrote_is_no_marker(text: str) -> None:
    with pytest.raises(ParseError):
        parse_marker(text)


@pytest.mark.parametrize("file", [["a", 1], ["a", "1", ""], "a", ["a", 1, "md5"]])
def test_a_file_that_is_malformed_is_no_marker(file: object) -> None:
    document = json.loads(marker_text(Marker(sources=(WHOLE,))))
    document["sources"][0]["files"].append(file)
    with pytest.raises(ParseError):
        parse_marker(json.dumps(document))
