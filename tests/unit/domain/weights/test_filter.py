"""Which files are fetched: by default no format twice, else what the patterns say; sum and choice agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.errors import ParseError
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights import filter as filters
from aimcore.domain.weights.files import RemoteFile
from aimcore.domain.weights.filter import (
    ALL_BUT_DUPLICATES,
    FileFilter,
    FilteredSum,
    TooManyFoldersError,
    parse_filter,
    path_matches,
    pick,
)
from aimcore.domain.weights.probing import Sized


def listed(*paths: str) -> tuple[RemoteFile, ...]:
    return tuple(RemoteFile(path=path, key=path, size=number) for number, path in enumerate(paths, start=1))


def kept(by: FileFilter, *paths: str) -> list[str]:
    return [one.path for one in pick(listed(*paths), by).kept]


@pytest.mark.rule("FETCH-2")
@pytest.mark.parametrize(
    ("paths", "left_out"),
    [
        pytest.param(["model.safetensors", "pytorch_model.bin"], ["pytorch_model.bin"], id="bin beside safetensors"),
        pytest.param(["pytorch_model.bin", "config.json"], [], id="bin alone"),
        pytest.param(["a.safetensors", "a.pt", "a.pth"], ["a.pt", "a.pth"], id="pt and pth"),
        pytest.param(
            ["a.safetensors", "f.msgpack", "t.h5", "onnx/m.onnx", "q/m.gguf"],
            ["f.msgpack", "t.h5", "onnx/m.onnx", "q/m.gguf"],
            id="other frameworks, in folders below too",
        ),
        pytest.param(["m.gguf", "n.gguf"], [], id="gguf alone"),
        pytest.param(
            ["a.safetensors", "original/consolidated.00.pth", "original/params.json"],
            ["original/consolidated.00.pth", "original/params.json"],
            id="original/ whole",
        ),
        pytest.param(["original/consolidated.00.pth", "original/x.safetensors"], [], id="original/ alone"),
        pytest.param(["unet/x.safetensors", "text_encoder/pytorch_model.bin"], [], id="bin of another component stays"),
        pytest.param(["a/b/x.safetensors", "a/m.gguf"], [], id="safetensors further below do not count"),
        pytest.param(["a/x.safetensors", "a/original/y/z.txt"], ["a/original/y/z.txt"], id="original/ in a folder"),
    ],
)
def test_of_formats_that_say_the_same_only_safetensors_are_fetched(paths: list[str], left_out: list[str]) -> None:
    found = pick(listed(*paths), ALL_BUT_DUPLICATES)
    assert [one.path for one in found.left_out] == left_out
    assert [one.path for one in found.kept] == [path for path in paths if path not in left_out]


@pytest.mark.rule("FETCH-2")
def test_who_includes_gets_what_he_names_duplicates_too() -> None:
    by = parse_filter(["*.gguf", "*.json"], ["b.json"])
    assert kept(by, "a.safetensors", "x.gguf", "d/y.gguf", "a.json", "b.json") == ["x.gguf", "d/y.gguf", "a.json"]


@pytest.mark.rule("FETCH-2")
def test_who_only_excludes_still_gets_no_duplicates() -> None:
    by = parse_filter([], ["figures/"])
    assert kept(by, "a.safetensors", "a.bin", "figures/a.png", "README.md") == ["a.safetensors", "README.md"]


def test_safetensors_that_are_excluded_make_nothing_a_duplicate() -> None:
    assert kept(parse_filter([], ["*.safetensors"]), "a.safetensors", "a.bin") == ["a.bin"]


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("config.json", "config.json", True),
        ("config.json", "a/config.json", False),
        ("*.json", "a/config.json", True),
        ("a*c*e", "abcde", True),
        ("a*x*e", "abcde", False),
        ("ab*bc", "abc", False),
        ("original/", "original/a/b", True),
        ("original/", "original", False),
        ("a*", "ba", False),
        ("*", "", True),
    ],
)
def test_globs(glob: str, path: str, matches: bool) -> None:  # noqa: FBT001 - a row of the table
    assert path_matches(glob, path) is matches


@pytest.mark.parametrize("glob", ["", "/a", "x" * 257])
def test_a_pattern_that_matches_nothing_is_refused(glob: str) -> None:
    with pytest.raises(ParseError, match="matches no file"):
        parse_filter([glob], [])


def test_patterns_are_few() -> None:
    with pytest.raises(ParseError, match="one too many"):
        parse_filter([], ["a"] * 65)


NAMES = st.sampled_from(
    ["a.safetensors", "a.bin", "b.pt", "c.gguf", "d.onnx", "e.json", "original/a.pth", "original/b.safetensors"]
)
FOLDERS = st.sampled_from(["", "x/", "x/y/", "original/"])
PATHS = st.lists(st.builds("".join, st.tuples(FOLDERS, NAMES)), unique=True, max_size=12)
FILTERS = st.builds(
    parse_filter,
    st.lists(st.sampled_from(["*.bin", "x/", "*.safetensors"]), max_size=2),
    st.lists(st.sampled_from(["*.bin", "original/", "*.safetensors"]), max_size=2),
)


@given(paths=PATHS, by=FILTERS)
def test_the_sum_is_that_of_the_choice(paths: list[str], by: FileFilter) -> None:
    files = listed(*paths)
    found, sums = pick(files, by), FilteredSum(by=by)
    for file in files:
        sums.add(file.path, file.size)
    assert sums.sized(uncounted=1) == Sized(
        size=Quantity.of(sum(one.size for one in found.kept)),
        files=len(found.kept),
        uncounted=1,
        left_out=Quantity.of(sum(one.size for one in found.left_out)),
        files_left_out=len(found.left_out),
    )


def test_a_sum_remembers_a_bounded_number_of_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "FOLDERS_AT_MOST", 2)
    sums = FilteredSum()
    for number in range(1000):
        sums.add("a/b.bin", number)
    sums.add("b/x.safetensors", 1)
    with pytest.raises(TooManyFoldersError, match="more than 2 folders"):
        sums.add("c/x.safetensors", 1)
