"""The public functions: what they take, what they answer, and what they raise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from aimcore import (
    Cluster,
    Key,
    Kind,
    Layer,
    NotThereError,
    ParseError,
    Quantity,
    Settings,
    SeveralError,
    Text,
    contents,
    diff,
    explain,
    load,
    plan,
    resolve,
)
from aimcore.domain.kinds.records import Model, ModelSpec
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.library.catalogue import catalogue_of
from aimcore.entrypoints.wiring.live import Live

API = "aim.silogen.ai/v1alpha1"
MODEL = {
    "apiVersion": API,
    "kind": "AIMModel",
    "metadata": {"name": "chat", "namespace": "ml"},
    "spec": {"image": "acme/chat:1", "resources": {"requests": {"memory": "64Gi"}}},
}
SERVICE = {
    "apiVersion": API,
    "kind": "AIMService",
    "metadata": {"name": "chat", "namespace": "ml"},
    "spec": {"model": {"ref": "chat"}, "env": [{"name": "A", "value": "1"}]},
}
IMAGES = {"acme/chat:1": {"com.amd.aim.model.deployments": '[{"gpuModel": "MI300X", "metric": "latency"}]'}}


def test_sources_of_every_form_are_one_catalogue(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: ml}\n")
    found = load(tmp_path, str(tmp_path / "a.yaml"), MODEL, Text(content="kind: Nonsense", name="mine"), namespace="ml")
    assert [one["kind"] for one in found.manifests] == ["Namespace", "AIMModel"]
    assert {problem.file for problem in found.problems} == {"mine"}
    assert not found.is_sound


def test_a_problem_of_a_mapping_says_which_it_was() -> None:
    found = load(MODEL, {**SERVICE, "spec": {}})
    assert {problem.file for problem in found.problems} == {"manifest 1"}


def test_a_cluster_stands_alone() -> None:
    with pytest.raises(ValueError, match="a Cluster stands alone"):
        load(MODEL, Cluster())


def test_a_mapping_that_json_cannot_hold_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        load({"spec": {1, 2}})


def test_every_value_of_a_resolution_knows_its_layer() -> None:
    found = resolve(plan(load(MODEL, SERVICE), images=IMAGES), "ml/chat")
    assert found.model == Key(Kind.MODEL, "ml", "chat")
    assert found.template is not None
    memory = found.requests["memory"]
    assert (memory.value, memory.layer) == (Quantity.of(64 * 2**30), Layer.MODEL)
    assert memory.passed_over[0].layer is Layer.DEFAULT
    assert found.env["A"].layer is Layer.SERVICE
    assert found.trace[0].rule == "CONF-2"


def test_the_candidates_are_told_of_although_the_plan_made_a_deployment() -> None:
    found = resolve(plan(load(MODEL, SERVICE), images=IMAGES), "ml/chat")
    assert found.template is not None
    assert [one.name for one in found.candidates if one.stage == "chosen"] == [found.template.name]
    assert [step.rule for step in found.trace] == ["CONF-2", "LOOK-1", "SEL-2", "RES-1"]


def test_a_catalogue_is_planned_before_it_is_resolved() -> None:
    found = resolve(load(MODEL, SERVICE), "chat")
    assert (found.model, found.template) == (Key(Kind.MODEL, "ml", "chat"), None)


def test_several_models_of_one_image_are_all_named() -> None:
    copy = {**MODEL, "metadata": {"name": "copy", "namespace": "ml"}}
    asked = {**SERVICE, "spec": {"model": {"image": "acme/chat:1"}}}
    found = resolve(plan(load(MODEL, copy, asked), images=IMAGES), "chat")
    assert [key.name for key in found.ambiguous] == ["chat", "copy"]
    assert found.status == "Failed"


def test_a_service_that_is_not_there_or_there_twice_is_an_error() -> None:
    planned = plan(load(MODEL, SERVICE, {**SERVICE, "metadata": {"name": "chat", "namespace": "lab"}}))
    with pytest.raises(NotThereError, match="service 'chats' is not there; there is"):
        resolve(planned, "chats")
    with pytest.raises(SeveralError) as caught:
        resolve(planned, "chat")
    assert [key.namespace for key in caught.value.keys] == ["lab", "ml"]
    assert "name the namespace" in str(caught.value)


def test_an_explanation_is_data_and_text() -> None:
    planned = plan(load(MODEL, SERVICE), images=IMAGES)
    service = explain(planned, "service/chat")
    assert service.data["model"]["name"] == "chat"
    assert str(service) == service.text(100)
    assert explain(planned, "model/chat", namespace="ml").text(60).startswith("Model\nReady  AIMModel ml/chat")
    with pytest.raises(ParseError, match="is one of Kubernetes, not of AIM; expected service, model, "):
        explain(planned, "pod/chat")


def test_contents_lists_what_the_operator_would_make() -> None:
    found = {str(item.key): item.status for item in contents(plan(load(MODEL), images=IMAGES))}
    assert found["AIMModel ml/chat"] == "Ready"
    assert len(found) == 2


def test_a_difference_tells_what_came_and_what_went() -> None:
    changed = diff(load(MODEL), load(SERVICE), images=IMAGES).changed
    went = {old["kind"] for old, new in changed if old is not None and new is None}
    came = {new["kind"] for old, new in changed if old is None and new is not None}
    assert (went, came) == ({"AIMModel", "AIMServiceTemplate"}, {"AIMService"})
    assert diff(load(MODEL), load(MODEL), images=IMAGES).changed == ()


def live(manifest: Mapping[str, object]) -> Live:
    seen = {**manifest, "metadata": {"name": "chat", "namespace": "ml", "uid": "u-1"}}
    model = Model(key=Key(Kind.MODEL, "ml", "chat"), spec=ModelSpec(image="acme/chat:1"))
    return Live(cache=ObjectCache.of([model]), manifests=(seen,), notes=("nodes may not be read, and are left out",))


def test_a_cluster_is_looked_at_as_it_stands_and_planned_under_its_own_uids() -> None:
    catalogue = catalogue_of(live(MODEL))
    assert [item.status for item in contents(catalogue)] == ["Pending"]
    planned = plan(catalogue, images=IMAGES)
    (model,) = (one for one in planned.objects if one["kind"] == "AIMModel")
    assert model["metadata"]["uid"] == "u-1"
    assert planned.assumptions[0] == catalogue.notes[0]
    assert explain(catalogue, "model/chat").data["model"]["status"] == "Pending"


def test_manifests_are_compared_with_a_cluster_by_applying_them() -> None:
    compared = diff(catalogue_of(live(MODEL)), load({**MODEL, "spec": {"image": "acme/chat:2"}}), images=IMAGES)
    assert [new["spec"]["image"] for old, new in compared.changed if old and new] == ["acme/chat:2"]


def test_a_model_without_an_image_is_listed_with_the_base_image() -> None:
    custom = {
        **MODEL,
        "spec": {
            "modelSources": [{"modelId": "a/b", "sourceUri": "hf://a/b"}],
            "custom": {"hardware": {"gpu": {"requests": 1}}},
        },
    }
    settings = Settings.of({"AIM_BASE_IMAGE": "registry.example.com/base:1"})
    [model] = [item for item in contents(load(custom), settings=settings) if item.key.kind is Kind.MODEL]
    assert model.about == "registry.example.com/base:1 (base image)"
