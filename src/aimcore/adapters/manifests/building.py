"""A document's events become a manifest of plain JSON values, in linear time; whatever cannot be is reported, all at once.

Nothing named by the text is ever called or imported: tags other than YAML's own for JSON values are refused. Aliases are
written out, each a copy of its own, and what they write out is counted before it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final, NoReturn, Protocol

from yaml import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    YAMLError,
)

from aimcore.adapters.manifests.events import complaint, is_merge, key_text, loader_of, scalar
from aimcore.adapters.manifests.limits import DEPTH_AT_MOST, EXPANSION_AT_MOST, NODES_AT_MOST, Allowance
from aimcore.adapters.manifests.paths import Steps
from aimcore.adapters.manifests.scalars import MERGE, TAGS, Scalar
from aimcore.adapters.manifests.text import Text
from aimcore.domain.errors import ParseError, quoted

__all__ = ["Known", "RefusedError", "build"]

# A value that no event has.
SLOW: Final = object()
WORDS_AT_MOST: Final = 10_000
SYNTAX, HOSTILE = "YAML", "SEC-5"
MAPPING_TAGS: Final = (None, "!", TAGS + "map")
SEQUENCE_TAGS: Final = (None, "!", TAGS + "seq")


class Report(Protocol):
    """Where faults go: the index of a character, the steps to what stands there, the rule, the message."""

    def __call__(self, index: int, steps: Steps, rule: str, message: str, /, *, warning: bool) -> None: ...


@dataclass(slots=True)
class Known:
    """What is carried from document to document: what they may still cost, and the unquoted words met before."""

    allowance: Allowance = field(default_factory=Allowance)
    words: dict[str, object] = field(default_factory=dict)


class RefusedError(Exception):
    """The rest of the document is not read, for the reason that was reported."""


@dataclass(slots=True, eq=False)
class Anchor:
    """A value that aliases may repeat, what each repetition costs, and how deep it is; `open` while it is being read."""

    value: object = None
    cost: int = 0
    depth: int = 0
    open: bool = True


def build(text: Text, known: Known, report: Report) -> object:
    """The value of the one document in `text`, None when it is empty; RefusedError where it cannot be read any further."""
    builder = _Builder(text, known, report)
    try:
        return builder.document()
    except YAMLError as error:
        index, message = complaint(error, text.text)
        report(index, tuple(builder.steps), SYNTAX, message, warning=False)
        raise RefusedError from error


class _Builder:
    """Reads values off the events. Recursion is bounded by the depth that is allowed."""

    def __init__(self, text: Text, known: Known, report: Report) -> None:
        self._next: Callable[[], Any] = loader_of(text.text).get_event
        self._text = text
        self._allowance = known.allowance
        self._words = known.words
        self._report = report
        self._anchors: dict[str, Anchor] = {}
        self._deepest = 0
        self._last: Any = None
        self.steps: list[str | int] = []

    def document(self) -> object:
        """The value of the whole stream, which is to hold one document."""
        value: object = None
        begun = False
        event: Any
        while (event := self._next()).__class__ is not StreamEndEvent:
            if isinstance(event, DocumentStartEvent):
                if begun:
                    self._refuse(event, SYNTAX, "a second document begins here; expected a line '---' before it")
                begun = True
            elif isinstance(event, NodeEvent):
                value = self._value(event)
        return value

    def _value(self, event: Any) -> object:
        """What the node that begins with `event` stands for; the events up to its end are taken."""
        if event.__class__ is AliasEvent:
            return self._repeated(event)
        if event.anchor is None:
            return self._node(event)
        anchor = self._anchors[event.anchor] = Anchor()
        level, deepest, expansion = len(self.steps), self._deepest, self._allowance.expansion
        self._deepest = level
        anchor.value = self._node(event)
        anchor.cost = self._end(event) - event.start_mark.index + expansion - self._allowance.expansion
        anchor.depth = self._deepest - level
        anchor.open = False
        self._deepest = max(deepest, self._deepest)
        return anchor.value

    def _end(self, event: Any) -> int:
        last: Any = event if event.__class__ is ScalarEvent else self._last
        end: int = last.end_mark.index
        return end

    def _node(self, event: Any) -> object:
        if event.__class__ is ScalarEvent:
            return self._scalar(event)
        mapping = event.__class__ is MappingStartEvent
        if event.tag not in (MAPPING_TAGS if mapping else SEQUENCE_TAGS):
            self._fault(event, HOSTILE, str(ParseError("tag", event.tag, problem="is not allowed", expected="none")))
        if len(self.steps) >= self._deepest:
            self._descend(event, 1)
        return self._mapping(event) if mapping else self._sequence(event)

    def _scalar(self, event: Any) -> Scalar:
        try:
            value = scalar(event)
        except ParseError as error:
            self._fault(event, HOSTILE if error.what == "tag" else SYNTAX, str(error))
            return str(event.value)
        if event.tag is None and event.implicit[0] and event.value != MERGE and len(self._words) < WORDS_AT_MOST:
            self._words[event.value] = value
        return value

    def _quick(self, event: Any) -> object:
        """The value of a scalar that is nothing special, as nearly every node is; else SLOW."""
        if event.__class__ is not ScalarEvent or event.tag is not None or event.anchor is not None:
            return SLOW
        return self._words.get(event.value, SLOW) if event.implicit[0] else event.value

    def _sequence(self, start: Any) -> list[object]:
        out: list[object] = []
        next_event, steps, quick, paid = self._next, self.steps, self._quick, 0
        event = start
        for _ in repeat(None, self._allowance.nodes + 1):
            if (event := next_event()).__class__ is SequenceEndEvent:
                break
            if (value := quick(event)) is SLOW:
                self._pay(start, len(out) - paid)
                paid = len(out)
                steps.append(paid)
                value = self._value(event)
                steps.pop()
            out.append(value)
        self._pay(start, len(out) - paid)
        self._last = event
        return out

    def _mapping(self, start: Any) -> dict[str, object]:
        out: dict[str, object] = {}
        merged: set[str] = set()
        next_event, steps, quick, paid = self._next, self.steps, self._quick, 0
        event = start
        for _ in repeat(None, self._allowance.nodes + 1):
            if (event := next_event()).__class__ is MappingEndEvent:
                break
            key = quick(event)
            if key.__class__ is not str:
                if is_merge(event):
                    merged |= self._merge(out, next_event())
                    continue
                key = self._key(event)
            if key in out and key not in merged:
                self._twice(event, key)
            if (value := quick(event := next_event())) is SLOW:
                self._pay(start, len(out) - paid)
                paid = len(out)
                steps.append(key)
                value = self._value(event)
                steps.pop()
            out[key] = value
        self._pay(start, len(out) - paid)
        self._last = event
        return out

    def _key(self, event: Any) -> str:
        if event.__class__ is MappingStartEvent or event.__class__ is SequenceStartEvent:
            self._refuse(event, SYNTAX, "a key is a mapping or a list; expected text")
        value = self._value(event)
        if isinstance(value, str):
            return value
        if (key := key_text(value)) is None:
            self._fault(
                event, SYNTAX, f"a key is {_kind(value)}; expected text, quoted where it looks like something else"
            )
            return "?"
        self._fault(event, SYNTAX, f"a key is {_kind(value)} and is read as '{key}'; quote it to say so", warning=True)
        return key

    def _twice(self, event: Any, key: str) -> None:
        self.steps.append(key)
        first = self._text.locate(tuple(self.steps))
        self._fault(
            event,
            SYNTAX,
            f"key {quoted(key)} stands twice, first on line {first.line}, column {first.column}; expected one of them",
        )
        self.steps.pop()

    def _merge(self, out: dict[str, object], event: Any) -> set[str]:
        """Takes in the mappings that `<<` names, the first of several the strongest; as in kubectl they win over the keys above."""
        self._pay(event, 1)
        self.steps.append(MERGE)
        value = self._value(event)
        self.steps.pop()
        sources = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
        if len(sources) < (len(value) if isinstance(value, list) else 1):
            self._fault(event, SYNTAX, "'<<' merges a mapping or a list of mappings; this is neither")
        for source in reversed(sources):
            out.update(source)
        return {key for source in sources for key in source}

    def _repeated(self, event: Any) -> object:
        anchor = self._anchors.get(event.anchor)
        alias = quoted(f"*{event.anchor}")
        if anchor is None:
            self._fault(event, SYNTAX, f"alias {alias} has no anchor above it")
            return None
        if anchor.open:
            self._fault(event, HOSTILE, f"alias {alias} stands inside what it repeats")
            return None
        if anchor.cost > self._allowance.expansion:
            self._refuse(
                event,
                HOSTILE,
                f"alias {alias} repeats too much; expected at most {EXPANSION_AT_MOST} characters by all aliases",
            )
        self._allowance.expansion -= anchor.cost
        self._descend(event, anchor.depth)
        return _copied(anchor.value)

    def _descend(self, event: Any, levels: int) -> None:
        self._deepest = max(self._deepest, len(self.steps) + levels)
        if self._deepest > DEPTH_AT_MOST:
            self._refuse(event, HOSTILE, f"is nested too deeply; expected at most {DEPTH_AT_MOST} levels")

    def _pay(self, event: Any, nodes: int) -> None:
        self._allowance.nodes -= nodes
        if self._allowance.nodes < 0:
            self._refuse(event, HOSTILE, f"the inputs hold too many values; expected at most {NODES_AT_MOST}")

    def _refuse(self, event: Any, rule: str, message: str) -> NoReturn:
        self._fault(event, rule, message)
        raise RefusedError

    def _fault(self, event: Any, rule: str, message: str, *, warning: bool = False) -> None:
        self._report(event.start_mark.index, tuple(self.steps), rule, message, warning=warning)


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
