from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.kinds.core import Absent, Namespace, Secret, ServiceAccount
from aimcore.domain.kinds.records import AimObject, ModelCreation
from aimcore.domain.kinds.scope import Key, Kind, Reference, Scope
from aimcore.domain.kinds.statuses import ServiceStatus, Verdict
from aimcore.domain.view.cache import CoreObject, ObjectCache
from tests.unit.domain.builders import (
    IMAGE,
    NS,
    Said,
    config,
    model,
    node,
    owned_by,
    service,
    source,
    template,
)

THINGS: list[AimObject] = [model(), model(namespace=None), template(), service(), config(), config(namespace=None)]


def test_everything_is_listed_by_key_whatever_came_first() -> None:
    for order in permutations(THINGS, 6):
        assert [str(thing.key) for thing in ObjectCache.of(order)] == [
            "AIMClusterModel llama",
            "AIMClusterRuntimeConfig default",
            "AIMModel ml-team/llama",
            "AIMRuntimeConfig ml-team/default",
            "AIMService ml-team/chat",
            "AIMServiceTemplate ml-team/llama-1",
        ]


@pytest.mark.parametrize("thing", [pytest.param(thing, id=str(thing.key)) for thing in THINGS])
def test_what_was_put_is_found_until_it_is_dropped(thing: AimObject) -> None:
    cache = ObjectCache.of(THINGS)
    assert cache.find(thing.key) == thing
    cache.drop(thing)
    assert cache.find(thing.key) is None
    cache.drop(thing)
    assert len(list(cache)) == len(THINGS) - 1


@pytest.mark.rule("LOOK-4")
def test_a_model_answers_to_the_image_it_has_now() -> None:
    cache = ObjectCache.of([model(image="nginx")])
    assert cache.models_of_image(NS, "docker.io/library/nginx:latest") == (model(image="nginx"),)
    cache.put(model())
    assert cache.models_of_image(NS, "docker.io/library/nginx:latest") == ()
    assert cache.models_of_image(NS, IMAGE) == (model(),)
    assert cache.models_of_image(None, IMAGE) == ()


@pytest.mark.rule("LOOK-4")
@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"image": IMAGE, "model_sources": (source(),)}, id="a custom model"),
        pytest.param({"image": "not an image"}, id="a text that is no reference"),
        pytest.param({"image": None}, id="no image at all"),
    ],
)
def test_a_model_without_an_image_of_its_own_answers_to_none(spec: Said) -> None:
    assert ObjectCache.of([model(**spec)]).models_of_image(NS, IMAGE) == ()


@pytest.mark.rule("SEL-2")
def test_templates_are_found_by_the_model_they_name() -> None:
    near, far = template(), template(namespace=None)
    cache = ObjectCache.of([near, far, template("other", model_name="mistral")])
    assert cache.templates_of_model(NS, "llama") == (near,)
    assert cache.templates_of_model(None, "llama") == (far,)
    assert cache.template(NS, "llama-1") == near
    cache.put(template("llama-2"))
    cache.drop(near)
    assert cache.templates_of_model(NS, "llama") == (template("llama-2"),)


@pytest.mark.rule("OWN-2")
def test_only_a_controller_owns_and_once_is_enough() -> None:
    parent = model()
    twice, loose = template(owners=owned_by(parent) * 2), template("loose", owners=owned_by(parent, controller=False))
    cache = ObjectCache.of([twice, loose])
    assert cache.owned_by(parent.meta.uid) == (twice,)
    cache.drop(twice)
    assert cache.owned_by(parent.meta.uid) == ()


def running(name: str) -> ServiceStatus:
    resolved = Reference(kind="AIMServiceTemplate", name=name, namespace=NS, scope=Scope.NAMESPACE, uid="1")
    return ServiceStatus(status=Verdict.STARTING, resolved_template=resolved)


@pytest.mark.rule("TMPL-4")
@pytest.mark.parametrize(
    ("thing", "names"),
    [
        pytest.param(model(), [], id="a model without a default"),
        pytest.param(model(default_service_template="a"), ["a"], id="a model with a default"),
        pytest.param(service(), [], id="a service that names none"),
        pytest.param(service(template_name="a"), ["a"], id="a service that names one"),
        pytest.param(service(status=running("b")), ["b"], id="a service that runs one"),
        pytest.param(service(template_name="a", status=running("b")), ["a", "b"], id="a service that changed its mind"),
        pytest.param(service(status=ServiceStatus(status=Verdict.PENDING)), [], id="a service that runs none"),
    ],
)
def test_templates_are_mentioned_by_models_and_services(thing: AimObject, names: list[str]) -> None:
    cache = ObjectCache.of([thing])
    assert [name for name in ("a", "b") if [one.by for one in cache.mentioning(name)] == [thing.key]] == names
    cache.drop(thing)
    assert cache.mentioning("a") == cache.mentioning("b") == ()


@pytest.mark.rule("CONF-6", "CONF-1")
def test_a_configuration_speaks_as_it_stands_now() -> None:
    cache = ObjectCache.of([config(namespace=None, model=ModelCreation(creation_scope=Scope.CLUSTER))])
    assert cache.config(NS, "default").creation_scope is Scope.CLUSTER
    cache.put(config(model=ModelCreation(creation_scope=Scope.NAMESPACE)))
    assert cache.config(NS, "default").creation_scope is Scope.NAMESPACE
    assert cache.config("other", "default").creation_scope is Scope.CLUSTER
    assert cache.config(None, "default").creation_scope is Scope.CLUSTER
    cache.drop(cache.find(Key(Kind.RUNTIME_CONFIG, NS, "default")))
    assert cache.config(NS, "default").creation_scope is Scope.CLUSTER
    cache.drop(cache.find(Key(Kind.RUNTIME_CONFIG, None, "default")))
    assert cache.config(NS, "default").reference is None


