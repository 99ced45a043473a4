"""A folder is whole by its marker and by what is there, whoever filled it; else it is said what was looked for, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from aimcore.adapters.volume.volume import FolderVolume
from aimcore.domain.weights.fetchplan import FetchRequest, FetchSource
from aimcore.domain.weights.filter import parse_filter
from aimcore.domain.weights.outcome import FetchCause, FetchExit
from aimcore.entrypoints.download.checking import check
from aimcore.entrypoints.download.downloading import Downloads
from aimcore.entrypoints.download.meter import Meter
from tests.unit.entrypoints.download.planted import PlantedHosts

FILES = {"config.json": b"{}", "model.safetensors": b"weights"}
SOURCE = FetchSource(model_id="org/model", uri="hf://org/model")
OTHER = FetchSource(model_id="org/other", uri="hf://org/other")


def request(*sources: FetchSource) -> FetchRequest:
    return FetchRequest(target="/w", sources=sources or (SOURCE,), content="0123456789")


@pytest.fixture
def volume(tmp_path: Path) -> FolderVolume:
    """One that a download filled, with a filter."""
    filtered = FetchSource(model_id=SOURCE.model_id, uri=SOURCE.uri, files=parse_filter((), ("*.md",)))
    volume = FolderVolume(tmp_path)
    done = Downloads(hosts=PlantedHosts(files_held=FILES), volume=volume, meter=Meter(), variables={}).run(
        request(filtered)
    )
    assert done.cause is None
    return volume


@pytest.mark.rule("CACHE-6", "FETCH-5")
def test_what_a_download_left_is_found_whichever_filter_it_had(volume: FolderVolume) -> None:
    found = check(request(), volume)
    assert (found.cause, found.content, found.fetched) == (None, "0123456789", 0)
    assert [(one.model_id, one.files, one.bytes) for one in found.sources] == [("org/model", 2, 9)]


@pytest.mark.rule("CACHE-6")
@pytest.mark.parametrize(
    ("marker", "said"),
    [
        pytest.param(
            None,
            "there is no marker .aimcore/complete.json that can be read; expected the marker of a download of org/model of 'hf://org/model'",
            id="no marker",
        ),
        pytest.param("{}", "the marker .aimcore/complete.json cannot be used: ", id="not ours"),
        pytest.param(
            '{"version": 1, "sources": []}',
            "the marker .aimcore/complete.json names nothing; expected org/model of 'hf://org/model'",
            id="names nothing",
        ),
    ],
)
def test_a_folder_without_a_marker_of_ours_is_not_whole(tmp_path: Path, marker: str | None, said: str) -> None:
    if marker is not None:
        FolderVolume(tmp_path).mark(marker)
    found = check(request(), FolderVolume(tmp_path))
    assert (found.cause, found.exit) == (FetchCause.NOT_WHOLE, FetchExit.PERMANENT)
    assert found.message.startswith(said)


@pytest.mark.rule("CACHE-6")
def test_other_sources_than_those_of_the_marker_are_named(volume: FolderVolume) -> None:
    found = check(request(SOURCE, OTHER), volume)
    assert found.message == "the marker .aimcore/complete.json names org/model; expected org/other of 'hf://org/other'"
    newer = FetchSource(model_id="org/model", uri="hf://org/model@v2")
    found = check(request(newer), volume)
    assert found.message == (
        "the marker .aimcore/complete.json says that org/model is of 'hf://org/model'; expected 'hf://org/model@v2'"
    )


@pytest.mark.rule("CACHE-6")
def test_files_that_are_gone_or_were_cut_are_named(volume: FolderVolume, tmp_path: Path) -> None:
    (tmp_path / "org/model/model.safetensors").write_bytes(b"weig")
    found = check(request(), volume)
    assert found.cause is FetchCause.NOT_WHOLE
    assert found.message.startswith(
        "1 of 2 files of org/model are not there in the size that the marker says ('model.safetensors')"
    )
