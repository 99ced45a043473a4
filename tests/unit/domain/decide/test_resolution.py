from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.children.expansion import expand
from aimcore.domain.decide.choice import NotOfModel
from aimcore.domain.decide.resolution import NameConflict, Resolution, ToCreate, resolve_service
from aimcore.domain.hardware.requirements import Hardware
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.records import CustomSpec, Discovery, Model, ModelCreation, Overrides, Service, Template
from aimcore.domain.kinds.resources import ResourceClaim, Resources
from aimcore.domain.kinds.scope import Key, Kind, Reference, Scope
from aimcore.domain.kinds.statuses import ModelStatus, ServiceStatus, Verdict
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.lookup import Ambiguous, Found, Missing
from aimcore.domain.view.observed import PAUSED
from tests.unit.domain import builders
from tests.unit.domain.builders import (
    DERIVED,
    IMAGE,
    NS,
    OURS,
    Said,
    amounts,
    auto_name,
    config,
    cpus,
    env,
    gpus,
    inline,
    node,
    observe,
    owned_by,
    resources,
    saying,
    service,
    source,
    template,
)


def model(name: str = "llama", **said: Any) -> Model:
    """A model that is done with its templates, so that nobody has to wait for them."""
    one = builders.model(name, **{"discovery": Discovery(enabled=False), **said})
    return replace(one, status=ModelStatus(status=Verdict.READY, observed_generation=one.meta.generation))


def resolve(one: Service, *things: Any) -> Resolution:
    return resolve_service(observe(one, *things))


def traced(resolution: Resolution) -> list[str]:
    return [f"{step.rule} {step.message}" for step in resolution.trace]


MODEL, FAR = model(), model(namespace=None)


# Configuration and spec -----------------------------------------------------------------------------------------------


@pytest.mark.rule("CONF-2")
def test_a_named_configuration_that_is_missing_ends_it_there() -> None:
    resolution = resolve(service(runtime_config_name="big"), MODEL, template())
    assert isinstance(resolution.config, ConfigMissing)
    assert resolution == Resolution(config=resolution.config, trace=resolution.trace)
    assert traced(resolution) == [
        f"CONF-2 runtime config big: none; looked for AIMRuntimeConfig {NS}/big, AIMClusterRuntimeConfig big"
    ]


@pytest.mark.rule("CONF-2")
def test_without_a_default_configuration_everything_goes_on() -> None:
    assert resolve(service(), MODEL, template()).template == template()


@pytest.mark.rule("CONF-1")
def test_a_configuration_is_found_near_and_far() -> None:
    resolution = resolve(service(), config(), config(namespace=None), MODEL)
    assert isinstance(resolution.config, ResolvedConfig)
    assert traced(resolution)[0] == f"CONF-1 runtime config: AIMRuntimeConfig {NS}/default, scope Merged"


@pytest.mark.rule("STAT-2")
def test_an_invalid_spec_ends_it_there_and_is_told() -> None:
    bad = service(image="?", resources=resources(requests="2", limits="1"))
    resolution = resolve(bad, MODEL)
    assert (resolution.model, [fault.rule for fault in resolution.faults]) == (None, ["LOOK-4", "RES-3"])
    assert [step.rule for step in resolution.trace] == ["CONF-2", "LOOK-4", "RES-3"]
    assert resolution.trace[1].message.startswith("$.spec.model.image: image reference '?'")


# Models ---------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("LOOK-1", "LOOK-2")
def test_a_model_by_name_near_before_far() -> None:
    resolution = resolve(service(), MODEL, FAR)
    assert resolution.model == Found(thing=MODEL, shadowed=(FAR.key,))
    assert traced(resolution)[1] == f"LOOK-1 model: AIMModel {NS}/llama; shadows AIMClusterModel llama"
    assert traced(resolve(service(), FAR))[1] == "LOOK-1 model: AIMClusterModel llama"


@pytest.mark.rule("LOOK-2")
def test_a_model_that_is_missing_was_sought_near_and_far() -> None:
    resolution = resolve(service())
    assert resolution.model == Missing(looked=(MODEL.key, FAR.key))
    assert resolution.template is None
    assert traced(resolution)[1] == f"LOOK-2 model: none; looked for AIMModel {NS}/llama, AIMClusterModel llama"


