"""Paths that may be written, and digests as a marker spells them."""

from __future__ import annotations

import pytest

from aimcore.domain.errors import ParseError
from aimcore.domain.weights.files import Digest, DigestKind, RemoteFile, check_paths, parse_digest


def files(*paths: str) -> tuple[RemoteFile, ...]:
    return tuple(RemoteFile(path=path, key=path, size=1) for path in paths)


def test_paths_of_a_repository_are_fine() -> None:
    check_paths(files("config.json", "a/b/c.bin", "a/b/d.bin", ".gitattributes", "ünïcode/x", "a b"))


@pytest.mark.rule("FETCH-5")
@pytest.mark.parametrize(
    ("paths", "problem"),
    [
        pytest.param(["../etc/passwd"], "dot segment", id="up"),
        pytest.param(["/etc/passwd"], "empty", id="absolute"),
        pytest.param(["a//b"], "empty", id="an empty segment"),
        pytest.param(["a/./b"], "dot segment", id="dot"),
        pytest.param([""], "empty", id="nothing"),
        pytest.param(["a\nb"], "control", id="a line break"),
        pytest.param(["a\x7f"], "control", id="delete"),
        pytest.param(["a\ud800"], "control", id="half a character"),
        pytest.param(["a" * 256], "too long", id="a long name"),
        pytest.param(["a/" * 600 + "b"], "too long", id="a long path"),
        pytest.param([".aimcore/complete.json"], "keep for themselves", id="our own folder"),
        pytest.param([".cache/huggingface"], "keep for themselves", id="the library's folder"),
        pytest.param(["a", "a"], "listed twice", id="twice"),
        pytest.param(["a/b/c", "a/b"], "as a folder", id="file and folder"),
    ],
)
def test_a_path_that_must_not_be_written_is_refused(paths: list[str], problem: str) -> None:
    with pytest.raises(ParseError, match=problem):
        check_paths(files(*paths))


@pytest.mark.parametrize("kind", DigestKind)
def test_a_digest_is_read_as_it_is_written(kind: DigestKind) -> None:
    digest = Digest(kind=kind, value="0123456789abcdef")
    assert parse_digest(str(digest)) == digest


@pytest.mark.parametrize("text", ["", "sha256", "sha256:", "sha512:" + "a" * 64, "md5:XYZ", "md5:" + "a" * 65])
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="is malformed"):
        parse_digest(text)
