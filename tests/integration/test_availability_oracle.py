"""What a node can take is counted once more, from the pods of services and as Kubernetes counts, and all tell the same (TMPL-8).

The scheduler here is twenty lines that share nothing with ours: a pod's requests against `status.allocatable`, its affinity
against labels, its tolerations against taints. `tests/e2e/test_scheduler.py` asks the real one.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimcore import load, plan
from aimcore.domain.kinds.records import Template
from aimcore.domain.values.quantity import parse_quantity
from aimcore.entrypoints.library.fitting import fit

Json = dict[str, Any]

HOME = "default"
KEEP_OUT = ("NoSchedule", "NoExecute")
HAS_SOME = ("cpu", "memory", "ephemeral-storage")
LABELS = st.sampled_from(
    [
        {},
        {"amd.com/gpu.device-id": "74a1"},
        {"beta.amd.com/gpu.device-id": "740f", "beta.amd.com/gpu.device-id.740f": "8"},
        {"amd.com/gpu.device-id": "74a1", "amd.com/compute-memory-partition": "cpx_nps4"},
        {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"},
        {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3-SHARED"},
        {"amd.com/gpu.device-id": "74a5", "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"},
    ]
)
AMD = ["amd.com/gpu", "amd.com/cpx_nps4", "amd.com/gpu_vf"]
NVIDIA = ["nvidia.com/gpu", "nvidia.com/mig-3g.40gb", "nvidia.com/gpu.shared", "nvidia.com/gpu-64g"]
GPUS = [*AMD, *NVIDIA, "habana.ai/gaudi"]
GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "cpu": st.sampled_from(["1900m", "8", "96"]),
        "memory": st.sampled_from(["16344188Ki", "64G", "1Ti"]),
        "pods": st.sampled_from(["0", "1", "29"]),
        "ephemeral-storage": st.sampled_from(["10Gi", "95551679124"]),
        "hugepages-2Mi": st.sampled_from(["0", "1Gi"]),
        "rdma/hca": st.sampled_from(["0", "3"]),
        **{name: st.sampled_from(["0", "1", "8"]) for name in GPUS},
    },
)
TAINTS = st.lists(
    st.sampled_from(
        [
            {"key": "spot", "value": "yes", "effect": "NoSchedule"},
            {"key": "team", "effect": "NoExecute"},
            {"key": "old", "effect": "PreferNoSchedule"},
            {"key": "amd.com/gpu", "value": "present", "effect": "NoSchedule"},
        ]
    ),
    max_size=2,
)
CONDITIONS = st.sampled_from(
    [
        None,
        None,
        [{"type": "Ready", "status": "True"}],
        [{"type": "Ready", "status": "Unknown"}],
        [{"type": "DiskPressure"}],
    ]
)
TOLERATIONS = st.sampled_from([[], [{"key": "spot", "operator": "Exists"}], [{"operator": "Exists"}]])
MANY = {"requests": st.integers(1, 4)}
# The models of one maker under names of its own: of anything else a scheduler knows less than we do.
GPU = (
    st.fixed_dictionaries(MANY, optional={"resourceName": st.sampled_from(GPUS)})
    | st.fixed_dictionaries(
        {**MANY, "models": st.sampled_from([["MI300X"], ["MI210", "MI325X"]])},
        optional={"resourceName": st.sampled_from(AMD)},
    )
    | st.fixed_dictionaries(
        {**MANY, "models": st.sampled_from([["NVIDIA-H100-80GB-HBM3"], ["H100-80GB-HBM3"]])}
        | {"resourceName": st.sampled_from(NVIDIA)},
    )
)
CPU = st.sampled_from([{"requests": "500m"}, {"requests": "4", "limits": "8"}])
HARDWARE = st.fixed_dictionaries({"gpu": GPU}, optional={"cpu": CPU}) | st.fixed_dictionaries({"cpu": CPU})
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "requests": st.sampled_from([{"memory": "8Gi"}, {"ephemeral-storage": "20Gi", "memory": "1Gi"}]),
        "limits": st.sampled_from([{"rdma/hca": "1"}, {"hugepages-2Mi": "512Mi", "memory": "2Gi"}, {"memory": "32Gi"}]),
    },
).filter(lambda one: one != {"requests": {"memory": "8Gi"}, "limits": {"hugepages-2Mi": "512Mi", "memory": "2Gi"}})


@st.composite
def nodes(draw: st.DrawFn) -> Json:
    name = f"n{draw(st.integers(0, 9**9))}"
    status = {"allocatable": draw(GIVEN), "conditions": draw(CONDITIONS)}
    spec = {"taints": draw(TAINTS), "unschedulable": draw(st.sampled_from([False, False, False, True]))}
    metadata = {"name": name, "labels": draw(LABELS)}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec, "status": status}


def objects(at: int, hardware: Json, asked: Json, tolerations: list[Json]) -> list[Json]:
    """A model of one template, and a service that is free to choose it."""
    source = {"modelId": "org/tiny", "sourceUri": "hf://org/tiny", "size": "1Gi"}
    model = {"modelSources": [source], "custom": {"templates": [{"name": "one", "hardware": hardware}]}}
    specs = {
        "AIMRuntimeConfig": {"pod": {"tolerations": tolerations}},
        "AIMModel": {**model, "runtimeConfigName": f"m{at}", **({"resources": asked} if asked else {})},
        "AIMService": {"model": {"ref": f"m{at}"}, "runtimeConfigName": f"m{at}"},
    }
    group, metadata = "aim.silogen.ai/v1alpha1", {"name": f"m{at}", "namespace": HOME}
    return [{"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec} for kind, spec in specs.items()]


# --- the other scheduler -------------------------------------------------------------------------------------------------


def requested(pod: Json) -> dict[str, int]:
    """What a pod of one container requests, in billionths; what is only limited is requested."""
    (container,) = pod["spec"]["containers"]
    said = container.get("resources", {})
    amounts = {**said.get("limits", {}), **said.get("requests", {})}
    return {name: amount for name, text in amounts.items() if (amount := parse_quantity(text).nanos)}


def takes(node: Json) -> bool:
    ready = [one["status"] for one in node["status"]["conditions"] or () if one["type"] == "Ready"]
    return not node["spec"]["unschedulable"] and ready in ([], ["True"])


def is_meant(pod: Json, node: Json) -> bool:
    node_affinity = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    required = node_affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if required is None:
        return True
    labels = node["metadata"]["labels"]
    terms = [term.get("matchExpressions", []) for term in required["nodeSelectorTerms"]]
    assert all(one["operator"] == "In" for term in terms for one in term)
    return any(term and all(labels.get(one["key"]) in one["values"] for one in term) for term in terms)


def tolerates(pod: Json, node: Json) -> bool:
    tolerations = pod["spec"].get("tolerations", [])
    tolerated = {one.get("key") for one in tolerations}
    taints = [one["key"] for one in node["spec"]["taints"] if one["effect"] in KEEP_OUT]
    extended = requested(pod)  # ExtendedResourceToleration, as clusters with such taints run it
    return None in tolerated or all(key in tolerated or key in extended for key in taints)


def holds(pod: Json, node: Json) -> int:
    """How many such pods the node could hold, were nothing else there."""
    given_there = node["status"]["allocatable"]
    most = [int(given_there.get("pods", 110))]
    for name, amount in requested(pod).items():
        if name in given_there or name not in HAS_SOME:
            most.append(parse_quantity(given_there.get(name, "0")).nanos // amount)
    return min(most) if takes(node) and is_meant(pod, node) else 0


@pytest.mark.rule("TMPL-8", "TMPL-6", "RUN-8", "SEL-2")
@settings(max_examples=200, deadline=None)
@given(
    there=st.lists(nodes(), min_size=1, max_size=4, unique_by=lambda node: node["metadata"]["name"]),
    wanted=st.lists(st.tuples(HARDWARE, ASKED, TOLERATIONS), min_size=1, max_size=3),
)
def test_what_is_counted_from_pods_is_what_plan_and_capacity_say(there: list[Json], wanted: list[Any]) -> None:
    manifests = [one for at, each in enumerate(wanted) for one in objects(at, *each)]
    deployments = [one for one in plan(load(*manifests)).objects if one["kind"] == "Deployment"]
    pods = {one["metadata"]["name"].removeprefix("aim-"): one["spec"]["template"] for one in deployments}
    planned = plan(load(*manifests, *there))
    resolved = {
        one["metadata"]["name"]
        for one in planned.objects
        if one["kind"] == "AIMService" and "resolvedTemplate" in one["status"]
    }
    templates = [one for one in planned.cache if isinstance(one, Template)]
    assert {one.spec.model_name for one in templates} == pods.keys()
    for template in templates:
        pod = pods[template.spec.model_name or ""]
        room = {node["metadata"]["name"]: holds(pod, node) for node in there}
        open_to_it = {node["metadata"]["name"]: room[node["metadata"]["name"]] * tolerates(pod, node) for node in there}
        fitted = {one.node: one.replicas for one in fit(template, planned.cache, list(planned.cache.nodes))}
        assert fitted == open_to_it
        (word,) = {str(template.status.status)} if template.status else {""}
        assert word == ("Ready" if any(room.values()) else "NotAvailable")
        assert (template.spec.model_name in resolved) == any(open_to_it.values())
