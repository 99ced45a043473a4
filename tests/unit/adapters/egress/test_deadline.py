"""Time that runs out (SEC-4)."""

from __future__ import annotations

import time

import pytest

from aimcore.adapters.egress import Deadline, Unreachable


@pytest.mark.rule("SEC-4")
def test_a_deadline_counts_down_and_a_step_never_waits_longer_than_ten_seconds() -> None:
    deadline = Deadline.after(60)
    assert 59 < deadline.left() <= 60
    assert deadline.retry_policy() == 10
    assert not deadline.spent()
    assert 0 < Deadline.after(3).retry_policy() <= 3


@pytest.mark.rule("SEC-4")
def test_when_it_is_spent_it_says_how_long_that_was() -> None:
    deadline = Deadline.after(0.01)
    time.sleep(0.02)
    assert deadline.spent()
    with pytest.raises(Unreachable, match=r"the 0\.01 s allowed are spent"):
        deadline.left()
    with pytest.raises(TimeoutError):
        deadline.retry_policy()
