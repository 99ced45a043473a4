"""The Jobs of caches as every API server keeps them, and their pods as Pod Security lets them in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from aimcore.adapters.memory.kinds import Manifest
from aimcore.domain.caching.claim import ClaimWanted, claim_of
from aimcore.domain.caching.content import Content, ContentSource
from aimcore.domain.caching.dryrun import DryRunWanted, dry_run_of, selecting_env
from aimcore.domain.caching.job import JobWanted, job_of, volume_filled, volume_looked_at
from aimcore.domain.children.manifests import diff_manifest
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.records import TemplateSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.workload import ExistingClaim, PodSettings
from aimcore.domain.values.quantity import parse_quantity
from tests.integration.cluster.bench import Bench, bench
from tests.integration.cluster.driver import Cluster
from tests.integration.cluster.manifests import model

JOBS = ("download", "check", "dry-run")
NODES = (NodeLabel(key="amd.com/gpu.device-id", values=("74a1",)),)
SETTINGS = PodSettings(tolerations=(Toleration(key="gpu", operator="Exists"),), node_selector={"pool": "gpus"})
CONTENT = Content(sources=(ContentSource(model_id="acme/llama", uri="hf://acme/llama"),), access_mode="ReadWriteMany")
TEMPLATE = TemplateSpec(model_name="llama", hardware=Hardware(gpu=Gpu(requests=1, models=("MI300X",))))


@pytest.fixture
def at(cluster: Cluster) -> Iterator[Bench]:
    with bench(cluster, workloads=True) as made:
        made.hear()
        yield made


def job(which: str, home: str, owner: Owner) -> Child:
    if which == "dry-run":
        asked = DryRunWanted(
            namespace=home,
            template=Key(Kind.TEMPLATE, home, "llama"),
            image="registry.test/aim-llama:1",
            env=selecting_env(TEMPLATE, ()),
            nodes=NODES,
            settings=SETTINGS,
            pull_secrets=("pull",),
        )
        return dry_run_of(asked, owner, attempt=1, tried_with="t")
    claim = claim_of(ClaimWanted(namespace=home, content=CONTENT, size=parse_quantity("2Gi")), owner)
    filling = JobWanted(
        volume=volume_filled(replace(claim, meta=replace(claim.meta, uid="c-1"))),
        content=CONTENT,
        env=({},),
        attempt=1,
        tried_with="t",
        image="registry.test/aimcore:1",
        nodes=NODES,
        settings=SETTINGS,
        pull_secrets=("pull",),
        authorities="-----BEGIN CERTIFICATE-----",
    )
    if which == "check":
        existing = ExistingClaim(name="mine", sub_path="a/b")
        return job_of(replace(filling, volume=volume_looked_at(home, existing, CONTENT), authorities=""), owner)
    return job_of(filling, owner)


def owner_of(made: Manifest) -> Owner:
    metadata = made["metadata"]
    return Owner(
        api_version=made["apiVersion"], kind=made["kind"], name=metadata["name"], uid=metadata["uid"], controller=True
    )


@pytest.mark.rule("CACHE-6", "CACHE-9", "PROFILE-2")
@pytest.mark.parametrize("which", JOBS)
def test_a_job_is_kept_as_it_was_made(at: Bench, home: str, which: str) -> None:
    child = job(which, home, owner_of(at.others.create(model(home), manager="ann")))
    at.port.create(child)
    live = at.hear().find(child.key)
    assert isinstance(live, Child)
    done = diff_manifest(child, live, {})
    assert (done.apply, done.changes, done.contested, done.dropped) == (None, (), (), ())


@pytest.mark.rule("CACHE-9", "PROFILE-2")
@pytest.mark.parametrize("which", JOBS)
def test_its_pod_is_let_into_a_namespace_that_is_restricted(at: Bench, home: str, which: str) -> None:
    restricted = f"{home}-restricted"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    at.others.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": restricted, "labels": labels}}, manager="ann"
    )
    child = job(which, restricted, owner_of(at.others.create(model(restricted), manager="ann")))
    template = child.spec["template"]
    metadata = {**template["metadata"], "name": which, "namespace": restricted}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    assert at.others.create(pod, manager="ann")["metadata"]["uid"]
