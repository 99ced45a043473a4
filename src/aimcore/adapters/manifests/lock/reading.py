"""A lock file is read strictly: what `aimcore lock` would not have written is a problem, with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aimcore.adapters.manifests.building import Known, RefusedError, build
from aimcore.adapters.manifests.documents import Problem, problem_at
from aimcore.adapters.manifests.files import UnreadableError, read_file
from aimcore.adapters.manifests.limits import BYTES_AT_MOST, PROBLEMS_AT_MOST
from aimcore.adapters.manifests.lock.content import VERSION, Lock, LockError
from aimcore.adapters.manifests.paths import Steps, path_of
from aimcore.adapters.manifests.text import Cut, Location, Text
from aimcore.domain.errors import Fault, ParseError, quoted
from aimcore.domain.images.inspection import Inspected
from aimcore.domain.values.image import parse_image

__all__ = ["read"]

RULE: Final = "LOCK"
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
PLATFORM: Final = re.compile(r"[a-z0-9]+/[a-z0-9]+")


def read(file: Path) -> tuple[Lock, str]:
    """What `read_lock` promises."""
    try:
        data = read_file(file, BYTES_AT_MOST, set(), named=True)
        text = data.decode()
    except UnreadableError as error:
        raise _error(file, str(error)) from error
    except UnicodeDecodeError as error:
        raise _error(file, "is not UTF-8; expected what aimcore lock writes") from error
    reading = _Reading(text=Text(file=str(file), text=text))
    lock = reading.lock(reading.value(data))
    if reading.problems or lock is None:
        ordered = sorted(reading.problems, key=lambda problem: (problem.line, problem.column))
        raise LockError(tuple(ordered[:PROBLEMS_AT_MOST]))
    return lock, text


def _error(file: Path, message: str) -> LockError:
    place = Location(file=str(file), line=1, column=1)
    return LockError((problem_at(place, Fault(path="$", message=message, rule=RULE)),))


@dataclass(slots=True)
class _Reading:
    """Takes values for what they should be, and notes the problems of those that are something else."""

    text: Text
    problems: list[Problem] = field(default_factory=list)

    def value(self, data: bytes) -> object:
        """The value of the one document, None where it cannot be read."""
        if (at := Cut(data=data, line=0).tag_directive()) is not None:
            self._note(at, (), RULE, "directive %TAG is not allowed; expected none", warning=False)
            return None
        try:
            return build(self.text, Known(), self._note)
        except RefusedError:
            return None

    def lock(self, value: object) -> Lock | None:
        """The lock, None where there is none; of another version nothing but that is said."""
        if value is None and not self.problems:
            self._note(0, (), RULE, "is empty; expected what aimcore lock writes", warning=False)
        if self.problems:
            return None
        fields = self._mapping(value, ())
        if fields.get("version", VERSION) != VERSION or isinstance(fields.get("version"), bool):
            said = fields["version"]
            found = said if isinstance(said, int) else quoted(said) if isinstance(said, str) else _kind(said)
            self._fault(("version",), f"version {found} is unknown; expected {VERSION}, which aimcore lock writes")
            return None
        self._exactly(fields, (), ("version", "platform", "images"))
        images = self._mapping(fields.get("images", {}), ("images",))
        return Lock(
            platform=self._platform(fields.get("platform", "linux/amd64"), ("platform",)),
            images={name: self._image(name, image) for name, image in images.items()},
        )

    def _image(self, name: str, value: object) -> Inspected:
        steps: Steps = ("images", name)
        fields = self._mapping(value, steps)
        self._exactly({"problems": [], **fields}, steps, ("digest", "labels", "problems"))
        digest = self._digest(fields["digest"], (*steps, "digest")) if "digest" in fields else ""
        self._reference(name, digest)
        labels = self._mapping(fields.get("labels", {}), (*steps, "labels"))
        texts = {label: self._text(said, (*steps, "labels", label)) for label, said in labels.items()}
        problems = self._texts(fields.get("problems", []), (*steps, "problems"))
        return Inspected(digest=digest, labels=texts, problems=problems)

    def _digest(self, value: object, steps: Steps) -> str:
        digest = self._text(value, steps)
        if isinstance(value, str) and not DIGEST.fullmatch(digest):
            expected = "sha256:, sha384: or sha512: and the hexadecimal digits"
            self._fault(steps, f"digest {quoted(digest)} is malformed; expected {expected}")
        return digest

    def _reference(self, name: str, digest: str) -> None:
        try:
            image = parse_image(name)
        except ParseError as error:
            self._fault(("images", name), str(error))
            return
        if str(image) != name:
            self._fault(("images", name), f"image {quoted(name)} is not spelt in full; expected {quoted(str(image))}")
        if digest and image.digest not in (None, digest):
            self._fault(("images", name, "digest"), f"is another than the image names; expected {image.digest}")

    def _platform(self, value: object, steps: Steps) -> str:
        text = self._text(value, steps)
        if isinstance(value, str) and not PLATFORM.fullmatch(text):
            self._fault(steps, f"platform {quoted(text)} is malformed; expected OS/ARCH, such as 'linux/amd64'")
        return text

    def _mapping(self, value: object, steps: Steps) -> Mapping[str, object]:
        if isinstance(value, dict):
            return value
        self._fault(steps, f"is {_kind(value)}; expected a mapping")
        return {}

    def _texts(self, value: object, steps: Steps) -> tuple[str, ...]:
        if isinstance(value, list):
            return tuple(self._text(each, (*steps, at)) for at, each in enumerate(value))
        self._fault(steps, f"is {_kind(value)}; expected a list")
        return ()

    def _text(self, value: object, steps: Steps) -> str:
        if isinstance(value, str):
            return value
        self._fault(steps, f"is {_kind(value)}; expected text in quotes")
        return ""

    def _exactly(self, fields: Mapping[str, object], steps: Steps, names: tuple[str, ...]) -> None:
        for name in (name for name in fields if name not in names):
            self._fault((*steps, name), f"unknown field; expected one of {', '.join(names)}")
        for name in names:
            if name not in fields:
                self._fault((*steps, name), "is missing; expected what aimcore lock writes")

    def _fault(self, steps: Steps, message: str) -> None:
        fault = Fault(path=path_of(steps), message=message, rule=RULE)
        self.problems.append(problem_at(self.text.locate(steps), fault))

    def _note(self, index: int, steps: Steps, rule: str, message: str, /, *, warning: bool) -> None:
        """What the reader of YAML reports; a warning is no less than an error in what nobody should write by hand."""
        del warning
        self.problems.append(problem_at(self.text.place(index), Fault(path=path_of(steps), message=message, rule=rule)))


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", bool: "a boolean", str: "a text", type(None): "null"}
    return names.get(type(value), "a number")
