from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide import decide_service
from aimcore.domain.kinds.core import Secret
from aimcore.domain.kinds.records import Model, ModelCreation, RuntimeConfig, Service
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.view.observed import CreationScopeFrom, Policy
from aimcore.domain.view.plan import Create, Plan
from tests.unit.domain.builders import (
    IMAGE,
    NS,
    OURS,
    Said,
    auto_name,
    condition_of,
    config,
    model,
    observe,
    pull_secret,
    service,
)

NARROW = Policy(creation_scope_from=CreationScopeFrom.CLUSTER)
CONFIGS = [config(), config("big"), config(namespace=None)]


def planned(one: Service, *things: Any, policy: Policy | None = None) -> Plan:
    return decide_service(observe(one, *things, policy=policy))


def made(name: str = auto_name(), **said: Any) -> Model:
    """A model as services make it."""
    return model(name, labels=OURS, **said)


WIDE = made(namespace=None)


@pytest.mark.rule("AUTO-1")
@pytest.mark.parametrize(
    ("spec", "shared", "differs"),
    [
        pytest.param({}, made(), None, id="nothing differs"),
        pytest.param({"image_pull_secrets": ("a",)}, made(image_pull_secrets=("a",)), None, id="the same secrets"),
        pytest.param(
            {"image_pull_secrets": ("b", "a")}, made(image_pull_secrets=("a", "b")), None, id="in another order"
        ),
        pytest.param({"image_pull_secrets": ("a",)}, made(), "pull secrets", id="a secret of its own"),
        pytest.param(
            {}, made(image_pull_secrets=("a",)), None, id="a secret it does not have, and gets from the model"
        ),
        pytest.param({"runtime_config_name": "big"}, made(), "runtime config", id="another configuration"),
        pytest.param(
            {"runtime_config_name": "default"}, made(), None, id="the default, asked for by name, is the default"
        ),
        pytest.param(
            {"runtime_config_name": "big", "image_pull_secrets": ("a",)},
            made(),
            "pull secrets and runtime config",
            id="both",
        ),
        pytest.param({"runtime_config_name": "big"}, WIDE, None, id="a cluster model has no configuration of its own"),
        pytest.param({"image_pull_secrets": ("a",)}, WIDE, "pull secrets", id="and none of the tenant's secrets"),
        pytest.param({"runtime_config_name": "big"}, model(), None, id="an author's model is the author's"),
    ],
)
def test_who_did_not_get_to_create_the_model_is_told_what_differs(
    spec: Said, shared: Model, differs: str | None
) -> None:
    plan = planned(service(image=IMAGE, **spec), shared, *CONFIGS)
    told = condition_of(plan, "ModelShared")
    if differs is None:
        assert told is None
    else:
        message = f"{shared.key} was created with other {differs} than this service's"
        assert told == ("True", "SettingsDiffer", message)


@pytest.mark.rule("AUTO-1")
def test_a_model_named_or_of_the_services_own_is_not_shared() -> None:
    plan = planned(service(ref=auto_name(), runtime_config_name="big"), made(), *CONFIGS)
    assert condition_of(plan, "ModelShared") is None


@pytest.mark.rule("AUTO-1")
def test_the_settings_of_a_model_whose_configuration_is_gone_are_none() -> None:
    secrets: list[Secret] = [pull_secret("a")]
    plan = planned(service(image=IMAGE, image_pull_secrets=("a",)), made(runtime_config_name="lost"), *secrets)
    told = condition_of(plan, "ModelShared")
    assert told is not None
    assert told[2].endswith("other pull secrets and runtime config than this service's")


@pytest.mark.rule("AUTO-1", "CONF-4")
def test_what_both_have_from_their_configuration_is_no_difference() -> None:
    plan = planned(service(image=IMAGE), made(), config(image_pull_secrets=("a",)))
    assert condition_of(plan, "ModelShared") is None


@pytest.mark.rule("AUTO-3", "OWN-4")
@pytest.mark.parametrize("there", [None, made()], ids=["to be made", "made"])
def test_an_operator_of_some_namespaces_makes_the_model_there_and_says_what_to_do(there: Model | None) -> None:
    wide = config(namespace=None, model=ModelCreation(creation_scope=Scope.CLUSTER))
    for policy in (Policy(cluster_objects=False), replace(NARROW, cluster_objects=False)):
        plan = planned(service(image=IMAGE), wide, *([there] if there else []), policy=policy)
        told = condition_of(plan, "CreationScopeNarrowed")
        assert told is not None
        assert told[2].startswith("the operator looks after some namespaces and makes no cluster model")
        assert told[2].endswith("or set model.creationScope: Namespace in the runtime config")
        created = [write.key for write in plan.writes if isinstance(write, Create)]
        assert [one.namespace for one in created] == ([] if there else [NS])


@pytest.mark.rule("AUTO-3")
@pytest.mark.parametrize(
    ("configs", "there", "policy", "narrowed"),
    [
        pytest.param([config(model=ModelCreation(creation_scope=Scope.CLUSTER))], None, NARROW, True, id="to be made"),
        pytest.param([config(model=ModelCreation(creation_scope=Scope.CLUSTER))], made(), NARROW, True, id="made"),
        pytest.param(
            [config(model=ModelCreation(creation_scope=Scope.CLUSTER))],
            WIDE,
            NARROW,
            False,
            id="there is a cluster model",
        ),
        pytest.param(
            [config(model=ModelCreation(creation_scope=Scope.CLUSTER))],
            model(),
            NARROW,
            False,
            id="there is an author's model",
        ),
        pytest.param(
            [config(model=ModelCreation(creation_scope=Scope.CLUSTER))], None, Policy(), False, id="nothing narrows"
        ),
        pytest.param(
            [config(model=ModelCreation(creation_scope=Scope.CLUSTER))], made(), Policy(), False, id="nothing narrowed"
        ),
        pytest.param([config()], made(), NARROW, False, id="nobody wanted more"),
        pytest.param([], made(), NARROW, False, id="nobody said anything"),
    ],
)
def test_a_namespace_that_may_not_have_its_way_is_told(
    configs: list[RuntimeConfig], there: Model | None, policy: Policy, *, narrowed: bool
) -> None:
    plan = planned(service(image=IMAGE), *configs, *([there] if there else []), policy=policy)
    message = "only the cluster's runtime config may ask for cluster models here; the model is the namespace's"
    expected = ("True", "CreationScopeNarrowed", message)
    assert condition_of(plan, "CreationScopeNarrowed") == (expected if narrowed else None)
