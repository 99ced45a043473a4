from __future__ import annotations

from dataclasses import replace

import pytest

from aimcore.adapters.manifests import Problem
from aimcore.entrypoints.present.answers import Cost, Locked, LockedImage, Outcome
from aimcore.entrypoints.present.lock import lock_data, lock_outline
from aimcore.entrypoints.present.outline import plain_text

ONE, TWO = (f"sha256:{digit * 64}" for digit in "12")
LOCKED = Locked(
    file="aim.lock.yaml",
    images=(
        LockedImage(image="a/added", outcome=Outcome.ADDED, digest=ONE),
        LockedImage(image="a/changed", outcome=Outcome.CHANGED, digest=ONE, was=TWO),
        LockedImage(image="a/dropped", outcome=Outcome.DROPPED, was=TWO),
        LockedImage(image="a/failed", outcome=Outcome.FAILED, digest=TWO, was=TWO, message="NotFound: no"),
        LockedImage(image="a/never", outcome=Outcome.FAILED, message="NotFound: no"),
        LockedImage(image="a/unchanged", outcome=Outcome.UNCHANGED, digest=ONE, was=ONE),
    ),
    differs=True,
    written=True,
    cost=Cost(requests=1, bytes=7),
    problems=(),
    assumptions=("GPUs are assumed",),
)
WRONG = Problem(file="a.yaml", line=1, column=1, path="$.spec", message="is missing", rule="KIND")


def test_what_became_of_every_image_is_told_with_digests_one_can_compare() -> None:
    assert plain_text(lock_outline(LOCKED), 80).splitlines() == [
        "Images",
        "added      a/added",
        "           sha256:111111111111",
        "changed    a/changed",
        "           sha256:222222222222 was, sha256:111111111111 is",
        "dropped    a/dropped",
        "failed     a/failed",
        "           NotFound: no",
        "           sha256:222222222222 stays",
        "failed     a/never",
        "           NotFound: no",
        "           nothing is locked",
        "unchanged  a/unchanged",
        "",
        "Summary",
        "aim.lock.yaml: 1 added, 1 changed, 1 unchanged, 1 dropped, 2 failed; written",
        "cost: 1 request, 7 bytes",
    ]


def test_programs_get_full_digests() -> None:
    data = lock_data(LOCKED)
    assert list(data) == ["file", "differs", "written", "images", "cost", "problems", "assumptions"]
    assert data["images"][1] == {"image": "a/changed", "outcome": "changed", "digest": ONE, "was": TWO, "message": None}
    assert data["cost"] == {"requests": 1, "bytes": 7}


@pytest.mark.parametrize(
    ("locked", "said"),
    [
        pytest.param(replace(LOCKED, written=False), "not written", id="a check"),
        pytest.param(
            replace(LOCKED, written=False, problems=(WRONG,)), "not written, as a manifest is wrong", id="wrong input"
        ),
        pytest.param(replace(LOCKED, written=False, differs=False), "as it should be", id="nothing to do"),
    ],
)
def test_it_is_said_what_was_done(locked: Locked, said: str) -> None:
    (summary,) = lock_outline(replace(locked, images=(), cost=None))[-1].entries
    assert summary.text == f"aim.lock.yaml: no images; {said}"