@pytest.mark.rule("LOOK-4")
def test_a_model_by_image() -> None:
    resolution = resolve(service(image="ghcr.io/acme/chat:1.0"), MODEL)
    assert resolution.model == Found(thing=MODEL)
    assert traced(resolution)[1] == f"LOOK-4 model: AIMModel {NS}/llama"
    shadowing = resolve(service(image=IMAGE), MODEL, model("made", labels=OURS), FAR)
    hidden = f"AIMModel {NS}/made, AIMClusterModel llama"
    assert traced(shadowing)[1] == f"LOOK-4 model: AIMModel {NS}/llama; shadows {hidden}"


@pytest.mark.rule("LOOK-4")
def test_two_models_of_one_image_are_too_many() -> None:
    other = model("other")
    resolution = resolve(service(image=IMAGE), MODEL, other)
    assert resolution.model == Ambiguous(things=(MODEL, other))
    assert traced(resolution)[1] == f"LOOK-4 model: several answer, AIMModel {NS}/llama, AIMModel {NS}/other"


@pytest.mark.rule("AUTO-1")
def test_an_image_without_a_model_is_to_have_one() -> None:
    resolution = resolve(service(image=IMAGE))
    assert isinstance(resolution.model, ToCreate)
    assert (resolution.model.model.key, resolution.model.narrowed) == (Key(Kind.MODEL, NS, auto_name()), "")
    assert traced(resolution)[1] == f"AUTO-1 model: AIMModel {NS}/{auto_name()}, to be created"


@pytest.mark.rule("AUTO-1", "AUTO-3")
def test_the_configuration_says_in_which_scope() -> None:
    wide = config(namespace=None, model=ModelCreation(creation_scope=Scope.CLUSTER))
    resolution = resolve(service(image=IMAGE), wide)
    assert isinstance(resolution.model, ToCreate)
    assert resolution.model.model.key == Key(Kind.MODEL, None, auto_name())


@pytest.mark.rule("OWN-2", "AUTO-1")
def test_a_name_that_is_taken_is_not_taken_over() -> None:
    taken = model(auto_name(), image="somebody/else", labels=OURS)
    resolution = resolve(service(image=IMAGE), taken)
    assert resolution.model == NameConflict(key=taken.key)
    assert traced(resolution)[1] == f"OWN-2 model: the name of {taken.key} is held by somebody else's object"


def inlined(one: Service) -> Key:
    answer = resolve(one).model
    assert isinstance(answer, ToCreate)
    return answer.model.key


INLINE = service(inline=inline())


@pytest.mark.rule("AUTO-4")
def test_an_inline_model_is_to_be_made() -> None:
    resolution = resolve(INLINE)
    assert isinstance(resolution.model, ToCreate)
    assert resolution.model.model == resolution.inline
    assert traced(resolution)[1] == f"AUTO-4 model: {inlined(INLINE)}, to be created"


@pytest.mark.rule("AUTO-4")
def test_an_inline_model_is_found_when_it_is_the_services() -> None:
    mine = model(inlined(INLINE).name, owners=owned_by(INLINE), model_sources=(source(),))
    resolution = resolve(INLINE, mine)
    assert resolution.model == Found(thing=mine)
    assert resolution.inline is not None
    assert resolution.inline.key == mine.key


@pytest.mark.rule("AUTO-4", "OWN-2")
@pytest.mark.parametrize(
    "owners",
    [
        pytest.param((), id="nobody's"),
        pytest.param(owned_by(service("other")), id="another service's"),
        pytest.param(owned_by(INLINE, controller=False), id="not controlled by it"),
    ],
)
def test_an_inline_model_of_somebody_elses_is_waited_for(owners: tuple[Any, ...]) -> None:
    there = model(inlined(INLINE).name, owners=owners)
    assert resolve(INLINE, there).model == NameConflict(key=there.key)


