from __future__ import annotations

import pytest

from aimcore.adapters.manifests import Problem
from aimcore.domain.kinds.records import Model, ModelSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Exit
from aimcore.entrypoints.cli.plan import _ending, _threshold
from aimcore.entrypoints.loop import Settled
from aimcore.entrypoints.present.answers import FailOn, Planned, problem_line

SETTLED = Settled(rounds=1, changes=(), events=(), refusals=(), assumed=())
REFUSED = Problem(file="", line=0, column=0, path="$", message="AIMModel a/b cannot be written: no", rule="OWN-4")
WRONG = Problem(file="a.yaml", line=1, column=1, path="$.spec", message="is missing", rule="KIND")
WARNED = Problem(file="a.yaml", line=1, column=1, path="$.spec", message="is odd", rule="SIZE-1", warning=True)


@pytest.mark.parametrize(
    ("problems", "word", "ended"),
    [
        pytest.param((), Verdict.READY, Exit.WELL, id="all is well"),
        pytest.param((WARNED,), Verdict.READY, Exit.WELL, id="a warning"),
        pytest.param((), Verdict.DEGRADED, Exit.ILL, id="a model is Degraded"),
        pytest.param((), Verdict.FAILED, Exit.ILL, id="a model is Failed"),
        pytest.param(
            (REFUSED,), Verdict.FAILED, Exit.NOT_DONE, id="a write was refused, which comes before ill health"
        ),
        pytest.param((REFUSED, WRONG), Verdict.FAILED, Exit.WRONG_INPUT, id="wrong input comes before everything"),
    ],
)
def test_how_a_plan_ended(problems: tuple[Problem, ...], word: Verdict, ended: Exit) -> None:
    model = Model(key=Key(Kind.MODEL, "a", "b"), spec=ModelSpec(), status=ModelStatus(status=word))
    planned = Planned(settled=SETTLED, objects=(), cache=ObjectCache.of([model]), problems=problems, assumptions=())
    assert _ending(planned, FailOn.DEGRADED) is ended


@pytest.mark.parametrize(
    ("word", "fails"),
    [
        (Verdict.READY, set()),
        (Verdict.PROGRESSING, {FailOn.PROGRESSING}),
        (Verdict.STARTING, {FailOn.PROGRESSING}),
        (Verdict.PENDING, {FailOn.PROGRESSING, FailOn.PENDING}),
        (Verdict.DEGRADED, {FailOn.PROGRESSING, FailOn.PENDING, FailOn.DEGRADED}),
        (Verdict.FAILED, set(FailOn)),
    ],
)
def test_the_caller_says_from_which_word_on_a_plan_fails(word: Verdict, fails: set[FailOn]) -> None:
    model = Model(key=Key(Kind.MODEL, "a", "b"), spec=ModelSpec(), status=ModelStatus(status=word))
    cache = ObjectCache.of([model])
    planned = Planned(settled=SETTLED, objects=(), cache=cache, problems=(), assumptions=())
    assert {one for one in FailOn if planned.is_worse_than(one)} == fails


@pytest.mark.parametrize(
    ("call", "threshold"),
    [
        (Call(), FailOn.DEGRADED),
        (Call(strict=True), FailOn.PROGRESSING),
        (Call(strict=True, fail_on="failed"), FailOn.FAILED),
        (Call(fail_on="pending"), FailOn.PENDING),
    ],
)
def test_whoever_is_strict_means_the_strictest_unless_he_says_otherwise(call: Call, threshold: FailOn) -> None:
    assert _threshold(call) is threshold


def test_what_no_file_is_to_blame_for_names_none() -> None:
    assert problem_line(REFUSED) == "$: AIMModel a/b cannot be written: no [OWN-4]"
