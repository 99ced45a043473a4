"""One way in which what surrounds the operator can be wrong, and what a request comes to then."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from aimcore.adapters.kubernetes.connection import Timeouts
from aimcore.testing import Run
from tests.integration.faults.gate import PATIENT, Asked, Spoil, Spoiler
from tests.integration.faults.stage import Stage

__all__ = [
    "ANSWERS",
    "Case",
    "Fault",
    "Times",
    "broken",
    "broken_each",
    "naming",
    "refusal",
    "refused",
    "spoiled",
    "status",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is arranged before the story begins, and between its halves.

    `holds` is what is true at the end, beside that it is the end of the story without faults; where it is not (`ends_well`),
    `holds` says all; without `same_way`, others may have been made and gone on the way. `extra` requests more than without the fault are bearable.
    """

    arrange: Callable[[Stage], object] | None = None
    between: Callable[[Stage], object] = lambda _: None
    holds: Callable[[Stage], object] = lambda _: None
    ends_well: bool = True
    same_way: bool = True
    extra: int = 40
    timeouts: Timeouts = PATIENT

    @property
    def settled(self) -> bool:
        """Whether the first half of the story has nothing to do with it."""
        return self.arrange is None

    def begin(self, here: Stage) -> None:
        if self.arrange is not None:
            self.arrange(here)


def status(code: int, reason: str = "", message: str = "planted", **details: Any) -> dict[str, Any]:
    """A `Status` that refuses."""
    said = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return {**said, "code": code, "reason": reason, "message": message, "details": details}


def refused(code: int, reason: str = "", message: str = "planted", **details: Any) -> Spoil:
    """The server refuses."""
    body = json.dumps(status(code, reason, message, **details)).encode()
    return lambda exchange: exchange.answers(code, body)


def refusal(code: int) -> Spoil:
    """As an API server words it."""
    return refused(code, _REASONS.get(code) or HTTPStatus(code).phrase.replace(" ", ""))


_REASONS: Final[Mapping[int, str]] = {
    409: "Conflict",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    504: "Timeout",
}


def _before(exchange: Spoiler) -> None:
    exchange.hang()


def _after(exchange: Spoiler) -> None:
    """All that was asked is done; of the answer the first half comes, where there is one to be read."""
    told = exchange.really()
    if exchange.command == "GET":
        exchange.say(told[: len(told) * 2 // 3])
    exchange.hang()


def _garbage(exchange: Spoiler) -> None:
    """It is done, and something between says so in HTML."""
    exchange.really()
    exchange.answers(200, b"<html>\x00\n", "text/html")


def _invalid(exchange: Spoiler) -> None:
    cause = {"reason": "FieldValueInvalid", "field": "spec", "message": "planted"}
    refused(422, "Invalid", causes=[cause])(exchange)


ANSWERS: Final[Mapping[str, Spoil]] = {
    **{str(code): refusal(code) for code in (400, 401, 403, 404, 409, 410, 413)},
    "422": _invalid,
    **{str(code): refusal(code) for code in (429, 500, 503, 504)},
    "timeout before the commit": _before,
    "timeout after the commit": _after,
    "connection reset": lambda exchange: exchange.reset(),
    "garbage": _garbage,
}


class Times:
    """Spoils the first so many requests that fit, and lets the others pass; `count` says how many there were."""

    def __init__(self, times: int | None, fits: Callable[[Asked], bool], spoil: Spoil) -> None:
        self.left, self.fits, self.spoil, self.count = times, fits, spoil, 0

    def __call__(self, asked: Asked) -> Spoil | None:
        if not self.fits(asked) or (self.left is not None and self.count >= self.left):
            return None
        self.count += 1
        return self.spoil


def broken(times: int | None, operation: str, spoil: Spoil, **place: Any) -> Callable[[Stage], Times]:
    """The first so many requests of this operation (None: all) go wrong so; `place` narrows down of what."""

    def arrange(stage: Stage) -> Times:
        def fits(asked: Asked) -> bool:
            return asked.operation == operation and all(getattr(asked, key) == value for key, value in place.items())

        stage.gate.script = script = Times(times, fits, spoil)
        return script

    return arrange


def broken_each(
    times: int | None, operation: str, spoil: Spoil, plurals: Collection[str]
) -> Callable[[Stage], list[Times]]:
    """The first so many requests of this operation go wrong so, for each of these kinds."""

    def fits(plural: str) -> Callable[[Asked], bool]:
        return lambda asked: asked.operation == operation and asked.plural == plural

    def arrange(stage: Stage) -> list[Times]:
        scripts = [Times(times, fits(plural), spoil) for plural in plurals]
        stage.gate.script = lambda asked: next((said for one in scripts if (said := one(asked)) is not None), None)
        return scripts

    return arrange


def spoiled(seconds: float, operation: str, spoil: Spoil, **place: Any) -> Callable[[Stage], object]:
    """For so long from now on, every request of this operation goes wrong so."""

    def arrange(stage: Stage) -> None:
        ends, fits = stage.now + seconds, broken(None, operation, spoil, **place)(stage)
        stage.gate.script = lambda asked: fits(asked) if asked.at < ends else None

    return arrange


Case = Callable[[Run, Path], None]
"""Runs a case that is a story of its own; the first is the end without faults, the second a folder for it."""


def naming(cases: dict[str, Case]) -> Callable[[str], Callable[[Case], Case]]:
    """What names a decorated function as a case among these."""

    def case(name: str) -> Callable[[Case], Case]:
        def note(run: Case) -> Case:
            cases[name] = run
            return run

        return note

    return case
