"""A cluster of one node that really runs pods: control plane, scheduler, container runtime, kubelet, proxy and a registry.

All of it runs in namespaces that end with this process (network, mounts, processes), so that nothing of it is left behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.images import pause
from tests.e2e.prepare import CNI, Prepared
from tests.integration.registry.pushing import Pusher

__all__ = ["ADDRESS", "NODE", "REGISTRY", "Node", "NotUpError", "node"]

ADDRESS = "10.99.0.1"
NODE = "node-1"
REGISTRY = f"{ADDRESS}:5000"
_PODS, _SERVICES = "10.97.0.0/24", "10.98.0.0/24"
_SERVER = f"https://{ADDRESS}:6443"
_UP_WITHIN = 180.0
_USERS = {
    "admin": "system:masters",
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
    "system:kube-proxy": "",
    f"system:node:{NODE}": "system:nodes",
}
"""Who talks to the API server, each with its own name as its token, and the group it is in."""


class NotUpError(Exception):
    """Why no node came up: what was waited for, and the end of the log that should say why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node that is up: its folder, with a log for each program, and the kubeconfig of its administrator."""

    folder: Path
    programs: Path
    processes: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.config("admin")

    @property
    def path(self) -> str:
        """The value of PATH with which all its programs are found."""
        return os.pathsep.join(
            [str(self.programs), str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin", "/sbin"]
        )

    def config(self, user: str) -> Path:
        """The kubeconfig of one of its users."""
        return self.folder / f"{user.replace(':', '-')}.kubeconfig"

    def start(self, name: str, *flags: str) -> None:
        """Run a program until the node goes down."""
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [name, *flags]
            process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, env=os.environ | {"PATH": self.path}
            )
        self.processes.append((name, process))

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """What kubectl prints; raises `CalledProcessError`."""
        command = [str(self.programs / "kubectl"), "--kubeconfig", str(self.kubeconfig), *arguments]
        ran = subprocess.run(command, input=stdin, capture_output=True, text=True, check=True, timeout=60)
        return ran.stdout

    def until(self, name: str, holds: Callable[[], bool]) -> None:
        """Wait for a part of the node. Raises `NotUpError` with the end of its log."""
        ends = time.monotonic() + _UP_WITHIN
        while not holds():
            ended = next((one for one, process in self.processes if process.poll() is not None), None)
            if ended or time.monotonic() > ends:
                name = ended or name
                log = self.folder / f"{name}.log"
                tail = log.read_text(errors="replace")[-2000:] if log.is_file() else ""
                raise NotUpError(f"{name} {'ended' if ended else 'did not come up'}:\n{tail}")
            time.sleep(0.2)

    def answers(self, url: str) -> bool:
        """Whether a server of the node is there; an answer that refuses counts."""
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - an address of this node
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def runs(self, *arguments: str) -> bool:
        """Whether a kubectl command succeeds."""
        try:
            self.kubectl(*arguments)
        except subprocess.CalledProcessError:
            return False
        return True


@contextlib.contextmanager
def node(folder: Path, prepared: Prepared) -> Iterator[Node]:
    """Bring the node up in `folder`, and take it down in the end. Raises `NotUpError`."""
    up = Node(folder=folder, programs=prepared.programs)
    try:
        _network()
        _registry(up)
        with Pusher(REGISTRY, authorization=lambda _: None) as pusher:
            pusher.push(pause(prepared.standin), "pause", "1")
        _control_plane(up)
        _runtime(up)
        _kubelet(up)
        yield up
    finally:
        _down(up)


def _down(up: Node) -> None:
    """The last that was started ends first. Nothing of it is used again; containers end with the namespace of their processes."""
    for _, process in reversed(up.processes):
        process.kill()
        process.wait()


def _network() -> None:
    """One address that everything listens on, on a bridge of its own: this kernel may know no dummy devices."""
    for command in (
        "ip link set lo up",
        "ip link add aim0 type bridge",
        f"ip addr add {ADDRESS}/24 dev aim0",
        "ip link set aim0 up",
        f"ip route add default via {ADDRESS}",
        "sysctl -qw net.ipv4.ip_forward=1",
    ):
        ran = subprocess.run(command.split(), capture_output=True, text=True, check=False, timeout=20)
        if ran.returncode:
            raise NotUpError(f"{command}: {ran.stderr.strip()}")


def _registry(up: Node) -> None:
    settings = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(up.folder / "images")}},
        "http": {"addr": REGISTRY},
        "log": {"accesslog": {"disabled": True}},
    }
    (up.folder / "registry.yaml").write_text(yaml.safe_dump(settings))
    up.start("docker-registry", "serve", "registry.yaml")
    up.until("docker-registry", lambda: up.answers(f"http://{REGISTRY}/v2/"))


# --- the control plane ---------------------------------------------------------------------------------------------------


def _control_plane(up: Node) -> None:
    folder = up.folder
    subprocess.run(["openssl", "genrsa", "-out", str(folder / "accounts.key"), "2048"], check=True, capture_output=True)
    tokens = [f'{user},{user},{number},"{group}"\n' for number, (user, group) in enumerate(_USERS.items())]
    (folder / "tokens.csv").write_text("".join(tokens))
    peer, etcd = "http://127.0.0.1:2380", "http://127.0.0.1:2379"
    up.start(
        "etcd",
        *("--data-dir", "etcd", "--unsafe-no-fsync", "--initial-cluster", f"default={peer}"),
        *("--listen-client-urls", etcd, "--advertise-client-urls", etcd),
        *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
    )
    up.start(
        "kube-apiserver",
        *(f"--advertise-address={ADDRESS}", "--secure-port=6443", f"--etcd-servers={etcd}", "--cert-dir=certificates"),
        *("--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=accounts.key"),
        *("--service-account-signing-key-file=accounts.key", f"--service-cluster-ip-range={_SERVICES}"),
        *("--authorization-mode=Node,RBAC", "--token-auth-file=tokens.csv", "--allow-privileged=true"),
        *("--kubelet-preferred-address-types=InternalIP", "--enable-admission-plugins=NodeRestriction"),
    )
    certificate = folder / "certificates" / "apiserver.crt"
    up.until("kube-apiserver", certificate.is_file)
    for user in _USERS:
        up.config(user).write_text(json.dumps(_kubeconfig(user, certificate)))
    up.until("kube-apiserver", lambda: up.runs("get", "--raw", "/readyz"))
    up.start(
        "kube-controller-manager",
        *_as(up, "system:kube-controller-manager"),
        *(f"--root-ca-file={certificate}", "--service-account-private-key-file=accounts.key", "--leader-elect=false"),
        *("--use-service-account-credentials=true", "--cert-dir=certificates"),
    )
    up.start("kube-scheduler", *_as(up, "system:kube-scheduler"), "--leader-elect=false", "--cert-dir=certificates")
    proxy = ("--clusterrole=system:node-proxier", "--user=system:kube-proxy")
    up.kubectl("create", "clusterrolebinding", "proxy", *proxy)
    node_role = ("--clusterrole=system:node", "--group=system:nodes")
    up.kubectl("create", "clusterrolebinding", "nodes", *node_role)


def _as(up: Node, user: str) -> tuple[str, ...]:
    config = up.config(user)
    return (f"--kubeconfig={config}", f"--authentication-kubeconfig={config}", f"--authorization-kubeconfig={config}")


def _kubeconfig(user: str, certificate: Path) -> dict[str, Any]:
    server = {"server": _SERVER, "certificate-authority": str(certificate)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": server}],
        "users": [{"name": user, "user": {"token": user}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": user}}],
        "current-context": "here",
    }


# --- what runs pods ------------------------------------------------------------------------------------------------------


def _runtime(up: Node) -> None:
    folder = up.folder
    for name in (REGISTRY, "docker.io"):  # what no registry is named for comes of the node's own, too
        hosts = folder / "hosts" / name
        hosts.mkdir(parents=True)
        (hosts / "hosts.toml").write_text(f'[host."http://{REGISTRY}"]\ncapabilities = ["pull", "resolve"]\n')
    ranges = [[{"subnet": _PODS}]]
    bridge = {
        "type": "bridge",
        "bridge": "pods",
        "isGateway": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": str(folder / "ipam"),
            "ranges": ranges,
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    (folder / "cni").mkdir()
    network = {"cniVersion": "1.0.0", "name": "pods", "plugins": [bridge]}
    (folder / "cni" / "pods.conflist").write_text(json.dumps(network))
    (folder / "containerd.toml").write_text(_containerd(folder))
    up.start("containerd", "--config", "containerd.toml")
    up.until("containerd", (folder / "containerd.sock").is_socket)


def _containerd(folder: Path) -> str:
    return f"""\
