"""Commands that look at a cluster: they tell what the operator told, and change nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.integration.cluster.driver import RealCluster
from tests.integration.operator.conftest import AIMCORE, Site
from tests.integration.operator.test_killed import METADATA, standing

HOME = "looked-at"


def aimcore(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(AIMCORE), *words, "--kubeconfig", str(site.cluster.kubeconfig)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def settled(site: Site) -> Site:
    put = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    site.cluster.create(put, manager="kubectl")
    for kind, name, spec in (
        ("AIMModel", "chat", {"image": "acme/chat:1", "imageMetadata": METADATA}),
        ("AIMService", "talk", {"model": {"ref": "chat"}}),
    ):
        metadata = {"name": name, "namespace": HOME}
        manifest = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
        site.cluster.create(manifest, manager="kubectl")
    with site.operator():
        site.until(lambda: "resolvedTemplate" in standing(site, "AIMService", HOME)[0].get("status", {}))
    return site


@pytest.mark.rule("SEL-3")
def test_a_service_is_explained_as_its_status_has_it(settled: Site) -> None:
    before = standing(settled, "AIMService", HOME)
    told = aimcore(settled, "explain", "service/talk", "-n", HOME, "-o", "json")
    assert (told.returncode, told.stderr) == (0, "")
    explained, [service] = json.loads(told.stdout), standing(settled, "AIMService", HOME)
    assert explained["template"]["chosen"] == service["status"]["resolvedTemplate"]["name"]
    assert before == (service,)


def test_what_is_not_there_is_said_with_what_is(settled: Site) -> None:
    told = aimcore(settled, "explain", "service/tlk", "-n", HOME)
    assert told.returncode == 1
    assert "AIMService looked-at/talk" in told.stderr


def test_manifests_and_a_cluster_exclude_each_other(settled: Site, tmp_path: Path) -> None:
    told = aimcore(settled, "explain", "service/talk", "-f", str(tmp_path))
    assert told.returncode == 2
    assert "manifests and a cluster exclude each other" in told.stderr


def test_who_may_read_nothing_is_told_so(real: RealCluster) -> None:
    command = [str(AIMCORE), "explain", "service/talk", "--kubeconfig", str(real.kubeconfig), "--context", "guest"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert "forbidden" in told.stderr
