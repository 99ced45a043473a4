from __future__ import annotations

import io
from textwrap import dedent

import pytest

from aimcore.entrypoints.present.answers import problem_line
from aimcore.entrypoints.wiring.input import Inputs, Manifests, take_in

SERVICE = """
    apiVersion: aim.silogen.ai/v1alpha1
    kind: AIMService
    metadata: {name: chat}
    spec: {model: {ref: llama}}
"""
MODEL = """
    apiVersion: aim.silogen.ai/v1alpha1
    kind: AIMModel
    metadata: {name: llama, namespace: ml}
    spec: {image: nginx}
"""


def taken(*documents: str, namespace: str | None = None) -> Manifests:
    text = "---\n".join(map(dedent, documents))
    return take_in(Inputs(paths=("-",), stdin=io.BytesIO(text.encode())), namespace)


def told(found: Manifests) -> list[str]:
    return [problem_line(problem) for problem in found.problems]


def names(found: Manifests) -> list[tuple[str, str | None, str]]:
    return [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in found.manifests]


def test_a_manifest_without_a_namespace_goes_where_the_caller_says() -> None:
    found = taken(SERVICE, namespace="research")
    assert (names(found), found.placeless, told(found)) == ([("AIMService", "research", "chat")], 1, [])


def test_a_manifest_with_a_namespace_stays_there() -> None:
    found = taken(MODEL, namespace="research")
    assert (names(found), found.placeless) == ([("AIMModel", "ml", "llama")], 0)


def test_without_a_namespace_it_is_the_one_called_default() -> None:
    assert names(taken(SERVICE)) == [("AIMService", "default", "chat")]


def test_an_object_of_the_cluster_is_put_into_no_namespace() -> None:
    assert names(taken("{apiVersion: v1, kind: Node, metadata: {name: a}}", namespace="ml")) == [("Node", None, "a")]


@pytest.mark.rule("KIND-3")
def test_what_a_cluster_would_refuse_stays_out_with_all_its_faults() -> None:
    found = taken(MODEL.replace("{image: nginx}", "{imag: nginx, modelSources: [{modelId: x}]}"), SERVICE)
    assert names(found) == [("AIMService", "default", "chat")]
    assert [(problem.path, problem.rule) for problem in found.problems] == [
        ("$.spec.custom", "KIND-5"),
        ("$.spec.imag", "KIND-4"),
        ("$.spec.modelSources[0].sourceUri", "KIND-6"),
        ("$.spec.modelSources[0].modelId", "KIND-6"),
    ]


@pytest.mark.rule("LOOK-4")
def test_what_a_cluster_would_take_and_fail_comes_in_with_its_faults() -> None:
    found = taken(MODEL.replace("nginx", "'UPPER CASE'"))
    assert names(found) == [("AIMModel", "ml", "llama")]
    assert [line.split(": ")[:2] for line in told(found)] == [["stdin:5:8", "$.spec.image"]]


def test_two_documents_that_say_different_things_of_one_object_are_an_error_and_the_first_counts() -> None:
    found = taken(MODEL, MODEL.replace("nginx", "httpd"))
    assert [manifest["spec"]["image"] for manifest in found.manifests] == ["nginx"]
    assert told(found) == [
        "stdin:10:12: $.metadata.name: AIMModel ml/llama stands at stdin:4:12 already; expected each object once [KIND]"
    ]


def test_two_documents_that_say_the_same_are_worth_a_warning() -> None:
    found = taken(MODEL, MODEL)
    assert [problem.warning for problem in found.problems] == [True]
    assert "warning: " in told(found)[0]


@pytest.mark.rule("SIZE-1")
def test_a_bucket_that_looks_like_a_host_is_worth_a_warning_and_stays() -> None:
    source = "{modelId: a/b, sourceUri: 's3://s3.example.com/m'}"
    found = taken(
        MODEL.replace("{image: nginx}", f"{{modelSources: [{source}], custom: {{hardware: {{gpu: {{requests: 1}}}}}}}}")
    )
    assert (len(found.manifests), [problem.warning for problem in found.problems]) == (1, [True])


def test_null_is_absent() -> None:
    found = taken(MODEL.replace("namespace: ml}", "namespace: ml, creationTimestamp: null, labels: null}"))
    assert found.manifests[0]["metadata"] == {"name": "llama", "namespace": "ml"}


@pytest.mark.parametrize(
    ("metadata", "path"),
    [
        pytest.param("{name: a, namespace: ml}", "$.metadata.namespace", id="a namespace around a cluster object"),
        pytest.param("{name: a, labels: [b]}", "$.metadata.labels", id="labels that are a list"),
        pytest.param(
            "{name: a, annotations: {b: 1}}", '$.metadata.annotations["b"]', id="an annotation that is a number"
        ),
        pytest.param("{name: a, finalizers: b}", "$.metadata.finalizers", id="finalizers that are a text"),
        pytest.param("{name: a, ownerReferences: [{}]}", "$.metadata.ownerReferences", id="an owner without a name"),
        pytest.param("{name: a, ownerReferences: b}", "$.metadata.ownerReferences", id="owners that are a text"),
        pytest.param(
            "{name: a, deletionTimestamp: {}}", "$.metadata.deletionTimestamp", id="a deletion without a time"
        ),
    ],
)
def test_objects_of_kubernetes_own_need_sound_metadata(metadata: str, path: str) -> None:
    found = taken(f"{{apiVersion: v1, kind: Namespace, metadata: {metadata}}}")
    assert (names(found), path in {problem.path for problem in found.problems}) == ([], True)


def test_an_object_of_another_kind_that_a_cluster_would_refuse_stays_out() -> None:
    found = taken("{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: b}, spec: 1}")
    assert (found.problems, found.manifests, len(found.skipped)) == ((), (), 1)


def test_problems_are_told_in_the_order_of_files_and_lines() -> None:
    found = taken(MODEL.replace("{image: nginx}", "{image: nginx, x: 1}"), "a: [", SERVICE.replace("ref", "rex"))
    assert [problem.line for problem in found.problems] == sorted(problem.line for problem in found.problems)
