"""B11: weights of a store, beside what one would write oneself: boto3's transfer manager, and `sha256sum` of what came.

Both read the same objects from one versitygw, each run in a process of its own and into an empty folder, turn about; the better
of two runs counts, by the clock. The peer works out digests; `aimcore download` compares them with those of the store.
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

from tests.bench.measure import Row
from tests.integration.downloads.stores import KEYS, Store, versitygw, versitygw_missing

SMALL, LARGE = 5_000, 16
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


def rows() -> Iterator[Row]:
    lacking = versitygw_missing()
    if lacking:
        yield Row("everything", "not measured", lacking, met=False)
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "store").mkdir()
        with versitygw(folder / "store") as store:
            yield from _timed(store, folder, f"{SMALL:,} files of 2 kB", "small", [2_000] * SMALL)
            yield from _timed(store, folder, f"{LARGE} files of {MEBIBYTES} MiB", "large", [MEBIBYTES * 2**20] * LARGE)


def _timed(store: Store, folder: Path, what: str, prefix: str, sizes: list[int]) -> Iterator[Row]:
    client = store.client()

    def put(number: int) -> None:
        key = f"{prefix}/model/{number % 50}/{number}.json"
        client.put_object(Bucket="weights", Key=key, Body=os.urandom(sizes[number]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(len(sizes))))
    peer, ours, again = [], [], []
    for _ in range(RUNS):
        with TemporaryDirectory(dir=folder) as target:
            peer.append(_seconds(_peer, store, prefix, target))
        with TemporaryDirectory(dir=folder) as target:
            ours.append(_seconds(_ours, store, prefix, target))
            again.append(_seconds(_ours, store, prefix, target))
    times = min(ours) / min(peer)
    yield Row(f"{what}, over boto3 and sha256sum ({min(ours):.1f} s)", f"{times:.2f}x", f"<= {BAR}x", times <= BAR)
    yield Row("the same once more: all is there", f"{min(again):.2f} s", "<= 2 s", min(again) <= 2)


def _seconds(run: Callable[[Store, str, str], None], store: Store, prefix: str, target: str) -> float:
    start = time.monotonic()
    run(store, prefix, target)
    return time.monotonic() - start


def _peer(store: Store, prefix: str, target: str) -> None:
    command = [sys.executable, "-c", PEER, store.url, f"{prefix}/", target]
    subprocess.run(command, check=True, env={**os.environ, **KEYS})
    summing = "find . -type f -print0 | xargs -0 sha256sum"
    subprocess.run(["sh", "-c", summing], check=True, cwd=target, stdout=subprocess.DEVNULL)


def _ours(store: Store, prefix: str, target: str) -> None:
    command = [str(Path(sys.executable).parent / "aimcore"), "download", f"s3://weights/{prefix}/model", "--to", target]
    names = ("--env", "AWS_ACCESS_KEY_ID", "--env", "AWS_SECRET_ACCESS_KEY", "--endpoint", store.url)
    subprocess.run([*command, *names], check=True, env={**os.environ, **KEYS}, stdout=subprocess.DEVNULL)
