"""Killed again and again at random moments, the operator ends where one ends that nobody disturbs."""

from __future__ import annotations

import json
import os
import random
import re
import time
from typing import Any

import pytest

from aimcore.adapters.memory.kinds import Manifest
from tests.integration.operator.conftest import Site

DEPLOYMENTS = [{"metric": metric} for metric in ("latency", "throughput")]
METADATA = {"model": {"canonicalName": "acme/chat", "recommendedDeployments": DEPLOYMENTS}}
# What no two runs have in common.
OWN = re.compile(
    r'(?<="resourceVersion": ")\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z'
)
SEED = 20261124
KILLS = int(os.environ.get("AIMCORE_KILLS", "5"))
"""How often; ten models for each. 50 on a real control plane take some four minutes."""


def populate(site: Site, namespace: str, models: int) -> None:
    site.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, manager="kubectl")
    for number in range(models):
        site.cluster.create(
            {
                "apiVersion": "aim.silogen.ai/v1alpha1",
                "kind": "AIMModel",
                "metadata": {"name": f"m-{number}", "namespace": namespace},
                "spec": {"image": f"acme/m-{number}:1", "imageMetadata": METADATA},
            },
            manager="kubectl",
        )


def live(site: Site, kind: str, namespace: str) -> tuple[Manifest, ...]:
    return site.cluster.list(kind, namespace)[0]


def settled(site: Site, namespace: str) -> bool:
    words = [one.get("status", {}).get("status") for one in live(site, "AIMModel", namespace)]
    return all(word == "Ready" for word in words)


def end(site: Site, namespace: str) -> dict[str, Any]:
    """All that stands there, without what is of one run alone."""
    found = [one for kind in ("AIMModel", "AIMServiceTemplate") for one in live(site, kind, namespace)]
    same = {one["metadata"]["name"]: OWN.sub("", json.dumps(one)).replace(namespace, "here") for one in found}
    return {name: json.loads(text) for name, text in same.items()}


@pytest.mark.rule("OWN-4", "KIND-9", "STAT-1")
def test_the_end_with_kills_is_the_end_without(site: Site) -> None:
    models = 10 * KILLS
    chance = random.Random(SEED)  # noqa: S311 - to be drawn again
    populate(site, "killed", models)
    longest = 3.0 * models / 500 + 1.5
    for _ in range(KILLS):
        with site.operator() as process:
            time.sleep(chance.uniform(0.2, longest))
            process.kill()
            process.wait()
    site.cluster.close()  # the server has hung up in the meantime; the next request connects again
    with site.operator():
        site.until(lambda: settled(site, "killed"))
    populate(site, "spared", models)
    with site.operator():
        site.until(lambda: settled(site, "spared"))
    killed, spared = end(site, "killed"), end(site, "spared")
    assert len(spared) == models * (1 + len(DEPLOYMENTS))
    assert killed == spared
