from __future__ import annotations

from itertools import permutations

import pytest

from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.records import Model
from aimcore.domain.kinds.scope import Key, Kind, Reference
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.lookup import (
    Ambiguous,
    Found,
    Missing,
    config_namespace,
    find_config,
    find_model,
    find_model_of_image,
    find_model_reference,
    find_template,
    is_auto_generated,
)
from tests.unit.domain.builders import IMAGE, NS, OURS, config, model, source, template

NEAR, FAR = model(), model(namespace=None)
NEAR_TEMPLATE, FAR_TEMPLATE = template(), template(namespace=None)


@pytest.mark.rule("LOOK-1", "LOOK-2", "LOOK-3")
@pytest.mark.parametrize(
    ("live", "namespace", "answer"),
    [
        pytest.param(
            [NEAR, FAR], NS, Found(thing=NEAR, shadowed=(FAR.key,)), id="the namespace's shadows the cluster's"
        ),
        pytest.param([NEAR], NS, Found(thing=NEAR), id="only the namespace has one"),
        pytest.param([FAR], NS, Found(thing=FAR), id="else the cluster's"),
        pytest.param([NEAR, FAR], "other", Found(thing=FAR), id="another namespace's is not seen"),
        pytest.param([NEAR, FAR], None, Found(thing=FAR), id="the cluster looks into no namespace"),
        pytest.param([NEAR], None, Missing(looked=(FAR.key,)), id="not even when it has none"),
        pytest.param([], NS, Missing(looked=(NEAR.key, FAR.key)), id="a miss says where it looked, near to far"),
    ],
)
def test_near_answers_before_far(live: list[Model], namespace: str | None, answer: Found[Model] | Missing) -> None:
    assert find_model(ObjectCache.of(live), namespace, "llama") == answer
    which = find_model_reference(ObjectCache.of(live), namespace, "llama")
    if isinstance(answer, Found):
        reference = Reference.to(answer.thing.key, answer.thing.meta.uid)
        assert which == Found(thing=reference, shadowed=answer.shadowed)
        assert str(reference) == str(answer.thing.key)
    else:
        assert which == answer


@pytest.mark.rule("LOOK-1", "SEL-1")
def test_templates_answer_to_their_names_as_models_do() -> None:
    both = ObjectCache.of([NEAR_TEMPLATE, FAR_TEMPLATE])
    assert find_template(both, NS, "llama-1") == Found(thing=NEAR_TEMPLATE, shadowed=(FAR_TEMPLATE.key,))
    assert find_template(both, None, "llama-1") == Found(thing=FAR_TEMPLATE)
    assert find_template(both, "other", "llama-1") == Found(thing=FAR_TEMPLATE)
    looked = (Key(Kind.TEMPLATE, NS, "none"), Key(Kind.TEMPLATE, None, "none"))
    assert find_template(both, NS, "none") == Missing(looked=looked)


@pytest.mark.rule("LOOK-1")
def test_existence_decides_and_not_health() -> None:
    going = model(deleting=True)
    assert find_model(ObjectCache.of([going, FAR]), NS, "llama") == Found(thing=going, shadowed=(FAR.key,))


AUTHORED, MADE = model("a"), model("b", labels=OURS)
FAR_AUTHORED, FAR_MADE = model("c", namespace=None), model("d", namespace=None, labels=OURS)
NORMAL = "ghcr.io/acme/chat:1.0"


