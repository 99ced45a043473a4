"""Much to fetch: five thousand files that are recognised without a question to anybody, and large ones in little memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.downloads.file_hub import file_hub
from tests.integration.downloads.running import download, peak, sparse, surroundings
from tests.integration.downloads.stores import KEYS, NAMES, Store
from tests.integration.egress.server import answer

COUNT = 5_000
FILES = {f"shards-{number // 100}/{number}.json": b"%d" % number for number in range(COUNT)}


@pytest.mark.rule("FETCH-4", "FETCH-5")
def test_five_thousand_files_and_then_none(tmp_path: Path, log: Path) -> None:
    with file_hub(files=FILES) as hub:
        where = ("--to", str(tmp_path / "w"), "--endpoint", hub.url)
        ended = download("hf://org/model", *where, log=log)
        assert (ended.code, ended.told["sources"][0]["verified"]) == (0, {"git": COUNT})
        hub.fault = lambda _: answer(500)
        hub.hub.heard.clear()
        again = download("hf://org/model", *where, log=log)
        assert (again.code, again.told["fetchedBytes"]) == (0, 0)
        assert _imported("hf://org/model", *where).isdisjoint({"huggingface_hub", "boto3", "botocore", "s3transfer"})
        assert hub.hub.heard == []
    assert sum(len(names) for _, _, names in os.walk(tmp_path / "w/org/model")) == COUNT


def _imported(*arguments: str) -> set[str]:
    """The packages that a download imports: those of the libraries take a second."""
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from aimcore.entrypoints.cli import main; main()"
    command = [sys.executable, "-c", code, "download", *arguments]
    done = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


MEMORY = 512  # MiB
GROWTH = 1.25
"""A quarter more, of a file ten times as large: a small one has fewer parts than come at once."""


@pytest.mark.rule("FETCH-3")
def test_memory_does_not_grow_with_a_file_of_a_hub(tmp_path: Path) -> None:
    peaks = []
    for mebibytes in (16, 256):
        with file_hub(files={"model.safetensors": bytes(mebibytes * 1024 * 1024)}) as hub:
            peaks.append(peak("hf://org/model", "--to", str(tmp_path / "w"), "--endpoint", hub.url))
        shutil.rmtree(tmp_path / "w")
    small, large = peaks
    assert large < min(MEMORY, small * GROWTH)


@pytest.mark.rule("FETCH-3")
@pytest.mark.parametrize("store", ["versitygw"], indirect=True)
def test_memory_does_not_grow_with_an_object_of_a_store(store: Store, tmp_path: Path) -> None:
    peaks = []
    for mebibytes in (32, 320):
        key, target = f"{mebibytes}/llama/model.safetensors", str(tmp_path / "w")
        store.client().upload_file(str(sparse(tmp_path / "zeros", mebibytes)), "weights", key)
        peaks.append(peak(f"s3://weights/{mebibytes}/llama", "--to", target, "--endpoint", store.url, *NAMES, **KEYS))
        store.client().delete_object(Bucket="weights", Key=key)
        shutil.rmtree(target)
    small, large = peaks
    assert large < min(MEMORY, small * GROWTH)
