"""A folder of a bucket, on a volume, from two real servers that speak S3."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.integration.downloads.running import Ended, download, tree
from tests.integration.downloads.stores import KEYS, NAMES, Store

CHANCE = Random(16)  # noqa: S311 - bytes to fill files with
FILES = {
    "config.json": b"{}",
    "model.safetensors": CHANCE.randbytes(20_000_000),  # in three parts
    "model.bin": CHANCE.randbytes(1000),
    "empty": b"",
    "sub/a b+ç%&=.txt": b"hello",
}


def fetched(store: Store, key: str, tmp_path: Path, *more: str, **variables: str) -> Ended:
    where = ("--to", str(tmp_path / "w"), "--endpoint", store.url)
    keys = {**KEYS, **variables}
    return download(f"s3://weights/{key}", *where, *NAMES, *more, log=tmp_path / "log", **keys)


@pytest.mark.rule("FETCH-1", "FETCH-2", "FETCH-4")
def test_a_folder_comes_whole_and_verified(store: Store, tmp_path: Path) -> None:
    store.put({f"one/llama/{name}": data for name, data in FILES.items()})
    store.put({"one/llama/sha.txt": b"sha"}, ChecksumAlgorithm="SHA256")
    store.put({"one/llama-2/other": b"not this"})
    ended = fetched(store, "one/llama", tmp_path)
    assert (ended.code, ended.err) == (0, "")
    found = {name: (tmp_path / "w/one/llama" / name).read_bytes() for name in tree(tmp_path / "w/one/llama")}
    assert found == {**{name: data for name, data in FILES.items() if name != "model.bin"}, "sha.txt": b"sha"}
    assert ended.told["sources"][0]["verified"] == {"md5": 4, "sha256": 1}


def _put_in_parts(store: Store, key: str, parts: list[bytes]) -> None:
    client = store.client()
    upload = client.create_multipart_upload(Bucket="weights", Key=key)["UploadId"]
    tags = [
        client.upload_part(Bucket="weights", Key=key, UploadId=upload, PartNumber=number, Body=data)["ETag"]
        for number, data in enumerate(parts, start=1)
    ]
    listed = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, start=1)]
    client.complete_multipart_upload(Bucket="weights", Key=key, UploadId=upload, MultipartUpload={"Parts": listed})


MIB = 2**20
IN_PARTS = {
    "whole": ([b"a" * 5 * MIB, b"b" * 5 * MIB], {"parts": 1}),
    "rest": ([b"a" * 5 * MIB, b"b" * 5 * MIB, b"c"], {"parts": 1}),
    "one": ([b"a" * 5 * MIB], {"parts": 1}),
    "uneven": ([b"a" * 5 * MIB, b"b" * 6 * MIB, b"c"], {"size": 1}),
    "larger": ([b"a" * 5 * MIB, b"b" * 11 * MIB], {"size": 1}),
}


@pytest.mark.rule("FETCH-4")
@pytest.mark.parametrize("name", IN_PARTS)
def test_an_object_of_parts_is_verified_by_its_etag_where_they_are_of_one_size(
    store: Store, tmp_path: Path, name: str
) -> None:
    parts, verified = IN_PARTS[name]
    _put_in_parts(store, f"{name}/big", parts)
    ended = fetched(store, f"{name}/big", tmp_path)
    assert (ended.code, ended.err) == (0, "")
    there = tmp_path / f"w/{name}/big/big"
    assert there.read_bytes() == b"".join(parts)
    assert ended.told["sources"][0]["verified"] == verified
    with there.open("r+b") as file:
        file.seek(7)
        file.write(b"!")
    again = fetched(store, f"{name}/big", tmp_path, "--verify")
    assert (again.cause == "Checksum") is (verified == {"parts": 1})


@pytest.mark.rule("FETCH-6")
@pytest.mark.parametrize(
    ("key", "variables", "cause"),
    [
        pytest.param("nothing/here", {}, "NotASource", id="no such folder"),
        pytest.param("one/llama", {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWN"}, "Unauthorized", id="an unknown key"),
    ],
)
def test_what_somebody_must_act_on_ends_with_20(
    store: Store, tmp_path: Path, key: str, variables: dict[str, str], cause: str
) -> None:
    ended = fetched(store, key, tmp_path, **variables)
    assert (ended.code, ended.cause) == (20, cause)


@pytest.mark.rule("FETCH-5", "FETCH-4")
def test_what_is_whole_is_not_asked_for_again_until_it_is_damaged(store: Store, tmp_path: Path) -> None:
    store.put({f"three/m/{name}": data for name, data in FILES.items()})
    assert fetched(store, "three/m", tmp_path).code == 0
    again = fetched(store, "three/m", tmp_path, "--verify", AWS_SECRET_ACCESS_KEY="unused")  # noqa: S106 - no secret
    assert (again.code, again.told["fetchedBytes"]) == (0, 0)
    weights = tmp_path / "w/three/m/model.safetensors"
    weights.write_bytes(b"X" + weights.read_bytes()[1:])
    damaged = fetched(store, "three/m", tmp_path, "--verify")
    assert (damaged.code, damaged.cause) == (30, "Checksum")
    assert "'model.safetensors'" in damaged.err
    mended = fetched(store, "three/m", tmp_path)
    assert (mended.code, mended.told["fetchedBytes"]) == (0, len(FILES["model.safetensors"]))
    assert weights.read_bytes() == FILES["model.safetensors"]
