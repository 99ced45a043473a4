from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.errors import ParseError
from aimcore.domain.weights.sources import (
    EnvVar,
    HuggingFaceUri,
    ModelSource,
    S3Uri,
    SecretKeyRef,
    SourceUri,
    endpoint_like_bucket,
    merge_env,
    parse_model_id,
    parse_source_uri,
)
from tests.effort import lines_run

REPOSITORY = "names no repository; expected hf://org/name or hf://org/name@revision"
PATH = (
    "has a path behind its repository; expected hf://org/name or hf://org/name@revision, "
    "and files in download.include of a runtime config or in --include"
)
BUCKET = "names no bucket; expected s3://bucket/key"
LETTERS = "in its bucket; expected letters, digits, '.', '_' and '-'"
ENDS = "has a '.' or '-' at an end of its bucket, or '..' in it; expected a letter, a digit or '_' there"
HUB_LETTERS = "in its repository or revision; expected letters, digits, '.', '_' and '-'"
KEY = "names no key in the bucket; expected s3://bucket/key"


@pytest.mark.rule("KIND-6")
@pytest.mark.parametrize(
    "text", ["meta-llama/Llama-3.1-8B-Instruct", "a/b", "_/.", "-a/b_c", f"{'o' * 99}/{'n' * 100}"]
)
def test_a_model_id_is_an_organisation_and_a_name(text: str) -> None:
    assert parse_model_id(text) == text


@pytest.mark.rule("KIND-6")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "is not of the form org/name", id="nothing"),
        pytest.param("llama", "is not of the form org/name", id="no organisation"),
        pytest.param("/llama", "is not of the form org/name", id="an empty organisation"),
        pytest.param("meta/", "is not of the form org/name", id="an empty name"),
        pytest.param("a/b/c", "is not of the form org/name", id="a part too many"),
        pytest.param("me.ta/llama", "is not of the form org/name", id="a dot in the organisation"),
        pytest.param("a/b\n", "is not of the form org/name", id="a line end"),
        pytest.param("a/é", "is not of the form org/name", id="a letter that is not ASCII"),
        pytest.param(f"o/{'n' * 199}", "is too long; expected at most 200 characters", id="a character too many"),
    ],
)
def test_what_is_no_model_id_is_told_why(text: str, problem: str) -> None:
    with pytest.raises(ParseError, match=r"^model id '") as caught:
        parse_model_id(text)
    assert problem in str(caught.value)


@pytest.mark.rule("KIND-6")
@pytest.mark.parametrize(
    ("text", "uri"),
    [
        pytest.param("hf://a/b", HuggingFaceUri(repository="a/b", revision=None), id="a repository"),
        pytest.param("hf://a/b@main", HuggingFaceUri(repository="a/b", revision="main"), id="a branch"),
        pytest.param("hf://a/b@refs/pr/1", HuggingFaceUri(repository="a/b", revision="refs/pr/1"), id="a reference"),
        pytest.param("s3://my-bucket/models/llama", S3Uri(bucket="my-bucket", key="models/llama"), id="a prefix"),
        pytest.param("s3://abc/k", S3Uri(bucket="abc", key="k"), id="the shortest bucket"),
        pytest.param(f"s3://{'b' * 255}/k", S3Uri(bucket="b" * 255, key="k"), id="the longest bucket"),
        pytest.param("s3://team_models/a", S3Uri(bucket="team_models", key="a"), id="an underscore in a bucket"),
        pytest.param("s3://_My.Bucket_/a", S3Uri(bucket="_My.Bucket_", key="a"), id="capitals in a bucket"),
        pytest.param("s3://bucket/Llama 3/b", S3Uri(bucket="bucket", key="Llama 3/b"), id="a space in a key"),
        pytest.param("s3://bucket//a//", S3Uri(bucket="bucket", key="/a//"), id="slashes at the ends of a key"),
        pytest.param("s3://a.b.c/k//é/", S3Uri(bucket="a.b.c", key="k//é/"), id="a key is the bucket's own affair"),
        pytest.param(f"s3://abc/{'k' * 1015}", S3Uri(bucket="abc", key="k" * 1015), id="the longest URI"),
    ],
)
def test_a_source_uri_names_a_repository_or_a_place_in_a_bucket(text: str, uri: SourceUri) -> None:
    assert parse_source_uri(text) == uri


