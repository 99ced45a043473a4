from __future__ import annotations

import pytest
from hypothesis import given

from aimcore.domain.decide.conditions import DOWNLOADED, TEMPLATES_AUTO_GENERATED, VOLUME_READY
from aimcore.domain.decide.events import condition_events
from aimcore.domain.kinds.conditions import Condition, ConditionStatus, Event, EventType, since
from tests.unit.domain.told import FALSE, NOW, THEN, TRUE, UNKNOWN, Conditions, conditions, dated, ready


@pytest.mark.rule("STAT-4")
@pytest.mark.parametrize(
    ("now", "event"),
    [
        pytest.param(ready(TRUE), None, id="repetition"),
        pytest.param(dated(ready(TRUE), NOW, 9), None, id="another time and generation"),
        pytest.param(ready(FALSE), EventType.WARNING, id="another status"),
        pytest.param(ready(TRUE, reason="S"), EventType.NORMAL, id="another reason"),
        pytest.param(ready(TRUE, message="n"), EventType.NORMAL, id="another message"),
        pytest.param(ready(UNKNOWN), EventType.NORMAL, id="a status that is not known yet"),
        pytest.param(ready(TRUE, kind="Resolved"), None, id="a new condition that is as it should be"),
        pytest.param(ready(UNKNOWN, kind="Resolved"), None, id="a new condition of which nobody knows"),
        pytest.param(ready(FALSE, kind="Resolved"), EventType.WARNING, id="a new condition that does not hold"),
        pytest.param(ready(FALSE, reason="Progressing"), EventType.NORMAL, id="what is under way"),
        pytest.param(
            ready(FALSE, kind="Resolved", reason="ModelPending"), None, id="a new condition that is under way"
        ),
        pytest.param(
            ready(TRUE, kind="CapacityInsufficient", reason="SourcesExceedMemory"),
            EventType.WARNING,
            id="a new warning",
        ),
        pytest.param(
            ready(TRUE, kind="CreationScopeNarrowed", reason="CreationScopeNarrowed"),
            EventType.WARNING,
            id="a scope that was narrowed",
        ),
        pytest.param(
            ready(TRUE, kind="FieldsOwnedByOthers", reason="Contested"), EventType.WARNING, id="fields of others"
        ),
        pytest.param(
            ready(TRUE, kind="FieldsNotKept", reason="NotKept"), EventType.WARNING, id="fields that are not kept"
        ),
        pytest.param(ready(TRUE, kind="ModelShared", reason="SettingsDiffer"), EventType.WARNING, id="a shared model"),
        pytest.param(ready(TRUE, kind="Unknown"), None, id="a new condition that nobody declared"),
    ],
)
def test_every_change_is_one_event(now: Condition, event: EventType | None) -> None:
    told = () if event is None else (Event(type=event, reason=now.reason, message=f"{now.type}: {now.message}"),)
    assert condition_events((dated(ready(TRUE), THEN),), (now,)) == told


@pytest.mark.rule("STAT-4")
@pytest.mark.parametrize(
    ("message", "text"),
    [
        pytest.param("", "Ready", id="no message"),
        pytest.param("looked for:", "Ready: looked for:", id="a message that ends in a colon"),
    ],
)
def test_an_event_names_its_condition(message: str, text: str) -> None:
    (event,) = condition_events((), (ready(FALSE, message=message),))
    assert event.message == text


@pytest.mark.rule("STAT-4")
@given(conditions, conditions)
def test_what_was_told_is_not_told_again(decided: Conditions, held: Conditions) -> None:
    before = since(THEN, 1, held, ())
    now = since(NOW, 2, decided, before)
    assert condition_events(now, since(NOW, 3, decided, now)) == ()
    new = {one.type for one in now} - _kept(before, now)
    changed = {one.reason for one in now if one.type in {each.type for each in before} & new - {"Ready", "Resolved"}}
    events = condition_events(before, now)
    assert changed <= {event.reason for event in events}
    assert {event.message.partition(":")[0] for event in events} <= new
    assert len({event.reason for event in events}) == len(events)


@pytest.mark.rule("STAT-4")
def test_what_several_conditions_say_of_one_thing_is_one_event() -> None:
    def say(kind: str, reason: str, status: ConditionStatus = FALSE) -> Condition:
        return Condition(type=kind, status=status, reason=reason, message="no such model")

    missing = (say("ModelResolved", "ModelMissing"), say("Ready", "ModelMissing"), say("Resolved", "ModelMissing"))
    (event,) = condition_events((), missing)
    assert (event.reason, event.message) == ("ModelMissing", "ModelResolved: no such model")
    other = (say("HardwareAvailable", "GpuNotAvailable"), say("Ready", "NotAvailable"))
    assert [event.reason for event in condition_events((), other)] == ["GpuNotAvailable"]
    well = tuple(say(one.type, "Well", TRUE) for one in missing)
    assert [event.reason for event in condition_events(missing, well)] == ["Well"]


@pytest.mark.rule("STAT-4")
@pytest.mark.parametrize(
    "now",
    [
        pytest.param(VOLUME_READY("ClaimPending"), id="a claim that is made"),
        pytest.param(DOWNLOADED("Downloading"), id="a download"),
        pytest.param(TEMPLATES_AUTO_GENERATED("InspectionPending"), id="an image that is read"),
        pytest.param(DOWNLOADED("Suspended"), id="what somebody suspended"),
    ],
)
def test_what_is_under_way_or_wanted_so_is_told_without_a_warning(now: Condition) -> None:
    assert condition_events((), (now,)) == ()
    (event,) = condition_events((ready(FALSE, kind=now.type, reason="Other"),), (now,))
    assert event.type is EventType.NORMAL


def _kept(before: Conditions, now: Conditions) -> set[str]:
    same = {(one.type, one.status, one.reason, one.message) for one in before}
    return {one.type for one in now if (one.type, one.status, one.reason, one.message) in same}
