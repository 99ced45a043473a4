"""A claim that somebody else filled is looked at before it is mounted; it is never owned and never written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aimcore.adapters.memory.controllers.fates import ends
from tests.integration.caches.bench import POLICY, Bench, Manifest, last_words, manifest, model, service
from tests.integration.caches.test_profiles import catalogue

MINE: Manifest = {"existingClaim": {"name": "mine", "subPath": "a/b"}}
LACKING = "there is no marker .aimcore/complete.json that can be read; expected the marker of a download"
NOT_WHOLE = ends(20, message=last_words("NotWhole", LACKING))


def claim(name: str = "mine") -> Manifest:
    """What somebody made by hand."""
    metadata = {"name": name, "namespace": "ml-team"}
    spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "2Gi"}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.store.create(claim(), manager="kubectl")
    return bench


@pytest.mark.rule("CACHE-6")
@pytest.mark.parametrize("mode", [{}, {"mode": "Shared"}, {"mode": "Dedicated"}, {"mode": "None"}], ids=str)
def test_a_claim_on_which_the_marker_is_found_is_mounted_and_not_owned(bench: Bench, mode: Manifest) -> None:
    bench.script.pods("check-*", ends(after=10))
    bench.apply(model(), service(caching={**MINE, **mode}))
    bench.look()
    assert bench.word() == "Starting WaitingForCache"
    assert bench.word("AIMTemplateCache") == "Progressing"
    assert not bench.all("Deployment")
    bench.look(after=30)
    assert (bench.word("AIMTemplateCache"), bench.word()) == ("Ready", "Running Running")
    assert bench.condition("AIMTemplateCache", "Downloaded")[:2] == ("True", "MarkerFound")
    bench.look()
    assert bench.one("AIMTemplateCache")["status"]["usedBy"] == ["chat"]
    template = bench.one("Deployment")["spec"]["template"]["spec"]
    assert template["volumes"][0] == {"name": "weights", "persistentVolumeClaim": {"claimName": "mine"}}
    assert template["containers"][0]["volumeMounts"][0]["subPath"] == "a/b"
    found = bench.one("PersistentVolumeClaim")
    assert found["spec"] == {**claim()["spec"], "volumeName": found["spec"]["volumeName"]}
    assert not found["metadata"].get("ownerReferences")
    assert not found["metadata"].get("annotations")
    assert not found["metadata"].get("labels")


@pytest.mark.rule("CACHE-6")
def test_what_was_found_counts_when_the_job_is_long_gone(bench: Bench) -> None:
    bench.apply(model(), service(caching=MINE))
    bench.look()
    bench.look(after=7200)
    bench.look(after=60)
    assert not bench.all("Job")
    assert (bench.word("AIMTemplateCache"), bench.word()) == ("Ready", "Running Running")


@pytest.mark.rule("CACHE-6")
def test_without_the_marker_it_says_what_was_looked_for_and_where_and_what_to_do(bench: Bench) -> None:
    bench.script.pods("check-*", NOT_WHOLE)
    bench.apply(model(), service(caching=MINE))
    bench.look()
    assert (bench.word("AIMTemplateCache"), bench.word()) == ("Failed", "Failed CacheFailed")
    status, reason, message = bench.condition("AIMTemplateCache", "Downloaded")
    assert (status, reason) == ("False", "NotWhole")
    assert message == (
        f"claim mine, folder a/b: {LACKING}; fill it with `aimcore download hf://acme/llama --name acme/llama` and set "
        "spec.retry of this cache to a new text, or set existingClaim.trust: true where its weights are whole"
    )
    assert message in bench.condition("AIMService", "Ready")[2]
    assert not bench.all("Deployment")


@pytest.mark.rule("CACHE-6", "CACHE-7")
def test_it_is_looked_at_again_when_somebody_asks(bench: Bench) -> None:
    bench.script.pods("check-*", NOT_WHOLE)
    bench.apply(model(), service(caching=MINE))
    bench.look()
    bench.look(after=120)
    assert len(bench.all("Job")) == 1
    bench.script.pods("check-*", ends())
    cache = bench.one("AIMTemplateCache")
    bench.patch("AIMTemplateCache", cache["metadata"]["name"], {"spec": {"retry": "filled"}})
    bench.look()
    bench.look(after=30)
    assert (bench.word("AIMTemplateCache"), bench.word()) == ("Ready", "Running Running")


@pytest.mark.rule("CACHE-6")
def test_sources_that_change_are_looked_for_anew_and_the_pods_stay_until_they_are_found(bench: Bench) -> None:
    bench.apply(model(), service(caching=MINE))
    bench.look()
    before = bench.one("Deployment")["spec"]["template"]
    bench.script.pods("check-*", NOT_WHOLE)
    bench.apply(model(uri="hf://acme/llama@v2"))
    bench.look()
    bench.look(after=30)
    assert bench.one("Deployment")["spec"]["template"] == before
    assert bench.word() == "Degraded CacheFailed"


@pytest.mark.rule("CACHE-6")
def test_a_claim_that_does_not_exist_is_waited_for(bench: Bench) -> None:
    bench.apply(model(), service(caching={"existingClaim": {"name": "theirs"}}))
    bench.look()
    bench.look(after=30)
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "Retrying"
    assert '"theirs" not found' in bench.condition("AIMTemplateCache", "Downloaded")[2]
    bench.store.create(claim("theirs"), manager="kubectl")
    bench.look(after=30)
    bench.look(after=30)
    assert bench.word() == "Running Running"


@pytest.mark.rule("CACHE-6", "CACHE-10")
def test_no_secret_is_needed_to_look(bench: Bench) -> None:
    gated = [{"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "nowhere", "key": "token"}}}]
    bench.apply(model(env=gated), service(caching=MINE))
    bench.look()
    bench.look(after=30)
    assert bench.word("AIMTemplateCache") == "Ready"


@pytest.mark.rule("CACHE-6", "RUN-15")
def test_with_workloads_off_nobody_looks(bench: Bench) -> None:
    bench.policy = replace(POLICY, workloads=False)
    bench.apply(model(), manifest("AIMTemplateCache", "by-hand", spec={"templateName": "nobody-s", **MINE}))
    bench.look()
    template = bench.one("AIMServiceTemplate")["metadata"]["name"]
    bench.apply(manifest("AIMTemplateCache", "mine", spec={"templateName": template, **MINE}))
    bench.look()
    assert bench.word("AIMTemplateCache", "by-hand") == "Pending"
    assert bench.condition("AIMTemplateCache", "VolumeReady", "mine")[1] == "WorkloadsOff"
    assert not bench.all("Job")


@pytest.mark.rule("CACHE-6", "PROFILE-3")
def test_what_an_image_names_is_looked_for_and_one_that_names_nothing_needs_no_claim(bench: Bench) -> None:
    said = [{"filename": "p.yaml", "profile": {}, "models": [{"name": "acme/llama", "source": "hf://acme/llama"}]}]
    bench.script.log("discover-*", json.dumps(said))
    bench.apply(*catalogue(), service(caching=MINE))
    bench.look()
    bench.look(after=30)
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "MarkerFound"
    volumes = bench.one("Deployment")["spec"]["template"]["spec"]["volumes"]
    assert volumes[0] == {"name": "weights", "persistentVolumeClaim": {"claimName": "mine"}}
    other = Bench()
    other.script.log("discover-*", json.dumps([{**said[0], "models": []}]))
    other.apply(*catalogue(), service(caching=MINE))
    other.look()
    other.look(after=30)
    assert other.condition("AIMTemplateCache", "SourcesResolved")[1] == "NoWeights"
    volumes = other.one("Deployment")["spec"]["template"]["spec"]["volumes"]
    assert "weights" not in [one["name"] for one in volumes]
