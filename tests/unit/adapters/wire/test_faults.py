"""Everything that is wrong with a document is told at once, where it is, without telling a secret."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters import wire
from aimcore.domain.errors import Fault, InvalidManifestError
from aimcore.domain.kinds.conditions import ConditionStatus
from aimcore.domain.kinds.records import Model, Resource, Service
from aimcore.domain.kinds.statuses import Verdict

FULL: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("full.yaml").read_text(encoding="utf-8"))
CANARY = "hf_canary"


def model(spec: Any, **top: Any) -> dict[str, Any]:
    metadata = {"name": "llama", "namespace": "ml-team"}
    return {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMModel", "metadata": metadata, "spec": spec, **top}


def lines(manifest: Any) -> list[str]:
    return [f"{'warning ' if fault.warning else ''}{fault}" for fault in wire.faults(manifest)]


WRONG = """
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata:
  labels: {a b: c d}
  name: Llama
colour: blue
spec:
  resources:
    limits: {amd.com/gpu: 1.5, cpu: 1 Gi, memory: -1}
    claims: [{name: a}, {name: a}]
  modelSources:
  - {modelId: a b, sourceUri: gs://b/k, size: 0, place: here}
  - {modelId: org/name}
  image: 5
  env: text
  discovery: {enabled: "false"}
  custom:
    type: good
    hardware: {}
    templates:
    - {name: x, hardware: {cpu: {requests: 2, limits: "1"}, gpu: {requests: true, models: [a, "", 5]}}}
status:
  status: Odd
  colour: blue
"""
NO_QUANTITY = (
    "a number with at most one suffix of n u m k M G T P E Ki Mi Gi Ti Pi Ei, or an exponent, such as 500m, 64Gi or 1e3"
)
TOLD = f"""
$.metadata.labels["a b"]: key 'a b' is no name; expected a name such as app or example.com/app [KIND-2]
$.metadata.labels["a b"]: found 'c d'; expected at most 63 letters, digits, '-', '_' and '.' [KIND-2]
$.metadata.name: found 'Llama'; expected a DNS name: lower-case letters, digits, '-' and '.' [KIND-2]
$.metadata.namespace: is missing; expected a value [KIND-2]
$.colour: unknown field; expected one of apiVersion, kind, metadata, spec, status [KIND-1]
$.spec.resources.limits["amd.com/gpu"]: found the number 1.5; expected a quantity, as text or a whole number [RES-1]
$.spec.resources.limits.cpu: quantity '1 Gi' cannot be read; expected {NO_QUANTITY} [RES-1]
$.spec.resources.limits.memory: the number -1 is out of range; expected 0 or more [RES-1]
$.spec.resources.claims[1]: repeats the name of an entry before it; expected each name once [RES-1]
$.spec.modelSources[0].modelId: model id 'a b' is not of the form org/name; \
expected a match of ^[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+$ [KIND-6]
$.spec.modelSources[0].sourceUri: source URI 'gs://b/k' has scheme 'gs'; expected 'hf' or 's3' [KIND-6]
$.spec.modelSources[0].size: the number 0 is out of range; expected more than 0 [KIND-6]
$.spec.modelSources[0].place: unknown field; expected one of env, modelId, size, sourceUri [KIND-6]
$.spec.modelSources[1].sourceUri: is missing; expected a value [KIND-6]
$.spec.image: found the number 5; expected text [KIND-4]
$.spec.env: found text; expected a list [KIND-4]
$.spec.discovery.enabled: found 'false'; expected true or false [DISC-1]
$.spec.custom.type: found 'good'; expected one of optimized, preview, unoptimized [KIND-4]
$.spec.custom.hardware: hardware names neither gpu nor cpu; expected at least one [KIND-5]
$.spec.custom.templates[0].hardware.cpu.requests: \
cpu requests are above cpu limits; expected at most the limits [RES-3]
$.spec.custom.templates[0].hardware.gpu.requests: found true; expected a whole number [KIND-5]
$.spec.custom.templates[0].hardware.gpu.models[1]: '' is too short; expected 1 or more characters [KIND-5]
$.spec.custom.templates[0].hardware.gpu.models[2]: found the number 5; expected text [KIND-5]
warning $.status.status: found 'Odd'; expected one of Pending, Progressing, Ready, Degraded, Failed [KIND-10]
warning $.status.colour: unknown field; expected one of conditions, effectivePullSecrets, imageMetadata, \
observedGeneration, resolvedImage, resolvedRuntimeConfig, sourceType, status [KIND-10]
"""


@pytest.mark.rule("KIND-3", "KIND-4", "KIND-5", "KIND-6")
def test_all_faults_are_told_at_once_in_the_order_of_the_document() -> None:
    assert lines(yaml.safe_load(WRONG)) == TOLD.strip().splitlines()


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        pytest.param(
            {"resources": {"limits": {"cpu": "1" * 65}}},
            f"$.spec.resources.limits.cpu: quantity '{'1' * 60}'... (65 characters) is too long; "
            "expected at most 64 characters [RES-1]",
            id="a quantity of more digits than anyone needs",
        ),
        pytest.param(
            {"resources": {"limits": {5: "1"}}},
            "$.spec.resources.limits[\"5\"]: key '5' is no name; expected text [RES-1]",
            id="a key that is no text",
        ),
        pytest.param(
            {"resources": {"limits": {f"r{number}": 1 for number in range(33)}}},
            "$.spec.resources.limits: has 33 entries; expected at most 32 [RES-1]",
            id="more resources than a node has",
        ),
        pytest.param(
            {"resources": {"limits": {"cpu": True}, "requests": {"cpu": "2"}}},
            "$.spec.resources.limits.cpu: found true; expected a quantity, as text or a whole number [RES-1]",
            id="a limit that is no quantity limits nothing",
        ),
        pytest.param(
            {"imagePullSecrets": [{"name": f"s{number}"} for number in range(65)]},
            "$.spec.imagePullSecrets: has 65 entries; expected at most 64 [KIND-4]",
            id="more pull secrets than are tried",
        ),
        pytest.param(
            {"imageMetadata": {"oci": {"created": date(2026, 1, 1)}}},
            "$.spec.imageMetadata.oci.created: found a value of type date; expected text [KIND-10]",
            id="a value that JSON does not have",
        ),
        pytest.param(
            {"runtimeConfigName": "c" * 254},
            f"$.spec.runtimeConfigName: '{'c' * 60}'... (254 characters) is too long; "
            "expected at most 253 characters [KIND-4]",
            id="a name longer than names are",
        ),
    ],
)
def test_a_fault_says_what_and_what_was_expected(spec: dict[str, Any], line: str) -> None:
    assert lines(model({"image": "nginx", **spec})) == [line]


def test_a_refusal_holds_what_refuses_and_no_warning() -> None:
    with pytest.raises(InvalidManifestError) as refused:
        wire.decode(yaml.safe_load(WRONG))
    assert list(map(str, refused.value.faults)) == [line for line in TOLD.strip().splitlines() if line[0] == "$"]


@pytest.mark.parametrize(
    ("manifest", "line"),
    [
        pytest.param([], "$: found a list; expected an object [KIND-1]", id="a list"),
        pytest.param(None, "$: found null; expected an object [KIND-1]", id="nothing"),
        pytest.param({}, "$.apiVersion: found null; expected aim.silogen.ai/v1alpha1 [KIND-1]", id="an empty object"),
        pytest.param(
            {"apiVersion": "aim.silogen.ai/v2", "kind": "AIMModel"},
            "$.apiVersion: found 'aim.silogen.ai/v2'; expected aim.silogen.ai/v1alpha1 [KIND-1]",
            id="another version",
        ),
        pytest.param(
            {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": ["AIMModel"]},
            "$.kind: found a list; expected one of AIMModel, AIMClusterModel, AIMServiceTemplate, "
            "AIMClusterServiceTemplate, AIMService, AIMRuntimeConfig, AIMClusterRuntimeConfig, AIMTemplateCache [KIND-1]",
            id="a kind that is no text",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": ["Secret"]},
            "$.apiVersion: found 'v1'; expected aim.silogen.ai/v1alpha1 [KIND-1]",
            id="a kind of Kubernetes that is no text",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "Pod"},
            "$.apiVersion: found 'v1'; expected aim.silogen.ai/v1alpha1 [KIND-1]",
            id="a kind that nobody looks at",
        ),
    ],
)
@pytest.mark.rule("KIND-1")
def test_what_is_no_manifest_of_ours_is_told_so(manifest: Any, line: str) -> None:
    assert lines(manifest) == [line]
    with pytest.raises(InvalidManifestError):
        wire.decode(manifest)


@pytest.mark.rule("KIND-2")
def test_a_cluster_object_has_no_namespace() -> None:
    manifest = {**model({"image": "a"}), "kind": "AIMClusterModel"}
    assert lines(manifest) == [
        "$.metadata.namespace: an object of the cluster has no namespace; expected none [KIND-2]"
    ]


# --- what is not said, and what the server says -------------------------------------------------------------------------


def test_null_is_absent() -> None:
    nulls = model(
        {
            "image": "nginx",
            "discovery": None,
            "env": [{"name": "A", "value": None}],
            "resources": {"limits": {"cpu": None}, "claims": None},
        },
        status=None,
    )
    plain = model({"image": "nginx", "env": [{"name": "A"}], "resources": {"limits": {}}})
    assert wire.faults(nulls) == ()
    assert wire.decode(nulls) == wire.decode(plain)


def test_a_null_in_a_list_is_no_entry() -> None:
    assert lines(model({"image": "nginx", "env": [None]})) == ["$.spec.env[0]: found null; expected an object [KIND-4]"]


def test_a_required_field_that_is_null_is_missing() -> None:
    template = {**model({"modelName": None}), "kind": "AIMServiceTemplate"}
    assert lines(template) == ["$.spec.modelName: is missing; expected a value [KIND-10]"]


def test_what_is_unknown_in_a_status_is_left_out_with_a_warning() -> None:
    condition = {"type": "Ready", "status": "True", "reason": "R", "message": "", "lastTransitionTime": "t", "of": "x"}
    manifest = model({"image": "nginx"}, status={"status": "Ready", "conditions": [condition], "modelStatus": {}})
    assert [(fault.path, fault.warning) for fault in wire.faults(manifest)] == [
        ("$.status.conditions[0].of", True),
        ("$.status.modelStatus", True),
    ]
    thing = wire.decode(manifest)
    assert isinstance(thing, Model)
    assert thing.status is not None
    assert thing.status.status is Verdict.READY
    assert thing.status.conditions[0].status is ConditionStatus.TRUE


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"status": "Running"}, id="a word it does not have"),
        pytest.param({"conditions": []}, id="no word"),
        pytest.param("Ready", id="only a word"),
    ],
)
def test_a_status_that_cannot_be_read_is_none_with_a_warning(status: Any) -> None:
    manifest = model({"image": "nginx", "discovery": None}, status=status)
    assert all(fault.warning for fault in wire.faults(manifest))
    assert wire.decode(manifest) == wire.decode(model({"image": "nginx"}))


def test_an_empty_status_is_none_without_a_warning() -> None:
    manifest = model({"image": "nginx"}, status={})
    assert wire.faults(manifest) == ()
    assert wire.decode(manifest) == wire.decode(model({"image": "nginx"}))


@pytest.mark.parametrize(
    ("uri", "bucket"),
    [
        ("s3://s3.amazonaws.com/key", "s3.amazonaws.com"),
        ("s3://s3.eu-west-1/key", "s3.eu-west-1"),
        ("s3://models/key", None),
    ],
)
def test_a_bucket_like_an_endpoint_is_worth_a_warning(uri: str, bucket: str | None) -> None:
    source = {"modelId": "org/name", "sourceUri": uri}
    hardware = {"gpu": {"requests": 1}}
    inline = {**model({"model": {"custom": {"modelSources": [source], "hardware": hardware}}}), "kind": "AIMService"}
    path, message = "$.spec.model.custom.modelSources[0].sourceUri", "looks like the host of a storage service"
    warned = Fault(
        path=path, message=f"bucket '{bucket}' {message}; expected a bucket's name", rule="SIZE-1", warning=True
    )
    assert wire.faults(inline) == ((warned,) if bucket else ())
    assert isinstance(wire.decode(inline), Service)


# --- admission --------------------------------------------------------------------------------------------------------


def test_admission_is_not_asked_about_other_groups() -> None:
    assert wire.admit(None, {"apiVersion": "v1", "kind": "Secret", "metadata": {}}) == ()


def test_a_status_is_no_reason_to_refuse_its_object() -> None:
    assert wire.admit(None, model({"image": "nginx"}, status={"status": "Odd"})) == ()


@pytest.mark.rule("TMPL-7")
def test_a_change_of_identity_is_told_beside_other_faults() -> None:
    old = {**model({"modelName": "a"}), "kind": "AIMServiceTemplate"}
    new = {**model({"modelName": "b", "type": "good"}), "kind": "AIMServiceTemplate"}
    assert [fault.path for fault in wire.admit(old, new)] == ["$.spec.type", "$.spec.modelName"]


def test_a_model_may_change_its_image() -> None:
    assert wire.admit(model({"image": "a"}), model({"image": "b"})) == ()


# --- secrets, and anything at all ---------------------------------------------------------------------------------------


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "env",
    [
        pytest.param([f"HF_TOKEN={CANARY}"], id="as docker takes it"),
        pytest.param([{"name": f"HF_TOKEN={CANARY}"}], id="in the name"),
        pytest.param([{"name": "HF_TOKEN", "value": [CANARY]}], id="in a list"),
        pytest.param([{"name": "HF_TOKEN", "value": {"from": CANARY}}], id="in an object"),
        pytest.param([{"name": "HF_TOKEN", "valueFrom": CANARY}], id="in place of its origin"),
        pytest.param([{"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": CANARY}}], id="in place of a reference"),
        pytest.param({"HF_TOKEN": CANARY}, id="as an object"),
        pytest.param(CANARY, id="as text"),
        pytest.param(
            [{"name": "HF_TOKEN", "value": CANARY, "valueFrom": {"fieldRef": {"fieldPath": "x"}}}], id="twice"
        ),
        pytest.param([{"name": "A", "value": CANARY}, {"name": "A", "value": CANARY}], id="repeated"),
    ],
)
def test_a_credential_is_told_in_no_fault(env: Any) -> None:
    with pytest.raises(InvalidManifestError) as refused:
        wire.decode(model({"image": "nginx", "env": env}))
    assert CANARY not in str(refused.value)
    assert CANARY not in repr(refused.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_whatever_stands_somewhere_is_read_or_refused(data: st.DataObject) -> None:
    manifest = copy.deepcopy(data.draw(st.sampled_from(FULL)))
    node: Any = manifest
    while True:
        step = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
        inner = node[step]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            node[step] = data.draw(anything)
            break
        node = inner
    wrong = tuple(fault for fault in wire.faults(manifest) if not fault.warning)
    if wrong:
        with pytest.raises(InvalidManifestError) as refused:
            wire.decode(manifest)
        assert refused.value.faults == wrong
    else:
        thing = wire.decode(manifest)
        assert isinstance(thing, Resource)
        assert wire.decode(wire.encode(thing)) == thing


@given(anything)
def test_whatever_stands_alone_is_refused(document: Any) -> None:
    assert wire.faults(document)
    with pytest.raises(InvalidManifestError):
        wire.decode(document)


def test_a_number_of_any_size_is_refused_in_a_short_line() -> None:
    huge = model({"image": 10**5000, "resources": {"limits": {"cpu": 10**5000}}})
    assert lines(huge) == [
        "$.spec.image: found the number of 16610 bits; expected text [KIND-4]",
        "$.spec.resources.limits.cpu: the number of 16610 bits is out of range; expected 0 or more [RES-1]",
    ]
