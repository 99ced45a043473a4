"""Paths become manifests: every file, every document, every item of a list, and all their problems at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from aimcore.adapters.manifests.building import Known, RefusedError, build
from aimcore.adapters.manifests.documents import ALL, Document, Loaded, Problem, Skipped, Wanted, Why, problem_at
from aimcore.adapters.manifests.files import (
    STDIN,
    Hidden,
    UnreadableError,
    find_files,
    is_in_chart,
    read_file,
    read_stream,
)
from aimcore.adapters.manifests.ignoring import ignored_below
from aimcore.adapters.manifests.jsontext import read_json
from aimcore.adapters.manifests.limits import BYTES_AT_MOST, DOCUMENTS_AT_MOST, PROBLEMS_AT_MOST
from aimcore.adapters.manifests.paths import Steps, path_of, steps_of
from aimcore.adapters.manifests.shape import is_nameless, is_templated, shape_faults, unfold
from aimcore.adapters.manifests.text import Cut, Location, Text, split
from aimcore.domain.errors import Fault

__all__ = ["Asked", "read_all"]

SYNTAX, HOSTILE, FILE = "YAML", "SEC-5", "FILE"
STDIN_NAME: Final = "stdin"
EMPTY: Final = (b"", b"---", b"...")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be read, and what of it is wanted."""

    paths: Sequence[str]
    recursive: bool
    texts: Sequence[tuple[str, bytes]]
    wanted: Wanted


def read_all(asked: Asked, stdin: BinaryIO) -> Loaded:
    """What `read_manifests` promises."""
    reading = _Reading(stdin, asked.wanted)
    try:
        for path in dict.fromkeys(asked.paths):
            reading.path(path, recursive=asked.recursive)
        for name, data in asked.texts:
            reading.text(name, data)
    except _EnoughError:
        pass
    return Loaded(
        documents=tuple(reading.documents),
        problems=tuple(reading.problems),
        skipped=tuple(reading.skipped),
        files=tuple(sorted(reading.files)),
    )


class _EnoughError(Exception):
    """A limit of all inputs together is reached; the last problem says which."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is being read: its name, its bytes, and whether it is among the templates of a chart."""

    name: str
    data: bytes
    in_chart: bool

    @property
    def text(self) -> str:
        """All of it, as far as it is text."""
        return self.data.decode(errors="replace")

    @property
    def template_at(self) -> int:
        """Where an expression of a template begins, negative where none is."""
        at = self.text.find("{{")
        return at if self.text.find("}}", at) > at >= 0 else -1


