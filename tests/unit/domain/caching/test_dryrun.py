"""The Job that asks an image: named by what is asked, harmless, and told which GPUs there will be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.caching.dryrun import DryRunWanted, dry_run_digest, dry_run_of, selecting_env
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.ownership import DRY_RUN_LABEL, Owner
from aimcore.domain.kinds.records import TemplateSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.profile import Metric, Precision
from aimcore.domain.weights.sources import EnvVar, SecretKeyRef

OWNER = Owner(api_version="aim.silogen.ai/v1alpha1", kind="AIMTemplateCache", name="c", uid="c-1", controller=True)
TEMPLATE = TemplateSpec(
    model_name="llama",
    metric=Metric.LATENCY,
    precision=Precision.FP8,
    hardware=Hardware(gpu=Gpu(requests=2, models=("MI300X", "MI325X"))),
)
WANTED = DryRunWanted(
    namespace="ml-team",
    template=Key(Kind.TEMPLATE, "ml-team", "llama"),
    image="registry.test/aim-llama:1",
    env=selecting_env(TEMPLATE, ()),
    nodes=(NodeLabel(key="gpu", values=("MI300X",)),),
    settings=PodSettings(tolerations=(Toleration(key="gpu"),), drain_seconds=9, labels={"a": "b"}),
    pull_secrets=("pull", "pull", "more"),
    account="reader",
)


def spec(wanted: DryRunWanted = WANTED, *, ids: bool = True) -> Any:
    return dry_run_of(wanted, OWNER, attempt=1, tried_with="t", ids=ids).spec


def env_of(template: TemplateSpec, *layers: Any) -> dict[str, object]:
    return {name: one.value.value for name, one in selecting_env(template, layers).items()}


@pytest.mark.rule("PROFILE-2")
def test_it_is_called_after_its_template_and_what_is_asked() -> None:
    first = dry_run_of(WANTED, OWNER, attempt=1, tried_with="t")
    again = dry_run_of(WANTED, OWNER, attempt=3, tried_with="t")
    asked = dry_run_digest(WANTED)
    assert first.key == Key(Kind.JOB, "ml-team", f"discover-llama-{asked}")
    assert again.key.name == f"discover-llama-{asked}-3"
    assert first.meta.labels[DRY_RUN_LABEL] == asked
    assert first.meta.owners == (OWNER,)
    assert (
        len(
            dry_run_of(
                replace(WANTED, template=Key(Kind.TEMPLATE, "ml-team", "x" * 63)), OWNER, attempt=12, tried_with="t"
            ).key.name
        )
        <= 63
    )


@pytest.mark.rule("PROFILE-2")
@pytest.mark.parametrize(
    "other",
    [
        replace(WANTED, image="registry.test/aim-llama:2"),
        replace(WANTED, digest="sha256:" + "0" * 64),
        replace(WANTED, template=Key(Kind.TEMPLATE, None, "llama")),
        replace(WANTED, env=selecting_env(replace(TEMPLATE, metric=Metric.THROUGHPUT), ())),
    ],
    ids=["image", "digest", "scope of the template", "selection"],
)
def test_another_question_is_another_job(other: DryRunWanted) -> None:
    assert dry_run_digest(other) != dry_run_digest(WANTED)


@pytest.mark.rule("PROFILE-2")
def test_an_image_that_was_read_is_asked_once_under_all_its_tags() -> None:
    one = replace(WANTED, digest="sha256:" + "0" * 64)
    assert dry_run_digest(one) == dry_run_digest(replace(one, image="registry.test/aim-llama:latest"))


@pytest.mark.rule("PROFILE-2")
def test_the_image_is_told_what_to_choose_by_and_which_gpus_there_will_be() -> None:
    assert env_of(TEMPLATE) == {
        "AIM_GPU_MODEL": "MI300X",
        "AIM_GPU_COUNT": "2",
        "AIM_METRIC": "latency",
        "AIM_PRECISION": "fp8",
    }
    assert env_of(replace(TEMPLATE, profile_id="p", hardware=None)) == {"AIM_PROFILE_ID": "p"}
    layers = (
        (Layer.TEMPLATE, (EnvVar(name="AIM_METRIC", value="throughput"), EnvVar(name="OTHER", value="1"))),
        (Layer.MODEL, (EnvVar(name="AIM_ENGINE", value="vllm"), EnvVar(name="AIM_METRIC", value="latency"))),
    )
    assert env_of(replace(TEMPLATE, precision=None, hardware=None), *layers) == {
        "AIM_METRIC": "throughput",
        "AIM_ENGINE": "vllm",
    }


@pytest.mark.rule("PROFILE-2", "SEC-1")
def test_no_credential_goes_into_it() -> None:
    token = EnvVar(name="HF_TOKEN", value_from=SecretKeyRef(name="hub", key="token"))
    assert env_of(TemplateSpec(model_name="m"), (Layer.MODEL, (token,))) == {}


@pytest.mark.rule("PROFILE-2", "RUN-9")
def test_its_pod_meets_pod_security_restricted_and_goes_where_the_template_does() -> None:
    pod = spec()["template"]["spec"]
    [container] = pod["containers"]
    assert (container["image"], container["args"]) == ("registry.test/aim-llama:1", ["dry-run", "--format=json"])
    context = pod["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"]) == (True, 65532)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert (pod["serviceAccountName"], pod["imagePullSecrets"]) == ("reader", [{"name": "pull"}, {"name": "more"}])
    [term] = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["key"] == "gpu"
    assert pod["tolerations"] == [{"key": "gpu"}]
    assert "amd.com/gpu" not in str(container["resources"])
    assert "runAsUser" not in spec(ids=False)["template"]["spec"]["securityContext"]


@pytest.mark.rule("PROFILE-2")
def test_it_runs_once_ends_for_sure_and_outlives_the_longest_pause() -> None:
    said = spec()
    assert said["backoffLimit"] == 0
    assert said["activeDeadlineSeconds"] == 7200
    assert said["ttlSecondsAfterFinished"] > 3600
    [rule] = said["podFailurePolicy"]["rules"]
    assert rule == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
