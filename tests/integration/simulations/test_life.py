"""What happens to things in their lives: they are deleted in each phase, made anew, edited, hidden, and their names are taken."""

from __future__ import annotations

import pytest

from aimcore.adapters.memory.kinds import Address
from aimcore.testing.world import address_of
from tests.integration.simulations.telling import begun, made, owners, reason, settled, word
from tests.integration.simulations.things import (
    CHAT,
    NEXT,
    SOURCES,
    TEAM,
    config,
    custom,
    env,
    model,
    node,
    secret,
    service,
    template,
    world,
)
from tests.integration.simulations.timeline import Timeline

LLAMA, OWN = model("llama", image=CHAT), model("own", **custom())
ASKS = service("chat", model={"ref": "llama"})
INLINE = service("inline", model={"custom": {"modelSources": SOURCES, "hardware": {"gpu": {"requests": 1}}}})
BY_IMAGE = service("chat", model={"image": CHAT})
THERE, SERVED, MINE, BROUGHT = map(address_of, (LLAMA, ASKS, OWN, INLINE))
FIRST = Address("AIMServiceTemplate", TEAM, "llama-1x-mi300x-lat-fp8-f89bd3dab6")
BASIC = world(LLAMA, ASKS, node())


# Deletion in each phase -----------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-1", "STAT-2")
@pytest.mark.parametrize(
    "landed", [pytest.param(0, id="before a write"), pytest.param(1, id="once its templates are made")]
)
def test_a_model_deleted_while_its_templates_are_made_takes_them_with_it(landed: int) -> None:
    timeline = begun(BASIC)
    timeline.land(landed)
    timeline.delete(THERE)
    timeline.rest()
    assert made(timeline) == {}
    assert (word(timeline, SERVED), reason(timeline, SERVED, "ModelResolved")) == ("Failed", "ModelMissing")


def test_a_model_deleted_while_its_image_is_read_is_forgotten() -> None:
    timeline = Timeline(BASIC)
    timeline.operator.engine.observe(timeline.operator._cluster.changes())
    while not timeline.operator.asked:
        timeline.take(1)
    timeline.delete(THERE)
    timeline.rest()
    assert made(timeline) == {}
    assert timeline.operator.engine.questions.answers == {}


@pytest.mark.rule("STAT-2", "SEL-5")
def test_a_model_deleted_while_its_service_runs_leaves_a_service_that_says_so_and_runs_again_with_the_next() -> None:
    timeline = settled(BASIC)
    timeline.delete(THERE)
    timeline.rest()
    assert (word(timeline, SERVED), made(timeline)) == ("Failed", {})
    timeline.create(LLAMA)
    timeline.rest()
    assert word(timeline, SERVED) == "Starting"


@pytest.mark.rule("AUTO-4", "OWN-1")
@pytest.mark.parametrize("landed", [0, 1, 2])
def test_a_service_deleted_while_its_model_is_made_takes_all_of_it_with_it(landed: int) -> None:
    timeline = begun(world(INLINE, node()))
    for _ in range(landed):
        timeline.land(1)
        timeline.hold()
    timeline.delete(BROUGHT)
    timeline.rest()
    assert timeline.run.made() == {}


@pytest.mark.rule("OWN-3")
def test_what_is_on_its_way_out_is_not_written_to_however_long_somebody_holds_it() -> None:
    timeline = settled(BASIC)
    timeline.edit(THERE, {"metadata": {"finalizers": ["example.com/hold"]}})
    timeline.run.store.delete(THERE)
    held = timeline.authored[THERE] = timeline.find(THERE)
    timeline.edit(THERE, {"spec": {"image": NEXT}})
    timeline.rest()
    assert timeline.find(THERE)["status"] == held["status"]
    timeline.edit(THERE, {"metadata": {"finalizers": []}})
    timeline.authored.pop(THERE)
    timeline.rest()
    assert made(timeline) == {}


# Made anew ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-2", "OWN-4")
@pytest.mark.parametrize("landed", [pytest.param(0, id="nothing arrived"), pytest.param(1, id="some arrived")])
def test_a_model_made_anew_while_writes_of_its_namesake_are_under_way_gets_templates_of_its_own(landed: int) -> None:
    timeline = begun(BASIC)
    timeline.land(landed)
    timeline.delete(THERE)
    again = timeline.create(LLAMA)
    timeline.rest()
    assert owners(made(timeline)) == {again["metadata"]["uid"]}
    assert len(made(timeline)) == 3
    assert word(timeline, SERVED) == "Starting"


@pytest.mark.rule("AUTO-4", "OWN-2")
def test_a_service_made_anew_waits_for_the_model_of_its_namesake_to_go() -> None:
    timeline = settled(world(INLINE, node()))
    (brought,) = made(timeline, "AIMModel")
    timeline.edit(brought, {"metadata": {"finalizers": ["example.com/hold"]}})
    timeline.delete(BROUGHT)
    again = timeline.create(INLINE)
    timeline.rest()
    assert (word(timeline, BROUGHT), reason(timeline, BROUGHT, "ModelResolved")) == ("Pending", "ModelPending")
    timeline.edit(brought, {"metadata": {"finalizers": []}})
    timeline.rest()
    assert word(timeline, BROUGHT) == "Starting"
    assert owners(made(timeline, "AIMModel")) == {again["metadata"]["uid"]}


