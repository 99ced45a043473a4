"""Every way a text or a document can be wrong; `AimError` is the root of all errors aimcore raises."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AimError", "Fault", "InvalidManifestError", "ParseError", "quoted"]

QUOTED_AT_MOST = 60


def quoted(text: str) -> str:
    """`text` as an error message shows it: quoted, escaped and cut, so that hostile text cannot flood or forge a line.

    >>> quoted("gs://b/k")
    "'gs://b/k'"
    >>> quoted("x" * 100)[-24:]
    "xxx'... (100 characters)"
    """
    if len(text) <= QUOTED_AT_MOST:
        return ascii(text)
    return f"{text[:QUOTED_AT_MOST]!a}... ({len(text)} characters)"


class AimError(Exception):
    """The root of everything aimcore raises on purpose."""


class ParseError(AimError, ValueError):
    """A text is not what it should be; its author must act.

    `what` names the thing ("quantity"), `text` is the text itself, `problem` says what is wrong with it and `expected`
    what would be right. `str()` is one line: lower case, no full stop, the text quoted and cut.
    """

    def __init__(self, what: str, text: str, *, problem: str, expected: str) -> None:
        super().__init__(what, text, problem, expected)
        self.what = what
        self.text = text
        self.problem = problem
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.what} {quoted(self.text)} {self.problem}; expected {self.expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in a document: where (`$.spec.image`), which rule says so, and the message.

    A `warning` is worth telling and refuses nothing.
    """

    path: str
    message: str
    rule: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.message} [{self.rule}]"


class InvalidManifestError(AimError, ValueError):
    """A manifest breaks the rules; `faults` holds all of them at once, in document order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        return "; ".join(map(str, self.faults))
