"""Which files a path means: as kubectl takes files, folders and `-`."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from aimcore.adapters.manifests import Loaded, read_manifests
from aimcore.adapters.manifests.limits import BYTES_AT_MOST


def write(path: Path, *names: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\n".join(f"apiVersion: v1\nkind: X\nmetadata: {{name: {name}}}\n" for name in names))


def read(*paths: Path | str, recursive: bool = False, stdin: bytes = b"") -> Loaded:
    return read_manifests([str(path) for path in paths], recursive=recursive, stdin=io.BytesIO(stdin))


def names(loaded: Loaded) -> list[object]:
    return [document.manifest["metadata"]["name"] for document in loaded.documents]  # type: ignore[index]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    write(folder / "b.yml", "b")
    write(folder / "a.yaml", "a1", "a2")
    write(folder / "c.json", "c")
    write(folder / "d.txt", "d")
    write(folder / "README", "readme")
    write(folder / "images" / "blob.json", "blob")
    write(folder / "images" / "more" / "deep.yaml", "deep")
    write(folder / ".hidden.yaml", "hidden")
    return folder


def test_a_folder_means_the_manifests_directly_in_it_sorted(folder: Path) -> None:
    assert names(read(folder)) == ["hidden", "a1", "a2", "b", "c"]


def test_recursively_a_folder_means_all_below_it(folder: Path) -> None:
    assert names(read(folder, recursive=True)) == ["hidden", "a1", "a2", "b", "c", "blob", "deep"]


def test_a_named_file_is_read_whatever_its_ending(folder: Path) -> None:
    assert names(read(folder / "d.txt", folder / "b.yml")) == ["d", "b"]


def test_a_problem_names_the_file_as_the_user_did(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.yaml").write_text("x: [")
    monkeypatch.chdir(folder.parent)
    assert [problem.file for problem in read("manifests").problems] == ["manifests/a.yaml"]


def test_stdin_is_read_once(folder: Path) -> None:
    text = (folder / "b.yml").read_bytes()
    loaded = read("-", folder / "c.json", "-", stdin=text)
    assert names(loaded) == ["b", "c"]
    assert str(loaded.documents[0].locate("$.kind")) == "stdin:2:1"


def test_a_file_named_twice_is_read_once(folder: Path) -> None:
    (folder / "z.yaml").symlink_to("b.yml")
    assert names(read(folder / "b.yml", folder, folder / "b.yml", f"{folder}/./b.yml")) == [
        "b",
        "hidden",
        "a1",
        "a2",
        "c",
    ]


def test_links_between_folders_end(folder: Path) -> None:
    (folder / "images" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "loop.yaml").symlink_to(folder, target_is_directory=True)
    assert names(read(folder, recursive=True)) == ["hidden", "a1", "a2", "b", "c", "blob", "deep"]


def test_a_link_to_a_folder_is_followed_when_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    assert names(read(tmp_path / "link")) == ["hidden", "a1", "a2", "b", "c"]


def test_what_is_missing_is_said_and_the_rest_is_read(folder: Path) -> None:
    loaded = read("nowhere.yaml", folder / "b.yml")
    assert names(loaded) == ["b"]
    assert [str(problem) for problem in loaded.problems] == [
        "nowhere.yaml:1:1: $: cannot be read: no such file or directory [FILE]"
    ]


def test_a_dangling_link_in_a_folder_is_said(folder: Path) -> None:
    (folder / "a.yaml").unlink()
    (folder / "a.yaml").symlink_to("gone")
    assert [problem.message for problem in read(folder).problems] == ["cannot be read: no such file or directory"]


def test_links_in_a_ring_are_said(folder: Path) -> None:
    (folder / "r1.yaml").symlink_to("r2.yaml")
    (folder / "r2.yaml").symlink_to("r1.yaml")
    loaded = read(folder)
    assert names(loaded) == ["hidden", "a1", "a2", "b", "c"]
    assert [problem.message for problem in loaded.problems] == ["cannot be read: too many levels of symbolic links"] * 2


@pytest.mark.parametrize("recursive", [False, True])
def test_a_folder_without_manifests_is_said(folder: Path, recursive: bool) -> None:  # noqa: FBT001 - a parameter of the table
    (folder / "empty" / "sub").mkdir(parents=True)
    (problem,) = read(folder / "empty", recursive=recursive).problems
    assert problem.message.startswith("folder holds no file ending in .yaml, .yml or .json")
    assert ("-R" in problem.message) is not recursive


@pytest.mark.rule("SEC-5")
def test_a_large_file_is_refused_by_its_size(folder: Path) -> None:
    with (folder / "a.yaml").open("wb") as file:
        file.truncate(BYTES_AT_MOST + 1)
    loaded = read(folder)
    assert names(loaded) == ["hidden", "b", "c"]
    assert [problem.message.split(" bytes")[0] for problem in loaded.problems] == [
        f"is larger than the {BYTES_AT_MOST - 48}"
    ]


@pytest.mark.rule("SEC-5")
def test_a_pipe_in_a_folder_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    assert [problem.message for problem in read(folder).problems] == ["is no regular file"]


def test_a_pipe_that_is_named_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"apiVersion: v1\nkind: X\nmetadata: {name: a}\n")
    os.close(writer)
    try:
        assert names(read(f"/dev/fd/{reader}")) == ["a"]
    finally:
        os.close(reader)


def test_a_stream_that_breaks_is_said() -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    loaded = read_manifests(["-"], recursive=False, stdin=Broken())
    assert [str(problem) for problem in loaded.problems] == ["stdin:1:1: $: cannot be read: input/output error [FILE]"]
