from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.serving.bodies import canonical, plain
from aimcore.domain.serving.inputs import Added, DownloadedWeights, MountedWeights, PodInput
from aimcore.domain.serving.pod import POD_VERSION, POD_VERSIONS, Pod, make_pod, pod_defaults
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.sources import EnvVar, SecretKeyRef
from tests.unit.domain.serving.builders import asked, custom_pod, env, image_pod, quantities, settled

VECTORS = Path(__file__).parents[3] / "vectors"
TOKEN = EnvVar(name="HF_TOKEN", value_from=SecretKeyRef(name="hub", key="token"))


def spec(made: PodInput) -> Any:
    return make_pod(made).template["spec"]


def container(made: PodInput) -> Any:
    (only,) = spec(made)["containers"]
    return only


# Frozen vectors -------------------------------------------------------------------------------------------------------

CASES = {
    "an image model on one GPU": image_pod(),
    "a custom model on two GPUs that it downloads itself": custom_pod(
        weights=DownloadedWeights(), resources=asked(2), env=((Layer.MODEL, (TOKEN,)),)
    ),
    "weights in the image, on CPUs": image_pod(
        weights=None,
        gpu_models=(),
        added=Added(),
        resources=asked(None, (Layer.SERVICE, Resources(requests=quantities(cpu="0.5", memory="1024Mi")))),
    ),
    "everything said": image_pod(
        profile_id="p-1",
        weights=MountedWeights(claim="shared", sub_path="chat"),
        env=((Layer.SERVICE, env(AIM_ENGINE_ARGS='{"b": 2, "a": 1}')), (Layer.CLUSTER_CONFIG, env(A="1"))),
        pull_secrets=("s", "t"),
        account="runner",
        settings=PodSettings(
            tolerations=(Toleration(key="amd.com/gpu", operator="Exists"),),
            node_selector={"pool": "a"},
            affinity={
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "Exists"}]}]
                    }
                }
            },
            topology_spread_constraints=({"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},),
            priority_class_name="high",
            scheduler_name="mine",
            runtime_class_name="kata",
            labels={"team": "a"},
            annotations={"note": "b"},
            shared_memory_size=parse_quantity("0.5Gi"),
            startup_timeout=61,
            drain_seconds=5,
            termination_grace_period_seconds=50,
            security_context={"fsGroup": 1},
            container_security_context={"runAsNonRoot": True, "allowPrivilegeEscalation": False},
        ),
        added=Added(pull_secrets=("t", "u"), labels={"team": "z", "cost": "c"}),
    ),
}


def frozen(version: int) -> list[Any]:
    cases: list[Any] = json.loads((VECTORS / f"pods-{version}.json").read_text(encoding="utf-8"))["cases"]
    return cases


@pytest.mark.rule("RUN-13")
@pytest.mark.parametrize("version", sorted(POD_VERSIONS))
def test_a_version_that_made_running_pods_makes_the_same_for_ever(version: int) -> None:
    vectors = {case["why"]: case for case in frozen(version)}
    assert vectors.keys() == CASES.keys()
    for why, made in CASES.items():
        pod = make_pod(made, version=version)
        assert plain(made) == vectors[why]["in"]
        assert pod.template == vectors[why]["template"]
        assert pod.revision == vectors[why]["revision"]


@pytest.mark.rule("RUN-13")
def test_new_pods_are_of_the_newest_version() -> None:
    assert max(POD_VERSIONS) == POD_VERSION
    assert make_pod(image_pod()) == make_pod(image_pod(), version=POD_VERSION)


# Laws -----------------------------------------------------------------------------------------------------------------

maps = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xy"), max_size=4)


@pytest.mark.rule("RUN-13")
@given(maps, maps, maps)
def test_the_order_of_keys_says_nothing(labels: dict[str, str], selector: dict[str, str], more: dict[str, str]) -> None:
    def made(order: int) -> Pod:
        def turned(one: dict[str, str]) -> dict[str, str]:
            return dict([*one.items()][::order])

        return make_pod(
            settled(
                PodSettings(labels=turned(labels), node_selector=turned(selector), security_context=turned(more)),
                added=Added(labels=turned(more)),
                resources=asked(1, (Layer.SERVICE, Resources(requests=quantities(**dict.fromkeys(turned(more), "1"))))),
            )
        )

    there, back = made(1), made(-1)
    assert canonical(there.template) == canonical(back.template)
    assert there.revision == back.revision


