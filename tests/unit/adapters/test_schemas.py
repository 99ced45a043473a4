"""The CustomResourceDefinitions agree with each other and with what the library reads and refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from aimcore.adapters.schemas import definitions
from aimcore.adapters.wire.document import FORMS

DEFINITIONS: dict[str, dict[str, Any]] = {
    definition["spec"]["names"]["kind"]: definition
    for definition in (yaml.safe_load(text) for _, text in definitions())
}
TWINS = {kind.replace("Cluster", ""): kind for kind in DEFINITIONS if "Cluster" in kind}
Schema = Mapping[str, Any]


def version_of(kind: str) -> dict[str, Any]:
    (version,) = DEFINITIONS[kind]["spec"]["versions"]
    return dict(version)


def schema_of(kind: str) -> dict[str, Any]:
    return dict(version_of(kind)["schema"]["openAPIV3Schema"])


def walk(schema: Schema, at: str = "") -> Iterator[tuple[str, Schema]]:
    """Every schema inside a schema, with its path."""
    yield at, schema
    for name, field in schema.get("properties", {}).items():
        yield from walk(field, f"{at}.{name}")
    for inner in {"items", "additionalProperties"} & schema.keys():
        yield from walk(schema[inner], f"{at}[]")


# --- among themselves -------------------------------------------------------------------------------------------------


SCALE = {
    "scale": {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.runtime.replicas",
        "labelSelectorPath": ".status.selector",
    }
}
"""What `kubectl scale` and autoscalers use (RUN-11)."""


@pytest.mark.rule("KIND-2", "RUN-11")
@pytest.mark.parametrize(
    ("kind", "short", "columns"),
    [
        ("AIMModel", "aimmdl", "Status Source Image Model Age"),
        ("AIMClusterModel", "aimclmdl", "Status Source Image Model Age"),
        ("AIMServiceTemplate", "aimtpl", "Model Status Hardware Metric Precision Age"),
        ("AIMClusterServiceTemplate", "aimcltpl", "Model Status Hardware Metric Precision Age"),
        ("AIMRuntimeConfig", "aimrc", "Age"),
        ("AIMClusterRuntimeConfig", "aimclrc", "Age"),
        ("AIMService", "aimsvc", "Status Model Template Ready Age Endpoint Cache"),
        ("AIMTemplateCache", "aimtc", "Template Mode Status Progress Size Age Claim Node Attempts"),
    ],
)
def test_kubectl_finds_and_prints_each_kind(kind: str, short: str, columns: str) -> None:
    spec = DEFINITIONS[kind]["spec"]
    assert spec["group"] == "aim.silogen.ai"
    assert spec["scope"] == ("Cluster" if "Cluster" in kind else "Namespaced")
    assert spec["names"]["shortNames"] == [short]
    assert spec["names"]["categories"] == ["aim", "all"]
    version = version_of(kind)
    assert version["name"] == "v1alpha1"
    assert version["subresources"] == ({"status": {}} | (SCALE if kind == "AIMService" else {}))
    assert [column["name"] for column in version["additionalPrinterColumns"]] == columns.split()


def test_a_file_is_named_after_what_it_defines() -> None:
    for plural, text in definitions():
        definition = yaml.safe_load(text)
        assert definition["metadata"]["name"] == f"{plural}.aim.silogen.ai"
        assert definition["spec"]["names"]["plural"] == plural


@pytest.mark.rule("KIND-2")
@pytest.mark.parametrize(("kind", "twin"), TWINS.items(), ids=list(TWINS))
def test_twins_differ_in_nothing_but_their_scope(kind: str, twin: str) -> None:
    assert schema_of(kind)["properties"] == schema_of(twin)["properties"]
    assert version_of(kind)["additionalPrinterColumns"] == version_of(twin)["additionalPrinterColumns"]


@pytest.mark.rule("KIND-5")
@pytest.mark.parametrize("kind", DEFINITIONS)
def test_no_default_hides_what_could_be_inherited(kind: str) -> None:
    defaults = {path: schema["default"] for path, schema in walk(schema_of(kind)) if "default" in schema}
    assert defaults == ({".spec.replicas": 1} if kind == "AIMService" else {})  # GET scale needs a number (RUN-11)


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_every_field_is_described(kind: str) -> None:
    fields = ((path, schema) for path, schema in walk(schema_of(kind)) if not path.endswith("[]"))
    bare = [path for path, schema in fields if not schema.get("description", "").endswith(".")]
    assert bare == [".metadata"]


@pytest.mark.rule("TMPL-7")
@pytest.mark.parametrize("kind", ["AIMServiceTemplate", "AIMClusterServiceTemplate"])
def test_the_identity_of_a_template_is_immutable_also_against_being_added_or_removed(kind: str) -> None:
    rules = {rule["fieldPath"]: rule for rule in schema_of(kind)["properties"]["spec"]["x-kubernetes-validations"]}
    said = "is immutable; expected a template of another name instead of a change"
    names = ("modelName", "metric", "precision", "hardware")
    assert {path: rule["message"] for path, rule in rules.items()} == {f".{name}": f"{name} {said}" for name in names}
    for name in ("metric", "precision", "hardware"):
        same = f"has(self.{name}) == has(oldSelf.{name}) && (!has(self.{name}) || self.{name} == oldSelf.{name})"
        assert rules[f".{name}"]["rule"] == same
    assert "modelName" in schema_of(kind)["properties"]["spec"]["required"]


@pytest.mark.rule("TMPL-7")
def test_what_the_immutability_rules_walk_is_bounded() -> None:
    hardware = schema_of("AIMServiceTemplate")["properties"]["spec"]["properties"]["hardware"]
    for path, schema in walk(hardware):
        if schema.get("type") == "array":
            assert "maxItems" in schema, path
        if schema.get("type") == "string" or "x-kubernetes-int-or-string" in schema:
            assert "maxLength" in schema, path


# --- with the library -------------------------------------------------------------------------------------------------

SCALARS = {"type", "enum", "format", "minimum", "maximum", "minLength", "maxLength", "pattern"}
AS_IT_IS = SCALARS | {
    "minItems",
    "maxItems",
    "maxProperties",
    "anyOf",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-type",
    "x-kubernetes-preserve-unknown-fields",
    "default",
}


def admitted(schema: Schema) -> dict[str, Any]:
    """What a schema admits, without what it says to people, and without CEL's own language."""
    plain: dict[str, Any] = {name: value for name, value in schema.items() if name in AS_IT_IS}
    plain |= {"keys": schema["x-kubernetes-list-map-keys"]} if "x-kubernetes-list-map-keys" in schema else {}
    plain |= {"required": sorted(schema["required"])} if "required" in schema else {}
    plain |= {"rules": rules} if (rules := [*messages(schema)]) else {}
    if "properties" in schema:
        plain["properties"] = {name: admitted(field) for name, field in schema["properties"].items()}
    for inner in {"items", "additionalProperties"} & schema.keys():
        plain[inner] = admitted(schema[inner])
    return plain


