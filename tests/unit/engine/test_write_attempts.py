"""What was written three times and never stood is taken for not kept; what stood in between is not."""

from __future__ import annotations

import pytest

from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.view.plan import SetStatus
from aimcore.engine.write_attempts import MOST_ATTEMPTS, WriteAttempts

KEY = Key(Kind.MODEL, "ml", "chat")
FIELD = (KEY, ".status.resolvedImage")


def _write(value: object) -> SetStatus:
    status = ModelStatus(status=Verdict.READY)
    return SetStatus(key=KEY, uid="u", status=status, events=(), rule="STAT-1", changes=((FIELD[1], value),))


def _try(attempts: WriteAttempts, *values: object) -> None:
    for value in values:
        attempts.decided(KEY, (_write(value),))
        assert attempts.wrote(KEY)


@pytest.mark.rule("OWN-6")
def test_after_three_tries_in_a_row_it_is_not_kept() -> None:
    attempts = WriteAttempts()
    _try(attempts, *["a"] * (MOST_ATTEMPTS - 1))
    assert attempts.dropped == {}
    _try(attempts, "a")
    assert attempts.dropped == {FIELD: "a"}


@pytest.mark.rule("OWN-6")
def test_another_value_is_counted_anew() -> None:
    attempts = WriteAttempts()
    _try(attempts, *["a", "b"] * MOST_ATTEMPTS)
    assert attempts.dropped == {}


@pytest.mark.rule("OWN-6")
def test_who_wrote_all_that_differed_in_vain_has_tried() -> None:
    attempts = WriteAttempts()
    _try(attempts, *["a"] * (MOST_ATTEMPTS - 1), *["b"] * (MOST_ATTEMPTS - 1))
    assert attempts.tried == set()
    _try(attempts, "b")
    assert attempts.tried == {KEY}
    attempts.forget(KEY)
    assert attempts.tried == set()


@pytest.mark.rule("OWN-6")
def test_what_is_wanted_no_more_was_kept() -> None:
    attempts = WriteAttempts()
    for _ in range(2 * MOST_ATTEMPTS):
        _try(attempts, "a")
        attempts.decided(KEY, ())
        assert not attempts.wrote(KEY)
    assert attempts.dropped == {}


def test_a_write_that_was_refused_is_no_try() -> None:
    attempts = WriteAttempts()
    for _ in range(2 * MOST_ATTEMPTS):
        attempts.decided(KEY, (_write("a"),))
    assert attempts.dropped == {}


def test_an_object_that_is_gone_is_forgotten() -> None:
    attempts = WriteAttempts()
    _try(attempts, *["a"] * MOST_ATTEMPTS)
    attempts.forget(KEY)
    assert attempts.dropped == {}
