"""Whatever an API server answers to whatever the operator sends, it comes to the end that it comes to without.

Nine operations, sixteen answers. Each goes wrong twice while a world settles; and the kinds of failure that the operator tells apart go
on for an hour in one namespace, which delays no other, is tried again ever more slowly, and heals once it is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product
from typing import Final

import pytest

from aimcore.adapters.kubernetes.connection import Timeouts
from aimcore.testing.endings import same_end
from tests.integration.faults.fault import ANSWERS, Times, broken
from tests.integration.faults.gate import PATIENT, Spoil
from tests.integration.faults.scenario import assert_same_end, clean, edit, play, started
from tests.integration.faults.stage import Stage, stage

OPERATIONS: Final = ("list", "watch", "look", "get", "create", "apply", "fold", "status", "delete")
CASES: Final[Mapping[str, tuple[str, Spoil]]] = {
    f"{operation}: {name}": (operation, answer) for operation, (name, answer) in product(OPERATIONS, ANSWERS.items())
}
LASTING: Final[Mapping[str, tuple[str, Spoil]]] = {
    f"{operation}: {name}": (operation, ANSWERS[name])
    for operation, name in product(OPERATIONS, ("403", "409", "500", "garbage"))
}
LATE: Final = ("get", "apply", "fold", "delete")
"""What only the second half of the story brings."""
EARLY: Final = ("create", "status", "look")
"""What is to go wrong from the start, where it lasts."""
SHORT: Final = Timeouts(connect=30, read=0.15, watch=0.15, whole=30)
EXTRA: Final = 16
"""Requests that a fault may cost beside itself, whatever it is."""
HOUR: Final = 3600.0
OF_A_SOURCE: Final = 250
"""Lists or watches of one source in an hour, where all fail: one in 15 to 30 seconds."""
OF_AN_OBJECT: Final = 45
"""Writes of one kind of one object in an hour, where all fail: twice as late each time, up to one in 150 to 300 seconds."""
OF_A_LOOK: Final = 130
"""Looks at one secret in an hour, where it cannot be found: one in 30 seconds."""


def timeouts_for(case: str) -> Timeouts:
    return SHORT if "timeout" in case else PATIENT


@pytest.mark.rule("OWN-2", "OWN-4")
@pytest.mark.parametrize("case", CASES)
def test_what_goes_wrong_twice_leaves_no_trace(case: str) -> None:
    operation, answer = CASES[case]
    end, usual = clean(settled=operation in LATE)
    run = started(settled=operation in LATE)
    with stage(run, seed=1, timeouts=timeouts_for(case)) as here:
        fault = broken(2, operation, answer)(here)
        play(here)
        assert fault.count, "it happened"
        extra = Counter(asked.operation for asked in here.gate.asked) - usual
        assert extra.total() <= fault.count + EXTRA, extra
    assert_same_end(run, end)


@pytest.mark.rule("OWN-4")
@pytest.mark.parametrize("case", LASTING)
def test_what_goes_wrong_for_an_hour_delays_nobody_else_and_heals(case: str) -> None:
    end, _ = clean()
    run = started(settled=LASTING[case][0] not in EARLY)
    with stage(run, seed=1) as here:
        fault = begin(here, *LASTING[case])
        edit(here)
        here.wait(60)
        assert same_end(end, run, besides="red") == [], "the others are where they end after a minute"
        before = len(here.gate.asked)
        here.wait(HOUR)
        assert fault.count, "it happened"
        assert_unhurried(here, before)
        here.gate.script = lambda _: None
        here.wait(2 * 300)
    assert_same_end(run, end, same_way=False)


def begin(here: Stage, operation: str, answer: Spoil) -> Times:
    """Lets everything of this kind go wrong from now on: of the services, where it is read; in one namespace, where written."""
    if operation in EARLY:
        return broken(None, operation, answer, namespace="red")(here)
    here.rest()
    if operation not in ("list", "watch"):
        return broken(None, operation, answer, namespace="red")(here)
    lost = broken(None, "watch", ANSWERS["410"], plural="aimservicetemplates", namespace=None)(here)
    fault = broken(None, operation, answer, plural="aimservicetemplates", namespace=None)(here)
    if operation == "list":
        here.gate.script = lambda asked: lost(asked) or fault(asked)
    return fault


def assert_unhurried(here: Stage, since: int) -> None:
    """Nothing was asked of anything more often in that hour than a patient client would."""
    asked = Counter((one.operation, one.plural, one.namespace, one.about) for one in here.gate.asked[since:])
    most = {"list": OF_A_SOURCE, "watch": OF_A_SOURCE, "look": OF_A_LOOK}
    hurried = {what: count for what, count in asked.items() if count > most.get(what[0], OF_AN_OBJECT)}
    assert hurried == {}