# Templates ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("SEL-1", "SEL-2")
@pytest.mark.parametrize(
    ("asked", "default", "chosen", "told"),
    [
        pytest.param(
            "b", "c", "b", "SEL-1 template: AIMServiceTemplate ml-team/b, named by the service", id="the service"
        ),
        pytest.param(
            None,
            "c",
            "c",
            "SEL-1 template: AIMServiceTemplate ml-team/c, named by AIMModel ml-team/llama",
            id="else the model's default",
        ),
        pytest.param(
            None,
            None,
            "a",
            "SEL-2 template: AIMServiceTemplate ml-team/a of 3 candidates, the best of those that pass",
            id="else selection",
        ),
    ],
)
def test_who_says_which_template(asked: str | None, default: str | None, chosen: str, told: str) -> None:
    things = [template(name, hardware=gpus(count, "MI300X")) for count, name in enumerate("abc", start=1)]
    parent = model(default_service_template=default)
    resolution = resolve(service(template_name=asked), parent, *things)
    assert resolution.template is not None
    assert resolution.template.key.name == chosen
    assert traced(resolution)[2] == told
    assert bool(resolution.selection.candidates) == (asked is None and default is None)


@pytest.mark.rule("SEL-1", "LOOK-2")
def test_a_named_template_that_is_missing_was_sought_near_and_far() -> None:
    resolution = resolve(service(template_name="x"), MODEL, template())
    assert resolution.named == Missing(looked=(Key(Kind.TEMPLATE, NS, "x"), Key(Kind.TEMPLATE, None, "x")))
    assert resolution.template is None
    assert traced(resolution)[2] == (
        f"SEL-1 template: none; the service names x; looked for AIMServiceTemplate {NS}/x, AIMClusterServiceTemplate x"
    )


@pytest.mark.rule("SEL-1", "SEL-2")
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(template("x", model_name="mistral"), id="of another model"),
        pytest.param(template("x", namespace=None), id="of the cluster's model of this name"),
        pytest.param(template("x", labels=DERIVED), id="derived for one service"),
    ],
)
def test_a_named_template_must_belong_to_the_model(other: Template) -> None:
    resolution = resolve(service(template_name="x"), MODEL, FAR, model("mistral"), other)
    assert resolution.named == NotOfModel(template=other)
    assert resolution.template is None
    assert traced(resolution)[2] == f"SEL-1 template: {other.key}, named by the service, does not belong to the model"


@pytest.mark.rule("SEL-2")
@pytest.mark.parametrize(
    ("spec", "custom", "stage"),
    [
        pytest.param({}, False, "optimized", id="an image model's must be optimized"),
        pytest.param({"allow_unoptimized": True}, False, "chosen", id="unless the service allows it"),
        pytest.param({"allow_unoptimized": False}, True, "chosen", id="a custom model's author wrote the hardware"),
    ],
)
def test_who_may_run_what_is_not_optimized(spec: Said, stage: str, *, custom: bool) -> None:
    parent = model(model_sources=(source(),), custom=CustomSpec(hardware=gpus(1))) if custom else MODEL
    made = [
        replace(template(name, owners=owned_by(parent)), spec=one) for name, one in expand(parent).templates.items()
    ]
    things = made or [template(type=TemplateType.UNOPTIMIZED)]
    resolution = resolve(service(**spec), parent, *things)
    assert [one.stage for one in resolution.selection.candidates] == [stage]


@pytest.mark.rule("SEL-2", "TMPL-6")
def test_selection_knows_the_overrides_and_the_nodes() -> None:
    missing, wrong = template("a", hardware=gpus(1, "MI210")), template("b", metric=Metric.LATENCY)
    one = service(overrides=Overrides(metric=Metric.THROUGHPUT))
    resolution = resolve(one, MODEL, replace(missing, spec=replace(missing.spec, metric=Metric.THROUGHPUT)), wrong)
    assert {it.name: it.stage for it in resolution.selection.candidates} == {"a": "ready", "b": "overrides"}
    assert traced(resolution)[2] == "SEL-2 template: none of 2 candidates"


@pytest.mark.rule("SEL-2")
def test_a_tie_is_told() -> None:
    resolution = resolve(service(), MODEL, template("a"), template("b"))
    assert resolution.template is None
    assert traced(resolution)[2] == "SEL-2 template: none of 2 candidates, several tie"


