from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.decide import selection
from aimcore.domain.decide.health import TemplateHealth
from aimcore.domain.decide.selection import Criteria, Option, Selection
from aimcore.domain.hardware.inventory import Inventory, take_inventory
from aimcore.domain.kinds.conditions import find_condition
from aimcore.domain.kinds.records import Overrides, Template
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from tests.unit.domain.builders import (
    STALE,
    Said,
    cpus,
    gpus,
    node,
    saying,
    template,
)

HAS_MI300X = take_inventory([node("MI300X")])


def option(one: Template) -> Option:
    """The template with the health that its status says."""
    if one.status is None:
        return Option(template=one, health=TemplateHealth(verdict=Verdict.PENDING, message="not observed yet"))
    ready = find_condition(one.status.conditions, "Ready")
    message = ready.message if ready else ""
    return Option(template=one, health=TemplateHealth(verdict=one.status.status, message=message))


def select(templates: Iterable[Template], criteria: Criteria) -> Selection:
    return selection.select(map(option, templates), criteria)


def stages(selection: Selection) -> dict[str, tuple[str, str]]:
    """Stage and reason of each candidate, by name."""
    return {one.name: (one.stage, one.reason) for one in selection.candidates}


def only(one: Template, **asked: Any) -> tuple[str, str]:
    """What becomes of a candidate that stands alone."""
    criteria = Criteria(**{"inventory": HAS_MI300X, **asked})
    return stages(select([one], criteria))[one.key.name]


FINE = ("chosen", "the only one that passes")


@pytest.mark.rule("SEL-2", "SEL-3")
@pytest.mark.parametrize(
    ("one", "asked", "outcome"),
    [
        pytest.param(template(), {}, FINE, id="nothing against it"),
        pytest.param(template(says=None), {}, ("ready", "is Pending: not observed yet"), id="nothing known of it"),
        pytest.param(template(says=Verdict.FAILED), {}, ("ready", "is Failed"), id="not ready"),
        pytest.param(
            saying(template(), Verdict.NOT_AVAILABLE, "no node has it"),
            {},
            ("ready", "is NotAvailable: no node has it"),
            id="not ready, and says why",
        ),
        pytest.param(
            template(labels=STALE), {}, ("stale", "is stale: its model no longer recommends it"), id="ready but stale"
        ),
        pytest.param(template(labels={"aim.silogen.ai/stale": "false"}), {}, FINE, id="not stale any more"),
        pytest.param(
            template(type=TemplateType.PREVIEW),
            {},
            ("optimized", "is preview; set spec.template.allowUnoptimized to run it"),
            id="a preview",
        ),
        pytest.param(
            template(type=None),
            {},
            ("optimized", "is unoptimized; set spec.template.allowUnoptimized to run it"),
            id="unoptimized, which is what nothing said means",
        ),
        pytest.param(template(type=None), {"allow_unoptimized": True}, FINE, id="unoptimized, and allowed"),
        pytest.param(
            template(metric=Metric.LATENCY),
            {"overrides": Overrides(metric=Metric.THROUGHPUT)},
            ("overrides", "metric latency is not the override throughput"),
            id="another metric",
        ),
        pytest.param(
            template(),
            {"overrides": Overrides(metric=Metric.THROUGHPUT)},
            ("overrides", "metric none is not the override throughput"),
            id="no metric",
        ),
        pytest.param(
            template(metric=Metric.LATENCY), {"overrides": Overrides(metric=Metric.LATENCY)}, FINE, id="the metric"
        ),
        pytest.param(
            template(precision=Precision.FP8),
            {"overrides": Overrides(precision=Precision.FP16)},
            ("overrides", "precision fp8 is not the override fp16"),
            id="another precision",
        ),
        pytest.param(
            template(),
            {"overrides": Overrides(precision=Precision.FP16)},
            ("overrides", "precision none is not the override fp16"),
            id="no precision",
        ),
        pytest.param(
            template(precision=Precision.FP8),
            {"overrides": Overrides(precision=Precision.FP8)},
            FINE,
            id="the precision",
        ),
        pytest.param(
            template(hardware=gpus(1, "MI210", "MI300X")),
            {"overrides": Overrides(gpu_model="MI325X")},
            ("overrides", "GPU MI210/MI300X is not the override MI325X"),
            id="other GPUs",
        ),
        pytest.param(
            template(hardware=gpus(1)),
            {"overrides": Overrides(gpu_model="MI300X")},
            ("overrides", "GPU none is not the override MI300X"),
            id="no GPU model",
        ),
        pytest.param(
            template(hardware=gpus(1, "MI210", "MI300X")),
            {"overrides": Overrides(gpu_model="AMD-Instinct-MI300X-OAM")},
            FINE,
            id="one of its GPUs, by another spelling",
        ),
        pytest.param(
            template(hardware=gpus(1, "AMD_Instinct_MI300X_OAM")),
            {"overrides": Overrides(gpu_model="MI300X")},
            FINE,
            id="its GPU, spelt out",
        ),
        pytest.param(
            template(hardware=gpus(1, "MI300X")),
            {"overrides": Overrides(gpu_count=2)},
            ("overrides", "GPU count 1 is not the override 2"),
            id="too few GPUs",
        ),
        pytest.param(
            template(hardware=gpus(2, "MI300X")), {"overrides": Overrides(gpu_count=2)}, FINE, id="as many GPUs"
        ),
        pytest.param(
            template(hardware=cpus("4")),
            {"overrides": Overrides(gpu_count=1)},
            ("overrides", "GPU count 0 is not the override 1"),
            id="no GPU at all",
        ),
        pytest.param(
            template(hardware=None), {"overrides": Overrides(gpu_count=0)}, FINE, id="no hardware is no GPU either"
        ),
        pytest.param(
            template(hardware=gpus(1, "MI210")), {}, ("gpu", "no node has MI210; found MI300X"), id="no such GPU"
        ),
        pytest.param(template(hardware=gpus(1, "MI210")), {"inventory": None}, FINE, id="nodes nobody may read"),
        pytest.param(
            template(hardware=cpus("4")),
            {"inventory": Inventory()},
            FINE,
            id="CPUs need no GPU in the cluster",
        ),
    ],
)
def test_a_candidate_passes_or_is_passed_over_with_the_reason(
    one: Template, asked: Said, outcome: tuple[str, str]
) -> None:
    assert only(one, **asked) == outcome


