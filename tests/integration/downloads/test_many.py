"""Five thousand small files: they come, are all there, and are recognised without a question to anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.downloads.file_hub import file_hub
from tests.integration.downloads.running import download, surroundings
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


MEMORY = 512 * 1024  # KiB
MEASURED = (
    "import atexit, re; from aimcore.entrypoints.cli import main; "
    "atexit.register(lambda: print(re.search('VmHWM: *([0-9]+)', open('/proc/self/status').read().replace(chr(9), ' '))[1]));"
    "main()"
)
"""The program, which prints its own peak at its end: what a parent is told of it counts the parent's pages too."""


@pytest.mark.rule("FETCH-3")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for mebibytes in (16, 256):
        with file_hub(files={"model.safetensors": bytes(mebibytes * 1024 * 1024)}) as hub:
            arguments = ("hf://org/model", "--to", str(tmp_path / str(mebibytes)), "--endpoint", hub.url)
            command = [sys.executable, "-c", MEASURED, "download", *arguments]
            done = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.splitlines()[-1]))
    small, large = peaks
    assert large < MEMORY
    assert large < small * 1.25
