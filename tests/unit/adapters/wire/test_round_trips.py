"""What is read is written as it was: every field of every kind, and whatever the canonical text of a quantity is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from aimcore.adapters import wire
from aimcore.adapters.wire.document import FORMS
from aimcore.domain.kinds.records import Model, Resource, RuntimeConfig, Service, Template

ROOT = Path(__file__).parents[4]
FULL: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("full.yaml").read_text(encoding="utf-8"))
EXAMPLES = sorted(path for path in (ROOT / "examples").rglob("*.yaml") if not path.name.endswith(".lock.yaml"))


def kind_of(manifest: Mapping[str, Any]) -> str:
    return str(manifest["kind"])


@pytest.mark.rule("KIND-4", "KIND-5", "KIND-6", "KIND-7", "KIND-8", "KIND-10")
@pytest.mark.parametrize("manifest", FULL, ids=kind_of)
def test_a_manifest_with_every_field_is_written_as_it_was_read(manifest: dict[str, Any]) -> None:
    assert wire.faults(manifest) == ()
    thing = wire.decode(manifest)
    assert isinstance(thing, Resource)
    assert wire.encode(thing) == manifest


def there_are(schema: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """The path of every field of a schema."""
    for name, field in schema.get("properties", {}).items():
        yield f"{at}.{name}"
        yield from there_are(field, f"{at}.{name}")
    for entries in {"items", "additionalProperties"} & schema.keys():
        yield from there_are(schema[entries], f"{at}[]")


def said(schema: Mapping[str, Any], value: Any, at: str = "") -> Iterator[str]:
    """The path of every field that a value has."""
    for name, field in schema.get("properties", {}).items():
        if name in value:
            yield f"{at}.{name}"
            yield from said(field, value[name], f"{at}.{name}")
    for each in value if "items" in schema else ():
        yield from said(schema["items"], each, f"{at}[]")
    for each in value.values() if "additionalProperties" in schema else ():
        yield from said(schema["additionalProperties"], each, f"{at}[]")


@pytest.mark.parametrize("manifest", FULL, ids=kind_of)
def test_it_has_every_field_indeed(manifest: dict[str, Any]) -> None:
    schema = FORMS[manifest["kind"]].manifest.schema
    unsaid = set(there_are(schema)) - set(said(schema, manifest))
    not_kept = (".metadata", ".status") if manifest["kind"] == "AIMRuntimeConfig" else (".metadata",)
    alternatives = {".spec.model.ref", ".spec.model.image", ".spec.templateName"}
    alternatives |= {".spec.routing.allowedAnnotations"} if manifest["kind"] == "AIMService" else set()
    assert {path for path in unsaid if not path.startswith(not_kept)} - alternatives == set()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_keeps_its_meaning(path: Path) -> None:
    for manifest in filter(None, yaml.safe_load_all(path.read_text(encoding="utf-8"))):
        thing = wire.decode(manifest)
        if isinstance(thing, Model | Template | Service | RuntimeConfig):
            assert wire.decode(wire.encode(thing)) == thing


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        pytest.param(4, "4", id="a whole number"),
        pytest.param("0.5Mi", "512Ki", id="a fraction of a binary unit"),
        pytest.param("1000m", "1", id="a thousand thousandths"),
    ],
)
@pytest.mark.rule("RES-4")
def test_a_quantity_is_written_canonically(written: object, canonical: str) -> None:
    spec = {"image": "a", "resources": {"limits": {"cpu": written}}}
    thing = wire.decode(
        {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMClusterModel", "metadata": {"name": "m"}, "spec": spec}
    )
    assert isinstance(thing, Model)
    assert wire.encode(thing)["spec"]["resources"] == {"limits": {"cpu": canonical}}


@pytest.mark.parametrize(
    ("model", "attribute"),
    [pytest.param({"ref": "llama"}, "ref", id="by name"), pytest.param({"image": "nginx"}, "image", id="by image")],
)
@pytest.mark.rule("KIND-7")
def test_a_service_names_its_model(model: dict[str, str], attribute: str) -> None:
    thing = wire.decode(service(model=model))
    assert isinstance(thing, Service)
    assert getattr(thing.spec.model, attribute) == model[attribute]
    assert wire.encode(thing)["spec"]["model"] == model


@pytest.mark.rule("KIND-7")
def test_the_older_spelling_of_a_template_name_is_written_in_the_newer() -> None:
    thing = wire.decode(service(model={"ref": "llama"}, templateName="fast"))
    assert isinstance(thing, Service)
    assert thing.spec.template_name == "fast"
    assert wire.encode(thing)["spec"]["template"] == {"name": "fast"}


@pytest.mark.parametrize("manifest", FULL, ids=kind_of)
def test_a_status_stands_alone_as_it_stands_in_its_object(manifest: dict[str, Any]) -> None:
    thing = wire.decode(manifest)
    assert isinstance(thing, Resource)
    status = None if isinstance(thing, RuntimeConfig) else getattr(thing, "status", None)
    assert (wire.encode_status(thing.key.kind, status) if status else None) == manifest.get("status")


def service(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMService",
        "metadata": {"name": "chat", "namespace": "here"},
        "spec": spec,
    }


@pytest.mark.rule("CONF-1")
def test_an_empty_list_of_a_runtime_configuration_is_said() -> None:
    manifest = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMClusterRuntimeConfig",
        "metadata": {"name": "default"},
        "spec": {"imagePullSecrets": [], "env": []},
    }
    thing = wire.decode(manifest)
    assert isinstance(thing, RuntimeConfig)
    assert (thing.spec.image_pull_secrets, thing.spec.env) == ((), ())
    assert wire.encode(thing) == manifest


def test_a_runtime_configuration_without_a_spec_says_nothing() -> None:
    bare = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMClusterRuntimeConfig", "metadata": {"name": "default"}}
    assert wire.decode(bare) == wire.decode({**bare, "spec": {}, "status": {"conditions": []}})
