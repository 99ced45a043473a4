"""Five thousand small files: they come, are all there, and are recognised without a question to anybody."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.downloads.file_hub import file_hub
from tests.integration.downloads.running import PROGRAM, download, surroundings
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
        assert hub.hub.heard == []
    assert sum(len(names) for _, _, names in os.walk(tmp_path / "w/org/model")) == COUNT


MEMORY = 512 * 1024  # KiB


@pytest.mark.rule("FETCH-3")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    with file_hub(files={"model.safetensors": bytes(256 * 1024 * 1024)}) as hub:
        arguments = ("hf://org/model", "--to", str(tmp_path / "w"), "--endpoint", hub.url)
        command = [*PROGRAM, "download", *arguments]
        with subprocess.Popen(command, env=surroundings(), stdout=subprocess.DEVNULL) as running:
            _, status, used = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    assert used.ru_maxrss < MEMORY