@pytest.mark.rule("SEL-2", "SEL-3")
def test_filters_object_in_their_order() -> None:
    faults: list[Said] = [
        {"hardware": gpus(1, "MI210")},
        {"metric": Metric.LATENCY},
        {"type": None},
        {"labels": STALE},
        {"says": Verdict.FAILED},
    ]
    criteria = Criteria(inventory=HAS_MI300X, overrides=Overrides(metric=Metric.THROUGHPUT))
    spec: Said = {"metric": Metric.THROUGHPUT}
    found = []
    for fault in faults:
        spec |= fault
        found.append(select([template(**spec)], criteria).candidates[0].stage)
    assert found == ["gpu", "overrides", "optimized", "stale", "ready"]


@pytest.mark.rule("SEL-2", "SEL-3")
def test_a_template_of_the_namespace_comes_before_every_one_of_the_cluster() -> None:
    near = template("near", hardware=gpus(8, "MI210"))
    far = template("far", namespace=None)
    selection = select([far, near], Criteria())
    assert selection.chosen == near
    assert stages(selection) == {
        "near": FINE,
        "far": ("scope", "a template of the namespace comes before it"),
    }


@pytest.mark.rule("SEL-2")
def test_one_of_the_namespace_that_does_not_pass_leaves_the_cluster_its_turn() -> None:
    near, far = template("near", says=Verdict.FAILED), template("far", namespace=None)
    assert select([near, far], Criteria()).chosen == far


def ranked(stage: str, value: Any) -> Template:
    """A template that differs from its rivals at this stage only."""
    specs: dict[str, Said] = {
        "gpuModel": {"hardware": gpus(1, str(value))},
        "gpuCount": {"hardware": gpus(value, "MI300X")},
    }
    return template(f"{stage}-{value}".lower(), **specs.get(stage, {stage: value}))


ORDERS: dict[str, list[Any]] = {
    "type": [TemplateType.OPTIMIZED, TemplateType.PREVIEW, TemplateType.UNOPTIMIZED],
    "gpuModel": ["MI355X", "MI350X", "MI325X", "MI308X", "MI300X", "MI250X", "MI210", "H100"],
    "metric": [Metric.LATENCY, Metric.THROUGHPUT, None],
    "precision": [*map(Precision, ["fp4", "int4", "fp8", "int8", "fp16", "bf16", "fp32", "auto"]), None],
    "gpuCount": [0, 1, 2, 8],
}
WORDS = {"metric": "no metric", "precision": "no precision"}