@pytest.mark.rule("LOOK-4")
@pytest.mark.parametrize(
    ("live", "answer"),
    [
        pytest.param([], None, id="nobody answers"),
        pytest.param([model(image="ghcr.io/acme/chat:2.0")], None, id="another tag is another image"),
        pytest.param([model(model_sources=(source(),), image=IMAGE)], None, id="a custom model answers to no image"),
        pytest.param([model("x", namespace="other")], None, id="another namespace's model is not seen"),
        pytest.param([AUTHORED, MADE], Found(thing=AUTHORED, shadowed=(MADE.key,)), id="an author's before ours"),
        pytest.param([MADE, FAR_AUTHORED], Found(thing=MADE, shadowed=(FAR_AUTHORED.key,)), id="ours near before far"),
        pytest.param(
            [FAR_MADE, FAR_AUTHORED], Found(thing=FAR_AUTHORED, shadowed=(FAR_MADE.key,)), id="the same in the cluster"
        ),
        pytest.param([FAR_MADE], Found(thing=FAR_MADE), id="ours in the cluster, last of all"),
        pytest.param(
            [AUTHORED, model("e")], Ambiguous(things=(AUTHORED, model("e"))), id="two authors of one scope are too many"
        ),
        pytest.param(
            [model("e", labels=OURS), MADE], Ambiguous(things=(MADE, model("e", labels=OURS))), id="so are two of ours"
        ),
        pytest.param(
            [AUTHORED, FAR_AUTHORED, model("e", namespace=None)],
            Found(thing=AUTHORED, shadowed=(FAR_AUTHORED.key, Key(Kind.MODEL, None, "e"))),
            id="equals that are shadowed do no harm",
        ),
    ],
)
def test_an_image_means_one_model_whatever_the_order(
    live: list[Model], answer: Found[Model] | Ambiguous[Model] | None
) -> None:
    for order in permutations(live):
        assert find_model_of_image(ObjectCache.of(order), NS, NORMAL) == answer


@pytest.mark.rule("LOOK-4")
def test_images_are_compared_in_normal_form() -> None:
    nginx = model(image="nginx")
    found = find_model_of_image(ObjectCache.of([nginx]), NS, "docker.io/library/nginx:latest")
    assert found == Found(thing=nginx)


DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.rule("LOOK-4")
@pytest.mark.parametrize("spelt", [f"ghcr.io/acme/chat@{DIGEST}", f"ghcr.io/acme/chat:1.0@{DIGEST}"])
@pytest.mark.parametrize("asked", [f"ghcr.io/acme/chat@{DIGEST}", f"ghcr.io/acme/chat:2.0@{DIGEST}"])
def test_beside_a_digest_the_tag_is_left_out(spelt: str, asked: str) -> None:
    one = model(image=spelt)
    view = ObjectCache.of([one])
    assert find_model_of_image(view, NS, parse_image(asked).identity) == Found(thing=one)
    assert find_model_of_image(view, NS, parse_image("ghcr.io/acme/chat:1.0").identity) is None


@pytest.mark.rule("LOOK-4")
def test_the_label_alone_tells_what_was_auto_generated() -> None:
    assert is_auto_generated(model(labels=OURS))
    assert not is_auto_generated(model(labels={"aim.silogen.ai/origin": "auto-created"}))
    assert not is_auto_generated(model())


@pytest.mark.rule("LOOK-3")
def test_the_configuration_of_cluster_objects_is_with_the_operator() -> None:
    assert config_namespace(None, "aim-system") == "aim-system"
    assert config_namespace(NS, "aim-system") == NS


@pytest.mark.rule("CONF-1", "CONF-2")
def test_a_configuration_answers_to_its_name_or_to_none_at_all() -> None:
    live = ObjectCache.of([config(), config("big", namespace=None)])
    unnamed, named = find_config(live, NS, None), find_config(live, NS, "big")
    assert isinstance(unnamed, ResolvedConfig)
    assert isinstance(named, ResolvedConfig)
    assert (unnamed.reference and unnamed.reference.name, named.reference and named.reference.name) == (
        "default",
        "big",
    )


@pytest.mark.rule("CONF-2", "LOOK-2")
@pytest.mark.parametrize(
    ("namespace", "asked", "missing"),
    [
        pytest.param(
            NS,
            None,
            ConfigMissing(
                name="default",
                named=False,
                looked=(Key(Kind.RUNTIME_CONFIG, NS, "default"), Key(Kind.RUNTIME_CONFIG, None, "default")),
            ),
            id="nobody asked for the default",
        ),
        pytest.param(
            NS,
            "default",
            ConfigMissing(
                name="default",
                named=True,
                looked=(Key(Kind.RUNTIME_CONFIG, NS, "default"), Key(Kind.RUNTIME_CONFIG, None, "default")),
            ),
            id="the default asked for by name",
        ),
        pytest.param(
            None,
            "big",
            ConfigMissing(name="big", named=True, looked=(Key(Kind.RUNTIME_CONFIG, None, "big"),)),
            id="the cluster looks at its own alone",
        ),
    ],
)
def test_a_missing_configuration_says_who_asked_and_where_it_was_sought(
    namespace: str | None, asked: str | None, missing: ConfigMissing
) -> None:
    assert find_config(ObjectCache.of([config(namespace="other")]), namespace, asked) == missing
