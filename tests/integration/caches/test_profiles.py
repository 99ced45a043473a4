"""An image is asked which weights it loads before they are fetched, when somebody needs them and not before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aimcore.adapters.memory.controllers.fates import cannot_be_pulled, ends
from tests.integration.caches.bench import API, NS, POLICY, Bench, Manifest, manifest, service

SAID = [
    {
        "filename": "profiles/vllm-mi300x-fp16-tp1-latency.yaml",
        "profile": {"engine_args": {"max-model-len": 4096}, "env_vars": {"VLLM_USE_V1": "1"}, "metadata": {}},
        "models": [{"name": "acme/llama", "source": "hf://acme/llama", "size_gb": 1.0}],
    }
]
NOISE = "WARNING some library is old"


def catalogue(name: str = "llama", *, image: str = "registry.test/aim-llama:1", **spec: Any) -> list[Manifest]:
    """An image model whose labels nobody reads, and a template of it for a CPU."""
    told = {"image": image, "discovery": {"enabled": False}}
    template = {"modelName": name, "hardware": {"cpu": {"requests": "1"}}, "type": "optimized", **spec}
    return [manifest("AIMModel", name, spec=told), manifest("AIMServiceTemplate", name, spec=template)]


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.script.log("discover-*", NOISE, json.dumps(SAID))
    return bench


def jobs(bench: Bench, prefix: str) -> list[Manifest]:
    return [one for one in bench.all("Job") if one["metadata"]["name"].startswith(prefix)]


@pytest.mark.rule("PROFILE-1", "PROFILE-2", "PROFILE-3")
def test_an_image_is_asked_then_its_weights_are_fetched_then_it_serves(bench: Bench) -> None:
    bench.script.pods("discover-*", ends(after=30))
    bench.apply(*catalogue(), service())
    bench.look()
    assert bench.word() == "Starting WaitingForProfile"
    assert bench.condition("AIMTemplateCache", "Discovered")[:2] == ("Unknown", "DryRunRunning")
    assert not bench.all("PersistentVolumeClaim")
    [job] = bench.all("Job")
    bench.look(after=60)
    assert bench.word() == "Running Running"
    status = bench.one("AIMTemplateCache")["status"]
    assert status["profile"] == {
        "image": "registry.test/aim-llama:1",
        "selection": status["profile"]["selection"],
        "id": "vllm-mi300x-fp16-tp1-latency",
        "engineArgs": {"max-model-len": "4096"},
        "envVars": {"VLLM_USE_V1": "1"},
        "modelSources": [{"modelId": "acme/llama", "sourceUri": "hf://acme/llama"}],
    }
    assert [(one["sourceUri"], one["bytes"]) for one in status["sources"]] == [("hf://acme/llama", 2**30)]
    assert bench.one("PersistentVolumeClaim")["spec"]["resources"]["requests"]["storage"] == "2Gi"
    mounted = bench.one("Deployment")["spec"]["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"]
    assert mounted == bench.one("PersistentVolumeClaim")["metadata"]["name"]
    assert job["metadata"]["ownerReferences"][0]["kind"] == "AIMTemplateCache"
    [container] = job["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["args"]) == ("registry.test/aim-llama:1", ["dry-run", "--format=json"])


@pytest.mark.rule("STAT-4")
def test_nobody_is_warned_while_all_goes_well(bench: Bench) -> None:
    for owner in ("discover-*", "get-*"):
        bench.script.pods(owner, ends(after=30))
    bench.apply(manifest("AIMRuntimeConfig", "default", spec={}), *catalogue(), service())
    for _ in range(10):
        bench.look(after=20)
    assert bench.word() == "Running Running"
    assert bench.warnings == []


@pytest.mark.rule("PROFILE-1")
def test_a_catalogue_of_a_hundred_images_makes_no_pod_until_a_service_wants_one(bench: Bench) -> None:
    for number in range(100):
        bench.apply(*catalogue(f"m{number}"))
    bench.look()
    assert not bench.all("Job")
    assert not bench.all("Pod")
    bench.apply(service(ref="m7"))
    bench.look()
    [job] = jobs(bench, "discover-")
    assert job["metadata"]["name"].startswith("discover-m7-")
    assert bench.word() == "Running Running"


@pytest.mark.rule("PROFILE-3")
def test_what_an_image_said_is_kept_and_not_asked_again(bench: Bench) -> None:
    bench.apply(*catalogue(), service())
    bench.look()
    bench.look(after=4 * 3600)
    assert not bench.all("Job")
    bench.apply(service("other"))
    bench.look()
    assert bench.word(name="other") == "Running Running"
    assert not bench.all("Job")
    assert len(bench.all("AIMTemplateCache")) == 1


@pytest.mark.rule("PROFILE-3", "RUN-12")
def test_another_image_is_asked_anew_before_the_service_moves_over(bench: Bench) -> None:
    bench.apply(*catalogue(), service())
    bench.look()
    bench.script.pods("discover-*", ends(after=30))
    bench.sizes["hf://acme/llama@v2"] = 2**30
    models = [{"name": "acme/llama", "source": "hf://acme/llama@v2", "size_gb": 1.0}]
    bench.script.log("discover-*", json.dumps([{**SAID[0], "models": models}]))
    bench.apply(*catalogue(image="registry.test/aim-llama:2"))
    bench.look()
    assert bench.word() == "Degraded RollingOut"
    [container] = bench.one("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.test/aim-llama:1"
    bench.look(after=60)
    bench.look(after=60)
    assert bench.word() == "Running Running"
    [container] = bench.one("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.test/aim-llama:2"
    assert len(bench.all("PersistentVolumeClaim")) == 2


@pytest.mark.rule("PROFILE-3")
@pytest.mark.parametrize(
    ("printed", "why"),
    [
        pytest.param("[]", "names no profile", id="no profile"),
        pytest.param("Traceback: hf_canary123 broke", "prints no JSON list", id="no JSON"),
        pytest.param('[{"models": [{"name": "a/b", "source": "gs://a/b"}]}]', "has scheme 'gs'", id="another store"),
    ],
)
def test_an_answer_that_is_none_is_told_with_the_end_of_the_log_and_asked_for_again(
    bench: Bench, printed: str, why: str
) -> None:
    bench.script.log("discover-*", NOISE, printed)
    bench.apply(*catalogue(), service())
    bench.look()
    status, reason, message = bench.condition("AIMTemplateCache", "Discovered")
    assert (status, reason) == ("False", "NoProfile")
    assert why in message
    assert NOISE in message
    assert "modelSources" in message
    assert "canary" not in json.dumps(bench.all("AIMTemplateCache"))
    assert bench.word() == "Failed NoProfile"
    assert bench.one("AIMTemplateCache")["status"]["nextAttempt"]
    assert bench.one("AIMServiceTemplate")["status"]["status"] == "Ready"
    bench.look(after=30)
    assert len(jobs(bench, "discover-")) == 1
    bench.script.log("discover-*-2", json.dumps(SAID))
    bench.look(after=60)
    assert len(jobs(bench, "discover-")) == 2
    assert bench.word() == "Running Running"


@pytest.mark.rule("PROFILE-3", "STAT-2")
def test_no_word_of_a_container_is_shown_where_that_is_switched_off(bench: Bench) -> None:
    bench.policy = replace(POLICY, crash_text=False)
    bench.script.log("discover-*", "the secret sauce", "[]")
    bench.script.pods("discover-*", ends(0), ends(1, message="the secret sauce"))
    bench.apply(*catalogue(), service())
    bench.look()
    assert bench.word() == "Failed NoProfile"
    bench.script.pods("discover-*", ends(1, message="the secret sauce"))
    bench.look(after=90)
    assert bench.condition("AIMTemplateCache", "Discovered")[:2] == ("False", "NoProfile")
    assert "sauce" not in json.dumps(bench.all("AIMTemplateCache"))


@pytest.mark.rule("PROFILE-3")
def test_the_pauses_between_dry_runs_grow_to_an_hour_and_a_new_retry_ends_them(bench: Bench) -> None:
    bench.script.pods("discover-*", ends(3, message="no GPU of that name"))
    bench.apply(*catalogue(), service())
    began = []
    for _ in range(5 * 60):
        count = len({one["metadata"]["name"] for one in jobs(bench, "discover-")})
        bench.look(after=60 if count else 0)
        began += [bench.now] if len(jobs(bench, "discover-")) != count and bench.all("Job") else []
    assert "exit code 3: no GPU of that name" in bench.condition("AIMTemplateCache", "Discovered")[2]
    numbers = [int(one["metadata"]["annotations"]["aim.silogen.ai/attempt"]) for one in jobs(bench, "discover-")]
    assert 8 <= max(numbers) <= 10
    cache = bench.one("AIMTemplateCache")
    bench.script.pods("discover-*", ends(0))
    bench.apply({**cache, "spec": {**cache["spec"], "retry": "once more"}})
    bench.look()
    assert bench.word() == "Running Running"


@pytest.mark.rule("PROFILE-2")
def test_only_so_many_images_are_asked_at_a_time(bench: Bench) -> None:
    bench.script.pods("discover-*", ends(after=100))
    for number in range(10):
        bench.apply(*catalogue(f"m{number}"), service(f"s{number}", ref=f"m{number}"))
    seen: set[str] = set()
    for _ in range(8):
        bench.look(after=50)
        going = [one for one in jobs(bench, "discover-") if not one["status"].get("conditions")]
        assert len(going) <= 4
        seen |= {one["metadata"]["name"] for one in going}
    assert len(seen) == 10
    assert {bench.word(name=f"s{number}") for number in range(10)} == {"Running Running"}


@pytest.mark.rule("PROFILE-2")
def test_who_waits_for_a_turn_says_so_and_one_that_is_paused_keeps_nobody_waiting(bench: Bench) -> None:
    bench.policy = replace(POLICY, dry_runs=1)
    bench.script.pods("discover-*", ends(after=100))
    for name in ("a", "b", "c"):
        bench.apply(*catalogue(name), service(name, ref=name))
    bench.look()
    caches = {one["spec"]["templateName"]: one["metadata"]["name"] for one in bench.all("AIMTemplateCache")}
    assert bench.condition("AIMTemplateCache", "Discovered", caches["b"])[:2] == ("Unknown", "Queued")
    assert bench.word(name="b") == "Starting WaitingForProfile"
    paused = {"metadata": {"annotations": {"aim.silogen.ai/reconciliation-paused": "true"}}}
    bench.patch("AIMTemplateCache", caches["b"], paused)
    bench.look(after=150)
    assert {one["metadata"]["name"][9] for one in jobs(bench, "discover-")} == {"a", "c"}


@pytest.mark.rule("PROFILE-2")
def test_without_the_right_to_logs_no_image_is_asked_and_the_way_out_is_told(bench: Bench) -> None:
    bench.policy = replace(POLICY, pod_logs=False)
    bench.apply(*catalogue(), service())
    bench.look()
    status, reason, message = bench.condition("AIMTemplateCache", "Discovered")
    assert (status, reason) == ("False", "LogsOff")
    assert "caching.mode: None" in message
    assert "modelSources" in message
    assert bench.word() == "Failed NoProfile"
    assert not bench.all("Job")


@pytest.mark.rule("PROFILE-2")
def test_a_log_that_may_not_be_read_is_told_and_read_as_soon_as_it_may(bench: Bench) -> None:
    bench.reads_logs = False
    bench.apply(*catalogue(), service())
    bench.look()
    status, reason, message = bench.condition("AIMTemplateCache", "Discovered")
    assert (status, reason) == ("False", "LogsForbidden")
    assert "pods/log" in message
    bench.reads_logs = True
    bench.look()
    assert bench.word() == "Running Running"
    assert len(jobs(bench, "discover-")) == 1


@pytest.mark.rule("PROFILE-2")
def test_what_a_dry_run_waits_for_is_told(bench: Bench) -> None:
    bench.script.pods("discover-*", cannot_be_pulled("unauthorized"))
    bench.apply(*catalogue(), service())
    bench.look()
    status, reason, message = bench.condition("AIMTemplateCache", "Discovered")
    assert (status, reason) == ("False", "DryRunWaits")
    assert "unauthorized" in message
    assert bench.word() == "Starting WaitingForProfile"


@pytest.mark.rule("PROFILE-2")
def test_a_dry_run_that_gets_no_pod_is_blocked_after_a_minute(bench: Bench) -> None:
    bench.script.refuse("discover-*", "exceeded quota: pods")
    bench.apply(*catalogue(), service())
    bench.look()
    assert bench.condition("AIMTemplateCache", "Discovered")[1] == "DryRunRunning"
    bench.look(after=90)
    assert bench.condition("AIMTemplateCache", "Discovered")[1] == "JobBlocked"


@pytest.mark.rule("PROFILE-3")
def test_a_pod_that_was_deleted_before_its_log_was_read_is_made_again(bench: Bench) -> None:
    bench.reads_logs = False
    bench.apply(*catalogue(), service())
    bench.look()
    [pod] = bench.all("Pod")
    bench.reads_logs = True
    bench.lose_log(pod["metadata"]["name"])
    bench.look()
    assert "deleted before its log was read" in bench.condition("AIMTemplateCache", "Discovered")[2]
    bench.look(after=90)
    assert bench.word() == "Running Running"


@pytest.mark.rule("PROFILE-3", "RUN-6")
def test_an_image_that_loads_nothing_from_elsewhere_serves_without_a_volume(bench: Bench) -> None:
    bench.script.log("discover-*", json.dumps([{**SAID[0], "models": []}]))
    bench.apply(*catalogue(), service())
    bench.look()
    assert bench.word() == "Running Running"
    assert bench.condition("AIMTemplateCache", "SourcesResolved")[1] == "NoWeights"
    assert not bench.all("PersistentVolumeClaim")


@pytest.mark.rule("PROFILE-2", "CACHE-1")
def test_while_a_cache_is_suspended_no_image_is_asked(bench: Bench) -> None:
    bench.apply(*catalogue())
    bench.apply(manifest("AIMTemplateCache", "warm", spec={"templateName": "llama", "suspend": True}))
    bench.look()
    assert bench.condition("AIMTemplateCache", "Discovered")[1] == "Suspended"
    assert not bench.all("Job")
    bench.apply(manifest("AIMTemplateCache", "warm", spec={"templateName": "llama", "suspend": False}))
    bench.look()
    assert bench.word("AIMTemplateCache") == "Ready"


@pytest.mark.rule("PROFILE-2", "RUN-15")
def test_with_workloads_off_no_image_is_asked(bench: Bench) -> None:
    bench.policy = replace(POLICY, workloads=False)
    bench.apply(*catalogue(), manifest("AIMTemplateCache", "warm", spec={"templateName": "llama"}))
    bench.look()
    assert bench.condition("AIMTemplateCache", "Discovered")[1] == "WorkloadsOff"
    assert not bench.all("Job")


@pytest.mark.rule("PROFILE-2")
def test_the_template_of_the_cluster_is_asked_for_where_it_is_needed(bench: Bench) -> None:
    told = {"image": "registry.test/aim-llama:1", "discovery": {"enabled": False}}
    hardware = {"cpu": {"requests": "1"}}
    bench.apply(
        {"apiVersion": API, "kind": "AIMClusterModel", "metadata": {"name": "shared"}, "spec": told},
        {
            "apiVersion": API,
            "kind": "AIMClusterServiceTemplate",
            "metadata": {"name": "shared"},
            "spec": {"modelName": "shared", "hardware": hardware, "type": "optimized"},
        },
        service(ref="shared"),
    )
    bench.look()
    assert bench.word() == "Running Running"
    [job] = jobs(bench, "discover-")
    assert job["metadata"]["namespace"] == NS
