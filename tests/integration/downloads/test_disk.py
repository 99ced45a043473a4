"""What the volume does: too small, full midway, not writable, taken, locked; and how a process is ended from outside."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.integration.downloads.file_hub import FileHub, file_hub
from tests.integration.downloads.running import Ended, begun, download, tree
from tests.integration.egress.server import Heard, Steps, answer, until

CHANCE = Random(16)  # noqa: S311 - bytes to fill files with
FILES = {"config.json": b"{}", "model.safetensors": CHANCE.randbytes(6_000_000)}
OWN = {"complete.json", "lock", "staging", "parts", "journal"}


def fetched(hub: FileHub, target: Path, log: Path) -> Ended:
    return download("hf://org/model", "--to", str(target), "--endpoint", hub.url, log=log)


@pytest.mark.rule("FETCH-2", "FETCH-6")
def test_what_does_not_fit_is_told_before_the_first_byte(small: Path, log: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:
        ended = fetched(hub, small, log)
        assert [one for one in hub.hub.heard if "/resolve/" in one.target] == []
    assert (ended.code, ended.cause, ended.told["fetchedBytes"]) == (28, "DiskFull", 0)
    assert 1_500_000 < ended.told["lackingBytes"] < 6_000_000
    assert "make the volume" in ended.err


@pytest.mark.rule("FETCH-6", "FETCH-3")
def test_a_disk_that_fills_up_midway_ends_with_28_and_goes_on_when_there_is_room(small: Path, log: Path) -> None:
    files = {"config.json": b"{}", "model.safetensors": FILES["model.safetensors"][:3_000_000]}
    with file_hub(files=files) as hub:

        def fill(heard: Heard) -> Steps | None:
            if "/blobs/" in heard.target:
                (small / "somebody-elses").write_bytes(bytes(2_000_000))
            return None

        hub.fault = fill
        ended = fetched(hub, small, log)
        assert (ended.code, ended.cause) == (28, "DiskFull")
        assert "no space left on device" in ended.err
        hub.fault = lambda _: None
        (small / "somebody-elses").unlink()
        assert fetched(hub, small, log).code == 0
    assert (small / "org/model/model.safetensors").read_bytes() == files["model.safetensors"]


@pytest.mark.rule("FETCH-6")
def test_a_folder_that_cannot_be_written_ends_with_20(tmp_path: Path, log: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with file_hub(files=dict(FILES)) as hub:
        ended = fetched(hub, tmp_path / "file", log)
    assert (ended.code, ended.cause) == (20, "NotWritable")


@pytest.mark.rule("FETCH-5")
def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, log: Path) -> None:
    mine = tmp_path / "w" / "org" / "model" / "mine"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with file_hub(files=dict(FILES)) as hub:
        ended = fetched(hub, tmp_path / "w", log)
    assert (ended.code, ended.cause) == (20, "FolderTaken")
    assert mine.read_text() == "mine"


@pytest.mark.rule("FETCH-5")
def test_a_second_writer_is_kept_out(tmp_path: Path, log: Path) -> None:
    own = tmp_path / "w" / ".aimcore"
    own.mkdir(parents=True)
    with (own / "lock").open("w") as held, file_hub(files=dict(FILES)) as hub:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = fetched(hub, tmp_path / "w", log)
    assert (ended.code, ended.cause) == (10, "Locked")


@pytest.mark.rule("FETCH-5")
def test_another_revision_takes_the_place_of_the_one_before(tmp_path: Path, log: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:
        assert fetched(hub, tmp_path / "w", log).code == 0
        hub.files = {"other.json": b"[]"}
        where = ("--to", str(tmp_path / "w"), "--endpoint", hub.url)
        assert download("hf://org/model@v1", *where, log=log).code == 0
    assert [one.name for one in (tmp_path / "w/org/model").iterdir()] == ["other.json"]
    assert {one.name for one in (tmp_path / "w/.aimcore").iterdir()} <= {
        "complete.json",
        "lock",
        "staging",
        "parts",
        "journal",
    }


@pytest.mark.rule("FETCH-6")
def test_a_process_that_is_asked_to_end_says_so(tmp_path: Path, log: Path) -> None:
    def slow(heard: Heard) -> Steps | None:
        if "/blobs/" not in heard.target:
            return None
        return (answer(200, b"", content_length="6000000"), bytes(1000), 60.0)

    with file_hub(files=dict(FILES)) as hub:
        hub.fault = slow
        running = begun("hf://org/model", "--to", str(tmp_path / "w"), "--endpoint", hub.url, log=log)
        assert until(lambda: bool(hub.cdn.heard), seconds=30)
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 10
    assert "Interrupted: was asked to end" in err
    assert '"exitCode": 10' in log.read_text()


# A folder that somebody filled ----------------------------------------------------------------------------------------


@pytest.mark.rule("CACHE-6", "FETCH-6")
def test_a_look_at_a_folder_that_cannot_be_written_asks_nobody(tmp_path: Path, log: Path) -> None:
    target = tmp_path / "weights"
    with file_hub(files={"config.json": b"{}", "model.safetensors": b"w" * 100}) as hub:
        assert fetched(hub, target, log).code == 0
    before, plan = tree(target), tmp_path / "plan.json"
    sources = [{"modelId": "org/model", "uri": "hf://org/model", "env": {}}]
    plan.write_text(json.dumps({"target": str(target), "sources": sources}))
    subprocess.run(["mount", "--bind", "-o", "ro", target, target], check=True)
    try:
        ended = download("--plan", str(plan), "--check", log=log)
        assert (ended.code, ended.cause, ended.told["bytes"]) == (0, None, 102)
        plan.write_text(json.dumps({"target": str(target), "sources": [{**sources[0], "uri": "hf://org/model@v2"}]}))
        ended = download("--plan", str(plan), "--check", log=log)
        assert (ended.code, ended.cause) == (20, "NotWhole")
        assert "expected 'hf://org/model@v2'" in ended.err
    finally:
        subprocess.run(["umount", target], check=True)
    assert tree(target) == before
