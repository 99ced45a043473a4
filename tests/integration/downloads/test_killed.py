"""A download that is killed ten times at random ends with the same bytes as one that is not, and fetches no whole file twice."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from random import Random

import pytest

from tests.integration.downloads.file_hub import file_hub
from tests.integration.downloads.running import begun, download
from tests.integration.downloads.stores import KEYS, NAMES, Store
from tests.integration.egress.server import Heard, Steps, answer, until

CHANCE = Random(16)  # noqa: S311 - bytes to fill files with, and moments
SMALL = {f"part-{number}/tokens.json": CHANCE.randbytes(900) for number in range(60)}
LARGE = {f"model-{number}.safetensors": CHANCE.randbytes(1_500_000 + number) for number in range(12)}
FILES = {**SMALL, **LARGE}
PIECE = 64 * 1024


def moments() -> list[float]:
    """Seconds after the beginning of the first transfer, of a download that takes some two."""
    return [CHANCE.uniform(0.0, 1.0) for _ in range(10)]


def slowly(heard: Heard) -> Steps | None:
    """Large files come in pieces with pauses."""
    name = heard.target.removeprefix("/blobs/")
    if heard.method != "GET" or name not in LARGE:
        return None
    begin = int(heard.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
    rest = LARGE[name][begin:]
    ranged = {"content_range": f"bytes {begin}-{len(LARGE[name]) - 1}/{len(LARGE[name])}"} if begin else {}
    head = answer(206 if begin else 200, b"", content_length=str(len(rest)), **ranged)
    pieces = [rest[at : at + PIECE] for at in range(0, len(rest), PIECE)]
    return (head, *(step for piece in pieces for step in (piece, 0.02)))


@pytest.mark.rule("FETCH-3", "FETCH-5")
def test_killed_ten_times_on_a_hub(tmp_path: Path, log: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:
        hub.fault = slowly
        where = ("hf://org/model", "--to", str(tmp_path / "w"), "--endpoint", hub.url)
        journal = tmp_path / "w/.aimcore/journal/org/model.jsonl"
        for moment in moments():
            written = journal.read_text() if journal.exists() else ""
            whole = {name for name in FILES if f'"{name}"' in written}
            hub.hub.heard.clear()
            hub.cdn.heard.clear()
            running = begun(*where, log=log)
            assert until(lambda: len(hub.hub.heard) > 1 or running.poll() is not None, seconds=30)  # noqa: B023 - asked at once
            time.sleep(moment)
            running.send_signal(signal.SIGKILL)
            running.communicate()
            twice = {name for name in whole if any(target.endswith(f"/{name}") for target in hub.gets())}
            assert twice == set()
            assert (
                journal.exists()
                or not (tmp_path / "w/org").exists()
                or (tmp_path / "w/.aimcore/complete.json").exists()
            )
        ended = download(*where, log=log)
    assert (ended.code, ended.err) == (0, "")
    folder = tmp_path / "w/org/model"
    found = {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    assert found == FILES


@pytest.mark.rule("FETCH-3", "FETCH-5")
def test_killed_ten_times_on_a_store(store: Store, tmp_path: Path, log: Path) -> None:
    store.put({f"killed/m/{name}": data for name, data in FILES.items()})
    where = ("s3://weights/killed/m", "--to", str(tmp_path / "w"), "--endpoint", store.url, *NAMES)
    journal = tmp_path / "w/.aimcore/journal/killed/m.jsonl"
    for moment in moments():
        written = journal.read_text() if journal.exists() else ""
        verified = _as_it_is(tmp_path / "w", written)
        running = begun(*where, log=log, **KEYS)
        until(lambda: running.poll() is not None or (journal.exists() and journal.read_text() > written), seconds=30)  # noqa: B023 - asked at once
        time.sleep(moment / 40)  # it takes no half second for all of them
        running.send_signal(signal.SIGKILL)
        running.communicate()
        assert verified.items() <= _as_it_is(tmp_path / "w").items()  # a file that is fetched anew is another one
    ended = download(*where, log=log, **KEYS)
    assert (ended.code, ended.err) == (0, "")
    folder = tmp_path / "w/killed/m"
    whole = {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    assert whole == FILES


def _as_it_is(target: Path, written: str | None = None) -> dict[str, tuple[int, int]]:
    """The files that are staged or shown, as the disk knows them; only those that are `written` down, where it is given."""
    folders = (target / ".aimcore/staging/killed/m", target / "killed/m")
    return {
        one.relative_to(folder).as_posix(): (one.stat().st_ino, one.stat().st_mtime_ns)
        for folder in folders
        for one in folder.rglob("*")
        if one.is_file() and (written is None or f'"{one.relative_to(folder).as_posix()}"' in written)
    }
