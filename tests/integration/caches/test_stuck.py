"""Causes that stand in events alone are asked for when something is stuck, and told where a person looks."""

from __future__ import annotations

import pytest

from aimcore.adapters.memory.controllers.fates import Fate, cannot_be_pulled, is_killed, waits
from aimcore.adapters.memory.controllers.script import ClaimFate
from tests.integration.caches.bench import Bench, manifest, model, service
from tests.integration.caches.test_profiles import catalogue

UNMOUNTED = 'MountVolume.SetUp failed for volume "pv-1" : mount failed: exit status 32'
NO_CLASS = 'storageclass.storage.k8s.io "fast" not found'
DENIED = "failed to resolve image: pull access denied: no basic auth credentials"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.rule("CACHE-9", "PROFILE-2")
@pytest.mark.parametrize(("jobs", "condition"), [("get-*", "Downloaded"), ("discover-*", "Discovered")])
def test_a_job_that_gets_no_pod_says_who_refuses_it(bench: Bench, jobs: str, condition: str) -> None:
    bench.script.refuse(jobs, "exceeded quota: pods, requested: pods=1, used: pods=9, limited: pods=9")
    bench.apply(*((model(),) if condition == "Downloaded" else catalogue()), service())
    bench.look()
    bench.look(after=90)
    status, reason, message = bench.condition("AIMTemplateCache", condition)
    job = bench.one("Job")["metadata"]["name"]
    assert (status, reason) == ("False", "JobBlocked")
    assert message.startswith(f"Job {job} has no pod: exceeded quota: pods, requested: pods=1"), message
    assert message.endswith("raise the quota, or ask for less in resources")
    assert message in str(bench.one("AIMService")["status"]), "and so does the service that waits for it"
    bench.script.allow(jobs)
    bench.look(after=90)
    assert bench.condition("AIMTemplateCache", condition)[1] != "JobBlocked"


@pytest.mark.rule("CACHE-9")
def test_without_the_right_to_events_it_says_where_to_look(bench: Bench) -> None:
    bench.reads_events = False
    bench.script.refuse("get-*", "exceeded quota: pods")
    bench.apply(model(), service())
    bench.look()
    bench.look(after=90)
    assert bench.condition("AIMTemplateCache", "Downloaded")[2].endswith("look at the events of the Job")


@pytest.mark.rule("CACHE-5", "STAT-4")
@pytest.mark.parametrize(
    ("reason", "note", "told"),
    [
        ("ProvisioningFailed", NO_CLASS, ("False", "ProvisioningFailed")),
        ("FailedBinding", "no persistent volumes available for this claim", ("False", "ProvisioningFailed")),
        ("ExternalProvisioning", "Waiting for a volume to be created", ("Unknown", "VolumePending")),
    ],
)
def test_a_claim_without_a_volume_says_what_its_events_say(
    bench: Bench, reason: str, note: str, told: tuple[str, str]
) -> None:
    bench.script.claim("weights-*", ClaimFate(bound_after=200, reason=reason, note=note))
    bench.apply(manifest("AIMRuntimeConfig", "default", spec={"storage": {"defaultStorageClassName": "fast"}}))
    bench.apply(model(), service())
    bench.look()
    assert bench.condition("AIMTemplateCache", "VolumeReady")[1] == "VolumePending", "it has had no time yet"
    bench.look(after=60)
    status, why, message = bench.condition("AIMTemplateCache", "VolumeReady")
    assert (status, why) == told
    assert f"(class fast, ReadWriteMany): {note}; set storage.defaultStorageClassName" in message
    assert any(note in one for one in bench.warnings) is (told[0] == "False")
    assert bench.word() == "Starting WaitingForCache"
    bench.look(after=200)
    bench.look(after=60)
    assert bench.word() == "Running Running"


@pytest.mark.rule("CACHE-9", "STAT-4")
def test_a_download_whose_volume_cannot_be_mounted_says_why(bench: Bench) -> None:
    bench.script.pods("get-*", waits("ContainerCreating", "", events=(("FailedMount", UNMOUNTED),)))
    bench.apply(manifest("AIMRuntimeConfig", "default", spec={}), model(), service())
    bench.look()
    bench.look(after=10)
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "Downloading", "containers take time to be made"
    assert not bench.warnings
    bench.look(after=60)
    status, reason, message = bench.condition("AIMTemplateCache", "Downloaded")
    assert (status, reason) == ("False", "Retrying")
    assert message.startswith("FailedMount: pod get-")
    assert message.endswith(UNMOUNTED)


@pytest.mark.rule("CACHE-9")
def test_a_download_that_begins_late_is_at_work(bench: Bench) -> None:
    bench.script.pods("get-*", waits("ContainerCreating", "", events=(("Pulling", "Pulling image"),)))
    bench.apply(model(), service())
    bench.look()
    bench.look(after=90)
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "Downloading"


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("fate", "reason", "sentence"),
    [
        pytest.param(
            waits("ContainerCreating", "", events=(("FailedMount", UNMOUNTED),)),
            "CreatingRuntime",
            f"a volume cannot be mounted: {UNMOUNTED}",
            id="a mount that fails",
        ),
        pytest.param(
            waits("ContainerCreating", "", events=(("Pulling", "Pulling image"),)),
            "PullingImage",
            "the image is being pulled, or waits for another on that node",
            id="a large image",
        ),
        pytest.param(
            is_killed("liveness"),
            "ContainerCrashes",
            "last with exit code 137 (Error); its liveness probe failed",
            id="a probe that kills",
        ),
        pytest.param(
            cannot_be_pulled(DENIED, lacks="secret pull"),
            "ImagePullFailed",
            "Unable to retrieve some image pull secrets (secret pull)",
            id="a secret that is missing",
        ),
    ],
)
def test_a_pod_that_is_stuck_says_what_its_events_say(bench: Bench, fate: Fate, reason: str, sentence: str) -> None:
    bench.script.pods("aim-*", fate)
    bench.apply(model(), service(mode="None"))
    bench.look()
    bench.look(after=120)
    [ready] = [one for one in bench.one("AIMService")["status"]["conditions"] if one["type"] == "Ready"]
    assert ready["reason"] == reason, ready
    assert sentence in ready["message"]