def messages(schema: Schema) -> Iterator[tuple[str, str | None]]:
    """Message and place of every rule that is the library's own; what a parser of the domain says has its own cases."""
    for rule in schema.get("x-kubernetes-validations", ()):
        if "messageExpression" not in rule and "oldSelf" not in rule["rule"]:
            yield rule["message"], rule.get("fieldPath")


@pytest.mark.rule("KIND-3")
@pytest.mark.parametrize("kind", DEFINITIONS)
def test_a_spec_admits_exactly_what_the_library_reads(kind: str) -> None:
    ours = FORMS[kind].manifest.schema["properties"]["spec"]
    assert admitted(schema_of(kind)["properties"]["spec"]) == admitted(ours)


@pytest.mark.rule("KIND-3")
@pytest.mark.parametrize("kind", DEFINITIONS)
def test_a_spec_is_required_where_the_library_requires_it(kind: str) -> None:
    ours = set(FORMS[kind].manifest.schema["required"])
    assert set(schema_of(kind).get("required", ())) == ours & {"spec"}


@pytest.mark.rule("KIND-10")
@pytest.mark.parametrize("kind", DEFINITIONS)
def test_a_status_has_the_fields_that_the_library_writes(kind: str) -> None:
    ours = {path for path, _ in walk(FORMS[kind].status.schema)}
    assert {path for path, _ in walk(schema_of(kind)["properties"]["status"])} == ours


@pytest.mark.rule("KIND-10")
@pytest.mark.parametrize("kind", DEFINITIONS)
def test_a_status_may_say_every_word_that_the_library_writes(kind: str) -> None:
    theirs = dict(walk(schema_of(kind)["properties"]["status"]))
    for path, schema in walk(FORMS[kind].status.schema):
        if "enum" in theirs[path]:
            assert set(schema.get("enum", ())) <= set(theirs[path]["enum"]), path