@pytest.mark.rule("SEL-2", "SEL-3")
@pytest.mark.parametrize(
    ("stage", "better", "worse"),
    [
        pytest.param(stage, better, worse, id=f"{stage} {better} before {worse}")
        for stage, order in ORDERS.items()
        for better, worse in pairwise(order)
    ],
)
def test_what_passes_is_ranked(stage: str, better: object, worse: object) -> None:
    first, second = ranked(stage, better), ranked(stage, worse)
    selection = select([second, first], Criteria(allow_unoptimized=True))
    assert selection.chosen == first
    said = WORDS.get(stage) if worse is None else worse
    assert stages(selection) == {
        first.key.name: ("chosen", "the best of those that pass"),
        second.key.name: (stage, f"{said} ranks behind {better} of {first.key.name}"),
    }


@pytest.mark.rule("SEL-2")
@pytest.mark.parametrize(
    ("stage", "weaker"),
    [pytest.param(stage, weaker, id=f"{stage} before {weaker}") for stage, weaker in pairwise(ORDERS)],
)
def test_the_earlier_rank_decides(stage: str, weaker: str) -> None:
    best, worst = ORDERS[stage][0], ORDERS[stage][-1]
    strong = _of("strong", {stage: best, weaker: ORDERS[weaker][-1]})
    weak = _of("weak", {stage: worst, weaker: ORDERS[weaker][0]})
    assert select([weak, strong], Criteria(allow_unoptimized=True)).chosen == strong


def _of(name: str, said: Said) -> Template:
    gpu, count = str(said.get("gpuModel", "MI300X")), said.get("gpuCount", 1)
    return template(
        name,
        hardware=gpus(count, gpu),
        type=said.get("type", TemplateType.OPTIMIZED),
        metric=said.get("metric"),
        precision=said.get("precision"),
    )


@pytest.mark.rule("SEL-2")
def test_gpus_rank_by_their_normal_form_and_the_first_listed_counts() -> None:
    spelt, later = template("spelt", hardware=gpus(1, "MI250")), template("later", hardware=gpus(1, "MI210", "MI355X"))
    assert select([later, spelt], Criteria()).chosen == spelt


@pytest.mark.rule("SEL-2")
def test_a_template_of_no_gpu_ranks_with_those_nobody_knows() -> None:
    none, unknown = template("none", hardware=cpus("4")), template("unknown", hardware=gpus(0, "H100"))
    assert select([none, unknown], Criteria()).tied == (none, unknown)
    selection = select([none, template("known")], Criteria())
    assert stages(selection)["none"] == ("gpuModel", "no GPU ranks behind MI300X of known")


@pytest.mark.rule("SEL-2", "SEL-3")
def test_a_full_tie_is_nobodys_to_decide_and_both_are_named() -> None:
    one, two, worse = template("one"), template("two"), template("worse", hardware=gpus(2, "MI300X"))
    selection = select([two, worse, one], Criteria())
    assert selection.chosen is None
    assert selection.tied == (one, two)
    assert stages(selection) == {
        "one": ("tie", "nothing ranks it apart from two"),
        "two": ("tie", "nothing ranks it apart from one"),
        "worse": ("gpuCount", "2 ranks behind 1 of one"),
    }


@pytest.mark.rule("LABEL-2", "SEL-3")
def test_sixty_four_reasons_fit_into_a_status() -> None:
    tied = select([template(f"{number:02}") for number in range(64)], Criteria())
    assert stages(tied)["01"] == ("tie", "nothing ranks it apart from 00 and 62 more")
    talkative = saying(template("talkative"), Verdict.FAILED, "x" * 4000)
    (candidate,) = select([talkative], Criteria()).candidates
    assert candidate.reason.startswith("is Failed: xxx")
    assert candidate.reason.endswith("xxx...")
    assert len(candidate.reason) == 256
    (candidate,) = select([saying(template(), Verdict.FAILED, "x" * 245)], Criteria()).candidates
    assert candidate.reason == f"is Failed: {'x' * 245}"


@pytest.mark.rule("SEL-2", "TMPL-4")
def test_one_that_its_model_no_longer_wants_is_passed_over_before_it_is_marked() -> None:
    old, new = replace(option(template("old")), unwanted=True), option(template("new", hardware=gpus(2, "MI300X")))
    found = selection.select([old, new], Criteria())
    assert found.chosen == new.template
    assert stages(found)["old"] == ("stale", "is stale: its model no longer recommends it")


