"""A change wakes those who looked where it is seen, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from aimcore.domain.hardware.fit import Need
from aimcore.domain.hardware.requirements import Gpu
from aimcore.domain.kinds.core import Absent, Namespace, ServiceAccount
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Key, Kind, Reference, Scope
from aimcore.domain.kinds.statuses import ModelStatus, ServiceStatus, Verdict
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.cache import CoreObject, ObjectCache, ReadView
from aimcore.domain.view.tracker import DependencyTracker, Looked, watched
from tests.unit.domain.builders import (
    IMAGE,
    NS,
    config,
    model,
    node,
    owned_by,
    pull_secret,
    resources,
    service,
    template,
)

ONE = Quantity.of(1)
NO_PULL = Absent(kind="Secret", namespace=NS, name="pull")
NO_PULLER = Absent(kind="ServiceAccount", namespace=NS, name="puller")
PARENT = model("parent")
LOOKS: dict[str, Callable[[ReadView], object]] = {
    "the model": lambda live: live.model(NS, "llama"),
    "the cluster's model": lambda live: live.model(None, "llama"),
    "what the model asks for": lambda live: live.model_resources(NS, "llama"),
    "which model it is": lambda live: live.model_reference(NS, "llama"),
    "the template": lambda live: live.template(NS, "llama-1"),
    "the models of an image": lambda live: live.models_of_image(NS, IMAGE),
    "the templates of a model": lambda live: live.templates_of_model(NS, "llama"),
    "what a model owns": lambda live: live.owned_by(PARENT.meta.uid),
    "who mentions a template": lambda live: live.mentioning("llama-1"),
    "the config": lambda live: live.config(NS, "default"),
    "the cluster's config": lambda live: live.config(None, "default"),
    "the namespace": lambda live: live.deleting(NS),
    "the secret": lambda live: live.secret(NS, "pull"),
    "the account": lambda live: live.account(NS, "puller"),
    "the absence of a secret": lambda live: live.is_absent(NO_PULL),
    "the absence of an account": lambda live: live.is_absent(NO_PULLER),
    "whether GPUs are there": lambda live: _lacks(live, "MI300X"),
    "whether other GPUs are there": lambda live: _lacks(live, "MI210"),
}


def _lacks(live: ReadView, model: str) -> str | None:
    assert live.inventory is not None
    return live.inventory.lacks(Need(gpus=("amd.com/gpu",), amounts={"amd.com/gpu": ONE}, gpu=Gpu(models=(model,))))


RUNS = ServiceStatus(
    status=Verdict.STARTING,
    resolved_template=Reference(
        kind="AIMServiceTemplate", name="llama-1", namespace=NS, scope=Scope.NAMESPACE, uid="1"
    ),
)
CONCERNS: list[tuple[str, AimObject | CoreObject, set[str]]] = [
    ("a model", model(), {"the model", "which model it is", "what the model asks for", "the models of an image"}),
    ("a model of the cluster", model(namespace=None), {"the cluster's model"}),
    ("a model with a default", model("x", image="x", default_service_template="llama-1"), {"who mentions a template"}),
    ("a template", template(), {"the template", "the templates of a model"}),
    ("an owned template", template("x", model_name="x", owners=owned_by(PARENT)), {"what a model owns"}),
    ("a template with another owner", template("x", model_name="x", owners=owned_by(PARENT, controller=False)), set()),
    ("a service", service(), set()),
    ("a service that names a template", service(template_name="llama-1"), {"who mentions a template"}),
    ("a service that runs a template", service(status=RUNS), {"who mentions a template"}),
    ("a config", config(), {"the config"}),
    ("a config of the cluster", config(namespace=None), {"the config", "the cluster's config"}),
    ("a config of another name", config("fast"), set()),
    ("a namespace", Namespace(name=NS), set()),
    ("a namespace that goes", Namespace(name=NS, deleting=True), {"the namespace"}),
    ("a secret", pull_secret("pull"), {"the secret", "the absence of a secret"}),
    ("the word that a secret is not there", NO_PULL, {"the secret", "the absence of a secret"}),
    ("an account", ServiceAccount(namespace=NS, name="puller"), {"the account", "the absence of an account"}),
    ("the word that an account is not there", NO_PULLER, {"the account", "the absence of an account"}),
    ("a node with GPUs", node("MI300X"), {"whether GPUs are there", "whether other GPUs are there"}),
    ("a first node", node(), set()),
]


def _watching(*things: AimObject | CoreObject) -> DependencyTracker:
    """Everybody who looks, each at one key of a cache of these things."""
    cache = ObjectCache.of(things)
    tracker = DependencyTracker(cache)
    for name, look in LOOKS.items():
        looked: Looked = {}
        look(watched(cache, looked))
        tracker.note(_looker(name), looked)
    return tracker


def _looker(name: str) -> Key:
    return Key(Kind.SERVICE, "lookers", name)


def _names(affected: set[Key]) -> set[str]:
    return {key.name for key in affected if key.namespace == "lookers"}


@pytest.mark.rule("TMPL-8")
def test_a_node_that_gives_nothing_new_wakes_nobody() -> None:
    tracker = _watching(node("MI300X"))
    assert _names(tracker.put(node("MI300X", name="other"))) == set()
    assert _names(tracker.put(node(name="other"))) == set()
    assert _names(tracker.put(node("MI210"))) == {"whether other GPUs are there"}


@pytest.mark.rule("RES-1")
def test_resources_of_a_model_wake_who_looked_at_them() -> None:
    tracker = _watching(model())
    asking = model(resources=resources(requests="4"))
    assert "what the model asks for" in _names(tracker.put(asking))
    assert "what the model asks for" not in _names(
        tracker.put(replace(asking, status=ModelStatus(status=Verdict.READY)))
    )
    assert "what the model asks for" in _names(tracker.drop(asking))


@pytest.mark.parametrize(("thing", "who"), [pytest.param(thing, who, id=name) for name, thing, who in CONCERNS])
def test_what_comes_and_goes_wakes_who_looked_there(thing: AimObject | CoreObject, who: set[str]) -> None:
    tracker = _watching()
    assert _names(tracker.put(thing)) == who
    assert _names(tracker.put(thing)) == set()
    assert _names(tracker.drop(thing)) == who
    assert _names(tracker.drop(thing)) == set()


@pytest.mark.parametrize("name", LOOKS)
def test_the_answer_is_the_cache_s(name: str) -> None:
    cache = ObjectCache.of([thing for _, thing, _ in CONCERNS])
    assert LOOKS[name](watched(cache, {})) == LOOKS[name](cache)


@pytest.mark.parametrize(
    ("before", "after", "who"),
    [
        pytest.param(
            model(image="x"), model(), {"the model", "the models of an image"}, id="a model that gets the image"
        ),
        pytest.param(
            model(), model(image="x"), {"the model", "the models of an image"}, id="a model that gives the image up"
        ),
        pytest.param(
            template(model_name="x"),
            template(),
            {"the template", "the templates of a model"},
            id="a template that turns",
        ),
        pytest.param(pull_secret("pull"), NO_PULL, {"the secret", "the absence of a secret"}, id="a secret seen to go"),
        pytest.param(
            ServiceAccount(namespace=NS, name="puller"),
            NO_PULLER,
            {"the account", "the absence of an account"},
            id="an account seen to go",
        ),
        pytest.param(
            NO_PULL, pull_secret("pull"), {"the secret", "the absence of a secret"}, id="a secret seen to come"
        ),
        pytest.param(
            Namespace(name=NS), Namespace(name=NS, deleting=True), {"the namespace"}, id="a namespace that goes"
        ),
        pytest.param(
            service(status=RUNS),
            service(status=None),
            {"who mentions a template"},
            id="a service that stops running it",
        ),
        pytest.param(
            service(template_name="llama-1"),
            service(template_name="llama-1", status=ServiceStatus(status=Verdict.PENDING), resource_version="2"),
            set(),
            id="a service that says the same of it",
        ),
        pytest.param(
            config(),
            replace(config(), meta=replace(config().meta, labels={"a": "b"})),
            set(),
            id="a config with labels",
        ),
    ],
)
def test_a_change_wakes_who_sees_a_difference(
    before: AimObject | CoreObject, after: AimObject | CoreObject, who: set[str]
) -> None:
    assert _names(_watching(before).put(after)) == who


@pytest.mark.rule("TMPL-6")
def test_a_node_is_news_only_if_the_cluster_has_other_gpus_for_it() -> None:
    tracker = _watching(node("MI300X"))
    assert _names(tracker.put(node("MI300X", name="second"))) == set()
    assert _names(tracker.put(replace(node("MI300X"), labels={**node("MI300X").labels, "zone": "a"}))) == set()
    assert _names(tracker.put(node("MI210", name="third"))) == {"whether other GPUs are there"}
    assert _names(tracker.drop(node("MI210", name="third"))) == {"whether other GPUs are there"}


@pytest.mark.parametrize("thing", [model(), template(), service(), config()], ids=lambda thing: thing.key.api_kind)
def test_an_object_is_affected_by_what_becomes_of_itself_until_it_is_gone(thing: AimObject) -> None:
    tracker = DependencyTracker(ObjectCache())
    assert tracker.put(thing) == {thing.key}
    assert tracker.put(thing) == {thing.key}
    assert tracker.drop(thing) == set()


def test_who_looks_elsewhere_now_is_not_affected_by_what_it_saw_before() -> None:
    tracker = _watching()
    tracker.note(_looker("the model"), {("elsewhere", None, ""): None})
    tracker.note(_looker("which model it is"), {})
    tracker.note(_looker("what the model asks for"), {})
    tracker.note(_looker("the template"), {})
    tracker.note(_looker("the models of an image"), {("models of image", NS, IMAGE): None})
    assert _names(tracker.put(model())) == {"the models of an image"}
    assert _names(tracker.put(template())) == {"the templates of a model"}


def test_who_is_gone_is_not_affected() -> None:
    cache = ObjectCache.of([model(), service()])
    tracker, looked = DependencyTracker(cache), Looked()
    watched(cache, looked).model(NS, "llama")
    tracker.note(service().key, looked)
    tracker.note(service("other").key, looked)
    assert tracker.put(model(resource_version="2")) == {model().key, service().key, service("other").key}
    tracker.drop(service())
    assert tracker.put(model()) == {model().key, service("other").key}


@pytest.mark.rule("TMPL-6")
def test_where_nodes_may_not_be_read_nobody_asks_them() -> None:
    looked = Looked()
    assert watched(ObjectCache(nodes_known=False), looked).inventory is None
    assert looked == {}


@pytest.mark.rule("TMPL-6")
def test_a_need_that_nobody_has_any_more_is_not_asked_about() -> None:
    tracker = _watching(node("MI300X"))
    tracker.note(_looker("whether GPUs are there"), {})
    assert _names(tracker.drop(node("MI300X"))) == {"whether other GPUs are there"}
    tracker.note(_looker("whether other GPUs are there"), {})
    assert _names(tracker.put(node("MI210"))) == set()


@pytest.mark.rule("TMPL-8")
def test_a_need_is_kept_as_long_as_somebody_asks_for_it() -> None:
    cache = ObjectCache.of([node("MI210")])
    tracker, looked = DependencyTracker(cache), Looked()
    _lacks(watched(cache, looked), "MI300X")
    for name in ("first", "second"):
        tracker.note(_looker(name), looked)
    tracker.note(_looker("second"), {})
    assert _names(tracker.put(node("MI300X", name="new"))) == {"first"}
    tracker.note(_looker("first"), {})
    assert _names(tracker.drop(node("MI300X", name="new"))) == set()
