"""How big a claim asks to be after an attempt that found it too small."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.caching.claim import is_growing, requested_of
from aimcore.domain.caching.ending import Attempt, Phase
from aimcore.domain.decide.growth import decide_growth, size_needed
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.plan import Apply

NOW = 1_000_000
GIB = 2**30


def claim(requested: str | None = "2Gi", *, capacity: str | None = "2Gi", phase: str = "Bound", **status: Any) -> Child:
    requests = {} if requested is None else {"storage": requested}
    said = {} if capacity is None else {"capacity": {"storage": capacity}}
    return Child(
        key=Key(Kind.CLAIM, "ml-team", "weights"),
        meta=Meta(uid="k-1", resource_version="7"),
        spec={"accessModes": ["ReadWriteMany"], "resources": {"requests": requests}},
        status={"phase": phase, **said, **status},
    )


def attempt(lacking: int = GIB, *, ended: int = NOW) -> Attempt:
    return Attempt(number=1, tried_with="t", phase=Phase.FAILED, cause="DiskFull", ended=ended, lacking=lacking)


@pytest.mark.rule("CACHE-4")
@given(st.integers(1, 2**45), st.integers(0, 2**45))
def test_what_is_needed_has_room_for_what_was_there_and_for_what_lacked(size: int, lacking: int) -> None:
    found = size_needed(claim(str(size), capacity=str(size)), attempt(lacking))
    assert found is not None
    assert found.value >= size + lacking
    assert found.value % GIB == 0


@pytest.mark.rule("CACHE-4")
@pytest.mark.parametrize(
    ("one", "last"),
    [
        pytest.param(claim(phase="Pending"), attempt(), id="no volume yet"),
        pytest.param(claim("16Gi"), attempt(), id="asks for more already"),
        pytest.param(claim(None, capacity=None), attempt(), id="does not say how big it is"),
        pytest.param(claim(None), attempt(), id="asks for no size"),
        pytest.param(claim(), attempt(ended=NOW - 600), id="was refused for ten minutes"),
    ],
)
def test_a_claim_that_cannot_grow_is_left_as_it_is(one: Child, last: Attempt) -> None:
    assert decide_growth(one, last, NOW) is None


@pytest.mark.rule("CACHE-4", "CACHE-3")
def test_the_apply_asks_for_more_and_says_which_version_was_seen() -> None:
    found = decide_growth(claim(), attempt(), NOW)
    assert found is not None
    (write,) = found.writes
    assert isinstance(write, Apply)
    assert isinstance(write.thing, Child)
    assert requested_of(write.thing) == Quantity.of(4 * GIB)
    assert write.thing.meta.resource_version == "7"


@pytest.mark.rule("CACHE-4")
@pytest.mark.parametrize(
    ("one", "grows"),
    [
        pytest.param(claim("4Gi"), True, id="not as big yet"),
        pytest.param(claim("4Gi", capacity="4Gi"), False, id="as big"),
        pytest.param(claim("4Gi", phase="Pending"), False, id="no volume"),
        pytest.param(claim(None, capacity=None), False, id="says nothing"),
        pytest.param(
            claim("4Gi", conditions=[{"type": "FileSystemResizePending", "status": "True"}]),
            False,
            id="the next pod does the rest",
        ),
        pytest.param(
            claim("4Gi", conditions=[{"type": "FileSystemResizePending", "status": "False"}]),
            True,
            id="not left to a pod",
        ),
    ],
)
def test_a_claim_grows_until_its_volume_is_as_big_or_a_pod_does_the_rest(one: Child, *, grows: bool) -> None:
    assert is_growing(one) is grows
