"""A request for a download, as a record and as the document that a Job's program is given."""

from __future__ import annotations

import json

import pytest

from aimcore.domain.errors import ParseError
from aimcore.domain.weights.fetchplan import (
    FetchRequest,
    FetchSource,
    SourcePlan,
    model_id_of,
    parse_request,
    request_text,
)
from aimcore.domain.weights.files import Listed, RemoteFile
from aimcore.domain.weights.filter import FileFilter
from aimcore.domain.weights.sources import parse_source_uri

SOURCE = FetchSource(
    model_id="org/model",
    uri="hf://org/model@main",
    files=FileFilter(include=("*.json",), exclude=("a/",)),
    env=(("HF_ENDPOINT", "AIM_0_HF_ENDPOINT"), ("HF_TOKEN", "AIM_0_HF_TOKEN")),
)


@pytest.mark.rule("FETCH-1")
def test_a_request_is_read_as_it_is_written() -> None:
    request = FetchRequest(target="/weights", sources=(SOURCE,), content="abc")
    assert parse_request(request_text(request)) == request


@pytest.mark.rule("FETCH-1")
def test_a_document_says_sources_filters_and_target() -> None:
    text = '{"target": "/w", "sources": [{"modelId": "a/b", "uri": "s3://bucket/key"}]}'
    assert parse_request(text) == FetchRequest(
        target="/w", sources=(FetchSource(model_id="a/b", uri="s3://bucket/key"),)
    )


def changed(**source: object) -> str:
    return json.dumps({"target": "/w", "sources": [{"modelId": "a/b", "uri": "s3://bucket/key", **source}]})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("{", "is not JSON", id="no JSON"),
        pytest.param("[" * 100_000, "is not JSON", id="nested without end"),
        pytest.param("[]", "is not an object", id="a list"),
        pytest.param('{"sources": []}', r"\$\.target' is missing", id="no target"),
        pytest.param('{"target": 3, "sources": []}', "is of another type", id="a number"),
        pytest.param('{"target": "/w"}', r"\$\.sources' is missing", id="no sources"),
        pytest.param('{"target": "/w", "sources": []}', "has 0 sources", id="none"),
        pytest.param('{"target": "/w", "sources": ["x"]}', r"\$\.sources\[0\]' is not an object", id="a text"),
        pytest.param('{"target": "/w", "sources": [], "also": 1}', "is not a member", id="an unknown key"),
        pytest.param(changed(size=1), r"\$\.sources\[0\]\.size' is not a member", id="an unknown key of a source"),
        pytest.param(changed(uri="gs://a/b"), "has scheme", id="another scheme"),
        pytest.param(changed(modelId="ab"), "org/name", id="no model id"),
        pytest.param(changed(modelId="a/.."), "names no folder", id="a model id that leads out"),
        pytest.param(changed(files={"include": "x"}), "is of another type", id="a pattern that is no list"),
        pytest.param(changed(files={"include": [1]}), "is of another type", id="a pattern that is no text"),
        pytest.param(changed(files={"only": []}), "is not a member", id="an unknown filter"),
        pytest.param(changed(env={"HF_TOKEN": 1}), "is of another type", id="a variable that is no text"),
        pytest.param(changed(env=[]), "is of another type", id="variables that are no object"),
    ],
)
def test_a_document_that_is_wrong_says_where(text: str, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        parse_request(text)


def test_one_folder_has_one_source() -> None:
    with pytest.raises(ParseError, match="given twice"):
        FetchRequest(target="/w", sources=(SOURCE, SOURCE))


@pytest.mark.parametrize(
    ("uri", "model_id"),
    [
        ("hf://org/name@v1", "org/name"),
        ("s3://bucket/models/llama/", "models/llama"),
        ("s3://bucket/llama", "bucket/llama"),
        ("s3://my.bucket/ll%ma", "my-bucket/ll-ma"),
    ],
)
def test_a_source_has_a_folder_without_being_told(uri: str, model_id: str) -> None:
    assert model_id_of(parse_source_uri(uri)) == model_id


def test_a_key_without_a_name_has_none() -> None:
    with pytest.raises(ParseError, match="names no folder"):
        model_id_of(parse_source_uri("s3://bucket//"))


def test_a_plan_adds_its_files_up() -> None:
    files = tuple(RemoteFile(path=str(size), key=str(size), size=size) for size in (1, 2))
    assert SourcePlan(source=SOURCE, endpoint="", listed=Listed(files=files), files=files).bytes == 3
