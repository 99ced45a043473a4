"""Two stores that speak S3, started for a module on loopback, each with the same buckets; both list three keys a page."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

__all__ = ["KEYS", "STORES", "Store"]

KEYS: Final = {"AWS_ACCESS_KEY_ID": "AKIAOFTHETESTS000000", "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-tests"}
_OBJECTS: Final = {
    **{f"models/llama/shard-{number}.bin": 2**number for number in range(7)},  # three pages
    "models/llama/sub/folder/config.json": 1000,
    "models/llama-2/shard-1.bin": 5_000,
    "models/one.bin": 77,
    "models/çé+%41&=/w.bin": 9,
}
_TIMEOUT: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store with the bucket `weights`."""

    host: str

    @property
    def environment(self) -> Mapping[str, str]:
        return {"AWS_ENDPOINT_URL": f"http://{self.host}", **KEYS}


@contextmanager
def moto(_: Path) -> Iterator[Store]:
    """It knows no wrong signature, only keys that are not known."""
    with _running("s3_moto.py", KEYS["AWS_ACCESS_KEY_ID"], MOTO_S3_DEFAULT_MAX_KEYS="3") as host:
        credential = f"Credential={KEYS['AWS_ACCESS_KEY_ID']}/20260101/us-east-1/s3/aws4_request"
        talking = http.client.HTTPConnection(host, timeout=_TIMEOUT)
        objects = ((f"/weights/{quote(key)}", bytes(size)) for key, size in _OBJECTS.items())
        for path, body in [("/weights", b""), *objects]:
            talking.request("PUT", path, body, {"Authorization": f"AWS4-HMAC-SHA256 {credential}"})
            with talking.getresponse() as response:
                assert response.status == 200, response.read()
                response.read()
        talking.close()
        yield Store(host=host)


@contextmanager
def nanio(folder: Path) -> Iterator[Store]:
    """Buckets are folders and objects are files; signatures are checked. It lists by folder, not by key, where pages end."""
    for key, size in _OBJECTS.items():
        path = folder / "weights" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    with _running("s3_nanio.py", *KEYS.values(), str(folder)) as host:
        yield Store(host=host)


@contextmanager
def _running(program: str, *arguments: str, **variables: str) -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).with_name(program)), *arguments]
    environment = {"PATH": os.environ["PATH"], **variables}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            assert process.stdout is not None
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


STORES: Final[Mapping[str, Callable[[Path], AbstractContextManager[Store]]]] = {"moto": moto, "nanio": nanio}