@pytest.mark.rule("RUN-13")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"image": "registry.example/aim-chat:2"}, id="the image"),
        pytest.param({"gpu_models": ("MI325X",)}, id="the listed GPUs, whose nodes may be taken over"),
        pytest.param({"weights": MountedWeights(claim="other")}, id="the claim"),
        pytest.param({"env": ((Layer.SERVICE, env(A="1")),)}, id="a variable"),
        pytest.param({"account": "runner"}, id="the account"),
        pytest.param({"settings": PodSettings(drain_seconds=1)}, id="a setting"),
    ],
)
def test_each_input_that_shapes_a_pod_makes_another_revision(changes: dict[str, Any]) -> None:
    assert make_pod(image_pod(**changes)).revision != make_pod(image_pod()).revision


@pytest.mark.rule("RUN-13")
def test_a_value_that_moves_to_another_layer_rolls_nothing() -> None:
    near, far = image_pod(env=((Layer.SERVICE, env(A="1")),)), image_pod(env=((Layer.MODEL, env(A="1")),))
    assert make_pod(near).revision == make_pod(far).revision


# What a pod has -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-3")
def test_image_secrets_and_account() -> None:
    made = custom_pod(
        pull_secrets=("b", "a"), account="runner", added=Added(base_image="aim-base:1", pull_secrets=("a", "c"))
    )
    assert container(made)["image"] == "aim-base:1"
    assert container(replace(made, image="mine:2"))["image"] == "mine:2"
    assert "imagePullPolicy" not in container(made)
    assert spec(made)["imagePullSecrets"] == [{"name": "b"}, {"name": "a"}, {"name": "c"}]
    assert spec(made)["serviceAccountName"] == "runner"
    assert not spec(made)["automountServiceAccountToken"]
    assert not spec(made)["enableServiceLinks"]
    assert not {"imagePullSecrets", "serviceAccountName"} & spec(image_pod()).keys()


@pytest.mark.rule("CACHE-5")
def test_pods_that_share_a_volume_of_one_node_come_to_that_node() -> None:
    wish = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "zone"}
    required, soft = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"
    asked = {"podAffinity": {required: [wish], soft: []}, "podAntiAffinity": {soft: []}}
    alone = image_pod(weights=MountedWeights(claim="c"), settings=PodSettings(affinity=asked))
    made = image_pod(
        weights=MountedWeights(claim="c", access_mode="ReadWriteOnce"), settings=PodSettings(affinity=asked)
    )
    label = {"aim.silogen.ai/claim": "c"}
    assert make_pod(made).template["metadata"]["labels"] == make_pod(alone).template["metadata"]["labels"] | label
    before, affinity = spec(alone)["affinity"], spec(made)["affinity"]
    beside = {"labelSelector": {"matchLabels": label}, "topologyKey": "kubernetes.io/hostname"}
    assert affinity == before | {"podAffinity": {required: [wish, beside], soft: []}}


@pytest.mark.rule("RUN-5")
@pytest.mark.parametrize(
    ("timeout", "weights", "failures"),
    [
        pytest.param(None, None, 360, id="an hour where nobody says more"),
        pytest.param(None, DownloadedWeights(), 720, id="two with a download"),
        pytest.param(61, None, 7, id="rounded up"),
        pytest.param(0, None, 1, id="at least one try"),
    ],
)
def test_a_container_has_so_many_tries_to_start(timeout: int | None, weights: Any, failures: int) -> None:
    made = container(settled(PodSettings(startup_timeout=timeout), weights=weights))
    probe = {"httpGet": {"path": "/health", "port": 8000}, "timeoutSeconds": 10}
    assert made["startupProbe"] == probe | {"periodSeconds": 10, "failureThreshold": failures}
    assert made["readinessProbe"] == probe | {"periodSeconds": 5, "failureThreshold": 3}
    assert made["livenessProbe"] == probe | {"periodSeconds": 15, "failureThreshold": 4}


