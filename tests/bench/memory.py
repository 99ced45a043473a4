"""B11: the memory of `aimcore download` at its peak, for a file of 1 GiB and for one of 8 GiB, each fetched three times."""

from __future__ import annotations

import mmap
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from boto3.s3.transfer import TransferConfig

from tests.bench.measure import Row
from tests.integration.downloads.file_hub import file_hub
from tests.integration.downloads.running import peak, sparse
from tests.integration.downloads.stores import KEYS, NAMES, versitygw, versitygw_missing

RUNS = 3
SMALL, LARGE = 1, 8  # GiB
BAR = 512  # MiB
GROWTH = 1.1
ROOM = 3 * LARGE * 2**30
"""Bytes: an object, its parts while the store puts them together, and what was fetched."""
PARTS = TransferConfig(multipart_chunksize=64 * 2**20)

Measured = Callable[[str], float]
"""Downloads a file into a folder and gives the MiB of it."""


def rows() -> Iterator[Row]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        free = shutil.disk_usage(folder).free
        if free < ROOM:
            yield Row("memory", "not measured", f"{free:,} of {ROOM:,} bytes are free", met=False)
            return
        yield from _compared("of a hub", [_of_a_hub(folder, size) for size in (SMALL, LARGE)])
        if versitygw_missing() is None:
            yield from _compared("of a store", [_of_a_store(folder, size) for size in (SMALL, LARGE)])


def _of_a_hub(folder: Path, gibibytes: int) -> list[float]:
    zeros = sparse(folder / "zeros", gibibytes * 1024)
    with zeros.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with file_hub(files={"model.safetensors": content}) as hub:
        return _peaks(folder, lambda to: peak("hf://org/model", "--to", to, "--endpoint", hub.url))


def _of_a_store(folder: Path, gibibytes: int) -> list[float]:
    with TemporaryDirectory(dir=folder) as name, versitygw(Path(name)) as store:
        zeros = str(sparse(folder / "zeros", gibibytes * 1024))
        store.client().upload_file(zeros, "weights", "org/model/model.safetensors", Config=PARTS)
        where = ("--endpoint", store.url, *NAMES)
        return _peaks(folder, lambda to: peak("s3://weights/org/model", "--to", to, *where, **KEYS))


def _peaks(folder: Path, measured: Measured) -> list[float]:
    found = []
    for _ in range(RUNS):
        with TemporaryDirectory(dir=folder) as target:
            found.append(measured(target))
    return found


def _compared(where: str, peaks: list[list[float]]) -> Iterator[Row]:
    for size, found in zip((SMALL, LARGE), peaks, strict=True):
        told = ", ".join(f"{one:.0f}" for one in sorted(found))
        yield Row(f"memory for {size} GiB {where} (MiB)", told, f"<= {BAR}", max(found) <= BAR)
    small, large = peaks
    times = max(large) / min(small)
    yield Row("the most of the latter over the least of the former", f"{times:.2f}x", f"<= {GROWTH}x", times <= GROWTH)
