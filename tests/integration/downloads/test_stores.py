"""A folder of a bucket, on a volume, from two real servers that speak S3."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.integration.downloads.running import Ended, download, tree
from tests.integration.downloads.stores import KEYS, Store

CHANCE = Random(16)  # noqa: S311 - bytes to fill files with
FILES = {
    "config.json": b"{}",
    "model.safetensors": CHANCE.randbytes(20_000_000),  # in three parts
    "model.bin": CHANCE.randbytes(1000),
    "empty": b"",
    "sub/a b+ç%&=.txt": b"hello",
}


def fetched(store: Store, key: str, tmp_path: Path, *more: str, **variables: str) -> Ended:
    names = ("--env", "AWS_ACCESS_KEY_ID", "--env", "AWS_SECRET_ACCESS_KEY")
    where = ("--to", str(tmp_path / "w"), "--endpoint", store.url)
    keys = {**KEYS, **variables}
    return download(f"s3://weights/{key}", *where, *names, *more, log=tmp_path / "log", **keys)


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


@pytest.mark.rule("FETCH-4")
def test_an_object_of_parts_is_verified_by_its_size_and_says_so(store: Store, tmp_path: Path) -> None:
    client = store.client()
    upload = client.create_multipart_upload(Bucket="weights", Key="two/big")["UploadId"]
    parts = [b"a" * 5 * 2**20, b"b"]
    tags = [
        client.upload_part(Bucket="weights", Key="two/big", UploadId=upload, PartNumber=number, Body=data)["ETag"]
        for number, data in enumerate(parts, start=1)
    ]
    listed = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, start=1)]
    client.complete_multipart_upload(
        Bucket="weights", Key="two/big", UploadId=upload, MultipartUpload={"Parts": listed}
    )
    ended = fetched(store, "two/big", tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert (tmp_path / "w/two/big/big").read_bytes() == b"".join(parts)
    (found,) = ended.told["sources"]
    assert found["verified"] in ({"size": 1}, {"crc32": 1})  # as the store offers


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