version = 3
root = "{folder}/containerd"
state = "{folder}/running"
[grpc]
address = "{folder}/containerd.sock"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "{REGISTRY}/pause:1"
[plugins.'io.containerd.cri.v1.images'.registry]
config_path = "{folder}/hosts"
[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["{CNI}"]
conf_dir = "{folder}/cni"
"""


def _kubelet(up: Node) -> None:
    folder = up.folder
    settings = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},  # who can reach it is in this network namespace
        "containerRuntimeEndpoint": f"unix://{folder}/containerd.sock",
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        "failSwapOn": False,
        "serializeImagePulls": False,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "resolvConf": "/dev/null",
        "clusterDNS": [ADDRESS],
        "clusterDomain": "cluster.local",
        "volumePluginDir": str(folder / "plugins"),
        "podLogsDir": str(folder / "logs"),
        "nodeStatusUpdateFrequency": "10s",
    }
    (folder / "kubelet.yaml").write_text(yaml.safe_dump(settings))
    config = up.config(f"system:node:{NODE}")
    up.start(
        "kubelet",
        *("--config=kubelet.yaml", f"--kubeconfig={config}", f"--hostname-override={NODE}", f"--node-ip={ADDRESS}"),
        *(f"--root-dir={folder / 'kubelet'}", f"--cert-dir={folder / 'certificates'}"),
    )
    up.start(
        "kube-proxy",
        *(f"--kubeconfig={up.config('system:kube-proxy')}", f"--hostname-override={NODE}", f"--cluster-cidr={_PODS}"),
        *("--proxy-mode=iptables", "--conntrack-max-per-core=0"),
    )
    up.until("kubelet", lambda: up.runs("wait", "--for=condition=Ready", f"node/{NODE}", "--timeout=1s"))
    shutil.rmtree(folder / "plugins", ignore_errors=True)
