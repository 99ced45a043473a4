"""Nobody but who was given the token gets anything, and nobody can wear the front out."""

from __future__ import annotations

import http.client
import json
import socket
import stat
import threading
import time
from pathlib import Path

import pytest

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.memory.apiserver.exchange import Exchange
from tests.integration.apiserver.client import AIM, Client, model
from tests.integration.apiserver.conftest import opened


@pytest.mark.parametrize("path", ["/version", "/api/v1/secrets", "/healthz", "/wrong/version", "//version", "/"])
def test_without_the_token_there_is_nothing(client: Client, path: str) -> None:
    assert client.ask("GET", path, Authorization="").code == 401
    assert client.ask("GET", path, Authorization="Bearer wrong").code == 401


def test_the_token_opens_as_the_first_step_of_a_path(client: Client, api_server: ApiServer) -> None:
    assert client.ask("GET", f"/{api_server.token}/version", Authorization="").document["major"] == "1"


@pytest.mark.parametrize("host", ["attacker.example", "attacker.example:80", "127.0.0.1", "[::1]:80"])
def test_a_name_that_was_bound_to_loopback_is_refused(client: Client, host: str) -> None:
    assert client.ask("GET", "/version", Host=host).code == 403


def test_it_listens_on_loopback_alone(api_server: ApiServer) -> None:
    with socket.socket() as outside:
        outside.settimeout(2)
        outside.connect(("127.0.0.1", api_server.port))
        assert outside.getpeername()[0] == "127.0.0.1"
    with socket.socket() as outside, pytest.raises(OSError, match="refused"):
        outside.connect(("127.0.0.2", api_server.port))


def test_the_kubeconfig_is_for_its_owner_alone(api_server: ApiServer, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text("old")
    path.chmod(0o644)
    api_server.write_kubeconfig(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["clusters"][0]["cluster"]["server"] == api_server.url
    assert list(tmp_path.iterdir()) == [path]


def test_a_body_above_three_mebibytes_is_not_read(client: Client, home: str) -> None:
    path = f"{AIM}/namespaces/{home}/aimmodels"
    assert client.ask("POST", path, None, Content_Length=str(3 * 1024 * 1024 + 1)).code == 413


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="half an object"),
        pytest.param(b"[" * 100_000, id="very deep"),
        pytest.param(b"NaN", id="no number"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"metadata": []}', id="metadata that is a list"),
        pytest.param(b'{"metadata": {"name": 5}}', id="a name that is a number"),
        pytest.param(b'{"metadata": {"name": "a", "labels": {"a": 1}}}', id="a label that is a number"),
        pytest.param(b'{"metadata": {"name": "a", "ownerReferences": [{}]}}', id="an owner of nothing"),
        pytest.param(b'{"metadata": {"name": "a", "managedFields": [{"fieldsV1": 1}]}}', id="claims of nothing"),
        pytest.param(b'{"metadata": {"name": "a"}, "spec": {"env": [1]}}', id="a variable that is a number"),
        pytest.param(b'{"metadata": {"name": "../a"}}', id="a name that is a path"),
    ],
)
@pytest.mark.parametrize("media", ["application/json", "application/vnd.kubernetes.protobuf"])
def test_a_hostile_body_is_refused_and_never_our_fault(client: Client, home: str, body: bytes, media: str) -> None:
    said = client.ask("POST", f"{AIM}/namespaces/{home}/aimmodels", body, media)
    assert said.code in (400, 415, 422)
    assert said.document["kind"] == "Status"


def _drip(slow: socket.socket) -> None:
    for _ in range(100):
        slow.sendall(b"G")
        time.sleep(0.05)


def test_who_sends_a_request_drop_by_drop_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aimcore.adapters.memory.apiserver.exchange._SECONDS", 0.3)
    with (
        opened() as api_server,
        socket.create_connection(("127.0.0.1", api_server.port), timeout=10) as slow,
        pytest.raises(ConnectionError),  # before all of it is sent
    ):
        _drip(slow)


def test_who_says_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aimcore.adapters.memory.apiserver.exchange._IDLE_SECONDS", 0.2)
    with opened() as api_server, socket.create_connection(("127.0.0.1", api_server.port), timeout=10) as silent:
        assert silent.recv(1) == b""


def test_more_connections_than_there_is_room_for_are_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aimcore.adapters.memory.apiserver.server._CONNECTIONS_AT_MOST", 1)
    with opened() as api_server, socket.create_connection(("127.0.0.1", api_server.port), timeout=10) as first:
        late = http.client.HTTPConnection("127.0.0.1", api_server.port, timeout=10)
        late.request("GET", "/version")
        assert late.getresponse().status == 503
        late.close()
        first.close()
        until = time.monotonic() + 10
        while time.monotonic() < until:
            client = Client(api_server)
            code = client.ask("GET", "/version").code
            client.close()
            if code == 200:
                return
            time.sleep(0.05)
        raise AssertionError("no room again")


def test_leaving_ends_watches_and_threads() -> None:
    before = threading.active_count()
    with opened() as api_server:
        client = Client(api_server)
        path = "/api/v1/namespaces?watch=1"
        client._connection.request("GET", path, headers={"Authorization": f"Bearer {api_server.token}"})
        response = client._connection.getresponse()
        assert response.readline()
    client.close()
    assert threading.active_count() == before


def test_a_watch_whose_client_is_gone_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aimcore.adapters.memory.apiserver.streams._TIMEOUT", 0.05)
    with opened() as api_server:
        before = threading.active_count()
        client = Client(api_server)
        client._connection.request(
            "GET", "/api/v1/secrets?watch=1", headers={"Authorization": f"Bearer {api_server.token}"}
        )
        client._connection.getresponse()
        client.close()
        until = time.monotonic() + 10
        while threading.active_count() > before:
            assert time.monotonic() < until, "the watch goes on"
            time.sleep(0.02)


def test_a_fault_of_ours_is_an_answer_and_a_line_in_the_log(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_self: Exchange) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Exchange, "_answered", broken)
    said = client.ask("GET", "/version")
    assert (said.code, said.document["reason"]) == (500, "InternalError")
    assert "ZeroDivisionError" in caplog.text


def test_many_at_once_lose_nothing(api_server: ApiServer, home: str) -> None:
    path = f"{AIM}/namespaces/{home}/aimmodels"

    def make(worker: int) -> None:
        client = Client(api_server)
        for at in range(10):
            assert client.ask("POST", path, model(f"m-{worker}-{at}")).code == 201
        client.close()

    workers = [threading.Thread(target=make, args=(worker,)) for worker in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    client = Client(api_server)
    assert len(client.ask("GET", path).document["items"]) == 80
    client.close()
