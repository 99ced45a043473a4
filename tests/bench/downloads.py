"""B11: weights of a hub and of a store, beside what one would run oneself, and `sha256sum` of what came.

Of a hub that is `hf download`, of a store (versitygw) boto3's transfer manager. Both read the same files from one server, each run
in a process of its own and into an empty folder, turn about; the better of two runs counts, by the clock. The peer works out digests;
`aimcore download` compares them with those of the server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import memory
from tests.bench.measure import Row
from tests.integration.downloads.file_hub import file_hub
from tests.integration.downloads.stores import KEYS, NAMES, Store, versitygw, versitygw_missing

SMALL, LARGE = 5_000, 50
MEBIBYTES = 64
RUNS = 2
BAR = 1.05
PEER = """
import os, sys
import boto3
from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.config import Config

url, prefix, folder = sys.argv[1:]
config = Config(s3={"addressing_style": "path"})
client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config)
manager = create_transfer_manager(client, TransferConfig(max_concurrency=10))
futures = []
for page in client.get_paginator("list_objects_v2").paginate(Bucket="weights", Prefix=prefix):
    for one in page["Contents"]:
        path = os.path.join(folder, one["Key"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        futures.append(manager.download("weights", one["Key"], path))
for future in futures:
    future.result()
manager.shutdown()
"""


Download = Callable[[str], None]
"""Downloads everything into a folder."""
HERE = Path(sys.executable).parent


def rows() -> Iterator[Row]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        yield from _of_a_hub(folder)
        lacking = versitygw_missing()
        if lacking:
            yield Row("weights of a store", "not measured", lacking, met=False)
            return
        (folder / "store").mkdir()
        with versitygw(folder / "store") as store:
            yield from _of_a_store(store, folder, f"{SMALL:,} files of 2 kB", "small", [2_000] * SMALL)
            yield from _of_a_store(store, folder, f"{LARGE} files of {MEBIBYTES} MiB", "large", [_LARGE] * LARGE)
    yield from memory.rows()


_LARGE = MEBIBYTES * 2**20


def _of_a_hub(folder: Path) -> Iterator[Row]:
    for what, sizes in (
        (f"{SMALL:,} files of 2 kB", [2_000] * SMALL),
        (f"{LARGE} files of {MEBIBYTES} MiB", [_LARGE] * LARGE),
    ):
        files = {f"{number % 50}/{number}.json": os.urandom(size) for number, size in enumerate(sizes)}
        with file_hub(files=files) as hub, TemporaryDirectory(dir=folder) as home:
            env = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": home, "HF_HUB_DISABLE_XET": "1"}

            def peer(target: str, env: dict[str, str] = env) -> None:
                _run([str(HERE / "hf"), "download", "org/model", "--local-dir", target], env)
                _sum(target)

            def ours(target: str, env: dict[str, str] = env, endpoint: str = hub.url) -> None:
                _run([str(HERE / "aimcore"), "download", "hf://org/model", "--to", target, "--endpoint", endpoint], env)

            yield from _compared(f"of a hub, {what}, over hf download and sha256sum", folder, peer, ours)


def _of_a_store(store: Store, folder: Path, what: str, prefix: str, sizes: list[int]) -> Iterator[Row]:
    client, env = store.client(), {**os.environ, **KEYS}

    def put(number: int) -> None:
        key = f"{prefix}/model/{number % 50}/{number}.json"
        client.put_object(Bucket="weights", Key=key, Body=os.urandom(sizes[number]))

    def peer(target: str) -> None:
        _run([sys.executable, "-c", PEER, store.url, f"{prefix}/", target], env)
        _sum(target)

    def ours(target: str) -> None:
        where = ("--to", target, "--endpoint", store.url)
        _run([str(HERE / "aimcore"), "download", f"s3://weights/{prefix}/model", *where, *NAMES], env)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(len(sizes))))
    yield from _compared(f"of a store, {what}, over boto3 and sha256sum", folder, peer, ours)


def _compared(what: str, folder: Path, peer: Download, ours: Download) -> Iterator[Row]:
    theirs, mine, again = [], [], []
    for _ in range(RUNS):
        with TemporaryDirectory(dir=folder) as target:
            theirs.append(_seconds(peer, target))
        with TemporaryDirectory(dir=folder) as target:
            mine.append(_seconds(ours, target))
            again.append(_seconds(ours, target))
    times = min(mine) / min(theirs)
    yield Row(f"{what} ({min(mine):.1f} s)", f"{times:.2f}x", f"<= {BAR}x", times <= BAR)
    yield Row("the same once more: all is there", f"{min(again):.2f} s", "<= 2 s", min(again) <= 2)


def _seconds(run: Download, target: str) -> float:
    start = time.monotonic()
    run(target)
    return time.monotonic() - start


def _run(command: list[str], env: dict[str, str]) -> None:
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _sum(target: str) -> None:
    summing = "find . -type f -print0 | xargs -0 sha256sum"
    subprocess.run(["sh", "-c", summing], check=True, cwd=target, stdout=subprocess.DEVNULL)