@pytest.mark.rule("KIND-6")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "source URI '' has no scheme; expected hf://org/name or s3://bucket/key", id="nothing"),
        pytest.param("my/model", "has no scheme; expected hf://org/name or s3://bucket/key", id="no scheme"),
        pytest.param("gs://b/k", "source URI 'gs://b/k' has scheme 'gs'; expected 'hf' or 's3'", id="another scheme"),
        pytest.param("HF://a/b", "has scheme 'HF'; expected 'hf' or 's3'", id="a scheme in capitals"),
        pytest.param(f"{'x' * 30}://a/b", f"has scheme '{'x' * 20}'; expected", id="a long scheme is cut"),
        pytest.param("hf://a", REPOSITORY, id="no organisation"),
        pytest.param("hf://a/b/c.gguf", PATH, id="a file behind the repository"),
        pytest.param("hf://a/b/c@main", PATH, id="a folder before the revision"),
        pytest.param("hf://a/b/", PATH, id="a slash behind the repository"),
        pytest.param("hf:///a/b", REPOSITORY, id="a slash before the repository"),
        pytest.param("hf://a/b@", REPOSITORY, id="an empty revision"),
        pytest.param("hf://../b", REPOSITORY, id="a way out"),
        pytest.param("hf://a/b@x..y", REPOSITORY, id="a range of revisions"),
        pytest.param("hf://a/b\n", f"has the character '\\n' {HUB_LETTERS}", id="a line end"),
        pytest.param("hf://a/b c", f"has the character ' ' {HUB_LETTERS}", id="a space"),
        pytest.param("hf://user:secret@host/b", f"has the character ':' {HUB_LETTERS}", id="a credential"),
        pytest.param("s3://", BUCKET, id="nothing behind the scheme"),
        pytest.param("s3:///k", BUCKET, id="an empty bucket"),
        pytest.param(
            "s3://b/chat", "has a bucket that is too short; expected 3 to 255 characters", id="one letter for a bucket"
        ),
        pytest.param(
            "s3://ab/k", "has a bucket that is too short; expected 3 to 255 characters", id="too short a bucket"
        ),
        pytest.param(f"s3://{'b' * 256}/k", "has a bucket that is too long; expected 3 to 255", id="too long a bucket"),
        pytest.param("s3://my bucket/k", f"has the character ' ' {LETTERS}", id="a space in a bucket"),
        pytest.param("s3://b\u00fccket/k", f"has the character '\\xfc' {LETTERS}", id="a letter that is not ASCII"),
        pytest.param("s3://a..b/k", ENDS, id="two dots in a bucket"),
        pytest.param("s3://-ab/k", ENDS, id="a hyphen before a bucket"),
        pytest.param("s3://ab./k", ENDS, id="a dot behind a bucket"),
        pytest.param("s3://key:secret@bucket/k", f"has the character ':' {LETTERS}", id="a credential before a bucket"),
        pytest.param("s3://bucket", KEY, id="a bucket alone"),
        pytest.param("s3://bucket/", KEY, id="an empty key"),
        pytest.param("s3://bucket/a\n", "has the control character '\\n' in its key", id="a line end behind a key"),
        pytest.param("s3://bucket/a\x7f", "has the control character '\\x7f' in its key", id="a deletion in a key"),
        pytest.param(
            f"s3://abc/{'k' * 1016}", "is too long; expected at most 1024 characters", id="a character too many"
        ),
    ],
)
def test_what_is_no_source_is_told_why(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=r"^source URI '") as caught:
        parse_source_uri(text)
    assert message in str(caught.value)


