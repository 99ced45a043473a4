from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from aimcore.adapters.manifests.limits import BYTES_AT_MOST
from aimcore.adapters.manifests.lock import UnwritableError, check_place, write_lock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "aim.lock.yaml"


def test_a_file_is_written_and_nothing_is_left_beside_it(file: Path) -> None:
    for text in ("one\n", "two\n"):
        write_lock(file, text)
        assert file.read_text() == text
    assert [path.name for path in file.parent.iterdir()] == ["aim.lock.yaml"]


def test_permissions_stay_as_they_are(file: Path) -> None:
    file.write_text("old")
    file.chmod(0o640)
    write_lock(file, "new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_who_reads_meanwhile_reads_the_old_file_to_its_end(file: Path) -> None:
    file.write_text("old")
    with file.open() as stream:
        write_lock(file, "new")
        assert stream.read() == "old"


def test_a_link_is_not_followed(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    file.symlink_to(victim)
    with pytest.raises(UnwritableError, match="is a link; expected a file, or nothing yet"):
        write_lock(file, "new")
    assert (victim.read_text(), file.is_symlink()) == ("precious", True)


@pytest.mark.parametrize(
    ("make", "what"), [(os.mkdir, "a folder"), (os.mkfifo, "no regular file")], ids=["folder", "pipe"]
)
def test_what_is_no_file_is_left_alone(file: Path, make: object, what: str) -> None:
    assert callable(make)
    make(file)
    with pytest.raises(UnwritableError, match=f"is {what}; expected a file"):
        write_lock(file, "new")


def test_a_place_that_is_not_there_or_under_a_file_is_told(file: Path) -> None:
    with pytest.raises(UnwritableError, match="cannot be written: no such file or directory"):
        write_lock(file.parent / "none" / "aim.lock.yaml", "new")
    file.write_text("old")
    with pytest.raises(UnwritableError, match="cannot be written: not a directory"):
        check_place(file / "aim.lock.yaml")


def test_a_place_is_free_or_taken(file: Path) -> None:
    assert not check_place(file)
    file.touch()
    assert check_place(file)


def test_what_could_not_be_read_again_is_not_written(file: Path) -> None:
    with pytest.raises(UnwritableError, match=f"expected at most {BYTES_AT_MOST}"):
        write_lock(file, "x" * (BYTES_AT_MOST + 1))
    assert not file.exists()
