from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide import decide_template
from aimcore.domain.decide.health import TemplateHealth, can_run, template_health
from aimcore.domain.kinds.core import Namespace
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.view.observed import PAUSED, Policy
from tests.unit.domain.builders import NS, gpus, model, node, observe, status_of, template, world

RULED = {PAUSED: "true"}


def health(one: Template, *things: Any) -> TemplateHealth:
    return template_health(one, world(one, *things), Policy())


@pytest.mark.rule("TMPL-6", "SEL-2")
@pytest.mark.parametrize("says", [None, *Verdict])
@pytest.mark.parametrize(
    ("one", "things", "verdict"),
    [
        pytest.param(template(), [model()], Verdict.READY, id="fine"),
        pytest.param(template(), [], Verdict.FAILED, id="no model"),
        pytest.param(template(runtime_config_name="gone"), [model()], Verdict.FAILED, id="no config"),
        pytest.param(template(), [model(), node("MI210")], Verdict.NOT_AVAILABLE, id="no GPU"),
        pytest.param(template(hardware=None), [model()], Verdict.PENDING, id="no hardware"),
    ],
)
def test_the_health_is_what_the_template_would_say_of_itself_whatever_its_status_says(
    one: Template, things: list[Any], verdict: Verdict, says: Verdict | None
) -> None:
    bare = replace(one, status=None)
    assert health(template(says=says) if one == template() else replace(one, status=None), *things).verdict is verdict
    assert status_of(decide_template(observe(bare, *things))).status is verdict
    assert can_run(bare, world(bare, *things), Policy()) is (verdict is Verdict.READY)


@pytest.mark.rule("OWN-3")
@pytest.mark.parametrize(
    "things",
    [
        pytest.param([], id="paused"),
        pytest.param([Namespace(name=NS, deleting=True)], id="in a namespace on its way out"),
    ],
)
def test_nothing_is_decided_about_a_paused_template_and_its_status_counts(things: list[Any]) -> None:
    annotations = {} if things else RULED
    said = template(says=Verdict.NOT_AVAILABLE, annotations=annotations)
    assert health(said, *things) == TemplateHealth(verdict=Verdict.NOT_AVAILABLE)
    new = template(says=None, annotations=annotations)
    assert health(new, *things) == TemplateHealth(verdict=Verdict.PENDING, message="not observed yet")
    behind = replace(said, meta=replace(said.meta, generation=2))
    assert health(behind, *things) == health(new, *things)
    assert said.status is not None
    mute = replace(said, status=replace(said.status, conditions=()))
    assert health(mute, *things) == TemplateHealth(verdict=Verdict.NOT_AVAILABLE)


@pytest.mark.rule("TMPL-6")
def test_where_no_node_may_be_read_every_gpu_is_there() -> None:
    one = template(hardware=gpus(1, "MI210"))
    view = world(one, model(), nodes_known=False)
    assert template_health(one, view, Policy()).verdict is Verdict.READY
