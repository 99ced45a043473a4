"""Wherever a download breaks off, the next one ends with the same volume, and fetches nothing again that was verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from aimcore.adapters.volume.volume import FolderVolume
from aimcore.domain.weights.fetchplan import FetchRequest, FetchSource
from aimcore.domain.weights.marker import marker_text, parse_marker
from aimcore.domain.weights.outcome import FetchCause, FetchResult
from aimcore.entrypoints.download.downloading import Downloads
from aimcore.entrypoints.download.meter import Meter
from tests.unit.entrypoints.download.planted import BrittleVolume, BrokenOffError, PlantedHosts

OLD = {"config.json": b"old", "gone.txt": b"gone", "same.txt": b"same"}
NEW = {"config.json": b"new!", "model.safetensors": b"weights", "same.txt": b"same"}


def request(revision: str = "main") -> FetchRequest:
    return FetchRequest(target="/w", sources=(FetchSource(model_id="org/model", uri=f"hf://org/model@{revision}"),))


def run(hosts: PlantedHosts, volume: FolderVolume, wanted: FetchRequest) -> FetchResult:
    return Downloads(hosts=hosts, volume=volume, meter=Meter(), variables={}).run(wanted)


def there(folder: Path) -> dict[str, bytes]:
    """All files but the lock, and notes about what is whole by now, which may be left behind."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"lock", "model.jsonl"}
    }


def whole(target: Path, files: dict[str, bytes]) -> bool:
    """Only those files, and a marker that speaks of them."""
    found = there(target)
    marker = parse_marker(found.pop(".aimcore/complete.json").decode())
    listed = {f"org/model/{one.path}" for one in marker.sources[0].files}
    return found == {f"org/model/{name}": data for name, data in files.items()} and listed == found.keys()


@pytest.mark.rule("FETCH-3", "FETCH-5")
@pytest.mark.parametrize("step", range(1, 8))
def test_broken_off_at_each_step_of_a_first_download(tmp_path: Path, step: int) -> None:
    hosts, broken = PlantedHosts(files_held=NEW), BrittleVolume(tmp_path, break_before=step)
    ended = False
    try:
        ended = run(hosts, broken, request()).cause is None
    except BrokenOffError:
        assert not (tmp_path / "org/model").exists() or there(tmp_path / "org/model") == NEW
    before = list(hosts.fetched)
    accepted = min(step - 1, len(NEW))
    assert run(hosts, FolderVolume(tmp_path), request()).cause is None
    assert whole(tmp_path, NEW)
    again = len(hosts.fetched) - len(set(hosts.fetched))
    assert again == 0 or again <= len(before) - accepted  # only what was never verified
    assert ended == (step > broken.steps)


@pytest.mark.rule("FETCH-5")
@pytest.mark.parametrize("step", range(1, 9))
def test_broken_off_at_each_step_of_a_change(tmp_path: Path, step: int) -> None:
    assert run(PlantedHosts(files_held=OLD), FolderVolume(tmp_path), request()).cause is None
    hosts = PlantedHosts(files_held=NEW, commit="beef")
    try:
        run(hosts, BrittleVolume(tmp_path, break_before=step), request("v2"))
    except BrokenOffError:
        marker = parse_marker(FolderVolume(tmp_path).marker() or "")
        known = marker.of("org/model")
        shown = there(tmp_path / "org/model")
        assert shown in (OLD, NEW)
        assert known is None or {one.path for one in known.files} == shown.keys()
    assert run(hosts, FolderVolume(tmp_path), request("v2")).cause is None
    assert whole(tmp_path, NEW)


@pytest.mark.rule("FETCH-5")
def test_what_is_marked_and_not_all_there_is_looked_at_again(tmp_path: Path) -> None:
    hosts = PlantedHosts(files_held=NEW)
    run(hosts, FolderVolume(tmp_path), request())
    (tmp_path / "org/model/same.txt").unlink()
    hosts.fetched.clear()
    assert run(hosts, FolderVolume(tmp_path), request()).cause is None
    assert hosts.fetched == ["same.txt"]
    assert whole(tmp_path, NEW)


@pytest.mark.parametrize("text", ["", "{}", "\x00", '{"version": 9, "sources": []}'])
def test_a_marker_that_nobody_can_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / ".aimcore").mkdir()
    (tmp_path / ".aimcore/complete.json").write_text(text)
    hosts = PlantedHosts(files_held=NEW)
    assert run(hosts, FolderVolume(tmp_path), request()).cause is None
    assert whole(tmp_path, NEW)


@pytest.mark.rule("FETCH-5")
def test_two_sources_have_a_folder_each_and_one_marker(tmp_path: Path) -> None:
    sources = tuple(FetchSource(model_id=f"org/{name}", uri=f"hf://org/{name}") for name in ("a", "b"))
    hosts = PlantedHosts(files_held=NEW)
    result = run(hosts, FolderVolume(tmp_path), FetchRequest(target="/w", sources=sources))
    assert [one.model_id for one in result.sources] == ["org/a", "org/b"]
    marker = parse_marker(FolderVolume(tmp_path).marker() or "")
    assert [one.model_id for one in marker.sources] == ["org/a", "org/b"]
    assert marker_text(marker) == FolderVolume(tmp_path).marker()


@pytest.mark.rule("FETCH-4")
def test_hashing_again_takes_a_damaged_source_back(tmp_path: Path) -> None:
    hosts = PlantedHosts(files_held=NEW)
    downloads = Downloads(hosts=hosts, volume=FolderVolume(tmp_path), meter=Meter(), variables={})
    assert downloads.verify(request()).cause is None
    (tmp_path / "org/model/config.json").write_bytes(b"nEw!")
    assert downloads.verify(request()).cause is FetchCause.CHECKSUM
    assert not (tmp_path / "org/model").exists()
    hosts.fetched.clear()
    assert downloads.run(request()).cause is None
    assert hosts.fetched == ["config.json"]
    assert whole(tmp_path, NEW)


@pytest.mark.rule("FETCH-3")
def test_many_files_with_one_that_fails_end_at_once(tmp_path: Path) -> None:
    files = {f"{number}.txt": b"x" for number in range(200)}
    hosts = PlantedHosts(files_held={**files, "a.txt": b"y"})
    listed = hosts.files(None, {})  # type: ignore[arg-type]  # nothing is asked of it
    assert len(listed.files) == 201
    hosts.files_held = {**files, "a.txt": b"wrong"}
    hosts.files = lambda *_: listed  # type: ignore[method-assign]  # it lists what was there before
    assert run(hosts, FolderVolume(tmp_path), request()).cause is FetchCause.CHECKSUM
    assert not (tmp_path / "org").exists()
