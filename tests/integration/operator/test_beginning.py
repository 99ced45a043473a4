"""An operator that cannot begin says why in one line, and one that waits for something says for what."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from aimcore.entrypoints.wiring.embedded import embedded
from aimcore.ports.errors import NotFound
from tests.integration.operator.conftest import AIMCORE, TIMEOUT

NOWHERE = "no usable kubeconfig, and this is no pod of a cluster; KUBECONFIG or --kubeconfig names one"
NO_PORTS = ("--metrics-port", "0", "--health-port", "0")


def kubeconfig(folder: Path, server: str) -> str:
    text = f"""
apiVersion: v1
kind: Config
clusters: [{{name: here, cluster: {{server: {server}}}}}]
users: [{{name: me, user: {{}}}}]
contexts: [{{name: here, context: {{cluster: here, user: me}}}}]
current-context: here
"""
    (folder / "kubeconfig").write_text(text)
    return str(folder / "kubeconfig")


def began(*flags: str, **environment: str) -> tuple[int, str]:
    told = subprocess.run(
        [str(AIMCORE), "operator", *flags],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    assert told.stdout == ""
    return told.returncode, told.stderr


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        pytest.param((), NOWHERE, id="nothing leads to a cluster"),
        pytest.param(
            ("--kubeconfig", "/no/such"),
            "kubeconfig '/no/such' is not there",
            id="a kubeconfig that is not there",
        ),
        pytest.param(
            ("--context", "staging"), "no usable kubeconfig with context 'staging'", id="a context that is not there"
        ),
    ],
)
def test_without_a_way_to_a_cluster_it_says_so_and_ends(flags: tuple[str, ...], told: str) -> None:
    assert began(*flags, *NO_PORTS) == (1, f"Error: {told}\n")


@pytest.mark.parametrize("flag", ["--metrics-port", "--health-port"])
def test_a_port_that_is_taken_is_named(flag: str, tmp_path: Path) -> None:
    with socket.create_server(("", 0)) as taken:
        port = str(taken.getsockname()[1])
        config = kubeconfig(tmp_path, "http://127.0.0.1:9")
        told = began("--kubeconfig", config, "--no-elect", *NO_PORTS, flag, port)
    others = "--metrics-port and --health-port choose others"
    assert told == (1, f"Error: port {port} cannot be listened on: Address already in use; {others}\n")


def test_a_cluster_in_memory_says_that_it_needs_a_place_for_its_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/no/such")  # as where the root file system is read only
    told = pytest.raises(NotFound, match="needs a folder for temporary files")
    with told, embedded((tmp_path,), lambda: "now", {"HOME": "/no/such"}):
        pass


class Empty(BaseHTTPRequestHandler):
    """A server that knows no kind."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def empty() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_where_the_definitions_are_missing_it_says_what_installs_them(empty: str, tmp_path: Path) -> None:
    told = waited(
        kubeconfig(tmp_path, empty),
        'request failed object=aimservices error="the cluster has no aimservices: '
        'aimcore crds | kubectl apply --server-side -f - installs them"',
    )
    assert "404" not in told


def test_where_nobody_answers_it_says_who_was_asked_and_no_token_in_the_path(tmp_path: Path) -> None:
    told = waited(
        kubeconfig(tmp_path, "http://127.0.0.1:9/s3cret"),
        'request failed object=aimservices error="no answer from the API server at 127.0.0.1:9: connection refused"',
    )
    assert "s3cret" not in told


def waited(config: str, for_line: str) -> str:
    """What an operator says until it says this, and ends well when it is told to."""
    command = [str(AIMCORE), "operator", "--kubeconfig", config, "--no-elect", *NO_PORTS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        ends, told = time.monotonic() + TIMEOUT, ""
        for line in process.stdout:
            told += line
            if for_line in line:
                break
            assert time.monotonic() < ends, told
        process.terminate()
        process.stdout.read()
        assert process.wait(timeout=TIMEOUT) == 0
    assert for_line in told
    return told
