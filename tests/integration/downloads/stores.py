"""Two real servers that speak S3: moto behind a check of keys, and versitygw, each with a bucket that a test fills (run once a module)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config

from tests.integration.egress.server import Certificate

__all__ = ["KEYS", "NAMES", "STORES", "Store", "moto", "versitygw", "versitygw_missing"]

VERSION: Final = "v1.8.0"
BINARY: Final = Path.home() / ".cache" / "aimcore" / f"versitygw-{VERSION}" / "versitygw"
KEYS: Final = {"AWS_ACCESS_KEY_ID": "AKIAC4N4RY0000000000", "AWS_SECRET_ACCESS_KEY": "a-c4n4ry-of-the-stores"}
NAMES: Final = ("--env", "AWS_ACCESS_KEY_ID", "--env", "AWS_SECRET_ACCESS_KEY")
"""How a call names those keys."""
PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store with the bucket `weights`."""

    url: str

    @property
    def environment(self) -> Mapping[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, **KEYS}

    def client(self) -> Any:
        """Whoever fills the bucket."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}),
        )

    def put(self, files: Mapping[str, bytes], **how: str) -> None:
        """Put these objects, with a checksum where `how` names one (`ChecksumAlgorithm="SHA256"`)."""
        client = self.client()
        for key, data in files.items():
            client.put_object(Bucket="weights", Key=key, Body=data, **how)


def versitygw_missing() -> str | None:
    """Why versitygw cannot be run here; it is built once, outside the tree, where there is Go."""
    if BINARY.exists():
        return None
    go = shutil.which("go")
    if go is None:
        return f"there is neither {BINARY} nor Go to build it with"
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    command = [go, "install", f"github.com/versity/versitygw/cmd/versitygw@{VERSION}"]
    built = subprocess.run(command, env={**os.environ, "GOBIN": str(BINARY.parent)}, capture_output=True, check=False)
    return None if built.returncode == 0 else f"versitygw could not be built: {built.stderr[-300:].decode()}"


@contextmanager
def moto(_: Path, address: str = "127.0.0.1") -> Iterator[Store]:
    """It knows no wrong signature, only keys that are not known."""
    program = Path(__file__).parents[1] / "sizes" / "s3_moto.py"
    command = [sys.executable, str(program), KEYS["AWS_ACCESS_KEY_ID"], address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            yield _with_bucket(f"http://{address}:{int(process.stdout.readline())}")
        finally:
            process.kill()


@contextmanager
def versitygw(folder: Path, certificate: Certificate | None = None) -> Iterator[Store]:
    """Objects are files below `folder`; signatures are checked."""
    with socket.create_server(("127.0.0.1", 0)) as probing:
        port = probing.getsockname()[1]
    keys = ["--access", KEYS["AWS_ACCESS_KEY_ID"], "--secret", KEYS["AWS_SECRET_ACCESS_KEY"]]
    tls = ["--cert", str(certificate.chain), "--key", str(certificate.key)] if certificate else []
    command = [str(BINARY), *keys, *tls, "--port", f"127.0.0.1:{port}", "--quiet", "posix", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await(port)
            if certificate is None:
                yield _with_bucket(f"http://127.0.0.1:{port}")
            else:
                (folder / "weights").mkdir()  # a bucket, too
                yield Store(url=f"https://127.0.0.1:{port}")
        finally:
            process.kill()


def _with_bucket(url: str) -> Store:
    store = Store(url=url)
    store.client().create_bucket(Bucket="weights")
    return store


def _await(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"versitygw does not listen at port {port} after {PATIENCE:g} s")


STORES: Final[Mapping[str, Callable[[Path], AbstractContextManager[Store]]]] = {"moto": moto, "versitygw": versitygw}
