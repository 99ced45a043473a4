"""Credentials of a download appear nowhere: not in what it prints or leaves behind, nor in the list of processes (SEC-1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.downloads.file_hub import FileHub, file_hub
from tests.integration.downloads.running import begun
from tests.integration.egress.server import Heard, Server, Steps, answer, until

TOKEN = "hf_c4n4ryThatNobodyMaySee"  # noqa: S105 - planted
SIGNATURE = "c4n4ry-of-a-signed-url"
SECRETS = {
    "AIM_0_TOKEN": TOKEN,
    "AIM_1_ID": "AKIAC4N4RYOFANID0000",
    "AIM_1_SECRET": "c4n4ry/of+a/secret",
    "AIM_1_SESSION": "c4n4ry.of.a.session",
}
FILES = {"config.json": b"{}", "model.safetensors": bytes(300_000)}


def found_in(place: str, text: str) -> list[str]:
    return [f"{secret} in {place}" for secret in [*SECRETS.values(), SIGNATURE] if secret in text]


def everything_told(tmp_path: Path, out: str, err: str) -> Iterator[str]:
    yield from found_in("standard output", out)
    yield from found_in("standard error", err)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            yield from found_in(str(path), path.read_bytes().decode("latin-1") + path.name)


def echo(heard: Heard) -> Steps:
    """A store that sends back what it was shown, wherever it can."""
    shown = " ".join(f"{name}: {value}" for name, value in heard.headers.items())
    body = f"<Error><Code>AccessDenied</Code><Message>{shown}</Message></Error>".encode()
    return answer(403, body, x_amz_request_id=shown.replace("\n", " "), content_type="application/xml")


def slow(heard: Heard) -> Steps | None:
    return (answer(200, b"", content_length="300000"), b"a", 3.0) if "/blobs/" in heard.target else None


def plan(hub: FileHub, store: Server, *, gated: bool, tmp_path: Path) -> str:
    hub.gated = gated
    sources = (
        '{"modelId": "a/hub", "uri": "hf://org/model", "env": {"HF_TOKEN": "AIM_0_TOKEN", "HF_ENDPOINT": "HUB"}}, '
        '{"modelId": "a/store", "uri": "s3://weights/m", "env": {"AWS_ACCESS_KEY_ID": "AIM_1_ID", '
        '"AWS_SECRET_ACCESS_KEY": "AIM_1_SECRET", "AWS_SESSION_TOKEN": "AIM_1_SESSION", "AWS_ENDPOINT_URL": "STORE"}}'
    )
    file = tmp_path / "plan.json"
    file.write_text(f'{{"target": "{tmp_path / "w"}", "sources": [{sources}]}}')
    assert store.url
    return str(file)


@pytest.mark.rule("FETCH-6", "SEC-1")
@pytest.mark.parametrize("store_says", ["denied", "denied at the object"])
def test_credentials_appear_nowhere(tmp_path: Path, log: Path, store_says: str) -> None:
    listing = (
        b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>'
        b"<Contents><Key>m/a.txt</Key><Size>3</Size><ETag>&quot;x&quot;</ETag></Contents></ListBucketResult>"
    )

    def store_answers(heard: Heard) -> Steps:
        lists = "list-type" in heard.target and store_says != "denied"
        return answer(200, listing, content_type="application/xml") if lists else echo(heard)

    with file_hub(files=dict(FILES), token=TOKEN) as hub, Server(store_answers) as store:
        file = plan(hub, store, gated=True, tmp_path=tmp_path)
        hosts = {"HUB": hub.url, "STORE": store.url, "AIM_PLAIN_HTTP": f"{hub.hub.host},{store.host}"}
        running = begun("--plan", file, log=log, **SECRETS, **hosts)
        shown = Path(f"/proc/{running.pid}/cmdline").read_text()
        out, err = running.communicate(timeout=60)
        assert running.returncode == 20, err
        assert any("authorization" in one.headers for one in store.heard)
    assert "AccessDenied" in err
    assert [*everything_told(tmp_path, out, err), *found_in("the process list", shown)] == []


@pytest.mark.rule("FETCH-3", "SEC-1")
def test_a_signed_url_that_stalls_is_not_told(tmp_path: Path, log: Path) -> None:
    with file_hub(files=dict(FILES), token=TOKEN) as hub:

        def signed(heard: Heard) -> Steps | None:
            if "/resolve/" in heard.target and heard.target.endswith("model.safetensors"):
                return answer(302, location=f"{hub.cdn.url}/blobs/model.safetensors?Signature={SIGNATURE}")
            return (answer(200, b"", content_length="300000"), b"a", 60.0) if "/blobs/" in heard.target else None

        hub.fault = signed
        where = ("--to", str(tmp_path / "w"), "--endpoint", hub.url, "--env", "HF_TOKEN", "--stall-seconds", "2")
        variables = {"HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1", "HF_HUB_VERBOSITY": "debug"}
        running = begun("hf://org/model", *where, log=log, **variables)
        assert until(lambda: bool(hub.cdn.heard), seconds=30)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 10
    assert "Stalled" in err
    assert [*everything_told(tmp_path, out, err)] == []