@pytest.mark.rule("AUTO-4")
def test_an_inline_model_that_changes_stays_until_the_next_one_is_ready() -> None:
    timeline = settled(world(INLINE, node()))
    (before,) = made(timeline, "AIMModel")
    timeline.edit(BROUGHT, {"spec": {"model": {"custom": {"hardware": {"gpu": {"requests": 2}}}}}})
    after, ready = list[Address](), list[Address]()
    while timeline.stands(before):
        after = [address for address in made(timeline, "AIMModel") if address != before]
        ready = [address for address in after if timeline.find(address).get("status", {}).get("status") == "Ready"]
        timeline.take(1)
    assert ready == after != []


@pytest.mark.rule("TMPL-1", "SEL-5")
def test_a_template_deleted_by_hand_is_made_again_and_run_again() -> None:
    timeline = settled(BASIC)
    before = timeline.find(FIRST)["metadata"]["uid"]
    timeline.delete(FIRST)
    timeline.rest()
    after = timeline.find(FIRST)["metadata"]["uid"]
    assert after != before
    ran = timeline.find(SERVED)["status"]["resolvedTemplate"]
    assert timeline.find(Address(ran["kind"], TEAM, ran["name"]))["metadata"]["uid"] == ran["uid"]


@pytest.mark.rule("OWN-3")
def test_in_a_namespace_on_its_way_out_nothing_is_written_and_elsewhere_everything() -> None:
    far = model("llama", "research", image=CHAT)
    timeline = begun(world(LLAMA, far, node()))
    home = Address("Namespace", None, TEAM)
    timeline.edit(THERE, {"metadata": {"finalizers": ["example.com/hold"]}})
    timeline.run.store.delete(home)
    timeline.authored.pop(home)
    timeline.authored.pop(THERE)
    timeline.rest()
    assert {address.namespace for address in made(timeline)} == {"research"}
    there, written = timeline.edit(THERE, {"spec": {"image": NEXT}}), len(timeline.written)
    timeline.restart()
    timeline.rest()
    assert (timeline.find(THERE), timeline.written[written:]) == (there, [])


# Names that are taken -------------------------------------------------------------------------------------------------


@pytest.mark.rule("TMPL-5", "STAT-1")
def test_a_template_of_our_name_is_left_alone_and_told_of_until_it_goes() -> None:
    taken = template(FIRST.name, modelName="llama")
    timeline = settled(world(LLAMA, taken, node()))
    assert (word(timeline, THERE), reason(timeline, THERE, "TemplatesAutoGenerated")) == ("Degraded", "NameConflict")
    timeline.delete(FIRST)
    timeline.rest()
    assert word(timeline, THERE) == "Ready"
    assert FIRST in made(timeline)


@pytest.mark.rule("AUTO-1", "OWN-2")
def test_a_model_that_has_the_name_of_one_to_be_made_for_an_image_is_left_alone_until_it_goes() -> None:
    (name,) = (address.name for address in made(settled(world(BY_IMAGE, node())), "AIMModel"))
    timeline = settled(world(BY_IMAGE, model(name, image="ghcr.io/example/plain:1"), node()))
    assert (word(timeline, SERVED), reason(timeline, SERVED, "ModelResolved")) == ("Failed", "NameConflict")
    timeline.delete(Address("AIMModel", TEAM, name))
    timeline.rest()
    assert word(timeline, SERVED) == "Starting"


# Edits ----------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-4")
def test_what_people_add_to_what_the_operator_made_stays_and_what_they_take_away_comes_back() -> None:
    timeline = settled(BASIC)
    timeline.edit(FIRST, {"metadata": {"labels": {"team": "red"}}, "spec": {"env": env("EXTRA")}})
    timeline.edit(FIRST, {"metadata": {"labels": {"aim.silogen.ai/origin": None}}, "spec": {"type": None}})
    timeline.rest()
    there = timeline.find(FIRST)
    assert (there["metadata"]["labels"]["team"], there["spec"]["env"]) == ("red", env("EXTRA"))
    assert (there["metadata"]["labels"]["aim.silogen.ai/origin"], there["spec"]["type"]) == (
        "auto-generated",
        "optimized",
    )


@pytest.mark.rule("OWN-4", "OWN-2")
def test_what_people_change_by_force_is_theirs_and_the_model_says_so() -> None:
    timeline = settled(BASIC)
    timeline.edit(FIRST, {"spec": {"type": "preview"}})
    timeline.rest()
    assert timeline.find(FIRST)["spec"]["type"] == "preview"
    assert reason(timeline, THERE, "FieldsOwnedByOthers") == "Contested"


