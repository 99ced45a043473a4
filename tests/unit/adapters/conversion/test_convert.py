from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.conversion import Action, Converted, convert
from aimcore.adapters.conversion.spellings import KINDS
from aimcore.adapters.conversion.vocabulary import WITHOUT_COUNTERPART

GO = "aim.eai.amd.com/v1alpha1"
OURS = "aim.silogen.ai/v1alpha1"


def manifest(kind: str, spec: Any, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": GO, "kind": kind, "metadata": {"name": "it", **metadata}, "spec": spec}


def one(old: Mapping[str, Any]) -> Converted:
    (converted,) = convert([old])
    return converted


def spec_of(old: Mapping[str, Any]) -> Any:
    new = one(old).manifest
    assert new is not None
    return new["spec"]


def notes_of(old: Mapping[str, Any]) -> list[tuple[Action, str]]:
    return [(note.action, note.path) for note in one(old).notes if note.path != "$.apiVersion"]


# What fields become -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("CONV-1")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({"gpu": {"model": "MI300X"}}, {"gpu": {"models": ["MI300X"]}}, id="one model becomes a list"),
        pytest.param({"gpu": {"models": ["A", "B"]}}, {"gpu": {"models": ["A", "B"]}}, id="a list stays one"),
        pytest.param({"gpu": {"requests": 0}}, {"gpu": {"requests": 0}}, id="a zero is something that was said"),
        pytest.param({"gpu": {"minVram": None, "requests": 1}}, {"gpu": {"requests": 1}}, id="a null says nothing"),
        pytest.param({"gpu": "two"}, {"gpu": "two"}, id="what is no record is left to validation"),
    ],
)
def test_hardware(old: Any, new: Any) -> None:
    assert spec_of(manifest("AIMServiceTemplate", {"modelName": "m", "hardware": old}))["hardware"] == new


@pytest.mark.rule("CONV-1")
@pytest.mark.parametrize(
    ("source", "new", "action"),
    [
        pytest.param({"modelId": "a/b", "sourceUri": "s3://w/b"}, "a/b", None, id="its own modelId"),
        pytest.param({"name": "a/b", "sourceUri": "s3://w/b"}, "a/b", Action.RENAMED, id="its name, which is one"),
        pytest.param(
            {"name": "x", "sourceUri": "hf://a/b@main"}, "a/b", Action.RENAMED, id="the name of its repository"
        ),
        pytest.param({"name": "x", "sourceUri": "s3://w/b"}, None, Action.DECIDE, id="nothing that could be one"),
        pytest.param({"sourceUri": 5}, None, Action.DECIDE, id="no text"),
    ],
)
def test_a_source_gets_a_model_id_if_there_is_anything_to_take_it_from(
    source: Any, new: str | None, action: Action | None
) -> None:
    old = manifest("AIMModel", {"image": "i", "modelSources": [source]})
    (found,) = spec_of(old)["modelSources"]
    assert found.get("modelId") == new
    assert notes_of(old) == ([(action, "$.spec.modelSources[0]")] if action else [])


def test_a_name_beside_a_model_id_is_left_out_with_a_word() -> None:
    old = manifest("AIMModel", {"modelSources": [{"modelId": "a/b", "name": "x", "sourceUri": "hf://a/b"}]})
    assert spec_of(old)["modelSources"] == [{"modelId": "a/b", "sourceUri": "hf://a/b"}]
    assert notes_of(old) == [(Action.DROPPED, "$.spec.modelSources[0].name")]


@pytest.mark.rule("CONV-1")
def test_of_two_spellings_of_one_thing_the_present_one_wins() -> None:
    old = manifest("AIMModel", {"image": "i", "discovery": {"extractMetadata": True, "enabled": False}})
    assert spec_of(old)["discovery"] == {"enabled": False}
    assert notes_of(old) == [(Action.DROPPED, "$.spec.discovery.extractMetadata")]


@pytest.mark.rule("CONV-1")
@pytest.mark.parametrize(
    ("discovery", "new"),
    [
        pytest.param({"extractMetadata": False}, {"enabled": True}, id="metadata by hand needs no registry"),
        pytest.param({"enabled": False}, {"enabled": False}, id="the first spelling meant all of discovery"),
        pytest.param({"createServiceTemplates": False}, {"autoCreateTemplates": False}, id="no templates either way"),
    ],
)
def test_a_model_with_metadata_given_by_hand_goes_on_making_templates(discovery: Any, new: Any) -> None:
    old = manifest("AIMModel", {"image": "i", "imageMetadata": {}, "discovery": discovery})
    assert spec_of(old)["discovery"] == new
    assert spec_of(manifest("AIMModel", {"image": "i", "discovery": {"extractMetadata": False}}))["discovery"] == {
        "enabled": False
    }


def test_a_record_that_is_filled_from_two_sides_is_merged() -> None:
    entries = [{"name": "a"}]
    old = manifest("AIMModel", {"customTemplates": entries, "custom": {"hardware": {"cpu": {"requests": 1}}}})
    assert spec_of(old)["custom"] == {"hardware": {"cpu": {"requests": 1}}, "templates": entries}


def test_a_field_that_cannot_be_put_into_what_is_no_record_is_told() -> None:
    old = manifest("AIMModel", {"customTemplates": [], "custom": "none"})
    assert spec_of(old)["custom"] == "none"
    assert notes_of(old) == [(Action.DROPPED, "$.spec.customTemplates")]


@pytest.mark.rule("CONV-2")
@pytest.mark.parametrize(
    ("spec", "path"),
    [
        pytest.param({"frobs": 1}, "$.spec.frobs", id="unknown at the top"),
        pytest.param({"template": {"frobs": 1}}, "$.spec.template.frobs", id="unknown below"),
        pytest.param({"caching": {"mode": "Shared"}}, "$.spec.caching", id="known, and without counterpart"),
    ],
)
def test_a_field_that_is_left_out_is_told(spec: Any, path: str) -> None:
    assert (Action.DROPPED, path) in notes_of(manifest("AIMService", spec))