@pytest.mark.rule("SEL-5")
def test_what_was_chosen_before_is_chosen_again_only_where_it_is_the_best() -> None:
    before, better = template("before", hardware=gpus(2, "MI300X")), template("better")
    status = ServiceStatus(status=Verdict.STARTING, resolved_template=Reference.to(before.key, before.meta.uid))
    assert resolve(service(status=status), MODEL, before, better).template == better
    assert resolve(service(status=status), MODEL, before).template == before


@pytest.mark.rule("SEL-2")
@pytest.mark.parametrize("says", [None, *Verdict])
def test_a_candidate_is_judged_by_the_facts_whatever_its_status_says(says: Verdict | None) -> None:
    assert resolve(service(), MODEL, template(says=says)).template == template(says=says)
    assert resolve(service(), MODEL, template(says=says, hardware=gpus(1, "MI210"))).template is None


@pytest.mark.rule("SEL-2", "OWN-3")
@pytest.mark.parametrize(("says", "runs"), [(Verdict.READY, True), (Verdict.FAILED, False), (None, False)])
def test_a_paused_candidate_goes_by_what_its_status_said_last(says: Verdict | None, *, runs: bool) -> None:
    paused = template(says=says, annotations={PAUSED: "true"})
    assert (resolve(service(), MODEL, paused).template == paused) is runs


# Derived templates ----------------------------------------------------------------------------------------------------

BASE = template("base", hardware=Hardware(gpu=gpus(1, "MI210").gpu, cpu=cpus("4").cpu), precision=Precision.FP8)


def derived(overrides: Overrides, base: Template = BASE) -> Template:
    wanted = resolve(service(template_name="base", overrides=overrides), MODEL, base).derived
    assert wanted is not None
    return wanted


@pytest.mark.rule("SEL-4", "NAME-7")
@pytest.mark.parametrize(
    ("overrides", "spec"),
    [
        pytest.param(Overrides(metric=Metric.LATENCY), replace(BASE.spec, metric=Metric.LATENCY), id="metric"),
        pytest.param(Overrides(precision=Precision.FP4), replace(BASE.spec, precision=Precision.FP4), id="precision"),
        pytest.param(
            Overrides(gpu_model="MI300X"),
            replace(BASE.spec, hardware=Hardware(gpu=gpus(1, "MI300X").gpu, cpu=cpus("4").cpu)),
            id="GPU model",
        ),
        pytest.param(
            Overrides(gpu_count=0),
            replace(BASE.spec, hardware=Hardware(gpu=gpus(0, "MI210").gpu, cpu=cpus("4").cpu)),
            id="GPU count",
        ),
    ],
)
def test_overrides_of_a_named_template_derive_another(overrides: Overrides, spec: object) -> None:
    wanted = derived(overrides)
    assert wanted.spec == spec
    assert wanted.key.namespace == NS
    assert wanted.key.name.startswith("base-ovr-")


@pytest.mark.rule("SEL-4")
def test_overrides_of_what_has_no_hardware_give_it_none_but_their_own() -> None:
    bare = template("base", hardware=None)
    assert derived(Overrides(metric=Metric.LATENCY), bare).spec.hardware is None
    assert derived(Overrides(gpu_count=2), bare).spec.hardware == gpus(2)


LATENCY = Overrides(metric=Metric.LATENCY)
ASKING = service(template_name="base", overrides=LATENCY)
MADE = derived(LATENCY)


@pytest.mark.rule("SEL-4", "OWN-2", "TMPL-7")
@pytest.mark.parametrize(
    ("there", "runs"),
    [
        pytest.param(None, False, id="it is yet to be made"),
        pytest.param(replace(MADE, meta=replace(MADE.meta, owners=owned_by(ASKING))), True, id="it stands"),
        pytest.param(MADE, False, id="one of its name stands, and is nobody's"),
        pytest.param(
            replace(MADE, meta=replace(MADE.meta, owners=owned_by(ASKING)), spec=replace(MADE.spec, hardware=gpus(9))),
            False,
            id="it stands for what its base was before",
        ),
    ],
)
def test_a_derived_template_is_run_when_it_stands(there: Template | None, *, runs: bool) -> None:
    resolution = resolve(ASKING, MODEL, BASE, *([there] if there else []))
    assert resolution.derived == MADE
    assert resolution.template == (there if runs else None)
    assert traced(resolution)[3] == f"SEL-4 overrides: {MADE.key} derived from {BASE.key}"