@pytest.mark.rule("KIND-6")
@given(st.text() | st.text("hfs3:/@.a\n", max_size=20) | st.from_regex(r"(hf|s3)://[a-z./@]*", fullmatch=True))
def test_any_text_is_a_source_or_a_parse_error(text: str) -> None:
    match _read(text):
        case HuggingFaceUri(repository=repository, revision=revision):
            assert text == f"hf://{repository}" + ("" if revision is None else f"@{revision}")
        case S3Uri(bucket=bucket, key=key):
            assert text == f"s3://{bucket}/{key}"
        case ParseError(text=refused):
            assert text == refused


def _read(text: str) -> SourceUri | ParseError:
    try:
        return parse_source_uri(text)
    except ParseError as error:
        return error


@pytest.mark.rule("KIND-6")
def test_hostile_texts_are_refused_at_once() -> None:
    for text in ("hf://" + "a." * 500_000, "s3://" + "a-" * 500_000, "://" * 400_000, "a/" * 500_000):
        for parse in (parse_source_uri, parse_model_id):
            with pytest.raises(ParseError, match="is too long"):
                parse(text)
            assert lines_run(partial(parse, text)) < 100


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        pytest.param("s3://s3.my-provider.com/models", "s3.my-provider.com", id="a service of one's own"),
        pytest.param("s3://models.s3.amazonaws.com/x", "models.s3.amazonaws.com", id="the service of Amazon"),
        pytest.param("s3://s3-models/x", None, id="a bucket that only begins so"),
        pytest.param("s3://models/s3.amazonaws.com", None, id="a key that looks so"),
        pytest.param("hf://s3.x/y.amazonaws.com", None, id="a repository that looks so"),
    ],
)
def test_a_bucket_that_looks_like_a_host_is_noticed(text: str, bucket: str | None) -> None:
    assert endpoint_like_bucket(parse_source_uri(text)) == bucket


# Environment ----------------------------------------------------------------------------------------------------------

variables = st.builds(EnvVar, name=st.sampled_from("ABC"), value=st.sampled_from("xyz"))
environments = st.lists(variables, max_size=3, unique_by=lambda variable: variable.name).map(tuple)
Env = tuple[EnvVar, ...]


@pytest.mark.rule("CUST-3")
@given(environments, environments, environments)
def test_env_merges_by_name_and_the_stronger_wins(a: Env, b: Env, c: Env) -> None:
    assert merge_env(a, merge_env(b, c)) == merge_env(merge_env(a, b), c) == merge_env(a, b, c)
    assert merge_env(a, ()) == merge_env((), a) == merge_env(a, a) == a
    merged = {variable.name: variable for variable in merge_env(a, b)}
    assert merged == {one.name: one for one in b} | {one.name: one for one in a}


@pytest.mark.rule("CUST-3")
def test_env_keeps_the_order_in_which_names_first_appear() -> None:
    near = (EnvVar(name="B"), EnvVar(name="A"))
    assert [one.name for one in merge_env(near, (EnvVar(name="C"), EnvVar(name="A")))] == ["B", "A", "C"]
    assert merge_env() == ()


@pytest.mark.rule("SEC-1")
def test_a_variable_never_shows_its_value() -> None:
    origin = SecretKeyRef(name="hf", key="token")
    source = ModelSource(
        model_id="a/b",
        source_uri="hf://a/b",
        env=(EnvVar(name="HF_TOKEN", value="canary"), EnvVar(name="B", value=""), EnvVar(name="C", value_from=origin)),
    )
    assert "canary" not in repr(source)
    assert [repr(one) for one in source.env] == [
        "EnvVar(name='HF_TOKEN', value=...)",
        "EnvVar(name='B', value=...)",
        "EnvVar(name='C', value_from=SecretKeyRef(name='hf', key='token', optional=None))",
    ]
