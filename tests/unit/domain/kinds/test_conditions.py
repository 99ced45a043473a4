from __future__ import annotations

import pytest
from hypothesis import given

from aimcore.domain.kinds.conditions import (
    LONGEST_MESSAGE,
    Condition,
    ConditionType,
    find_condition,
    since,
    when_false,
    when_true,
    when_unknown,
)
from tests.unit.domain.told import FALSE, NOW, THEN, TRUE, UNKNOWN, Conditions, conditions, dated, ready


def test_a_condition_is_found_by_its_type() -> None:
    held = (ready(TRUE, kind="Resolved"), ready(FALSE))
    assert find_condition(held, "Ready") == ready(FALSE)
    assert find_condition(held, "ModelShared") is None


def test_a_type_gives_each_reason_its_status_and_refuses_one_that_is_not_declared() -> None:
    eaten = ConditionType("Eaten", when_true("E", ""), when_false("Hot", ""), when_unknown("Dark", ""))
    assert [eaten(reason, "m").status for reason in ("E", "Hot", "Dark")] == [TRUE, FALSE, UNKNOWN]
    assert eaten("Hot", "m") == Condition(type="Eaten", status=FALSE, reason="Hot", message="m")
    assert [outcome.warns for outcome in eaten.outcomes] == [False, True, False]
    with pytest.raises(KeyError, match="Raw"):
        eaten("Raw")


@pytest.mark.rule("KIND-9")
@pytest.mark.parametrize(
    ("held", "time"),
    [
        pytest.param((dated(ready(TRUE), THEN),), THEN, id="the same"),
        pytest.param((dated(ready(TRUE, reason="Other", message="other"), THEN),), THEN, id="another reason"),
        pytest.param((dated(ready(FALSE), THEN),), NOW, id="another status"),
        pytest.param((dated(ready(TRUE, kind="Resolved"), THEN),), NOW, id="another type"),
        pytest.param((ready(TRUE),), NOW, id="one that was never dated"),
        pytest.param((), NOW, id="a new one"),
    ],
)
def test_a_condition_keeps_its_time_while_its_status_stays(held: Conditions, time: str) -> None:
    assert since(NOW, 7, [ready(TRUE)], held) == (dated(ready(TRUE), time, 7),)


@pytest.mark.rule("KIND-9", "STAT-3")
@given(conditions, conditions)
def test_a_status_holds_what_was_decided_and_nothing_else(decided: Conditions, held: Conditions) -> None:
    now = since(NOW, 2, decided, since(THEN, 1, held, ()))
    assert [one.type for one in now] == sorted(one.type for one in decided)
    assert now == since(NOW, 2, decided[::-1], since(THEN, 1, held[::-1], ()))
    assert since("later", 2, decided, now) == now


@pytest.mark.rule("KIND-9")
@pytest.mark.parametrize(
    ("length", "kept"),
    [
        pytest.param(LONGEST_MESSAGE, "m" * LONGEST_MESSAGE, id="one that fits"),
        pytest.param(LONGEST_MESSAGE + 1, "m" * (LONGEST_MESSAGE - 3) + "...", id="one that does not"),
    ],
)
def test_a_message_is_cut_where_it_is_too_long(length: int, kept: str) -> None:
    (condition,) = since(NOW, 1, [ready(TRUE, message="m" * length)], ())
    assert condition.message == kept
