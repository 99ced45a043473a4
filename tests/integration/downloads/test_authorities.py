"""A hub or a store with a certificate of one's own authority: `AIM_CA_FILE` lets a download believe it, and nothing else does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration.downloads.file_hub import file_hub
from tests.integration.downloads.running import Ended, download
from tests.integration.downloads.stores import KEYS, NAMES, versitygw, versitygw_missing
from tests.integration.egress.server import Authority

FILES = {"config.json": b"{}", "model.safetensors": b"weights " * 1000}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def unknown(ended: Ended) -> bool:
    """Whether it ended as one does that nobody told of the authority."""
    return (ended.code, ended.cause) == (20, "Untrusted") and "of no CA known here" in ended.err


@pytest.mark.rule("CACHE-9", "SEC-3")
def test_a_hub_of_an_own_authority_is_believed_by_whoever_is_told_of_it(authority: Authority, tmp_path: Path) -> None:
    with file_hub(files=dict(FILES), certificate=authority.certificate("127.0.0.1")) as hub:
        call = ("hf://org/model", "--to", str(tmp_path / "w"), "--endpoint", hub.url)
        assert unknown(download(*call, log=tmp_path / "log"))
        ended = download(*call, log=tmp_path / "log", AIM_CA_FILE=str(authority.file))
    assert (ended.code, ended.err) == (0, "")
    assert (tmp_path / "w/org/model/model.safetensors").read_bytes() == FILES["model.safetensors"]


@pytest.mark.rule("CACHE-9", "SEC-3")
def test_a_store_of_an_own_authority_is_believed_by_whoever_is_told_of_it(authority: Authority, tmp_path: Path) -> None:
    reason = versitygw_missing()
    if reason and os.environ.get("AIMCORE_SKIP_NOTHING"):
        pytest.fail(f"a real store must be tried here, and cannot be: {reason}")
    if reason:
        pytest.skip(f"not run on versitygw: {reason}")
    with versitygw(tmp_path, authority.certificate("127.0.0.1")) as store:
        for name, data in FILES.items():
            (tmp_path / "weights/llama").mkdir(exist_ok=True)
            (tmp_path / "weights/llama" / name).write_bytes(data)
        call = ("s3://weights/llama", *NAMES, "--to", str(tmp_path / "w"), "--endpoint", store.url)
        assert unknown(download(*call, log=tmp_path / "log", **KEYS))
        ended = download(*call, log=tmp_path / "log", AIM_CA_FILE=str(authority.file), **KEYS)
    assert (ended.code, ended.err) == (0, "")
    assert (tmp_path / "w/weights/llama/model.safetensors").read_bytes() == FILES["model.safetensors"]
