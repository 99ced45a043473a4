"""Whatever a hub or the way to it does, a download ends with its exit code and a sentence, and the next one goes on from there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.integration.downloads.file_hub import TOKEN, FileHub, Files, file_hub
from tests.integration.downloads.running import Ended, download
from tests.integration.egress.server import CLOSE, Heard, Steps, answer

CHANCE = Random(16)  # noqa: S311 - bytes to fill files with
FILES: Files = {"config.json": b"{}", "model.safetensors": CHANCE.randbytes(2_000_000)}
WEIGHTS = FILES["model.safetensors"]
PIECE = 256 * 1024


def fetched(hub: FileHub, tmp_path: Path, *more: str, **variables: str) -> Ended:
    where = ("--to", str(tmp_path / "w"), "--endpoint", hub.url)
    return download("hf://org/model", *where, *more, log=tmp_path / "log", **variables)


def is_whole(tmp_path: Path, files: Files = FILES) -> bool:
    folder = tmp_path / "w" / "org" / "model"
    return all((folder / name).read_bytes() == data for name, data in files.items())


def of_weights(fault: Callable[[Heard], Steps | None]) -> Callable[[Heard], Steps | None]:
    """A fault of the GET of the one large file alone."""
    return lambda heard: fault(heard) if heard.method == "GET" and "/blobs/" in heard.target else None


class Once:
    """A fault for the first request of that kind; the others are answered as ever."""

    def __init__(self, steps: Steps, times: int = 1) -> None:
        self.steps, self.left = steps, times

    def __call__(self, _: Heard) -> Steps | None:
        self.left -= 1
        return self.steps if self.left >= 0 else None


@pytest.mark.rule("FETCH-3")
def test_who_is_asked_to_wait_waits_as_long(tmp_path: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:
        hub.fault = of_weights(Once(answer(429, retry_after="2")))
        began = time.monotonic()
        ended = fetched(hub, tmp_path, "--stall-seconds", "1.5")  # to wait is no stall
        waited = time.monotonic() - began
    assert (ended.code, ended.err) == (0, "")
    assert waited > 2
    assert is_whole(tmp_path)


@pytest.mark.rule("FETCH-3", "FETCH-6")
def test_who_is_asked_to_wait_long_ends_and_says_how_long(tmp_path: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:
        hub.fault = of_weights(lambda _: answer(429, retry_after="900"))
        ended = fetched(hub, tmp_path)
    assert (ended.code, ended.cause, ended.told["retryAfterSeconds"]) == (10, "RateLimited", 900)


@pytest.mark.rule("FETCH-3")
def test_a_connection_that_stalls_ends_the_attempt_and_the_next_goes_on(tmp_path: Path) -> None:
    head = answer(200, b"", content_length=str(len(WEIGHTS)))
    with file_hub(files=dict(FILES)) as hub:
        hub.fault = of_weights(Once((head, WEIGHTS[:500_000], 60.0), times=9))
        ended = fetched(hub, tmp_path, "--stall-seconds", "2")
        assert (ended.code, ended.cause) == (10, "Stalled")
        assert "not one byte came for 2 s" in ended.err
        hub.fault = lambda _: None
        hub.cdn.heard.clear()
        assert fetched(hub, tmp_path).code == 0
        assert [one.headers.get("range") for one in hub.cdn.heard] == [f"bytes={PIECE}-"]
    assert is_whole(tmp_path)


@pytest.mark.rule("FETCH-3")
def test_a_file_that_breaks_off_is_gone_on_with(tmp_path: Path) -> None:
    head = answer(200, b"", content_length=str(len(WEIGHTS)))
    with file_hub(files=dict(FILES)) as hub:
        hub.fault = of_weights(Once((head, WEIGHTS[:700_000], CLOSE)))
        ended = fetched(hub, tmp_path)
        ranges = [one.headers.get("range") for one in hub.cdn.heard if one.method == "GET"]
    assert ended.code == 0
    assert ranges == [None, f"bytes={2 * PIECE}-"]
    assert ended.told["fetchedBytes"] == len(WEIGHTS) + 2  # what filled no piece was never counted
    assert is_whole(tmp_path)


@pytest.mark.rule("FETCH-4", "FETCH-6")
def test_a_file_that_is_shorter_than_listed_is_not_taken(tmp_path: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:
        hub.fault = of_weights(lambda _: answer(200, WEIGHTS[:-1]))
        ended = fetched(hub, tmp_path)
    assert (ended.code, ended.cause) == (10, "Unreachable")
    assert not (tmp_path / "w" / "org").exists()


@pytest.mark.rule("FETCH-4", "FETCH-6")
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_content_ends_with_30_and_nothing_appears(tmp_path: Path, name: str) -> None:
    wrong = bytes(len(FILES[name]))
    with file_hub(files=dict(FILES)) as hub:
        hub.fault = (
            of_weights(lambda _: answer(200, wrong))
            if name == "model.safetensors"
            else lambda heard: answer(200, wrong) if heard.target.endswith(name) else None
        )
        ended = fetched(hub, tmp_path)
        assert (ended.code, ended.cause) == (30, "Checksum")
        assert f"file '{name}'" in ended.err
        assert not (tmp_path / "w" / "org").exists()
        hub.fault = lambda _: None
        assert fetched(hub, tmp_path).code == 0
    assert is_whole(tmp_path)


@pytest.mark.rule("FETCH-4")
def test_a_part_that_was_damaged_in_between_is_fetched_once_more(tmp_path: Path) -> None:
    head = answer(200, b"", content_length=str(len(WEIGHTS)))
    with file_hub(files=dict(FILES)) as hub:
        hub.fault = of_weights(Once((head, WEIGHTS[:500_000], 60.0), times=9))
        assert fetched(hub, tmp_path, "--stall-seconds", "1").code == 10
        hub.fault = lambda _: None
        (part,) = [one for one in (tmp_path / "w/.aimcore/parts/org/model").iterdir() if one.stat().st_size == PIECE]
        part.write_bytes(bytes(PIECE))
        ended = fetched(hub, tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert is_whole(tmp_path)


@pytest.mark.rule("FETCH-6")
def test_a_token_that_is_revoked_midway_ends_with_20(tmp_path: Path) -> None:
    with file_hub(files=dict(FILES), gated=True, token=TOKEN) as hub:

        def revoked(heard: Heard) -> Steps | None:
            if "/resolve/" in heard.target:
                hub.token = "another"  # noqa: S105 - planted
            return None

        hub.fault = revoked
        ended = fetched(hub, tmp_path, "--env", "HF_TOKEN", HF_TOKEN=TOKEN)
    assert (ended.code, ended.cause) == (20, "Unauthorized")
    assert "renew HF_TOKEN" in ended.err


@pytest.mark.rule("FETCH-3", "FETCH-6")
def test_a_file_that_is_gone_since_it_was_listed_is_listed_anew(tmp_path: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:

        def changed(heard: Heard) -> Steps | None:
            if heard.target.endswith("config.json"):
                hub.files.pop("config.json", None)
            return None

        hub.fault = changed
        ended = fetched(hub, tmp_path)
        assert (ended.code, ended.cause) == (10, "Changed")
        hub.fault = lambda _: None
        assert fetched(hub, tmp_path).code == 0
    assert is_whole(tmp_path, {"model.safetensors": WEIGHTS})
    assert not (tmp_path / "w/org/model/config.json").exists()


@pytest.mark.rule("FETCH-5")
@pytest.mark.parametrize("path", ["../../escape", "/etc/escape", ".aimcore/complete.json", "a/../../b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with file_hub(files={**FILES, path: b"out"}) as hub:
        ended = fetched(hub, tmp_path)
    assert (ended.code, ended.cause) == (20, "Malformed")
    assert ended.told["fetchedBytes"] == 0
