"""Whatever an API server answers while services come to run and are changed, they come to the end that they come to without.

In each case the operation goes wrong twice for every kind of child at once, or for an hour in one namespace; after each step the laws of a
moment are checked. Of the cases those are tried whose answers the operator tells apart; all of them with `AIMCORE_EVERY_FAULT=1`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from itertools import product
from typing import Final

import pytest

from aimcore.adapters.kubernetes.connection import Timeouts
from aimcore.testing.endings import same_end
from tests.integration.faults.fault import ANSWERS, broken, broken_each
from tests.integration.faults.gate import PATIENT, Spoil
from tests.integration.faults.running import CHILDREN, Part, aged, begun, change, clean, play, running
from tests.integration.faults.scenario import assert_same_end
from tests.integration.faults.test_api_faults import HOUR, assert_unhurried

READ: Final = (*CHILDREN, "pods")
EARLY: Final[Mapping[str, tuple[str, ...]]] = {
    "list": READ,
    "create": CHILDREN,
    "fold": tuple(one for one in CHILDREN if not one.startswith("aim")),
    "status": ("aimtemplatecaches", "aimservices"),
}
"""Of which kinds each operation is there when services come to run."""
LATE: Final[Mapping[str, tuple[str, ...]]] = {
    "watch": READ,
    "get": ("deployments",),
    "apply": ("deployments", "persistentvolumeclaims"),
    "delete": ("httproutes", "jobs"),
}
"""And when services that run are changed."""
CASES: Final[Mapping[str, tuple[str, Spoil]]] = {
    f"{operation}: {name}": (operation, answer)
    for operation, (name, answer) in product((*EARLY, *LATE), ANSWERS.items())
}
LASTING: Final[Mapping[str, tuple[str, Spoil]]] = {
    f"{operation}: {name}": (operation, ANSWERS[name])
    for operation, name in product(("create", "apply", "status", "delete"), ("403", "409", "500", "garbage"))
}
TOLD_APART: Final = ("409", "500", "timeout after the commit")
SHORT: Final = Timeouts(connect=30, read=0.15, watch=0.15, whole=30)
EXTRA: Final = 48
"""Requests that a fault may cost beside itself, whatever it is."""


def part_of(operation: str) -> Part:
    """The part of the story that has this operation."""
    return Part.CHANGE if operation in LATE else Part.START


def tried(cases: Mapping[str, object], answers: tuple[str, ...]) -> list[str]:
    """The cases with these answers, or all that there are."""
    every = os.environ.get("AIMCORE_EVERY_FAULT") == "1"
    return [name for name in cases if every or name.partition(": ")[2] in answers]


@pytest.mark.rule("OWN-2", "OWN-4", "RUN-1", "CACHE-3")
@pytest.mark.parametrize("case", tried(CASES, TOLD_APART))
def test_what_goes_wrong_twice_for_every_child_leaves_no_trace(case: str) -> None:
    operation, answer = CASES[case]
    part, hangs = part_of(operation), "timeout" in case
    end, usual = clean(part)
    run = begun(part)
    with running(run, seed=1, timeouts=SHORT if hangs else PATIENT) as here:
        faults = broken_each(1 if hangs else 2, operation, answer, {**EARLY, **LATE}[operation])(here)
        play(here, part)
        assert [one.count for one in faults if not one.count] == [], "it happened to each kind"
        extra = Counter(asked.operation for asked in here.gate.asked) - usual
        assert extra.total() <= sum(one.count for one in faults) + EXTRA, extra
    assert_same_end(run, end)


@pytest.mark.rule("OWN-4", "RUN-1")
@pytest.mark.parametrize("case", tried(LASTING, ("403",)))
def test_what_goes_wrong_for_an_hour_stops_no_other_service_and_heals(case: str) -> None:
    operation, answer = LASTING[case]
    part = part_of(operation)
    end, _ = clean(part)
    run = begun(part)
    with running(end, seed=1) as without:
        words = without.words()
    with running(run, seed=1) as here:
        fault = broken(None, operation, answer, namespace="red")(here)
        if part is Part.CHANGE:
            here.rest()
            change(here)
        here.wait(60)
        assert same_end(end, run, besides="red") == [], "the others are where they end after a minute"
        before = len(here.gate.asked)
        here.wait(HOUR)
        assert fault.count, "it happened"
        assert_unhurried(here, before)
        here.gate.script = lambda _: None
        here.wait(2 * 300)
        assert here.words() == words, "and all are well within ten minutes"
        here.wait(HOUR)
    assert_same_end(run, aged(part), same_way=False)
