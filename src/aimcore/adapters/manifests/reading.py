"""Paths become manifests: every file, every document, every item of a list, and all their problems at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from aimcore.adapters.manifests.building import Known, RefusedError, build
from aimcore.adapters.manifests.documents import Document, Loaded, Problem, problem_at
from aimcore.adapters.manifests.files import STDIN, UnreadableError, find_files, read_file, read_stream
from aimcore.adapters.manifests.jsontext import read_json
from aimcore.adapters.manifests.limits import BYTES_AT_MOST, DOCUMENTS_AT_MOST, PROBLEMS_AT_MOST
from aimcore.adapters.manifests.paths import Steps, path_of, steps_of
from aimcore.adapters.manifests.shape import shape_faults, unfold
from aimcore.adapters.manifests.splitting import Cut, split
from aimcore.adapters.manifests.text import Location, Text
from aimcore.domain.errors import Fault

__all__ = ["read_all"]

SYNTAX, HOSTILE, FILE = "YAML", "SEC-5", "FILE"
STDIN_NAME: Final = "stdin"
EMPTY: Final = (b"", b"---", b"...")


def read_all(
    paths: Sequence[str], *, recursive: bool, stdin: BinaryIO, texts: Sequence[tuple[str, bytes]] = ()
) -> Loaded:
    """What `read_manifests` promises."""
    reading = _Reading(stdin)
    try:
        for path in dict.fromkeys(paths):
            reading.path(path, recursive=recursive)
        for name, data in texts:
            reading.text(name, data)
    except _EnoughError:
        pass
    return Loaded(documents=tuple(reading.documents), problems=tuple(reading.problems))


class _EnoughError(Exception):
    """A limit of all inputs together is reached; the last problem says which."""


@dataclass(slots=True)
class _Reading:
    stdin: BinaryIO
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
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
        files = find_files(Path(path), recursive=recursive)
        named = files == (Path(path),)
        for file in files:
            if isinstance(file, UnreadableError):
                self._unreadable(file)
            else:
                self._content(str(file), partial(read_file, file, self.left, self.seen, named=named))

    def text(self, name: str, data: bytes) -> None:
        """Takes in a text that the caller has."""
        self._content(name, lambda: read_stream(BytesIO(data), name, self.left))

    def _content(self, name: str, read: Callable[[], bytes]) -> None:
        try:
            data = read()
        except UnreadableError as error:
            self._unreadable(error)
        else:
            self._file(name, data)

    def _unreadable(self, error: UnreadableError) -> None:
        self._add(Location(file=error.file, line=1, column=1), Fault(path="$", message=str(error), rule=FILE))

    def _file(self, name: str, data: bytes) -> None:
        self.left -= len(data)
        for cut in split(data):
            self.cuts -= 1
            if self.cuts < 0:
                message = f"the inputs hold too many documents; expected at most {DOCUMENTS_AT_MOST} in all inputs"
                self._add(
                    Location(file=name, line=cut.line + 1, column=1), Fault(path="$", message=message, rule=HOSTILE)
                )
                raise _EnoughError
            self._cut(name, cut)

    def _cut(self, name: str, cut: Cut) -> None:
        if cut.data.strip() in EMPTY:
            return
        try:
            text = Text(file=name, text=cut.data.decode(), line=cut.line)
        except UnicodeDecodeError as error:
            message = f"byte 0x{cut.data[error.start]:02x} is not UTF-8; expected text in UTF-8"
            self._raw(name, cut, error.start, Fault(path="$", message=message, rule=SYNTAX))
            return
        if (at := cut.tag_directive()) is not None:
            self._raw(
                name, cut, at, Fault(path="$", message="directive %TAG is not allowed; expected none", rule=HOSTILE)
            )
            return
        found = read_json(text.text, self.known.allowance)
        if found is None:
            self._yaml(text)
            return
        for each in found:
            start = text.place(each.start)
            part = Text(file=name, text=text.text[each.start : each.end], line=start.line - 1, column=start.column - 1)
            self._objects(each.value, part, frozenset())

    def _raw(self, name: str, cut: Cut, at: int, fault: Fault) -> None:
        before = cut.data[:at].decode()
        self._add(Text(file=name, text=before, line=cut.line).place(len(before)), fault)

    def _yaml(self, text: Text) -> None:
        bad: set[Steps] = set()

        def report(index: int, steps: Steps, rule: str, message: str, *, warning: bool) -> None:
            if not warning:
                bad.add(steps)
                if self._is_template(text):
                    return
            self._add(text.place(index), Fault(path=path_of(steps), message=message, rule=rule, warning=warning))

        try:
            value = build(text, self.known, report)
        except RefusedError as error:
            if self.known.allowance.nodes < 0:
                raise _EnoughError from error
        else:
            if value is not None or bad:
                self._objects(value, text, frozenset(bad))

    def _is_template(self, text: Text) -> bool:
        """Whether what is no YAML is a template of Helm that was not rendered; told once for a file, in place of all else."""
        at = text.text.find("{{")
        if at < 0 or text.text.find("}}", at) < 0:
            return False
        if text.file not in self.templates:
            self.templates.add(text.file)
            message = "is a template of Helm; expected manifests: run helm template, and give what it prints"
            self._add(text.place(at), Fault(path="$", message=message, rule=SYNTAX))
        return True

    def _objects(self, value: object, text: Text, bad: frozenset[Steps]) -> None:
        inside = {steps[:length] for steps in bad for length in range(len(steps) + 1)}
        for item, within in unfold(value):
            faults = tuple(shape_faults(item))
            for fault in faults:
                self._add(text.locate(within + steps_of(fault.path)), fault)
            spoilt = within in inside or any(within[:length] in bad for length in range(len(within)))
            if isinstance(item, dict) and not faults and not spoilt:
                self.documents.append(Document(manifest=item, text=text, within=within))

    def _add(self, location: Location, fault: Fault) -> None:
        self.problems.append(problem_at(location, fault))
        if len(self.problems) >= PROBLEMS_AT_MOST:
            message = f"{PROBLEMS_AT_MOST} problems are enough; the rest of the input is not read"
            self.problems.append(problem_at(location, Fault(path="$", message=message, rule=HOSTILE)))
            raise _EnoughError