@pytest.mark.rule("RUN-6")
@pytest.mark.parametrize(
    ("weights", "mounts", "volumes"),
    [
        pytest.param(
            MountedWeights(claim="c"),
            [{"name": "weights", "mountPath": "/workspace/cache", "readOnly": True}],
            [{"name": "weights", "persistentVolumeClaim": {"claimName": "c"}}],
            id="on a volume",
        ),
        pytest.param(
            MountedWeights(claim="c", sub_path="chat"),
            [{"name": "weights", "mountPath": "/workspace/cache", "readOnly": True, "subPath": "chat"}],
            [{"name": "weights", "persistentVolumeClaim": {"claimName": "c"}}],
            id="in a folder of a volume",
        ),
        pytest.param(
            DownloadedWeights(),
            [
                {"name": "weights", "mountPath": "/workspace/cache"},
                {"name": "model-cache", "mountPath": "/workspace/model-cache"},
            ],
            [{"name": "weights", "emptyDir": {}}, {"name": "model-cache", "emptyDir": {}}],
            id="downloaded by the container",
        ),
        pytest.param(None, [], [], id="in the image"),
    ],
)
def test_where_the_weights_are(weights: Any, mounts: list[Any], volumes: list[Any]) -> None:
    made = image_pod(weights=weights)
    assert "podAffinity" not in spec(made).get("affinity", {})
    assert container(made)["volumeMounts"][:-2] == mounts
    assert spec(made)["volumes"][:-2] == volumes
    assert container(made)["volumeMounts"][-2:] == [
        {"name": "dshm", "mountPath": "/dev/shm"},  # noqa: S108 - a path in the container
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a path in the container
    ]
    assert spec(made)["volumes"][-2:] == [
        {"name": "dshm", "emptyDir": {"medium": "Memory", "sizeLimit": "16Gi"}},
        {"name": "tmp", "emptyDir": {}},
    ]


@pytest.mark.rule("RUN-9")
def test_a_pod_has_no_more_rights_than_it_needs() -> None:
    assert spec(image_pod())["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    assert container(image_pod())["securityContext"] == {"allowPrivilegeEscalation": False}
    said = PodSettings(security_context={"fsGroup": 7}, container_security_context={"runAsNonRoot": True})
    assert spec(settled(said))["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}, "fsGroup": 7}
    assert container(settled(said))["securityContext"] == {"allowPrivilegeEscalation": False, "runAsNonRoot": True}


@pytest.mark.rule("RUN-10")
@pytest.mark.parametrize(
    ("drain", "grace", "sleep", "period"),
    [
        pytest.param(None, None, 30, 120, id="half a minute to drain"),
        pytest.param(5, None, 5, 95, id="as said"),
        pytest.param(0, None, None, 90, id="no draining at all"),
        pytest.param(None, 20, 10, 20, id="within half of a short grace period"),
        pytest.param(None, 600, 30, 600, id="a long grace period"),
    ],
)
def test_a_pod_ends_after_its_requests(drain: int | None, grace: int | None, sleep: int | None, period: int) -> None:
    made = settled(PodSettings(drain_seconds=drain, termination_grace_period_seconds=grace))
    hook = {"lifecycle": {"preStop": {"sleep": {"seconds": sleep}}}} if sleep else {}
    assert {name: value for name, value in container(made).items() if name == "lifecycle"} == hook
    assert spec(made)["terminationGracePeriodSeconds"] == period


@pytest.mark.rule("RUN-13", "CONF-5")
def test_the_labels_of_a_pod() -> None:
    made = settled(
        PodSettings(labels={"team": "mine", "aim.silogen.ai/service": "x"}, annotations={"note": "n"}),
        added=Added(labels={"team": "theirs", "cost": "c"}),
    )
    pod = make_pod(made)
    assert pod.template["metadata"] == {
        "labels": {
            "team": "mine",
            "cost": "c",
            "aim.silogen.ai/service": "chat",
            "app.kubernetes.io/managed-by": "aim-operator",
        },
        "annotations": {"note": "n", "aim.silogen.ai/revision": pod.revision},
    }


@pytest.mark.rule("RUN-4", "RUN-8", "RES-2")
def test_what_cannot_be_is_told_by_the_pod() -> None:
    many = tuple(NodeLabel(key="g", values=(str(number),)) for number in range(65))
    torn = Resources(requests=quantities(gpu="1"), limits=quantities(gpu="2"))
    pod = make_pod(
        image_pod(
            env=((Layer.SERVICE, env(AIM_ENGINE_ARGS="x")),),
            resources=asked(None, (Layer.SERVICE, torn)),
            added=Added(nodes=many),
        )
    )
    assert [problem.split(" ")[0] for problem in pod.problems] == ["env", "the", "pod.affinity"]


@pytest.mark.rule("RUN-8")
def test_defaults_are_the_weakest_layer() -> None:
    filled = pod_defaults(PodSettings(), gpus=2, weights=None)
    assert filled == PodSettings(
        shared_memory_size=parse_quantity("32Gi"),
        startup_timeout=3600,
        drain_seconds=30,
        termination_grace_period_seconds=120,
    )
    assert make_pod(image_pod(resources=asked(2))).settings == filled
