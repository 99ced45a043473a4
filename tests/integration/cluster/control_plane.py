"""A real control plane for one test run: etcd, kube-apiserver and kube-controller-manager on loopback, gone afterwards."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

import yaml

from aimcore.adapters.schemas import definitions
from tests.integration.cluster.driver import Access, RealCluster
from tests.integration.cluster.programs import programs

__all__ = ["Program", "control_plane"]

_TOKEN = "contract"  # noqa: S105 - of a server on loopback that lives for one test run
_GUEST = "guest"
_TIMEOUT = 90.0


class _Ports(NamedTuple):
    api: int
    etcd: int
    peer: int
    manager: int


def _free_ports() -> _Ports:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(4)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return _Ports(*(one.getsockname()[1] for one in sockets))


class Program:
    """One program of the control plane, started again if asked to be."""

    def __init__(self, folder: Path, name: str, *flags: str) -> None:
        self._folder = folder
        self._log = folder / f"{name}.log"
        self._command = [str(programs() / name), *flags]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=self._folder)

    def stop(self) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def control_plane(folder: Path) -> Iterator[RealCluster]:
    """Start one in `folder`, with the project's definitions installed, and stop it in the end."""
    ports = _free_ports()
    key = folder / "accounts.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f'{_TOKEN},admin,1,"system:masters"\n{_GUEST},guest,2\n')
    etcd, peer = f"http://127.0.0.1:{ports.etcd}", f"http://127.0.0.1:{ports.peer}"
    kubeconfig = folder / "kubeconfig"
    with contextlib.ExitStack() as stack:
        stack.enter_context(
            Program(
                folder,
                "etcd",
                *("--data-dir", str(folder / "etcd"), "--unsafe-no-fsync"),
                *("--listen-client-urls", etcd, "--advertise-client-urls", etcd),
                *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                *("--initial-cluster", f"default={peer}"),
            )
        )
        server = stack.enter_context(
            Program(
                folder,
                "kube-apiserver",
                *("--bind-address=127.0.0.1", "--endpoint-reconciler-type=none", f"--secure-port={ports.api}"),
                *(f"--etcd-servers={etcd}", f"--cert-dir={folder / 'certificates'}"),
                *("--service-account-issuer=https://localhost", f"--service-account-signing-key-file={key}"),
                *(f"--service-account-key-file={key}", f"--token-auth-file={folder / 'tokens.csv'}"),
                *("--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24"),
                "--disable-admission-plugins=ServiceAccount",
            )
        )
        certificate = folder / "certificates" / "apiserver.crt"
        kubeconfig.write_text(json.dumps(_kubeconfig(ports.api, certificate)))
        _await_written(certificate)

        def restart() -> None:
            server.stop()
            server.start()
            _await_ready(cluster, folder)

        cluster = RealCluster(
            Access(f"https://127.0.0.1:{ports.api}", _TOKEN, certificate, kubeconfig, etcd), restart=restart
        )
        _await_ready(cluster, folder)
        _install(cluster)
        stack.enter_context(
            Program(
                folder,
                "kube-controller-manager",
                *(f"--kubeconfig={kubeconfig}", f"--secure-port={ports.manager}", "--bind-address=127.0.0.1"),
                *("--leader-elect=false", f"--cert-dir={folder / 'certificates'}"),
                "--controllers=garbage-collector-controller,namespace-controller,clusterrole-aggregation-controller",
            )
        )
        try:
            yield cluster
        finally:
            cluster.close()


def _await_written(certificate: Path) -> None:
    """The server on loopback makes its own certificate at start; whoever talks to it trusts that one."""
    until = time.monotonic() + _TIMEOUT
    while not certificate.is_file() or not certificate.read_text().rstrip().endswith("-----END CERTIFICATE-----"):
        if time.monotonic() > until:
            raise TimeoutError(f"kube-apiserver made no certificate in {_TIMEOUT:.0f} s")
        time.sleep(0.1)


def _kubeconfig(port: int, certificate: Path) -> dict[str, object]:
    server = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(certificate)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": server}],
        "users": [{"name": "admin", "user": {"token": _TOKEN}}, {"name": "guest", "user": {"token": _GUEST}}],
        "contexts": [
            {"name": user, "context": {"cluster": "here", "user": user}}
            for user in ("admin", "guest")  # a guest may do what a case allows, and nothing else
        ],
        "current-context": "admin",
    }


def _await_ready(cluster: RealCluster, folder: Path) -> None:
    until = time.monotonic() + _TIMEOUT
    while not cluster.answers("/readyz"):
        if time.monotonic() > until:
            tail = (folder / "kube-apiserver.log").read_text(errors="replace")[-2000:]
            raise TimeoutError(f"kube-apiserver is not ready after {_TIMEOUT:.0f} s:\n{tail}")
        time.sleep(0.2)


def _install(cluster: RealCluster) -> None:
    until = time.monotonic() + _TIMEOUT
    for _, text in definitions():
        cluster.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", yaml.safe_load(text))
    for plural, _ in definitions():
        while not cluster.answers(f"/apis/aim.silogen.ai/v1alpha1/{plural}"):
            if time.monotonic() > until:
                raise TimeoutError(f"{plural} are not served after {_TIMEOUT:.0f} s")
            time.sleep(0.1)
