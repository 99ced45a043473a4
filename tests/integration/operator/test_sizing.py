"""The operator tells how big the sources of a custom model are, once it may read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.operator.conftest import Site
from tests.integration.operator.test_killed import live
from tests.integration.sizes.s3_stores import KEYS, STORES

HOME = "sized"
SOURCES = {"s3://weights/models/llama": "1127", "s3://weights/models/one.bin": "77"}


def variable(name: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": "s3", "key": key}}}


def told(site: Site) -> dict[str, Any]:
    """What the one template says of its sources, by URI."""
    found = live(site, "AIMServiceTemplate", HOME)
    listed = found[0].get("status", {}).get("modelSources", []) if found else []
    return {one["sourceUri"]: one for one in listed}


def condition(site: Site) -> tuple[str, str]:
    (template,) = live(site, "AIMServiceTemplate", HOME)
    (one,) = (one for one in template["status"]["conditions"] if one["type"] == "SourcesSized")
    return one["status"], one["reason"]


@pytest.mark.rule("SIZE-3", "CUST-5", "SEC-1")
def test_sources_are_sized_as_soon_as_their_secret_is_there(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cluster = site.cluster
    with STORES["nanio"](tmp_path_factory.mktemp("nanio")) as store:
        env = [
            {"name": "AWS_ENDPOINT_URL", "value": f"http://{store.host}"},
            variable("AWS_ACCESS_KEY_ID", "id"),
            variable("AWS_SECRET_ACCESS_KEY", "key"),
        ]
        sources = [{"modelId": "acme/llama", "sourceUri": uri, "env": env} for uri in SOURCES]
        spec = {"modelSources": sources, "custom": {"hardware": {"cpu": {"requests": "1"}}}}
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}, manager="kubectl")
        metadata = {"name": "llama", "namespace": HOME}
        api = "aim.silogen.ai/v1alpha1"
        cluster.create({"apiVersion": api, "kind": "AIMModel", "metadata": metadata, "spec": spec}, manager="kubectl")
        with site.operator("--plain-http", store.host):
            site.until(lambda: {one.get("cause") for one in told(site).values()} == {"SecretMissing"})
            assert condition(site) == ("False", "ProbeFailed")
            site.until(lambda: live(site, "AIMModel", HOME)[0]["status"]["status"] == "Ready")
            data = {"id": KEYS["AWS_ACCESS_KEY_ID"], "key": KEYS["AWS_SECRET_ACCESS_KEY"]}
            secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {**metadata, "name": "s3"}}
            cluster.create({**secret, "type": "Opaque", "stringData": data}, manager="kubectl")
            site.until(lambda: {uri: one.get("size") for uri, one in told(site).items()} == SOURCES)
            assert condition(site) == ("True", "SourcesSized")
        before = told(site)
        assert all(one["discoveredAt"] and "cause" not in one for one in before.values())
    with site.operator("--plain-http", store.host):  # which is gone by now
        site.until(lambda: live(site, "AIMServiceTemplate", HOME))
    assert told(site) == before
    shown = json.dumps([live(site, kind, HOME) for kind in ("AIMModel", "AIMServiceTemplate")])
    assert not any(value in shown + site.log.read_text() for value in KEYS.values())
