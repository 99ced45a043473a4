"""The Job meets Pod Security `restricted`, shows its plan as a file, and goes where a volume of one node has to be."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.caching.claim import ClaimWanted, claim_of
from aimcore.domain.caching.content import Content, ContentSource
from aimcore.domain.caching.env import source_env
from aimcore.domain.caching.job import AUTHORITIES, PLAN, JobWanted, job_of, volume_filled, volume_looked_at
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.ownership import CLAIM_LABEL, CONTENT_LABEL, Owner
from aimcore.domain.kinds.workload import ExistingClaim, PodSettings
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.fetchplan import parse_request
from aimcore.domain.weights.sources import EnvVar, ModelSource, SecretKeyRef

OWNER = Owner(api_version="aim.silogen.ai/v1alpha1", kind="AIMTemplateCache", name="c", uid="c-1", controller=True)
SOURCE = ModelSource(
    model_id="acme/llama",
    source_uri="hf://acme/llama",
    env=(EnvVar(name="HF_TOKEN", value_from=SecretKeyRef(name="hub", key="token")),),
)
CONTENT = Content(sources=(ContentSource(model_id="acme/llama", uri="hf://acme/llama"),), access_mode="ReadWriteMany")
CLAIM = claim_of(ClaimWanted(namespace="ml-team", content=CONTENT, size=parse_quantity("2Gi")), OWNER)
WANTED = JobWanted(
    volume=volume_filled(CLAIM),
    content=CONTENT,
    env=(source_env(SOURCE, ()),),
    attempt=2,
    tried_with="t",
    image="registry.test/aimcore:1",
)


def pod(wanted: JobWanted = WANTED) -> Any:
    return job_of(wanted, OWNER).spec["template"]["spec"]


@pytest.mark.rule("CACHE-9")
def test_the_plan_is_what_the_program_reads_and_names_variables_only() -> None:
    job = job_of(WANTED, OWNER)
    (container,) = job.spec["template"]["spec"]["containers"]
    annotations = job.spec["template"]["metadata"]["annotations"]
    request = parse_request(annotations[PLAN])
    assert request.target == "/weights"
    assert request.content == CLAIM.meta.labels[CONTENT_LABEL]
    assert [(one.uri, one.env) for one in request.sources] == [("hf://acme/llama", (("HF_TOKEN", "S0_HF_TOKEN"),))]
    assert container["args"] == ["download", "--plan", "/plan/plan.json"]
    (shown,) = [one for one in job.spec["template"]["spec"]["volumes"] if one["name"] == "plan"]
    assert shown["downwardAPI"]["items"][0]["fieldRef"]["fieldPath"] == f"metadata.annotations['{PLAN}']"


@pytest.mark.rule("CACHE-9", "SEC-3")
def test_what_the_operator_may_speak_to_holds_for_the_download() -> None:
    (container,) = pod(replace(WANTED, hosts=(("AIM_PLAIN_HTTP", "minio.test:9000"),)))["containers"]
    assert container["env"] == [
        {"name": "HOME", "value": "/tmp"},  # noqa: S108 - a path in the container
        {"name": "AIM_PLAIN_HTTP", "value": "minio.test:9000"},
        {"name": "S0_HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "hub", "key": "token"}}},
    ]


@pytest.mark.rule("CACHE-9", "RUN-9")
def test_its_pod_meets_pod_security_restricted() -> None:
    spec = pod()
    (container,) = spec["containers"]
    context = spec["securityContext"]
    assert (context["runAsNonRoot"], context["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
    assert (context["runAsUser"], context["fsGroup"], context["fsGroupChangePolicy"]) == (
        65532,
        65532,
        "OnRootMismatch",
    )
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert (spec["automountServiceAccountToken"], spec["enableServiceLinks"]) == (False, False)
    assert "runAsUser" not in pod(replace(WANTED, ids=False))["securityContext"]


@pytest.mark.rule("CACHE-9")
def test_what_a_person_must_mend_ends_it_and_an_eviction_does_not_count() -> None:
    spec = job_of(WANTED, OWNER).spec
    fails, ignores = spec["podFailurePolicy"]["rules"]
    assert fails["onExitCodes"] == {"containerName": "download", "operator": "In", "values": [20, 28, 30]}
    assert ignores == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    assert (spec["backoffLimit"], spec["ttlSecondsAfterFinished"]) == (6, 3600)
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


@pytest.mark.rule("CACHE-5", "RUN-8")
def test_it_takes_the_settings_that_place_it_and_the_template_s_nodes() -> None:
    settings = PodSettings(
        tolerations=(Toleration(key="gpu"),),
        node_selector={"pool": "a"},
        priority_class_name="high",
        scheduler_name="own",
        affinity={"podAffinity": {}},
        labels={"theirs": "1"},
    )
    nodes = (NodeLabel(key="gpu", values=("MI300X",)),)
    spec = pod(replace(WANTED, settings=settings, nodes=nodes, pull_secrets=("a", "b", "a"), account="puller"))
    assert spec["tolerations"] == [{"key": "gpu"}]
    assert (spec["nodeSelector"], spec["priorityClassName"], spec["schedulerName"]) == ({"pool": "a"}, "high", "own")
    assert list(spec["affinity"]) == ["nodeAffinity"]
    assert (spec["imagePullSecrets"], spec["serviceAccountName"]) == ([{"name": "a"}, {"name": "b"}], "puller")
    assert "affinity" not in pod()


@pytest.mark.rule("CACHE-9", "SEC-3")
def test_the_certificates_of_a_setting_are_a_file_beside_the_plan() -> None:
    wanted = replace(WANTED, authorities="-----BEGIN CERTIFICATE-----")
    metadata = job_of(wanted, OWNER).spec["template"]["metadata"]
    assert metadata["annotations"][AUTHORITIES] == "-----BEGIN CERTIFICATE-----"
    (container,) = pod(wanted)["containers"]
    assert {"name": "AIM_CA_FILE", "value": "/plan/ca.pem"} in container["env"]
    (shown,) = [one for one in pod(wanted)["volumes"] if one["name"] == "plan"]
    assert shown["downwardAPI"]["items"][1] == {
        "path": "ca.pem",
        "fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.annotations['{AUTHORITIES}']"},
    }
    assert AUTHORITIES not in job_of(WANTED, OWNER).spec["template"]["metadata"]["annotations"]


# A claim that somebody else filled ------------------------------------------------------------------------------------

LONG = "weights-" * 12


def looking(name: str = "mine", sub_path: str | None = "a/b") -> JobWanted:
    existing = ExistingClaim(name=name, sub_path=sub_path)
    return replace(WANTED, volume=volume_looked_at("ml-team", existing, CONTENT), env=({},))


@pytest.mark.rule("CACHE-6")
def test_a_claim_of_somebody_else_is_mounted_read_only_and_nothing_gives_it_a_group() -> None:
    spec = pod(looking())
    (container,) = spec["containers"]
    assert container["args"] == ["download", "--plan", "/plan/plan.json", "--check"]
    assert container["volumeMounts"][0] == {
        "name": "weights",
        "mountPath": "/weights",
        "readOnly": True,
        "subPath": "a/b",
    }
    assert spec["volumes"][0] == {"name": "weights", "persistentVolumeClaim": {"claimName": "mine"}}
    assert not {"fsGroup", "fsGroupChangePolicy"} & spec["securityContext"].keys()
    assert [one["name"] for one in container["env"]] == ["HOME"]


@pytest.mark.rule("CACHE-6", "NAME-8")
def test_each_claim_folder_and_list_of_sources_is_looked_at_by_a_job_of_its_own() -> None:
    other = replace(CONTENT, sources=(ContentSource(model_id="acme/llama", uri="hf://acme/llama@v2"),))
    mine = ExistingClaim(name="mine")
    volumes = [
        looking().volume,
        looking(sub_path=None).volume,
        looking("yours").volume,
        volume_looked_at("ml-team", mine, other),
    ]
    names = {volume.job(1) for volume in volumes}
    assert len(names) == 4
    assert all(re.fullmatch(r"check-[0-9a-f]{10}-1", name) for name in names)


@pytest.mark.rule("CACHE-6", "TMPL-2")
def test_a_claim_with_a_long_name_has_a_label_all_the_same() -> None:
    job = job_of(looking(LONG), OWNER)
    assert len(job.meta.labels[CLAIM_LABEL]) <= 63
    assert job.spec["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] == LONG