@pytest.mark.rule("DISC-3", "TMPL-4")
def test_an_image_changed_while_the_former_is_read_ends_with_the_templates_of_the_latter() -> None:
    straight = settled(world(model("llama", image=NEXT), ASKS, node()))
    timeline = Timeline(BASIC)
    while not timeline.operator.asked:
        timeline.take(1)
    timeline.edit(THERE, {"spec": {"image": NEXT}})
    timeline.rest()
    assert made(timeline).keys() == made(straight).keys()


@pytest.mark.rule("DISC-6")
def test_discovery_switched_off_while_templates_are_made_keeps_them_and_switched_on_again_completes_them() -> None:
    timeline = begun(BASIC)
    timeline.edit(THERE, {"spec": {"discovery": {"enabled": False}}})
    timeline.land(1)
    timeline.rest()
    kept = made(timeline).keys()
    assert (word(timeline, THERE), len(kept)) == ("Ready", 3)
    timeline.delete(FIRST)
    timeline.rest()
    assert len(made(timeline)) == 2
    timeline.edit(THERE, {"spec": {"discovery": {"enabled": True}}})
    timeline.rest()
    assert made(timeline).keys() == kept


@pytest.mark.rule("NAME-4", "TMPL-1")
def test_entries_that_are_reordered_cost_a_status_and_no_template() -> None:
    entries = [
        {"name": "small"},
        {"name": "large", "hardware": {"gpu": {"requests": 4}}},
        {"name": "later", "type": "preview"},
    ]
    timeline = settled(world(model("own", **custom(templates=entries)), node()))
    before, written = made(timeline), len(timeline.written)
    timeline.edit(MINE, {"spec": {"custom": {"templates": entries[::-1]}}})
    timeline.rest()
    assert made(timeline) == before
    assert timeline.written[written:] == ["SetStatus AIMModel ml-team/own"]


# What comes and goes beside it ----------------------------------------------------------------------------------------


@pytest.mark.rule("CONF-2", "CONF-6")
def test_a_config_that_is_named_is_waited_for_and_missed() -> None:
    timeline = settled(world(model("llama", image=CHAT, runtimeConfigName="mine"), node()))
    assert (word(timeline, THERE), made(timeline)) == ("Failed", {})
    timeline.create(config("mine"))
    timeline.rest()
    assert word(timeline, THERE) == "Ready"
    timeline.delete(address_of(config("mine")))
    timeline.rest()
    assert (word(timeline, THERE), len(made(timeline))) == ("Failed", 3)


@pytest.mark.rule("LOOK-1", "LOOK-2", "SEL-2")
def test_a_nearer_model_takes_over_a_running_service_and_gives_it_back() -> None:
    timeline = settled(world(model("llama", None, image=CHAT), ASKS, node(), secret("pull")))
    ran = timeline.find(SERVED)["status"]["resolvedTemplate"]
    assert ran["scope"] == "Cluster"
    timeline.create(model("llama", image=NEXT))
    timeline.rest()
    assert timeline.find(SERVED)["status"]["resolvedTemplate"]["scope"] == "Namespace"
    timeline.delete(THERE)
    timeline.rest()
    assert timeline.find(SERVED)["status"]["resolvedTemplate"] == ran


@pytest.mark.rule("TMPL-6", "STAT-2")
def test_a_node_that_goes_degrades_what_runs_there_and_heals_it_when_it_comes_back() -> None:
    timeline = settled(BASIC)
    timeline.delete(address_of(node()))
    timeline.rest()
    assert (word(timeline, THERE), word(timeline, SERVED)) == ("Degraded", "Pending")
    timeline.create(node())
    timeline.rest()
    assert (word(timeline, THERE), word(timeline, SERVED)) == ("Ready", "Starting")


@pytest.mark.rule("TMPL-4", "SEL-1")
def test_a_template_that_a_service_names_outlives_the_image_it_came_from_and_goes_with_the_service() -> None:
    named = service("chat", model={"ref": "llama"}, templateName=FIRST.name)
    timeline = settled(world(LLAMA, named, node()))
    timeline.edit(THERE, {"spec": {"image": NEXT}})
    timeline.rest()
    assert timeline.find(FIRST)["metadata"]["labels"]["aim.silogen.ai/stale"] == "true"
    assert (word(timeline, THERE), word(timeline, SERVED)) == ("Ready", "Starting")
    timeline.delete(SERVED)
    timeline.rest()
    assert not timeline.stands(FIRST)


@pytest.mark.rule("AUTO-1", "AUTO-5")
def test_a_model_made_for_an_image_outlives_its_services_and_is_found_by_the_next() -> None:
    timeline = settled(world(BY_IMAGE, node()))
    (before,) = made(timeline, "AIMModel").values()
    timeline.delete(SERVED)
    timeline.rest()
    timeline.create(BY_IMAGE)
    timeline.rest()
    (after,) = made(timeline, "AIMModel").values()
    assert (after["metadata"]["uid"], word(timeline, SERVED)) == (before["metadata"]["uid"], "Starting")