def test_a_configuration_is_merged_once() -> None:
    cache = ObjectCache.of([config()])
    assert cache.config(NS, "default") is cache.config(NS, "default")


@pytest.mark.rule("OWN-3")
def test_only_a_namespace_can_be_on_its_way_out() -> None:
    cache = ObjectCache.of([Namespace(name=NS, deleting=True), Namespace(name="other")])
    assert [cache.deleting(name) for name in (NS, "other", "unknown", None)] == [True, False, False, False]
    cache.drop(Namespace(name=NS))
    assert not cache.deleting(NS)


SECRET, ACCOUNT = Secret(namespace=NS, name="s"), ServiceAccount(namespace=NS, name="s")


@pytest.mark.parametrize("thing", [pytest.param(SECRET, id="a secret"), pytest.param(ACCOUNT, id="a service account")])
def test_secrets_and_accounts_come_and_go(thing: CoreObject) -> None:
    cache = ObjectCache.of([thing])
    assert thing in (cache.secret(NS, "s"), cache.account(NS, "s"))
    cache.drop(thing)
    assert cache.secret(NS, "s") is None
    assert cache.account(NS, "s") is None


@pytest.mark.parametrize(
    "thing",
    [
        pytest.param(Namespace(name="x"), id="a namespace"),
        pytest.param(SECRET, id="a secret"),
        pytest.param(ACCOUNT, id="a service account"),
        pytest.param(node("MI210"), id="a node"),
        pytest.param(model(), id="a model"),
    ],
)
def test_what_never_stood_may_be_dropped(thing: AimObject | CoreObject) -> None:
    cache = ObjectCache()
    cache.drop(thing)
    assert list(cache) == []


def models(cache: ObjectCache) -> set[str]:
    """The models of all GPUs that the nodes can give."""
    supplies = cache.inventory.supplies if cache.inventory else ()
    return {gpu.model for supply in supplies for gpu in supply.gpus}


@pytest.mark.rule("TMPL-6")
def test_nodes_come_and_go_and_the_inventory_follows() -> None:
    assert (ObjectCache().inventory, ObjectCache().nodes) == (Inventory(), ())
    cache = ObjectCache.of([node("MI210")])
    assert models(cache) == {"MI210"}
    cache.put(node("MI300X"))
    assert models(cache) == {"MI210", "MI300X"}
    assert cache.inventory is cache.inventory
    cache.drop(node("MI210"))
    assert models(cache) == {"MI300X"}
    assert len(cache.nodes) == 1


@pytest.mark.rule("TMPL-6")
def test_where_nodes_cannot_be_read_there_is_no_inventory() -> None:
    assert ObjectCache.of([node("MI210")], nodes_known=False).inventory is None


STEPS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(
            [
                model(),
                model(image="nginx"),
                model(model_sources=(source(),)),
                template(),
                template(model_name="mistral", owners=owned_by(model())),
                service(template_name="llama-1"),
                service(status=running("llama-1")),
                config(),
            ]
        ),
    ),
    max_size=12,
)


@given(STEPS)
def test_a_cache_kept_in_step_answers_as_a_new_one(steps: list[tuple[bool, AimObject]]) -> None:
    kept = ObjectCache()
    left: dict[Key, AimObject] = {}
    for stays, thing in steps:
        if stays:
            kept.put(thing)
            left[thing.key] = thing
        else:
            kept.drop(thing)
            left.pop(thing.key, None)
    fresh = ObjectCache.of(left.values())
    for one in (kept, fresh):
        assert list(one) == sorted(left.values(), key=lambda thing: thing.key)
    for image in (IMAGE, "docker.io/library/nginx:latest"):
        assert kept.models_of_image(NS, image) == fresh.models_of_image(NS, image)
    for name in ("llama", "mistral"):
        assert kept.templates_of_model(NS, name) == fresh.templates_of_model(NS, name)
    assert kept.owned_by(model().meta.uid) == fresh.owned_by(model().meta.uid)
    assert kept.mentioning("llama-1") == fresh.mentioning("llama-1")
    assert kept.config(NS, "default") == fresh.config(NS, "default")


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize(
    ("there", "absent"),
    [
        pytest.param(Secret(namespace=NS, name="s"), Absent(kind="Secret", namespace=NS, name="s"), id="a secret"),
        pytest.param(
            ServiceAccount(namespace=NS, name="s"),
            Absent(kind="ServiceAccount", namespace=NS, name="s"),
            id="a service account",
        ),
    ],
)
def test_what_was_looked_for_is_there_or_absent_and_never_both(there: Secret | ServiceAccount, absent: Absent) -> None:
    cache = ObjectCache()
    assert not cache.is_absent(absent)
    cache.put(absent)
    assert cache.is_absent(absent)
    cache.put(there)
    assert not cache.is_absent(absent)
    assert (cache.secret(NS, "s"), cache.account(NS, "s")).count(None) == 1
    cache.put(absent)
    assert (cache.secret(NS, "s"), cache.account(NS, "s")) == (None, None)
    cache.drop(absent)
    assert not cache.is_absent(absent)
