"""Weights come to a volume once, whatever goes wrong on the way, and services wait for them and say so."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aimcore.adapters.memory.controllers import ClaimFate
from aimcore.adapters.memory.controllers.fates import cannot_be_configured, ends, runs
from tests.integration.caches.bench import POLICY, Bench, last_words, manifest, model, secret, service, token

GIB = 2**30


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.rule("CACHE-1", "CACHE-2", "CACHE-3", "CACHE-4", "CACHE-9")
def test_a_service_gets_a_cache_a_claim_a_job_and_then_its_pods(bench: Bench) -> None:
    bench.script.pods(
        "get-*",
        ends(after=30, message=last_words("", "", sources=[{"modelId": "acme/llama", "bytes": GIB, "commit": "c0"}])),
    )
    bench.apply(model(), service())
    bench.look()
    assert bench.word() == "Starting WaitingForCache"
    assert bench.word("AIMTemplateCache") == "Progressing"
    assert not bench.all("Deployment")
    claim, job = bench.one("PersistentVolumeClaim"), bench.one("Job")
    assert claim["spec"]["resources"]["requests"]["storage"] == "2Gi"
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    bench.look(after=60)
    assert bench.word() == "Running Running"
    cache = bench.one("AIMTemplateCache")
    assert cache["status"]["status"] == "Ready"
    assert cache["status"]["progress"] == {"bytes": GIB, "total": GIB, "percent": 100}
    assert cache["status"]["usedBy"] == ["chat"]
    volumes = bench.one("Deployment")["spec"]["template"]["spec"]["volumes"]
    assert volumes[0] == {"name": "weights", "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}
    owners = {one["kind"]: one for one in bench.one("PersistentVolumeClaim")["metadata"]["ownerReferences"]}
    assert set(owners) == {"AIMTemplateCache", "AIMService"}
    assert not any(one.get("controller") for one in owners.values())
    assert [one["kind"] for one in job["metadata"]["ownerReferences"]] == ["AIMTemplateCache"]


@pytest.mark.rule("CACHE-3")
def test_a_second_service_of_the_same_content_starts_without_a_download(bench: Bench) -> None:
    bench.apply(model(), service())
    bench.look()
    bench.look(after=7200)
    assert not bench.all("Job")
    bench.apply(model("twin"), service("other", ref="twin"))
    bench.look()
    assert [bench.word(name=name) for name in ("chat", "other")] == ["Running Running"] * 2
    assert len(bench.all("PersistentVolumeClaim")) == 1
    assert len(bench.all("AIMTemplateCache")) == 2
    assert not bench.all("Job")


@pytest.mark.rule("CACHE-2", "CACHE-3")
def test_a_dedicated_claim_is_the_model_s_own(bench: Bench) -> None:
    bench.apply(model(), model("twin"), service(mode="Dedicated"), service("other", ref="twin", mode="Dedicated"))
    bench.look()
    assert len(bench.all("PersistentVolumeClaim")) == 2
    assert [bench.word(name=name) for name in ("chat", "other")] == ["Running Running"] * 2


@pytest.mark.rule("CACHE-7", "CACHE-9")
def test_a_download_that_fails_twice_is_tried_a_third_time(bench: Bench) -> None:
    gone = ends(10, message=last_words("Unreachable", "hub.test does not answer"))
    bench.script.pods("get-*-1", *[gone] * 9)
    bench.script.pods("get-*-2", *[gone] * 9)
    bench.apply(model(), service())
    for _ in range(12):
        bench.look(after=600 if bench.all("Job") else 0)
        if bench.one("AIMTemplateCache")["status"].get("nextAttempt"):
            break
    status, reason, message = bench.condition("AIMTemplateCache", "Downloaded")
    assert (status, reason, message) == ("False", "Retrying", "Unreachable: hub.test does not answer")
    assert bench.word("AIMTemplateCache") == "Progressing"
    assert bench.word() == "Starting WaitingForCache"
    for _ in range(20):
        bench.look(after=600)
        if bench.word() == "Running Running":
            break
    assert bench.word() == "Running Running"
    assert bench.one("AIMTemplateCache")["status"]["attempts"] == 3


@pytest.mark.rule("CACHE-10", "CACHE-11", "SEC-1")
def test_a_secret_that_is_missing_is_named_and_waited_for(bench: Bench) -> None:
    bench.apply(model(env=token()), service())
    bench.look()
    assert bench.condition("AIMTemplateCache", "Downloaded") == (
        "False",
        "SecretMissing",
        "secret hub is not in namespace ml-team; create it, and the download begins",
    )
    assert not bench.all("Job")
    bench.apply(secret())
    bench.look()
    assert bench.word() == "Running Running"
    (container,) = bench.one("Job")["spec"]["template"]["spec"]["containers"]
    reference = {"secretKeyRef": {"name": "hub", "key": "token"}}
    assert {"name": "S0_HF_TOKEN", "valueFrom": reference} in container["env"]
    plan = json.loads(bench.one("Job")["spec"]["template"]["metadata"]["annotations"]["aim.silogen.ai/plan"])
    assert plan["sources"][0]["env"] == {"HF_TOKEN": "S0_HF_TOKEN"}
    everything = json.dumps(
        [one for kind in ("Job", "AIMTemplateCache", "PersistentVolumeClaim") for one in bench.all(kind)]
    )
    assert "Y2FuYXJ5" not in everything
    assert "canary" not in everything


@pytest.mark.rule("CACHE-7", "CACHE-9")
def test_what_a_pod_of_the_job_waits_for_is_told(bench: Bench) -> None:
    bench.script.pods("get-*", cannot_be_configured('couldn\'t find key token in Secret ml-team/hub (secret "hub")'))
    bench.apply(secret(), model(env=token()), service())
    bench.look()
    status, reason, message = bench.condition("AIMTemplateCache", "Downloaded")
    assert (status, reason) == ("False", "Retrying")
    assert message.startswith("SecretMissing: pod get-")
    assert bench.word() == "Starting WaitingForCache"


@pytest.mark.rule("CACHE-8", "RUN-12")
def test_a_claim_deleted_under_a_running_service_is_filled_anew_and_moved_to(bench: Bench) -> None:
    bench.apply(model(), service())
    bench.look()
    old = bench.one("PersistentVolumeClaim")["metadata"]["name"]
    bench.script.pods("get-*", ends(after=600))
    bench.delete("PersistentVolumeClaim", old)
    bench.look()
    assert bench.word() == "Degraded CacheLost"
    assert bench.word("AIMTemplateCache") == "Degraded"
    assert [pod["status"]["phase"] for pod in bench.all("Pod") if "aim-chat" in pod["metadata"]["name"]] == ["Running"]
    new = f"{old}-2"
    assert bench.one("PersistentVolumeClaim", new)["metadata"].get("deletionTimestamp") is None
    bench.look(after=900)
    bench.look(after=60)
    assert bench.word() == "Running Running"
    assert [one["metadata"]["name"] for one in bench.all("PersistentVolumeClaim")] == [new]


@pytest.mark.rule("CACHE-3", "CACHE-8")
def test_a_cache_made_again_finds_its_claim_whole(bench: Bench) -> None:
    bench.apply(model(), service())
    bench.look()
    claim = bench.one("PersistentVolumeClaim")["metadata"]["uid"]
    bench.look(after=7200)
    bench.delete("AIMTemplateCache", bench.one("AIMTemplateCache")["metadata"]["name"])
    bench.look()
    assert bench.word() == "Running Running"
    assert bench.word("AIMTemplateCache") == "Ready"
    assert bench.one("PersistentVolumeClaim")["metadata"]["uid"] == claim
    assert not bench.all("Job")


@pytest.mark.rule("CACHE-2", "RUN-12")
def test_other_sources_are_filled_first_and_then_rolled_to(bench: Bench) -> None:
    bench.apply(model(), service())
    bench.look()
    bench.script.pods("get-*", ends(after=600))
    bench.apply(model(uri="hf://acme/llama@v2"))
    bench.look()
    assert bench.word() == "Degraded RollingOut"
    old, new = sorted(
        bench.all("PersistentVolumeClaim"),
        key=lambda one: "aim.silogen.ai/complete" not in one["metadata"]["annotations"],
    )
    mounted = bench.one("Deployment")["spec"]["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]
    assert mounted == {"claimName": old["metadata"]["name"]}
    bench.look(after=900)
    bench.look(after=60)
    assert bench.word() == "Running Running"
    mounted = bench.one("Deployment")["spec"]["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]
    assert mounted == {"claimName": new["metadata"]["name"]}
    assert {one["metadata"]["annotations"]["aim.silogen.ai/attempt"] for one in bench.all("Job")} == {"1"}


@pytest.mark.rule("CACHE-3", "CACHE-7")
def test_the_cache_of_earlier_sources_keeps_its_claim_and_is_used_by_nobody_then(bench: Bench) -> None:
    bench.apply(model(), service())
    bench.look()
    before = bench.one("AIMTemplateCache")
    bench.apply(model(uri="hf://acme/llama@v2"))
    bench.look()
    bench.look(after=60)
    caches = {one["metadata"]["name"]: one["status"] for one in bench.all("AIMTemplateCache")}
    old = caches.pop(before["metadata"]["name"])
    (new,) = caches.values()
    assert (old["status"], old["claim"]) == ("Ready", before["status"]["claim"])
    assert (old.get("usedBy", []), new["usedBy"]) == ([], ["chat"])
    assert old["unusedSince"]
    told = bench.condition("AIMTemplateCache", "SourcesResolved", before["metadata"]["name"])
    assert told[:2] == ("False", "Outdated")
    assert "aimcore cache prune" in told[2]
    owners = bench.one("PersistentVolumeClaim", new["claim"])["metadata"]["ownerReferences"]
    assert before["metadata"]["name"] not in [one["name"] for one in owners]
    bench.apply(model())
    bench.look()
    bench.look(after=60)
    assert bench.condition("AIMTemplateCache", "SourcesResolved", before["metadata"]["name"])[1] == "SourcesResolved"
    assert bench.one("AIMTemplateCache", before["metadata"]["name"])["status"]["usedBy"] == ["chat"]


@pytest.mark.rule("CACHE-3", "CACHE-7")
def test_the_cache_of_earlier_sources_that_was_never_filled_is_left_alone(bench: Bench) -> None:
    bench.script.claim("*", ClaimFate(bound_after=None))
    bench.apply(model(), service())
    bench.look()
    before = bench.one("AIMTemplateCache")["metadata"]["name"]
    jobs = len(bench.all("Job"))
    bench.apply(model(uri="hf://acme/llama@v2"))
    bench.look()
    assert bench.word("AIMTemplateCache", before) == "Pending"
    assert len(bench.all("Job")) == jobs + 1


@pytest.mark.rule("CACHE-1", "CACHE-3")
def test_a_cache_that_somebody_made_follows_its_template(bench: Bench) -> None:
    bench.apply(model())
    bench.look()
    template = bench.one("AIMServiceTemplate")["metadata"]["name"]
    bench.script.pods("get-*", ends(20, message=last_words("Unauthorized", "the token was revoked")))
    bench.apply(manifest("AIMTemplateCache", "warm", spec={"templateName": template, "mode": "Shared"}))
    bench.look()
    bench.script.pods("get-*", ends())
    bench.patch("AIMTemplateCache", "warm", {"spec": {"retry": "once more"}})
    bench.look()
    assert bench.one("AIMTemplateCache")["status"]["attempts"] == 2
    before = bench.one("AIMTemplateCache")["status"]["claim"]
    bench.apply(model(uri="hf://acme/llama@v2"))
    bench.look()
    bench.look(after=60)
    assert bench.word("AIMTemplateCache") == "Ready"
    assert bench.one("AIMTemplateCache")["status"]["claim"] != before
    assert bench.one("AIMTemplateCache")["status"]["attempts"] == 1


@pytest.mark.rule("CACHE-5")
def test_a_claim_without_a_volume_says_which_settings_choose_it(bench: Bench) -> None:
    bench.script.claim("weights-*", ClaimFate(bound_after=None))
    settings = {"storage": {"accessMode": "ReadWriteOnce", "defaultStorageClassName": "fast"}}
    bench.apply(manifest("AIMRuntimeConfig", "default", spec=settings), model(), service())
    bench.look()
    status, reason, message = bench.condition("AIMTemplateCache", "VolumeReady")
    assert (status, reason) == ("Unknown", "VolumePending")
    assert "class fast, ReadWriteOnce" in message
    assert "storage.accessMode" in message
    assert bench.condition("AIMTemplateCache", "Downloaded")[:2] == ("Unknown", "WaitingForVolume")
    assert bench.condition("AIMTemplateCache", "Ready")[2] == message
    spec = bench.one("PersistentVolumeClaim")["spec"]
    assert (spec["storageClassName"], spec["accessModes"]) == ("fast", ["ReadWriteOnce"])


@pytest.mark.rule("CACHE-5")
def test_pods_follow_a_volume_of_one_node(bench: Bench) -> None:
    bench.apply(manifest("AIMRuntimeConfig", "default", spec={"storage": {"accessMode": "ReadWriteOnce"}}))
    bench.apply(model(), service())
    bench.script.pods("get-*", ends(after=600))
    bench.look()
    claim = bench.one("PersistentVolumeClaim")["metadata"]["name"]
    bench.annotate("PersistentVolumeClaim", claim, "volume.kubernetes.io/selected-node", "node-7")
    bench.look(after=900)
    bench.look(after=60)
    assert bench.word() == "Running Running"
    assert bench.one("AIMTemplateCache")["status"]["node"] == "node-7"
    template = bench.one("Deployment")["spec"]["template"]
    assert template["metadata"]["labels"]["aim.silogen.ai/claim"] == claim
    (term,) = template["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["labelSelector"] == {"matchLabels": {"aim.silogen.ai/claim": claim}}


@pytest.mark.rule("CACHE-3")
def test_a_claim_that_is_whole_stays_when_the_config_says_otherwise(bench: Bench) -> None:
    bench.apply(model(), service())
    bench.look()
    bench.apply(manifest("AIMRuntimeConfig", "default", spec={"storage": {"accessMode": "ReadWriteOnce"}}))
    bench.look()
    assert len(bench.all("PersistentVolumeClaim")) == 1
    assert bench.word() == "Running Running"


@pytest.mark.rule("CACHE-9")
def test_without_an_image_or_while_suspended_nothing_begins(bench: Bench) -> None:
    bench.policy = replace(POLICY, download_image=None)
    bench.apply(model(), service())
    bench.look()
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "JobBlocked"
    assert "AIM_DOWNLOAD_IMAGE" in bench.condition("AIMTemplateCache", "Downloaded")[2]
    bench.policy = POLICY
    cache = bench.one("AIMTemplateCache")
    bench.apply({**cache, "spec": {**cache["spec"], "suspend": True}})
    bench.look()
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "Suspended"
    assert not bench.all("Job")


@pytest.mark.rule("CACHE-9")
def test_a_job_that_gets_no_pod_is_blocked_after_a_minute(bench: Bench) -> None:
    bench.script.refuse("get-*", "exceeded quota: pods")
    bench.apply(model(), service())
    bench.look()
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "Downloading"
    bench.look(after=90)
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "JobBlocked"


@pytest.mark.rule("CACHE-6")
def test_an_existing_claim_that_is_trusted_is_taken_as_it_is(bench: Bench) -> None:
    bench.apply(model(), service(caching={"mode": "Shared", "existingClaim": {"name": "mine", "trust": True}}))
    spec = {"templateName": "any", "existingClaim": {"name": "mine", "trust": True}}
    bench.apply(manifest("AIMTemplateCache", "theirs", spec=spec))
    bench.look()
    assert bench.word("AIMTemplateCache", "theirs") == "Ready"
    assert bench.all("Deployment")
    assert not bench.all("PersistentVolumeClaim")
    assert not bench.all("Job")


@pytest.mark.rule("CACHE-3")
def test_a_claim_of_our_name_that_is_somebody_else_s_is_left_alone(bench: Bench) -> None:
    bench.apply(model(), service())
    bench.look()
    claim = bench.one("PersistentVolumeClaim")
    other = Bench()
    stranger = {"name": claim["metadata"]["name"], "namespace": "ml-team"}
    other.store.create(
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": stranger, "spec": claim["spec"]},
        manager="kubectl",
    )
    other.apply(model(), service())
    cluster_refuses = other.store.list("PersistentVolumeClaim", "ml-team")[0][0]["metadata"]["uid"]
    other.look()
    assert other.word("AIMTemplateCache") == "Failed"
    assert other.condition("AIMTemplateCache", "VolumeReady")[1] == "NameConflict"
    assert other.one("PersistentVolumeClaim")["metadata"]["uid"] == cluster_refuses


@pytest.mark.rule("CACHE-7")
def test_a_cache_by_hand_warms_a_namespace_ahead(bench: Bench) -> None:
    bench.apply(model())
    bench.look()
    template = bench.one("AIMServiceTemplate")["metadata"]["name"]
    bench.apply(manifest("AIMTemplateCache", "warm", spec={"templateName": template, "mode": "Shared"}))
    bench.look()
    status = bench.one("AIMTemplateCache")["status"]
    assert (status["status"], status.get("usedBy", [])) == ("Ready", [])
    assert status["unusedSince"]
    bench.script.pods("aim-*", runs())
    bench.apply(service())
    bench.look()
    assert bench.word() == "Running Running"
    assert len(bench.all("PersistentVolumeClaim")) == 1


def told(percent: int) -> str:
    return json.dumps({"percent": percent, "bytes": -(-percent * GIB // 100), "totalBytes": GIB, "files": 0})


@pytest.mark.rule("CACHE-7", "STAT-2")
def test_a_download_says_how_far_it_is_and_the_service_says_it_too(bench: Bench) -> None:
    bench.script.pods("get-*", ends(after=1000))
    bench.script.log("get-*", "INFO listing", *[told(percent) for percent in range(0, 100, 2)], every=10)
    bench.apply(model(), service())
    bench.look()
    assert "progress" not in bench.one("AIMTemplateCache")["status"], "nothing was listed yet"
    bench.look(after=230)
    assert bench.one("AIMTemplateCache")["status"]["progress"] == {
        "bytes": -(-42 * GIB // 100),
        "total": GIB,
        "percent": 42,
    }
    assert bench.word() == "Starting WaitingForCache"
    assert "is Progressing, 42%" in bench.condition("AIMService", "Ready")[2]
    assert bench.one("AIMService")["status"]["cache"]["percent"] == 42


@pytest.mark.rule("CACHE-7")
def test_a_status_is_written_once_a_percent_and_keeps_what_was_heard_last(bench: Bench) -> None:
    bench.script.pods("get-*", ends(after=1000))
    lines = [json.dumps({"bytes": -(-10 * GIB // 100) + step, "totalBytes": GIB}) for step in range(20)]
    bench.script.log("get-*", *lines, every=10)
    bench.apply(model(), service())
    bench.look(after=30)
    bench.look(after=30)
    version = bench.one("AIMTemplateCache")["metadata"]["resourceVersion"]
    assert bench.one("AIMTemplateCache")["status"]["progress"]["percent"] == 10
    for _ in range(10):
        bench.look(after=10)
    bench.reads_logs = False
    bench.look(after=10)
    assert bench.one("AIMTemplateCache")["metadata"]["resourceVersion"] == version


@pytest.mark.rule("CACHE-7")
def test_without_the_right_to_logs_there_is_no_percent_and_all_else(bench: Bench) -> None:
    bench.policy = replace(POLICY, pod_logs=False)
    bench.script.pods("get-*", ends(after=100))
    bench.script.log("get-*", told(42))
    bench.apply(model(), service())
    bench.look(after=30)
    assert "progress" not in bench.one("AIMTemplateCache")["status"]
    bench.look(after=200)
    assert bench.word() == "Running Running"


@pytest.mark.rule("CACHE-9", "CACHE-7")
def test_what_nobody_believes_is_tried_again_with_other_authorities(bench: Bench) -> None:
    bench.script.pods(
        "get-*", ends(20, message=last_words("Untrusted", "hub.test has a certificate of no CA known here"))
    )
    bench.script.pods("get-*-2", ends())
    bench.apply(model(), service())
    bench.look()
    bench.look(after=600)
    assert bench.condition("AIMTemplateCache", "Downloaded")[1] == "Untrusted"
    bench.policy = replace(POLICY, authorities="-----BEGIN CERTIFICATE-----")
    bench.look()
    bench.look(after=30)
    assert bench.word() == "Running Running"
    second = bench.one(
        "Job", next(one["metadata"]["name"] for one in bench.all("Job") if one["metadata"]["name"].endswith("-2"))
    )
    annotations = second["spec"]["template"]["metadata"]["annotations"]
    assert annotations["aim.silogen.ai/authorities"] == "-----BEGIN CERTIFICATE-----"
