"""Conditions and their reasons: the page that is made from what the domain declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from aimcore import domain
from aimcore.domain.decide.conditions import EVERY_KIND, KINDS
from aimcore.domain.images.inspection import Cause
from aimcore.domain.kinds.conditions import ConditionType, EventType, Outcome
from aimcore.domain.serving.reasons import FAILING, MEANS, PENDING, QUIET, SERVING, STARTING, Reason
from aimcore.domain.weights.outcome import FetchCause, exit_of
from tests.reference.pages import code, page, table

__all__ = ["DOMAIN", "Declared", "declared", "given", "page_text"]

DOMAIN = Path(domain.__file__).parent
ORDERING = {"conditions.py", "reasons.py", "word.py"}
"""Modules that declare or rank reasons and give none."""
_WORDS = (
    ("Failed", FAILING),
    ("Pending", PENDING),
    ("Starting", STARTING),
    ("Degraded", SERVING),
    ("Starting", (Reason.CONFIGURING_ROUTE,)),
    ("Running", (Reason.RUNNING,)),
)


class Declared(NamedTuple):
    """One reason that a condition of a kind may have."""

    kind: str
    type: str
    status: str
    reason: str
    warns: bool


def declared() -> Iterator[Declared]:
    """Every condition of every kind, with each status and reason."""
    for kind, types in KINDS.items():
        for one in types:
            for outcome in one.outcomes:
                yield Declared(kind, one.name, outcome.status, outcome.reason, outcome.warns)


def given() -> frozenset[Reason]:
    """The reasons of `Ready` that something in the domain gives; some stand in the rules ahead of the code."""
    texts = [path.read_text(encoding="utf-8") for path in DOMAIN.rglob("*.py") if path.name not in ORDERING]
    return frozenset(
        reason for reason in Reason if any(f"Reason.{reason.name}" in text or f'"{reason}"' in text for text in texts)
    )


def page_text() -> str:
    """The page of conditions, reasons and events."""
    ready = [
        (
            word,
            code(reason.value),
            _event(warns=reason is not Reason.RUNNING and reason not in QUIET),
            MEANS[reason],
        )
        for word, reasons in _WORDS
        for reason in reasons
        if reason in given()
    ]
    return page(
        "Conditions, reasons and events",
        "What the operator says in `status.conditions`, kind by kind; objects of the cluster say the same. "
        "[Troubleshooting](../troubleshooting.md) says what to do about each.",
        "## Events",
        "Where a condition changes its status, reason or message, an event tells it once: its reason is that of the condition, "
        "its message begins with the condition's type. The column *event* says of which type it is. What is said for the "
        "first time and warns of nothing is no event (rule STAT-4).",
        "## Of every kind",
        _table(EVERY_KIND),
        "`Ready` follows the word in `status.status`: `True` with the reason `Ready` (a service: `Running`), else `False` with the "
        "word as its reason; of a service the reason is one of [those below](#the-reasons-of-ready), and so is that of "
        "`Resolved` where it is `False`.",
        *(
            part
            for kind, types in KINDS.items()
            for part in (f"## {kind}", _table(one for one in types if one not in EVERY_KIND))
        ),
        "### The reasons of Ready",
        "The first that applies is told; the rows are in their order. Those of *Failed* and *Pending* make a service *Degraded* "
        "while a pod of it is ready (rule STAT-2).",
        table(("word", "reason", "event", "means"), ready),
        "## Causes",
        "Words that messages begin with. Why an image could not be read (`MetadataExtracted`): "
        + _listed(Cause)
        + ". Why a size could not be found or a download did not end well (`SourcesSized`, `Downloaded`), with the exit code of "
        "`aimcore download`:",
        table(
            ("cause", "exit code", "tried again"),
            (
                (
                    code(cause),
                    str(int(exit_of(cause))),
                    "by itself" if exit_of(cause) == 10 else "when something changes",
                )
                for cause in FetchCause
            ),
        ),
    )


def _table(types: Iterable[ConditionType]) -> str:
    return table(("condition", "status", "reason", "event", "means"), (_row(*one) for one in _told(types)))


def _told(types: Iterable[ConditionType]) -> Iterator[tuple[ConditionType, Outcome]]:
    """Those that have a meaning of their own; what the others mean stands elsewhere on the page."""
    for one in types:
        yield from ((one, outcome) for outcome in one.outcomes if outcome.means and one.name != "Ready")


def _row(type_: ConditionType, outcome: Outcome) -> tuple[str, ...]:
    return (code(type_.name), str(outcome.status), code(outcome.reason), _event(warns=outcome.warns), outcome.means)


def _event(*, warns: bool) -> str:
    return EventType.WARNING if warns else EventType.NORMAL


def _listed(words: Iterable[str]) -> str:
    return ", ".join(code(str(word)) for word in words)
