"""Conditions and their reasons: what each means. What the domain says besides is found by `tests/unit/test_reference.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from aimcore import domain
from aimcore.domain.images.inspection import Cause
from aimcore.domain.kinds.conditions import Condition, ConditionStatus, condition_events
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.serving.reasons import FAILING, PENDING, SERVING, STARTING, Reason
from aimcore.domain.weights.outcome import FetchCause, exit_of
from tests.reference.pages import code, page, table
from tests.reference.reasons import ALL, CACHE, MODEL, READY, SERVICE, TEMPLATE, Said

__all__ = ["DOMAIN", "KINDS", "declared", "given", "page_text", "warns"]

DOMAIN = Path(domain.__file__).parent
_ORDERING = {"conditions.py", "reasons.py", "word.py"}
"""Modules that rank or judge reasons and give none."""
KINDS = {"AIMModel": MODEL, "AIMServiceTemplate": TEMPLATE, "AIMService": SERVICE, "AIMTemplateCache": CACHE}
"""What is said of each kind, and of its twin of the cluster."""
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


def declared() -> Iterator[Declared]:
    """Every condition of every kind, with each status and reason."""
    for kind, said in KINDS.items():
        for one in (*ALL, *said):
            yield Declared(kind, one.type, one.status, one.reason)
        if kind == "AIMService":
            for reason in given():
                yield Declared(kind, "Ready", "True" if reason is Reason.RUNNING else "False", reason.value)
                if reason is not Reason.RUNNING:
                    yield Declared(kind, "Resolved", "False", reason.value)
        else:
            for word in Verdict:
                yield Declared(kind, "Ready", "True" if word is Verdict.READY else "False", word.value)
    for cause in FetchCause:
        yield Declared("AIMTemplateCache", "Downloaded", "False", cause.value)


def given() -> frozenset[Reason]:
    """The reasons of `Ready` that something in the domain gives; some stand in the rules ahead of the code."""
    texts = [path.read_text(encoding="utf-8") for path in DOMAIN.rglob("*.py") if path.name not in _ORDERING]
    return frozenset(
        reason for reason in Reason if any(f"Reason.{reason.name}" in text or f'"{reason}"' in text for text in texts)
    )


def warns(type_: str, status: str, reason: str) -> bool:
    """Whether an event about it is a warning."""
    condition = Condition(type=type_, status=ConditionStatus(status), reason=reason)
    return any(event.type == "Warning" for event in condition_events((), (condition,)))


def page_text() -> str:
    """The page of conditions, reasons and events."""
    ready = [
        (
            word,
            code(reason.value),
            _event("Ready", "True" if reason is Reason.RUNNING else "False", reason),
            READY[reason],
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
        _table(ALL),
        "`Ready` follows the word in `status.status`: `True` with the reason `Ready` (a service: `Running`), else `False` with the "
        "word as its reason; of a service the reason is one of [those below](#the-reasons-of-ready), and so is that of "
        "`Resolved` where it is `False`.",
        *(part for kind, said in KINDS.items() for part in (f"## {kind}", _table(said))),
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


def _table(said: Iterable[Said]) -> str:
    return table(
        ("condition", "status", "reason", "event", "means"),
        (
            (code(one.type), one.status, code(one.reason), _event(one.type, one.status, one.reason), one.means)
            for one in said
        ),
    )


def _event(type_: str, status: str, reason: str) -> str:
    return "Warning" if warns(type_, status, reason) else "Normal"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(code(str(word)) for word in words)
