from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.serving.reasons import FAILING, PENDING, PROGRESS, SERVING, STARTING, Finding, Reason
from aimcore.domain.serving.word import service_word

BETTER_FIRST = (Verdict.RUNNING, Verdict.STARTING, Verdict.PENDING, Verdict.DEGRADED, Verdict.FAILED)
findings = st.sampled_from([reason for reason in Reason if reason is not Reason.RUNNING]).map(
    lambda reason: Finding(reason=reason, message=f"because of {reason}")
)
several = st.lists(findings, max_size=4)


def said(*reasons: Reason, ready: int) -> tuple[str, str]:
    word = service_word([Finding(reason=reason, message="") for reason in reasons], ready=ready)
    return word.verdict.value, word.reason.value


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_the_word_of_each_reason_where_no_pod_is_ready(reason: Reason) -> None:
    if reason in FAILING:
        assert said(reason, ready=0) == ("Failed", reason)
    elif reason in PENDING:
        assert said(reason, ready=0) == ("Pending", reason)
    elif reason in STARTING:
        assert said(reason, ready=0) == ("Starting", reason)
    else:
        assert said(reason, ready=0) == ("Starting", "CreatingRuntime")


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_the_word_of_each_reason_beside_a_ready_pod(reason: Reason) -> None:
    if reason in {Reason.WAITING_FOR_CACHE, Reason.WAITING_FOR_PROFILE}:
        assert said(reason, ready=1) == ("Degraded", "RollingOut")
    elif reason in PROGRESS or reason is Reason.RUNNING:
        assert said(reason, ready=1) == ("Running", "Running")
    elif reason is Reason.CONFIGURING_ROUTE:
        assert said(reason, ready=1) == ("Starting", "ConfiguringRoute")
    else:
        assert said(reason, ready=1) == ("Degraded", reason)


@pytest.mark.rule("STAT-2")
def test_the_rows_are_those_of_the_table() -> None:
    assert (FAILING[0], FAILING[-1], len(FAILING)) == ("RuntimeConfigMissing", "ProgressDeadlineExceeded", 16)
    assert PENDING == ("ModelPending", "TemplatePending", "NoTemplateAvailable", "ScaledToZero")
    assert (STARTING[0], STARTING[-1], len(STARTING)) == ("WorkloadsOff", "CreatingRuntime", 8)
    assert (SERVING[0], SERVING[-1], len(SERVING)) == ("CacheLost", "RouteFailed", 10)


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("reasons", "ready", "word"),
    [
        pytest.param(
            (Reason.SCALED_TO_ZERO, Reason.CACHE_FAILED), 0, ("Failed", "CacheFailed"), id="a fault before a wish"
        ),
        pytest.param((Reason.PULLING_IMAGE, Reason.SCALED_TO_ZERO), 0, ("Pending", "ScaledToZero"), id="row by row"),
        pytest.param(
            (Reason.CONTAINER_CRASHES, Reason.MODEL_MISSING), 0, ("Failed", "ModelMissing"), id="reason by reason"
        ),
        pytest.param(
            (Reason.PATH_TAKEN, Reason.REPLICAS_UNAVAILABLE),
            1,
            ("Degraded", "ReplicasUnavailable"),
            id="pods before route",
        ),
        pytest.param(
            (Reason.CONFIGURING_ROUTE, Reason.ROLLING_OUT),
            1,
            ("Degraded", "RollingOut"),
            id="a rollout before a new route",
        ),
        pytest.param(
            (Reason.LOADING_MODEL, Reason.UNSCHEDULABLE), 1, ("Degraded", "Unschedulable"), id="a fault before progress"
        ),
        pytest.param(
            (Reason.PATH_TAKEN, Reason.LOADING_MODEL),
            0,
            ("Starting", "LoadingModel"),
            id="no route counts without pods",
        ),
    ],
)
def test_the_first_row_and_in_it_the_first_reason(
    reasons: tuple[Reason, ...], ready: int, word: tuple[str, str]
) -> None:
    assert said(*reasons, ready=ready) == word


@pytest.mark.rule("STAT-2")
@given(several, st.integers(0, 2), st.randoms())
def test_the_order_of_findings_of_different_reasons_says_nothing(
    drawn: list[Finding], ready: int, chance: object
) -> None:
    turned = drawn[:]
    chance.shuffle(turned)  # type: ignore[attr-defined]  # hypothesis' own Random
    assert service_word(turned, ready=ready) == service_word(drawn, ready=ready)


@pytest.mark.rule("STAT-3")
@given(several, findings, st.integers(0, 2))
def test_one_more_finding_never_improves_the_word(drawn: list[Finding], more: Finding, ready: int) -> None:
    before, after = (service_word(each, ready=ready) for each in (drawn, [*drawn, more]))
    assert BETTER_FIRST.index(after.verdict) >= BETTER_FIRST.index(before.verdict)


@pytest.mark.rule("STAT-2")
@given(several, st.integers(0, 2))
def test_only_a_ready_pod_makes_a_service_run(drawn: list[Finding], ready: int) -> None:
    word = service_word(drawn, ready=ready)
    assert (word.verdict in {Verdict.RUNNING, Verdict.DEGRADED}) <= bool(ready)
    assert (word.verdict is Verdict.FAILED) <= (not ready)
