"""What happens to things in their lives: they are deleted in each phase, made anew, edited, hidden, and their names are taken."""

from __future__ import annotations

import pytest

from aimcore.adapters.memory.kinds import Address
from aimcore.testing.world import address_of
from tests.integration.histories.history import History
from tests.integration.histories.telling import begun, made, owners, reason, settled, word
from tests.integration.histories.things import (
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
    history = begun(BASIC)
    history.land(landed)
    history.delete(THERE)
    history.rest()
    assert made(history) == {}
    assert (word(history, SERVED), reason(history, SERVED, "ModelResolved")) == ("Failed", "ModelMissing")


def test_a_model_deleted_while_its_image_is_read_is_forgotten() -> None:
    history = History(BASIC)
    history.operator.controller.observe(history.operator._cluster.changes())
    while not history.operator.asked:
        history.take(1)
    history.delete(THERE)
    history.rest()
    assert made(history) == {}
    assert history.operator.controller.inquiries.answers == {}


@pytest.mark.rule("STAT-2", "SEL-5")
def test_a_model_deleted_while_its_service_runs_leaves_a_service_that_says_so_and_runs_again_with_the_next() -> None:
    history = settled(BASIC)
    history.delete(THERE)
    history.rest()
    assert (word(history, SERVED), made(history)) == ("Failed", {})
    history.create(LLAMA)
    history.rest()
    assert word(history, SERVED) == "Starting"


@pytest.mark.rule("AUTO-4", "OWN-1")
@pytest.mark.parametrize("landed", [0, 1, 2])
def test_a_service_deleted_while_its_model_is_made_takes_all_of_it_with_it(landed: int) -> None:
    history = begun(world(INLINE, node()))
    for _ in range(landed):
        history.land(1)
        history.hold()
    history.delete(BROUGHT)
    history.rest()
    assert history.run.made() == {}


@pytest.mark.rule("OWN-3")
def test_what_is_on_its_way_out_is_not_written_to_however_long_somebody_holds_it() -> None:
    history = settled(BASIC)
    history.edit(THERE, {"metadata": {"finalizers": ["example.com/hold"]}})
    history.run.store.delete(THERE)
    held = history.authored[THERE] = history.find(THERE)
    history.edit(THERE, {"spec": {"image": NEXT}})
    history.rest()
    assert history.find(THERE)["status"] == held["status"]
    history.edit(THERE, {"metadata": {"finalizers": []}})
    history.authored.pop(THERE)
    history.rest()
    assert made(history) == {}


# Made anew ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-2", "OWN-4")
@pytest.mark.parametrize("landed", [pytest.param(0, id="nothing arrived"), pytest.param(1, id="some arrived")])
def test_a_model_made_anew_while_writes_of_its_namesake_are_under_way_gets_templates_of_its_own(landed: int) -> None:
    history = begun(BASIC)
    history.land(landed)
    history.delete(THERE)
    again = history.create(LLAMA)
    history.rest()
    assert owners(made(history)) == {again["metadata"]["uid"]}
    assert len(made(history)) == 3
    assert word(history, SERVED) == "Starting"


@pytest.mark.rule("AUTO-4", "OWN-2")
def test_a_service_made_anew_waits_for_the_model_of_its_namesake_to_go() -> None:
    history = settled(world(INLINE, node()))
    (brought,) = made(history, "AIMModel")
    history.edit(brought, {"metadata": {"finalizers": ["example.com/hold"]}})
    history.delete(BROUGHT)
    again = history.create(INLINE)
    history.rest()
    assert (word(history, BROUGHT), reason(history, BROUGHT, "ModelResolved")) == ("Pending", "NameConflict")
    history.edit(brought, {"metadata": {"finalizers": []}})
    history.rest()
    assert word(history, BROUGHT) == "Starting"
    assert owners(made(history, "AIMModel")) == {again["metadata"]["uid"]}


@pytest.mark.rule("AUTO-4")
def test_an_inline_model_that_changes_stays_until_the_next_one_is_ready() -> None:
    history = settled(world(INLINE, node()))
    (before,) = made(history, "AIMModel")
    history.edit(BROUGHT, {"spec": {"model": {"custom": {"hardware": {"gpu": {"requests": 2}}}}}})
    after, ready = list[Address](), list[Address]()
    while history.stands(before):
        after = [address for address in made(history, "AIMModel") if address != before]
        ready = [address for address in after if history.find(address).get("status", {}).get("status") == "Ready"]
        history.take(1)
    assert ready == after != []


@pytest.mark.rule("TMPL-1", "SEL-5")
def test_a_template_deleted_by_hand_is_made_again_and_run_again() -> None:
    history = settled(BASIC)
    before = history.find(FIRST)["metadata"]["uid"]
    history.delete(FIRST)
    history.rest()
    after = history.find(FIRST)["metadata"]["uid"]
    assert after != before
    ran = history.find(SERVED)["status"]["resolvedTemplate"]
    assert history.find(Address(ran["kind"], TEAM, ran["name"]))["metadata"]["uid"] == ran["uid"]


@pytest.mark.rule("OWN-3")
def test_in_a_namespace_on_its_way_out_nothing_is_written_and_elsewhere_everything() -> None:
    far = model("llama", "research", image=CHAT)
    history = begun(world(LLAMA, far, node()))
    home = Address("Namespace", None, TEAM)
    history.edit(THERE, {"metadata": {"finalizers": ["example.com/hold"]}})
    history.run.store.delete(home)
    history.authored.pop(home)
    history.authored.pop(THERE)
    history.rest()
    assert {address.namespace for address in made(history)} == {"research"}
    there, written = history.edit(THERE, {"spec": {"image": NEXT}}), len(history.written)
    history.restart()
    history.rest()
    assert (history.find(THERE), history.written[written:]) == (there, [])


# Names that are taken -------------------------------------------------------------------------------------------------


@pytest.mark.rule("TMPL-5", "STAT-1")
def test_a_template_of_our_name_is_left_alone_and_told_of_until_it_goes() -> None:
    taken = template(FIRST.name, modelName="llama")
    history = settled(world(LLAMA, taken, node()))
    assert (word(history, THERE), reason(history, THERE, "TemplatesAutoGenerated")) == ("Degraded", "NameConflict")
    history.delete(FIRST)
    history.rest()
    assert word(history, THERE) == "Ready"
    assert FIRST in made(history)


@pytest.mark.rule("AUTO-1", "OWN-2")
def test_a_model_that_has_the_name_of_one_to_be_made_for_an_image_is_left_alone_until_it_goes() -> None:
    (name,) = (address.name for address in made(settled(world(BY_IMAGE, node())), "AIMModel"))
    history = settled(world(BY_IMAGE, model(name, image="ghcr.io/example/plain:1"), node()))
    assert (word(history, SERVED), reason(history, SERVED, "ModelResolved")) == ("Failed", "NameConflict")
    history.delete(Address("AIMModel", TEAM, name))
    history.rest()
    assert word(history, SERVED) == "Starting"


# Edits ----------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-4")
def test_what_people_add_to_what_the_operator_made_stays_and_what_they_take_away_comes_back() -> None:
    history = settled(BASIC)
    history.edit(FIRST, {"metadata": {"labels": {"team": "red"}}, "spec": {"env": env("EXTRA")}})
    history.edit(FIRST, {"metadata": {"labels": {"aim.silogen.ai/origin": None}}, "spec": {"type": None}})
    history.rest()
    there = history.find(FIRST)
    assert (there["metadata"]["labels"]["team"], there["spec"]["env"]) == ("red", env("EXTRA"))
    assert (there["metadata"]["labels"]["aim.silogen.ai/origin"], there["spec"]["type"]) == (
        "auto-generated",
        "optimized",
    )


@pytest.mark.rule("OWN-4", "OWN-2")
def test_what_people_change_by_force_is_theirs_and_the_model_says_so() -> None:
    history = settled(BASIC)
    history.edit(FIRST, {"spec": {"type": "preview"}})
    history.rest()
    assert history.find(FIRST)["spec"]["type"] == "preview"
    assert reason(history, THERE, "FieldsOwnedByOthers") == "Contested"


@pytest.mark.rule("DISC-3", "TMPL-4")
def test_an_image_changed_while_the_former_is_read_ends_with_the_templates_of_the_latter() -> None:
    straight = settled(world(model("llama", image=NEXT), ASKS, node()))
    history = History(BASIC)
    while not history.operator.asked:
        history.take(1)
    history.edit(THERE, {"spec": {"image": NEXT}})
    history.rest()
    assert made(history).keys() == made(straight).keys()


@pytest.mark.rule("DISC-6")
def test_discovery_switched_off_while_templates_are_made_keeps_them_and_switched_on_again_completes_them() -> None:
    history = begun(BASIC)
    history.edit(THERE, {"spec": {"discovery": {"enabled": False}}})
    history.land(1)
    history.rest()
    kept = made(history).keys()
    assert (word(history, THERE), len(kept)) == ("Ready", 3)
    history.delete(FIRST)
    history.rest()
    assert len(made(history)) == 2
    history.edit(THERE, {"spec": {"discovery": {"enabled": True}}})
    history.rest()
    assert made(history).keys() == kept


@pytest.mark.rule("NAME-4", "TMPL-1")
def test_entries_that_are_reordered_cost_a_status_and_no_template() -> None:
    entries = [
        {"name": "small"},
        {"name": "large", "hardware": {"gpu": {"requests": 4}}},
        {"name": "later", "type": "preview"},
    ]
    history = settled(world(model("own", **custom(templates=entries)), node()))
    before, written = made(history), len(history.written)
    history.edit(MINE, {"spec": {"custom": {"templates": entries[::-1]}}})
    history.rest()
    assert made(history) == before
    assert history.written[written:] == ["SetStatus AIMModel ml-team/own"]


# What comes and goes beside it ----------------------------------------------------------------------------------------


@pytest.mark.rule("CONF-2", "CONF-6")
def test_a_config_that_is_named_is_waited_for_and_missed() -> None:
    history = settled(world(model("llama", image=CHAT, runtimeConfigName="mine"), node()))
    assert (word(history, THERE), made(history)) == ("Failed", {})
    history.create(config("mine"))
    history.rest()
    assert word(history, THERE) == "Ready"
    history.delete(address_of(config("mine")))
    history.rest()
    assert (word(history, THERE), len(made(history))) == ("Failed", 3)


@pytest.mark.rule("LOOK-1", "LOOK-2", "SEL-2")
def test_a_nearer_model_takes_over_a_running_service_and_gives_it_back() -> None:
    history = settled(world(model("llama", None, image=CHAT), ASKS, node(), secret("pull")))
    ran = history.find(SERVED)["status"]["resolvedTemplate"]
    assert ran["scope"] == "Cluster"
    history.create(model("llama", image=NEXT))
    history.rest()
    assert history.find(SERVED)["status"]["resolvedTemplate"]["scope"] == "Namespace"
    history.delete(THERE)
    history.rest()
    assert history.find(SERVED)["status"]["resolvedTemplate"] == ran


@pytest.mark.rule("TMPL-6", "STAT-2")
def test_a_node_that_goes_degrades_what_runs_there_and_heals_it_when_it_comes_back() -> None:
    history = settled(BASIC)
    history.delete(address_of(node()))
    history.rest()
    assert (word(history, THERE), word(history, SERVED)) == ("Degraded", "Degraded")
    history.create(node())
    history.rest()
    assert (word(history, THERE), word(history, SERVED)) == ("Ready", "Starting")


@pytest.mark.rule("TMPL-4", "SEL-1")
def test_a_template_that_a_service_names_outlives_the_image_it_came_from_and_goes_with_the_service() -> None:
    named = service("chat", model={"ref": "llama"}, templateName=FIRST.name)
    history = settled(world(LLAMA, named, node()))
    history.edit(THERE, {"spec": {"image": NEXT}})
    history.rest()
    assert history.find(FIRST)["metadata"]["labels"]["aim.silogen.ai/stale"] == "true"
    assert (word(history, THERE), word(history, SERVED)) == ("Ready", "Starting")
    history.delete(SERVED)
    history.rest()
    assert not history.stands(FIRST)


@pytest.mark.rule("AUTO-1", "AUTO-5")
def test_a_model_made_for_an_image_outlives_its_services_and_is_found_by_the_next() -> None:
    history = settled(world(BY_IMAGE, node()))
    (before,) = made(history, "AIMModel").values()
    history.delete(SERVED)
    history.rest()
    history.create(BY_IMAGE)
    history.rest()
    (after,) = made(history, "AIMModel").values()
    assert (after["metadata"]["uid"], word(history, SERVED)) == (before["metadata"]["uid"], "Starting")
