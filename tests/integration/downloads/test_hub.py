"""A repository of a hub, on a volume: what is asked for, byte by byte, of the pinned commit, and to nobody else."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from tests.integration.downloads.file_hub import COMMIT, TOKEN, FileHub, file_hub
from tests.integration.downloads.running import download, tree
from tests.integration.egress.server import Heard

CHANCE = Random(16)  # noqa: S311 - bytes to fill files with
FILES = {
    "config.json": b'{"a": 1}',
    "model-1.safetensors": CHANCE.randbytes(3_000_000),
    "model-2.safetensors": CHANCE.randbytes(1_500_000),
    "pytorch_model.bin": CHANCE.randbytes(2_000_000),
    "tokenizer/vocab with space.txt": b"a\nb\n",
    "empty": b"",
}
KEPT = {name: data for name, data in FILES.items() if name != "pytorch_model.bin"}


def is_there(folder: Path, files: dict[str, bytes] = KEPT) -> bool:
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return found == files


def asked(hub: FileHub) -> list[Heard]:
    return [*hub.hub.heard, *hub.cdn.heard]


@pytest.mark.rule("FETCH-1", "FETCH-4", "FETCH-6")
@pytest.mark.parametrize("xet", [pytest.param({}, id="Xet on"), pytest.param({"HF_HUB_DISABLE_XET": "1"}, id="off")])
def test_a_repository_comes_whole_and_verified(tmp_path: Path, log: Path, xet: dict[str, str]) -> None:
    with file_hub(files=dict(FILES)) as hub:
        ended = download("hf://org/model", "--to", str(tmp_path / "w"), "--endpoint", hub.url, log=log, **xet)
        heads = [one for one in asked(hub) if one.method == "HEAD"]
    assert (ended.code, ended.err) == (0, "")
    assert is_there(tmp_path / "w" / "org" / "model")
    assert ended.told["sources"][0]["verified"] == {"git": 3, "sha256": 2}
    assert ended.told["sources"][0]["commit"] == COMMIT
    assert json.loads(ended.out.splitlines()[-1]) == ended.told
    assert len(heads) == (0 if xet else 2)  # a hub says by HEAD whether it has a file on Xet


@pytest.mark.rule("FETCH-1")
def test_each_file_is_asked_for_once_and_at_the_commit(tmp_path: Path, log: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:
        assert download("hf://org/model@v1", "--to", str(tmp_path), "--endpoint", hub.url, log=log).code == 0
        gets = [one.target for one in hub.hub.heard if one.method == "GET" and "/resolve/" in one.target]
    assert len(gets) == len(set(gets)) == len([data for data in KEPT.values() if data])
    assert all(f"/resolve/{COMMIT}/" in target for target in gets)


@pytest.mark.rule("SEC-1")
def test_the_token_stays_with_the_hub(tmp_path: Path, log: Path) -> None:
    with file_hub(files=dict(FILES), gated=True, token=TOKEN) as hub:
        where = ("--to", str(tmp_path), "--endpoint", hub.url, "--env", "HF_TOKEN")
        ended = download("hf://org/model", *where, log=log, HF_TOKEN=TOKEN)
        assert ended.code == 0
        assert all(one.headers["authorization"] == f"Bearer {TOKEN}" for one in hub.hub.heard)
        assert [one for one in hub.cdn.heard if "authorization" in one.headers] == []
        assert hub.cdn.heard


@pytest.mark.rule("SEC-2", "FETCH-6")
def test_a_token_that_is_not_named_is_not_used(tmp_path: Path, log: Path) -> None:
    with file_hub(files=dict(FILES), gated=True, token=TOKEN) as hub:
        where = ("--to", str(tmp_path), "--endpoint", hub.url)
        ended = download("hf://org/model", *where, log=log, HF_TOKEN=TOKEN)
        assert all("authorization" not in one.headers for one in asked(hub))
    assert (ended.code, ended.cause) == (20, "Gated")
    assert "give HF_TOKEN" in ended.err


@pytest.mark.rule("FETCH-6")
@pytest.mark.parametrize(
    ("uri", "more", "cause"),
    [
        pytest.param("hf://org/other", (), "NotFound", id="no such repository"),
        pytest.param("hf://org/model@v9", (), "NotFound", id="no such revision"),
        pytest.param("hf://org/model", ("--env", "HF_TOKEN=wrong"), "Unauthorized", id="wrong token"),
        pytest.param("hf://org/model", ("--include", "*.gguf"), "NoFiles", id="a filter that leaves nothing"),
    ],
)
def test_what_somebody_must_act_on_ends_with_20(
    tmp_path: Path, log: Path, uri: str, more: tuple[str, ...], cause: str
) -> None:
    with file_hub(files=dict(FILES)) as hub:
        ended = download(uri, "--to", str(tmp_path), "--endpoint", hub.url, *more, log=log)
    assert (ended.code, ended.cause) == (20, cause)
    assert ended.err.startswith(f"Error: {cause}: ")


@pytest.mark.rule("FETCH-2")
def test_filters_are_those_of_the_call(tmp_path: Path, log: Path) -> None:
    with file_hub(files=dict(FILES)) as hub:
        where = ("--to", str(tmp_path), "--endpoint", hub.url, "--name", "my/weights")
        ended = download("hf://org/model", *where, "--include", "*.bin", "--include", "*.json", log=log)
    assert ended.code == 0
    only = {name: FILES[name] for name in ("pytorch_model.bin", "config.json")}
    assert is_there(tmp_path / "my" / "weights", only)


@pytest.mark.rule("FETCH-1", "FETCH-6")
def test_a_job_is_told_by_a_document_which_variables_are_whose(tmp_path: Path, log: Path) -> None:
    with file_hub(files=dict(FILES), gated=True, token=TOKEN) as hub:
        env = {"HF_TOKEN": "AIM_0_TOKEN", "HF_ENDPOINT": "AIM_0_ENDPOINT"}
        source = {"modelId": "a/b", "uri": "hf://org/model", "files": {"include": ["config.json"]}, "env": env}
        plan = json.dumps({"target": str(tmp_path / "w"), "content": "sum", "sources": [source]})
        variables = {"AIM_0_TOKEN": TOKEN, "AIM_0_ENDPOINT": hub.url, "AIM_PLAIN_HTTP": hub.hub.host}
        ended = download("--plan", "-", log=log, stdin=plan, **variables)
    assert (ended.code, ended.told["content"]) == (0, "sum")
    assert tree(tmp_path / "w" / "a" / "b").keys() == {"config.json"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param((), 2, "name a URI and --to DIR", id="nothing"),
        pytest.param(("hf://a/b",), 2, "name a URI and --to DIR", id="no folder"),
        pytest.param(("gs://a/b", "--to", "w"), 2, "has scheme", id="another scheme"),
        pytest.param(("hf://a/b", "hf://a/c", "--to", "w", "--name", "a/d"), 2, "folder of one URI", id="one name"),
        pytest.param(("--plan", "-", "--to", "w"), 2, "--plan says all", id="plan and flags"),
        pytest.param(("--plan", "-"), 20, "Invalid: download plan '$' is not JSON", id="a plan that is wrong"),
        pytest.param(("--plan", "/nowhere"), 20, "cannot be read", id="a plan that is not there"),
    ],
)
def test_a_call_that_is_wrong_says_so(log: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    ended = download(*arguments, log=log, stdin="{")
    assert ended.code == code
    assert says in ended.err
