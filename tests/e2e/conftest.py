"""One node for all scenarios, with the operator installed by its chart; a namespace and a desk for each."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.__main__ import FOLDER, PREPARED
from tests.e2e.desk import IMAGE, Desk, Page
from tests.e2e.ground import install
from tests.e2e.images import serving
from tests.e2e.names import names
from tests.e2e.node import REGISTRY, Node, NotUpError, node
from tests.e2e.prepare import OPERATOR, ROOT, Prepared, storage
from tests.e2e.volumes import provisioner
from tests.integration.registry.pushing import Pusher

PAGE = "AIMCORE_E2E_PAGE"
"""Where the page goes; without it nothing is written."""
ALL = "AIMCORE_E2E_ALL"
"""Set where what is slow runs, too."""
_TOP = """\
# Running services, as it looks

`make e2e` brings up a real node (Kubernetes {version}, containerd, kubelet, scheduler, proxy), installs the operator on it by
its chart, and does what stands here. The page is what its last run printed, with one thing renamed: `registry.example` is a
registry of the node. The node says it has eight GPUs, and the image has no model in it: a small program keeps the contract
of an AIM container.
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is slow, unless somebody asks for it."""
    slow = [] if os.environ.get(ALL) else [item for item in items if item.get_closest_marker("slow")]
    items[:] = [item for item in items if item not in slow]
    config.hook.pytest_deselected(items=slow)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Node]:
    """The node, with labels and GPUs, the images and the operator."""
    if FOLDER not in os.environ:
        pytest.skip("scenarios on a real node run in namespaces of their own: make e2e")
    prepared = Prepared(**{name: Path(path) for name, path in json.loads(os.environ[PREPARED]).items()})
    with contextlib.ExitStack() as stack:
        try:
            up = stack.enter_context(node(Path(os.environ[FOLDER]), prepared))
        except NotUpError as error:
            pytest.skip(f"NOT RUN: no node came up on this machine. {error}")
        stack.enter_context(names(up))
        _push(prepared)
        install(up)
        stack.enter_context(provisioner(up))
        yield up


def _push(prepared: Prepared) -> None:
    with Pusher(REGISTRY, authorization=lambda _: None) as pusher:
        for version in ("1", "2"):
            pusher.push(serving(prepared.standin, version=version), "acme/chat", version)
        pusher.push(serving(prepared.standin, version="1"), "amdenterpriseai/aim-base", "latest")
    for name in OPERATOR:
        target = name.replace("localhost", REGISTRY)
        command = [*storage(), "push", "--quiet", "--tls-verify=false", "--disable-compression", name]
        subprocess.run([*command, f"docker://{target}"], check=True, timeout=300)


@pytest.fixture(scope="session")
def page(cluster: Node) -> Iterator[Page]:
    """The page, written in the end where somebody asked for it."""
    version = json.loads(cluster.kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
    kept = Page(parts=[_TOP.format(version=version.removeprefix("v"))])
    yield kept
    if os.environ.get(PAGE):
        (ROOT / os.environ[PAGE]).write_text("\n".join(kept.parts))


@pytest.fixture
def desk(cluster: Node, page: Page, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A desk in a namespace named after the scenario, with a model that services may name."""
    namespace = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_"))[:40].strip("-")
    kubeconfig = json.loads(cluster.kubeconfig.read_text())
    kubeconfig["contexts"][0]["context"]["namespace"] = namespace
    (tmp_path / "kubeconfig").write_text(json.dumps(kubeconfig))
    found = Desk(node=cluster, page=page, folder=tmp_path, namespace=namespace)
    found.run(f"kubectl create namespace {namespace}")
    model = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMModel",
        "metadata": {"name": "chat"},
        "spec": {"image": f"{IMAGE}:1"},
    }
    (tmp_path / "model.json").write_text(json.dumps(model))
    found.run("kubectl apply -f model.json")
    yield found
    found.clear()
