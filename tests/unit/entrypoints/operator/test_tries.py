"""What was written three times and never stood is taken for not kept; what stood in between is not."""

from __future__ import annotations

import pytest

from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.view.plan import SetStatus
from aimcore.entrypoints.operator.tries import TRIES, Tries

KEY = Key(Kind.MODEL, "ml", "chat")
FIELD = (KEY, ".status.resolvedImage")


def _write(value: object) -> SetStatus:
    status = ModelStatus(status=Verdict.READY)
    return SetStatus(key=KEY, uid="u", status=status, events=(), rule="STAT-1", changes=((FIELD[1], value),))


def _try(tries: Tries, *values: object) -> None:
    for value in values:
        tries.decided(KEY, (_write(value),))
        assert tries.wrote(KEY)


@pytest.mark.rule("OWN-6")
def test_after_three_tries_in_a_row_it_is_not_kept() -> None:
    tries = Tries()
    _try(tries, *["a"] * (TRIES - 1))
    assert tries.unkept == {}
    _try(tries, "a")
    assert tries.unkept == {FIELD: "a"}


@pytest.mark.rule("OWN-6")
def test_another_value_is_counted_anew() -> None:
    tries = Tries()
    _try(tries, *["a", "b"] * TRIES)
    assert tries.unkept == {}


@pytest.mark.rule("OWN-6")
def test_what_is_wanted_no_more_was_kept() -> None:
    tries = Tries()
    for _ in range(2 * TRIES):
        _try(tries, "a")
        tries.decided(KEY, ())
        assert not tries.wrote(KEY)
    assert tries.unkept == {}


def test_a_write_that_was_refused_is_no_try() -> None:
    tries = Tries()
    for _ in range(2 * TRIES):
        tries.decided(KEY, (_write("a"),))
    assert tries.unkept == {}


def test_an_object_that_is_gone_is_forgotten() -> None:
    tries = Tries()
    _try(tries, *["a"] * TRIES)
    tries.forget(KEY)
    assert tries.unkept == {}
