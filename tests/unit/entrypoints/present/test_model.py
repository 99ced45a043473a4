from __future__ import annotations

import pytest

from aimcore.domain.images.metadata import Deployment, ImageMetadata, ModelMetadata
from aimcore.domain.kinds.naming import deployment_template_name
from aimcore.domain.kinds.records import Meta, Model, ModelSpec, Template, TemplateSpec
from aimcore.domain.kinds.scope import Key, Kind, Reference
from aimcore.domain.kinds.statuses import ModelStatus, TemplateStatus, Verdict
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy
from aimcore.entrypoints.present.model import model_data, model_outline, tell_model
from aimcore.entrypoints.present.outline import plain_text

KEY = Key(Kind.MODEL, "ml", "llama")
CPU_ONLY = Deployment(profile_id="small")
METADATA = ImageMetadata(model=ModelMetadata(canonical_name="a/b", recommended_deployments=(CPU_ONLY,)))
MODEL = Model(
    key=KEY,
    meta=Meta(uid="1"),
    spec=ModelSpec(image="nginx", image_metadata=METADATA),
    status=ModelStatus(status=Verdict.PROGRESSING, image_metadata=METADATA),
)


def template(name: str, **labels: str) -> Template:
    return Template(
        key=Key(Kind.TEMPLATE, "ml", name),
        meta=Meta(uid=name, labels={f"aim.silogen.ai/{key.replace('_', '-')}": value for key, value in labels.items()}),
        spec=TemplateSpec(model_name="llama"),
        status=TemplateStatus(status=Verdict.READY, resolved_model=Reference.to(KEY, "1")),
    )


@pytest.mark.rule("TMPL-1", "TMPL-4", "SEL-4")
def test_every_template_of_a_model_is_told_with_why_it_is_there() -> None:
    live = (template("old", stale="true"), template("mine"), template("ovr", derived_template="true"))
    report = tell_model(ObjectCache.of([MODEL, *live]), Policy(), MODEL)
    assert [(one["name"], one["rule"], one["verdict"]) for one in model_data(report)["templates"]] == [
        (deployment_template_name("llama", CPU_ONLY), "TMPL-1", None),
        ("mine", "SEL-2", "Ready"),
        ("old", "TMPL-4", "Ready"),
        ("ovr", "SEL-4", "Ready"),
    ]
    said = " ".join(plain_text(model_outline(report), 200).split())
    assert "the image recommends no GPU model small [TMPL-1]" in said
    assert "no longer wanted, kept for the services that run it [TMPL-4]" in said


def test_metadata_that_were_given_are_told_as_such() -> None:
    told = model_data(tell_model(ObjectCache.of([MODEL]), Policy(), MODEL))["metadata"]
    assert told == {
        "source": "spec.imageMetadata",
        "image": "nginx",
        "digest": None,
        "canonicalName": "a/b",
        "recommendedDeployments": 1,
    }


def test_a_model_of_which_nothing_was_read_says_so() -> None:
    bare = Model(key=KEY, spec=ModelSpec(image="nginx"))
    report = tell_model(ObjectCache.of([bare]), Policy(), bare)
    assert model_data(report)["metadata"]["source"] is None
    assert "Read\nnothing" in plain_text(model_outline(report), 80)