@pytest.mark.rule("SEL-3")
def test_without_any_that_passes_each_still_has_its_reason() -> None:
    selection = select([template("b", says=None), template("a", type=None)], Criteria())
    assert selection == Selection(candidates=selection.candidates)
    assert [(one.name, one.stage) for one in selection.candidates] == [("a", "optimized"), ("b", "ready")]


@pytest.mark.rule("STAT-2", "SEL-2")
def test_a_choice_waits_until_all_that_may_be_chosen_are_there() -> None:
    told = "its model is still making templates"
    early = select([template("good"), template("bad", type=None)], Criteria(awaited=told))
    assert (early.chosen, early.awaited) == (None, told)
    assert (stages(early)["good"], stages(early)["bad"][0]) == (("waiting", told), "optimized")


@pytest.mark.rule("SEL-3")
def test_a_candidate_carries_its_scope_and_its_own_word() -> None:
    words = {
        "a": template("a", says=None),
        "b": template("b", says=Verdict.NOT_AVAILABLE, namespace=None),
    }
    found = {one.name: (one.scope, one.verdict) for one in select(words.values(), Criteria()).candidates}
    assert found == {"a": (Scope.NAMESPACE, "Pending"), "b": (Scope.CLUSTER, "NotAvailable")}
    assert all(type(one.verdict) is str for one in select(words.values(), Criteria()).candidates)


# Laws -----------------------------------------------------------------------------------------------------------------


@st.composite
def candidates(draw: st.DrawFn) -> list[Template]:
    count = draw(st.integers(0, 6))
    return [
        template(
            f"t{number}",
            namespace=draw(st.sampled_from(["ml-team", None])),
            says=draw(st.sampled_from([Verdict.READY, Verdict.READY, Verdict.READY, Verdict.FAILED, None])),
            labels=draw(st.sampled_from([{}, {}, {}, STALE])),
            type=draw(st.sampled_from([TemplateType.OPTIMIZED, TemplateType.OPTIMIZED, TemplateType.PREVIEW, None])),
            metric=draw(st.sampled_from([None, *Metric])),
            precision=draw(st.sampled_from([None, *Precision])),
            hardware=draw(st.sampled_from([gpus(1, "MI300X"), gpus(2, "MI300X"), gpus(1, "MI210"), cpus("1"), None])),
        )
        for number in range(count)
    ]


@st.composite
def criteria(draw: st.DrawFn) -> Criteria:
    return Criteria(
        allow_unoptimized=draw(st.booleans()),
        overrides=Overrides(
            metric=draw(st.sampled_from([None, None, *Metric])), gpu_count=draw(st.sampled_from([None, None, 1, 2]))
        ),
        inventory=draw(st.sampled_from([None, HAS_MI300X])),
    )


@pytest.mark.rule("SEL-2", "SEL-3")
@given(candidates(), criteria(), st.randoms(use_true_random=False))
def test_the_order_of_candidates_changes_nothing(given: list[Template], asked: Criteria, chance: object) -> None:
    shuffled = list(given)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own random
    assert select(shuffled, asked) == select(given, asked)


@pytest.mark.rule("SEL-3")
@given(candidates(), criteria())
def test_every_candidate_has_exactly_one_stage_and_a_reason(given: list[Template], asked: Criteria) -> None:
    selection = select(given, asked)
    assert sorted((one.name, one.scope) for one in selection.candidates) == sorted(
        (one.key.name, one.key.scope) for one in given
    )
    assert all(one.stage and one.reason for one in selection.candidates)
    chosen = [one.name for one in selection.candidates if one.stage == "chosen"]
    assert chosen == ([selection.chosen.key.name] if selection.chosen else [])
    assert len(selection.tied) != 1
    assert not (selection.tied and selection.chosen)


@pytest.mark.rule("SEL-2")
@given(candidates(), criteria())
def test_what_passes_alone_and_loses_loses_to_what_passes_alone(given: list[Template], asked: Criteria) -> None:
    alone = {one.key.name for one in given if select([one], asked).chosen}
    selection = select(given, asked)
    assert (selection.chosen is not None or bool(selection.tied)) == bool(alone)
    assert {one.key.name for one in selection.tied} <= alone
    assert selection.chosen is None or selection.chosen.key.name in alone