def test_overrides_that_are_no_record_need_a_decision() -> None:
    old = manifest("AIMService", {"overrides": {"hardware": "many"}})
    assert notes_of(old) == [(Action.DECIDE, "$.spec.overrides.hardware")]


# Metadata, and what the operator made -----------------------------------------------------------------------------------


@pytest.mark.rule("CONV-2")
def test_what_the_server_wrote_is_left_out_without_a_word() -> None:
    old = manifest(
        "AIMModel", {"image": "i"}, uid="u", resourceVersion="1", generation=4, managedFields=[], namespace="ml"
    )
    new = one({**old, "status": {"status": "Ready"}})
    assert new.manifest == {
        "apiVersion": OURS,
        "kind": "AIMModel",
        "metadata": {"name": "it", "namespace": "ml"},
        "spec": {"image": "i"},
    }
    assert [note.path for note in new.notes] == ["$.apiVersion"]


@pytest.mark.rule("CONV-2")
def test_a_pause_is_kept_and_other_keys_of_the_operator_are_not() -> None:
    keys = {"aim.eai.amd.com/reconciliation-paused": "true", "aim.eai.amd.com/model": "m", "team": "search"}
    new = one(manifest("AIMModel", {"image": "i"}, annotations=keys)).manifest
    assert new is not None
    assert new["metadata"]["annotations"] == {"aim.silogen.ai/reconciliation-paused": "true", "team": "search"}


@pytest.mark.rule("CONV-3")
@pytest.mark.parametrize("origin", ["auto-generated", "derived"])
def test_what_the_operator_made_is_left_out(origin: str) -> None:
    found = one(manifest("AIMServiceTemplate", {"modelName": "m"}, labels={"aim.eai.amd.com/origin": origin}))
    assert found.manifest is None
    assert [note.path for note in found.notes] == ["$.metadata"]


@pytest.mark.rule("CONV-3")
def test_what_belongs_to_an_object_of_the_operator_is_left_out_and_what_belongs_to_others_is_not() -> None:
    theirs = {"apiVersion": GO, "kind": "AIMModel", "name": "m", "uid": "u"}
    others = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "v"}
    assert one(manifest("AIMServiceTemplate", {"modelName": "m"}, ownerReferences=[others, theirs])).manifest is None
    kept = one(manifest("AIMServiceTemplate", {"modelName": "m"}, ownerReferences=[others])).manifest
    assert kept is not None
    assert kept["metadata"] == {"name": "it"}


@pytest.mark.rule("CONV-3")
@pytest.mark.parametrize(
    ("kind", "spec", "path"),
    [
        pytest.param("AIMService", {"template": {"name": "it"}}, "$.spec.template.name", id="a service"),
        pytest.param("AIMService", {"templateName": "it"}, "$.spec.templateName", id="a service, older"),
        pytest.param("AIMService", {"templateRef": "it"}, "$.spec.templateRef", id="a service, oldest"),
        pytest.param("AIMModel", {"defaultServiceTemplate": "it"}, "$.spec.defaultServiceTemplate", id="a model"),
    ],
)
def test_who_names_a_template_that_the_operator_made_must_name_another(kind: str, spec: Any, path: str) -> None:
    made = manifest("AIMServiceTemplate", {"modelName": "m"}, labels={"aim.eai.amd.com/origin": "auto-generated"})
    _, named = convert([made, manifest(kind, spec)])
    assert (Action.DECIDE, path) in [(note.action, note.path) for note in named.notes]
    assert (Action.DECIDE, path) not in notes_of(manifest(kind, spec))


# Whole manifests --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("CONV-1")
def test_other_objects_are_passed_on_as_they_are() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "uid": "u"}, "data": {"a": "Yg=="}}
    assert one(secret) == Converted(manifest=secret, notes=())


@pytest.mark.rule("CONV-2")
@pytest.mark.parametrize("kind", [*WITHOUT_COUNTERPART, "AIMProfile"])
def test_a_kind_without_counterpart_is_left_out_and_named(kind: str) -> None:
    found = one(manifest(kind, {}))
    assert found.manifest is None
    assert [(note.path, note.action, kind in note.message) for note in found.notes] == [
        ("$.kind", Action.DROPPED, True)
    ]


def test_a_message_quotes_what_could_flood_a_line() -> None:
    (note,) = one(manifest("AIM" + "X" * 500, {})).notes
    assert len(note.message) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted(
    {"model", "custom", "customTemplates", "hardware", "gpu", "gpuSelector", "overrides", "discovery", "modelSources"}
    | {"type", "requestTimeout", "imageMetadata", "extractMetadata", "enabled", "model", "sourceUri", "templateRef"}
    | {"template", "templateName", "routing", "storage", "env", "name", "labels", "annotations", "ownerReferences"}
)
NESTED = st.recursive(
    JSON,
    lambda inner: st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=12,
)


@given(kind=st.sampled_from([*KINDS, "AIMArtifact"]), spec=NESTED, metadata=NESTED, group=st.sampled_from([GO, OURS]))
def test_whatever_is_given_it_ends_and_leaves_its_argument_alone(
    kind: str, spec: Any, metadata: Any, group: str
) -> None:
    old = {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}
    before = copy.deepcopy(old)
    first = one(old)
    assert old == before
    assert all(note.path.startswith("$") for note in first.notes)
    if first.manifest is not None:
        again = one(first.manifest)
        assert again.manifest is None or again.manifest == first.manifest