@pytest.mark.rule("SEL-4")
def test_without_overrides_a_named_template_is_run_itself() -> None:
    resolution = resolve(service(template_name="base"), MODEL, BASE)
    assert (resolution.template, resolution.derived) == (BASE, None)


# Resources ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RES-1", "RES-2")
def test_every_value_knows_its_layer() -> None:
    one = service(resources=Resources(requests=amounts(memory="8Gi")))
    base = template(
        hardware=Hardware(gpu=gpus(2, "MI300X").gpu, cpu=cpus("4", "8").cpu),
        resources=Resources(requests=amounts(memory="4Gi", storage="1Gi"), claims=(ResourceClaim(name="nic"),)),
    )
    parent = model(resources=Resources(requests=amounts(cpu="1", memory="2Gi"), limits=amounts(storage="2Gi")))
    merged = resolve(one, parent, base).resources
    assert merged is not None
    assert {name: (str(it.value), it.layer) for name, it in merged.requests.items()} == {
        "memory": ("8Gi", Layer.SERVICE),
        "storage": ("1Gi", Layer.TEMPLATE),
        "cpu": ("4", Layer.HARDWARE),
        "amd.com/gpu": ("2", Layer.PROFILE),
    }
    assert {name: (str(it.value), it.layer) for name, it in merged.limits.items()} == {
        "cpu": ("8", Layer.HARDWARE),
        "storage": ("2Gi", Layer.MODEL),
        "amd.com/gpu": ("2", Layer.PROFILE),
    }
    assert [claim.layer for claim in merged.claims.values()] == [Layer.TEMPLATE]
    assert [(it.layer, str(it.value)) for it in merged.requests["memory"].passed_over] == [
        (Layer.TEMPLATE, "4Gi"),
        (Layer.MODEL, "2Gi"),
    ]
    assert traced(resolve(one, parent, base))[3] == "RES-1 resources: 4 requests, 3 limits"


@pytest.mark.rule("RES-2")
def test_gpus_go_by_the_name_the_template_gives_them() -> None:
    chips = template(hardware=gpus(2, "MI300X", resource_name="acme.com/chip"))
    merged = resolve(service(), MODEL, chips, node("MI300X", gpu="acme.com/chip")).resources
    assert merged is not None
    assert {name: it.value for name, it in merged.requests.items()} == {"acme.com/chip": Quantity.of(2)}


@pytest.mark.rule("RES-2", "TMPL-1")
def test_a_status_that_somebody_made_up_counts_no_gpus() -> None:
    forged = saying(template(hardware=None, model_sources=(source(),)), Verdict.READY)
    merged = resolve(service(), MODEL, forged).resources
    assert merged is not None
    assert merged.requests == {}


@pytest.mark.rule("RES-1")
def test_cpu_limits_alone_are_a_layer_too() -> None:
    only = template(hardware=replace(cpus("1", "2"), cpu=replace(cpus("1", "2").cpu, requests=None)))  # type: ignore[type-var]
    merged = resolve(service(), MODEL, only).resources
    assert merged is not None
    assert (merged.requests, {name: str(it.value) for name, it in merged.limits.items()}) == ({}, {"cpu": "2"})


@pytest.mark.rule("RES-3")
def test_what_contradicts_itself_is_told() -> None:
    merged = resolve(service(), MODEL, template(hardware=cpus("8", "4")))
    assert merged.resources is not None
    (problem,) = merged.resources.problems
    assert problem.startswith("the hardware layer requests cpu=8, above its limit 4")
    assert traced(merged)[3] == f"RES-3 resources: {problem}"


@pytest.mark.rule("LOOK-1")
def test_the_answer_is_of_the_snapshot_alone() -> None:
    things = [MODEL, FAR, template(), template("b", namespace=None), config(), node("MI300X")]
    one = service(env=env(A="1"))
    first, second = resolve(one, *things), resolve(one, *reversed(things))
    assert first == second
