"""What became of a lock file, as data and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from aimcore.entrypoints.present.answers import Locked, LockedImage, Outcome
from aimcore.entrypoints.present.image import cost_data, told_cost
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.plan import problem_data

__all__ = ["lock_data", "lock_outline"]


def lock_data(locked: Locked) -> dict[str, Any]:
    """The answer for programs."""
    return {
        "file": locked.file,
        "differs": locked.differs,
        "written": locked.written,
        "images": [
            {
                "image": one.image,
                "outcome": one.outcome.value,
                "digest": one.digest,
                "was": one.was,
                "message": one.message or None,
            }
            for one in locked.images
        ],
        "cost": cost_data(locked.cost),
        "problems": [problem_data(problem) for problem in locked.problems],
        "assumptions": locked.assumptions,
    }


def lock_outline(locked: Locked) -> tuple[Section, ...]:
    """The answer for people: every image, then what was done."""
    return (
        Section(title="Images", entries=tuple(map(_image, locked.images))),
        Section(title="Summary", entries=tuple(Entry(text=line) for line in _summary(locked))),
    )


def _image(one: LockedImage) -> Entry:
    return Entry(label=one.outcome.value, text=one.image, notes=tuple(_notes(one)))


def _notes(one: LockedImage) -> Iterator[str]:
    match one.outcome:
        case Outcome.ADDED:
            yield _short(one.digest)
        case Outcome.CHANGED:
            yield f"{_short(one.was)} was, {_short(one.digest)} is"
        case Outcome.FAILED:
            yield one.message
            yield f"{_short(one.digest)} stays" if one.digest else "nothing is locked"
        case Outcome.UNCHANGED | Outcome.DROPPED:
            pass


def _short(digest: str | None) -> str:
    """As much of a digest as tells it from others, and fits beside a label into 80 columns twice."""
    algorithm, _, digits = (digest or "").partition(":")
    return f"{algorithm}:{digits[:12]}"


def _summary(locked: Locked) -> Iterator[str]:
    counts = Counter(one.outcome for one in locked.images)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "no images"
    yield f"{locked.file}: {told}; {_done(locked)}"
    if locked.cost:
        yield f"cost: {told_cost(locked.cost)}"


def _done(locked: Locked) -> str:
    if locked.written:
        return "written"
    if not locked.differs:
        return "as it should be"
    return "not written, as a manifest is wrong" if locked.is_unsound else "not written"
