"""What other packages bring: those of each extra, and plug-ins that read images and size sources (PLUG-1).

One that fails is named in the log, and costs its own answers and no others (PLUG-2). What it raises is told by type and place:
the words of the error could hold what a secret does (SEC-1).
"""

from __future__ import annotations

import logging
import platform
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points, version
from typing import Any, Final, TypeVar, cast

from aimcore import __version__
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged
from aimcore.domain.view.plan import Inspect
from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import SourceUri
from aimcore.entrypoints.present.doctor import Extra, Installed, InstalledPlugin, Package
from aimcore.ports.images import ImageInspector, ImageSource
from aimcore.ports.sizes import SizeProber, SizeSource

__all__ = [
    "Group",
    "PluggedInspector",
    "PluggedProber",
    "Plugin",
    "image_sources",
    "installed",
    "installed_plugins",
    "size_sources",
]

LOG: Final = logging.getLogger("aimcore.plugins")
R = TypeVar("R")


class Group(StrEnum):
    """The entry point groups that are read, each for one port."""

    IMAGE_SOURCES = "aimcore.image_sources"
    SIZE_PROBERS = "aimcore.size_probers"


_METHODS: Final[Mapping[Group, tuple[str, ...]]] = {
    Group.IMAGE_SOURCES: ("handles", "inspect", "recheck"),
    Group.SIZE_PROBERS: ("handles", "probe"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One plug-in: its name, the package that brings it, and what it made of itself, or the `problem` with it."""

    group: Group
    name: str
    package: str
    version: str
    source: object = field(default=None, compare=False)
    problem: str = ""

    def __str__(self) -> str:
        return f"plug-in {self.name!a} of {self.package} {self.version} ({self.group})"


@cache
def installed_plugins(group: Group) -> tuple[Plugin, ...]:
    """The plug-ins of that group, by name; each is loaded and made once, and one that cannot be is told in the log."""
    found = sorted(entry_points(group=group), key=lambda point: point.name)
    return tuple(_loaded(group, point) for point in found)


def image_sources() -> tuple[tuple[Plugin, ImageSource], ...]:
    """The plug-ins that read images, as far as they could be made."""
    made = (plugin for plugin in installed_plugins(Group.IMAGE_SOURCES) if not plugin.problem)
    return tuple((plugin, cast("ImageSource", plugin.source)) for plugin in made)


def size_sources() -> tuple[tuple[Plugin, SizeSource], ...]:
    """The plug-ins that size sources, as far as they could be made."""
    made = (plugin for plugin in installed_plugins(Group.SIZE_PROBERS) if not plugin.problem)
    return tuple((plugin, cast("SizeSource", plugin.source)) for plugin in made)


def _loaded(group: Group, point: EntryPoint) -> Plugin:
    package, version = (point.dist.name, point.dist.version) if point.dist else ("an unknown package", "")
    try:
        source, problem = point.load()(), ""
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything, and costs only itself
        source, problem = None, f"cannot be loaded: {_told(error)}"
    else:
        lacking = [name for name in _METHODS[group] if not callable(getattr(source, name, None))]
        if lacking:
            source, problem = None, f"makes something without {', '.join(lacking)}; expected what docs/plugins.md says"
    plugin = Plugin(group=group, name=point.name, package=package, version=version, source=source, problem=problem)
    if problem:
        LOG.warning("%s %s; its answers are missing", plugin, problem)
    return plugin


def _told(error: Exception) -> str:
    """The type and the place of an error."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame else ""
    return f"{type(error).__name__}{place}"


def _handles(plugin: Plugin, ask: Callable[[], bool]) -> bool:
    try:
        return bool(ask())
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything, and costs only itself
        _warn(plugin, f"cannot say what it handles: {_told(error)}")
        return False


def _answer(plugin: Plugin, ask: Callable[[], R], *, expected: Callable[[R], bool]) -> tuple[R | None, str]:
    """What the plug-in answers, or what is wrong with it."""
    try:
        answer = ask()
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything, and costs only itself
        problem = f"failed: {_told(error)}"
    else:
        if expected(answer):
            return answer, ""
        problem = f"answered with {type(answer).__name__}; expected what docs/plugins.md says"
    _warn(plugin, problem)
    return None, f"{plugin} {problem}"


@cache
def _warn(plugin: Plugin, problem: str) -> None:
    """Once for each problem: an operator asks again and again."""
    LOG.warning("%s %s", plugin, problem)


# Images -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PluggedInspector:
    """An `ImageInspector`: the first plug-in that handles the image answers, else the one that is built in."""

    built_in: ImageInspector
    sources: tuple[tuple[Plugin, ImageSource], ...]

    def inspect(self, want: Inspect) -> Inspection:
        """What whoever handles the image answers."""
        plugin, source = self._of(want)
        if plugin is None:
            return source.inspect(want)
        answer, problem = _answer(plugin, lambda: source.inspect(want), expected=_is_inspection)
        return _failed(problem) if answer is None else answer

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        """What whoever handles the image answers."""
        plugin, source = self._of(want)
        if plugin is None:
            return source.recheck(want, held)
        answer, problem = _answer(
            plugin,
            lambda: source.recheck(want, held),
            expected=lambda it: isinstance(it, Unchanged) or _is_inspection(it),
        )
        return _failed(problem) if answer is None else answer

    def _of(self, want: Inspect) -> tuple[Plugin | None, ImageInspector]:
        for plugin, source in self.sources:
            if _handles(plugin, lambda source=source: source.handles(want.image)):  # type: ignore[misc]  # binds now
                return plugin, source
        return None, self.built_in


def _is_inspection(answer: Any) -> bool:
    if not isinstance(answer, Inspected):
        return isinstance(answer, InspectionFailed)
    labels: Any = answer.labels
    texts = [text for pair in labels.items() for text in pair] if isinstance(labels, Mapping) else [None]
    return all(isinstance(text, str) for text in (answer.digest, *texts))


def _failed(problem: str) -> InspectionFailed:
    return InspectionFailed(cause=Cause.UNREACHABLE, message=problem)


# Sizes ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PluggedProber:
    """A `SizeProber`: the first plug-in that handles the source answers, else the one that is built in."""

    built_in: SizeProber
    sources: tuple[tuple[Plugin, SizeSource], ...]

    def probe(
        self, source: SourceUri, environment: Mapping[str, str], *, by: FileFilter = ALL_BUT_DUPLICATES
    ) -> ProbeAnswer:
        """What whoever handles the source answers."""
        for plugin, prober in self.sources:
            if _handles(plugin, lambda prober=prober: prober.handles(source)):  # type: ignore[misc]  # binds now
                break
        else:
            return self.built_in.probe(source, environment, by=by)
        answer, problem = _answer(
            plugin,
            lambda: prober.probe(source, environment, by=by),
            expected=lambda it: isinstance(it, Sized | ProbeFailed),
        )
        return ProbeFailed(cause=ProbeCause.UNREACHABLE, message=problem) if answer is None else answer


PACKAGE: Final = "aimcore"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*+")
EXTRA: Final = re.compile(r"\bextra\s*+==\s*+['\"]([a-z0-9-]++)")


def installed() -> Installed:
    """Versions, extras and plug-ins; each plug-in is loaded, so that one that cannot be says so."""
    return Installed(
        version=__version__,
        python=platform.python_version(),
        extras=tuple(_extras()),
        plugins=tuple(
            InstalledPlugin(
                group=plugin.group.value,
                name=plugin.name,
                package=plugin.package,
                version=plugin.version,
                problem=plugin.problem,
            )
            for group in Group
            for plugin in installed_plugins(group)
        ),
    )


def _extras() -> Iterator[Extra]:
    """The extras that name packages themselves, and do not only gather others."""
    needed: dict[str, set[str]] = {}
    for text in distribution(PACKAGE).requires or ():
        name, wanted_by = NAME.match(text), EXTRA.search(text.partition(";")[2])
        if name is not None and name[0] != PACKAGE:
            needed.setdefault(wanted_by[1] if wanted_by else "", set()).add(name[0])
    for extra, names in sorted(needed.items()):
        yield Extra(name=extra, packages=tuple(Package(name=name, version=_version(name)) for name in sorted(names)))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