@dataclass(slots=True)
class _Reading:
    stdin: BinaryIO
    wanted: Wanted
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    known: Known = field(default_factory=Known)
    left: int = BYTES_AT_MOST
    cuts: int = DOCUMENTS_AT_MOST
    seen: set[tuple[int, int]] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)

    def path(self, path: str, *, recursive: bool) -> None:
        """Takes in a file, a folder or `-`."""
        if path == STDIN:
            self._content(STDIN_NAME, lambda: read_stream(self.stdin, STDIN_NAME, self.left))
            return
        try:
            hides = ignored_below(Path(path), self.wanted.ignore).hides
        except UnreadableError as error:
            self._unreadable(error)
            return
        files = find_files(Path(path), recursive=recursive, hides=hides)
        named = files == (Path(path),)
        for file in files:
            if isinstance(file, UnreadableError):
                self._unreadable(file)
            elif isinstance(file, Hidden):
                self.skipped.append(Skipped(file=str(file.path), why=Why.IGNORED))
            else:
                read = partial(read_file, file, self.left, self.seen, named=named)
                self._content(str(file), read, in_chart=is_in_chart(file))

    def text(self, name: str, data: bytes) -> None:
        """Takes in a text that the caller has; all of it is meant to be manifests."""
        self.wanted = ALL
        self._content(name, lambda: read_stream(BytesIO(data), name, self.left))

    def _content(self, name: str, read: Callable[[], bytes], *, in_chart: bool = False) -> None:
        try:
            data = read()
        except UnreadableError as error:
            self._unreadable(error)
        else:
            self.files.add(name)
            self._file(_File(name, data, in_chart))

    def _unreadable(self, error: UnreadableError) -> None:
        self.files.add(error.file)
        self._add(Location(file=error.file, line=1, column=1), Fault(path="$", message=str(error), rule=FILE))

    def _file(self, file: _File) -> None:
        self.left -= len(file.data)
        if file.in_chart and file.template_at >= 0:
            self._template(file)
            return
        for cut in split(file.data):
            self.cuts -= 1
            if self.cuts < 0:
                message = f"the inputs hold too many documents; expected at most {DOCUMENTS_AT_MOST} in all inputs"
                self._add(
                    Location(file=file.name, line=cut.line + 1, column=1),
                    Fault(path="$", message=message, rule=HOSTILE),
                )
                raise _EnoughError
            self._cut(file, cut)

    def _template(self, file: _File) -> None:
        """Skips a template of a chart; that objects of ours are in it is said, since nobody has checked them."""
        text = file.text
        place = Text(file=file.name, text=text).place(file.template_at)
        self.skipped.append(Skipped(file=file.name, why=Why.TEMPLATE))
        if self.wanted.text(text):
            message = "is a template of Helm and not checked; run helm template, and give what it prints"
            self._add(place, Fault(path="$", message=message, rule=SYNTAX, warning=True))

    def _cut(self, file: _File, cut: Cut) -> None:
        if cut.data.strip() in EMPTY:
            return
        try:
            text = Text(file=file.name, text=cut.data.decode(), line=cut.line)
        except UnicodeDecodeError as error:
            message = f"byte 0x{cut.data[error.start]:02x} is not UTF-8; expected text in UTF-8"
            self._raw(file.name, cut, error.start, Fault(path="$", message=message, rule=SYNTAX))
            return
        if (at := cut.tag_directive()) is not None:
            self._raw(
                file.name,
                cut,
                at,
                Fault(path="$", message="directive %TAG is not allowed; expected none", rule=HOSTILE),
            )
            return
        found = read_json(text.text, self.known.allowance)
        if found is None:
            self._yaml(file, text)
            return
        for each in found:
            start = text.place(each.start)
            part = Text(
                file=file.name, text=text.text[each.start : each.end], line=start.line - 1, column=start.column - 1
            )
            self._objects(each.value, part, frozenset())

    def _raw(self, name: str, cut: Cut, at: int, fault: Fault) -> None:
        before = cut.data[:at].decode()
        self._add(Text(file=name, text=before, line=cut.line).place(len(before)), fault)

    def _yaml(self, file: _File, text: Text) -> None:
        bad: set[Steps] = set()
        reports: list[tuple[int, Fault]] = []

        def report(index: int, steps: Steps, rule: str, message: str, *, warning: bool) -> None:
            if not warning:
                bad.add(steps)
            if len(reports) < PROBLEMS_AT_MOST:
                reports.append((index, Fault(path=path_of(steps), message=message, rule=rule, warning=warning)))

        try:
            value = build(text, self.known, report)
        except RefusedError as error:
            if not self._is_template(file, text):
                self._report(text, reports)
            if self.known.allowance.nodes < 0:
                raise _EnoughError from error
            return
        if value is None and not bad:
            self._report(text, reports)
            return
        if self._is_wanted(value):
            if (bad or any(map(is_nameless, (item for item, _ in unfold(value))))) and self._is_template(file, text):
                return
            self._report(text, reports)
        self._objects(value, text, frozenset(bad))

    def _report(self, text: Text, reports: Sequence[tuple[int, Fault]]) -> None:
        for index, fault in reports:
            self._add(text.place(index), fault)

    def _is_wanted(self, value: object) -> bool:
        return self.wanted.value(value) or any(self.wanted.value(item) for item, _ in unfold(value))

    def _is_template(self, file: _File, text: Text) -> bool:
        """Whether what is no manifest is a template that was not rendered; told once for a file, in place of all else.

        One that has nothing of what is wanted in all of its file is skipped.
        """
        at = text.text.find("{{")
        if not is_templated(text.text):
            return False
        if file.name in self.templates:
            return True
        self.templates.add(file.name)
        place = text.place(at)
        if self.wanted.text(file.text):
            message = "is a template of Helm; expected manifests: run helm template, and give what it prints"
            self._add(place, Fault(path="$", message=message, rule=SYNTAX))
        else:
            self.skipped.append(Skipped(file=file.name, why=Why.TEMPLATE))
        return True

    def _objects(self, value: object, text: Text, bad: frozenset[Steps]) -> None:
        inside = {steps[:length] for steps in bad for length in range(len(steps) + 1)}
        whole = self.wanted.value(value)
        for item, within in unfold(value):
            faults = tuple(shape_faults(item))
            spoilt = within in inside or any(within[:length] in bad for length in range(len(within)))
            if (faults or spoilt) and not whole and not self.wanted.value(item):
                self._skip(item, text)
                continue
            for fault in faults:
                self._add(text.locate(within + steps_of(fault.path)), fault)
            if isinstance(item, dict) and not faults and not spoilt:
                self.documents.append(Document(manifest=item, text=text, within=within))

    def _skip(self, item: object, text: Text) -> None:
        names = isinstance(item, dict) and all(isinstance(item.get(name), str) for name in ("apiVersion", "kind"))
        why = Why.OTHER_KIND if names else Why.NO_MANIFEST
        self.skipped.append(Skipped(file=text.file, why=why))

    def _add(self, location: Location, fault: Fault) -> None:
        self.problems.append(problem_at(location, fault))
        if len(self.problems) >= PROBLEMS_AT_MOST:
            message = f"{PROBLEMS_AT_MOST} problems are enough; the rest of the input is not read"
            self.problems.append(problem_at(location, Fault(path="$", message=message, rule=HOSTILE)))
            raise _EnoughError
