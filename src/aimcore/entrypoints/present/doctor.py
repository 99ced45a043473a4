"""What `aimcore doctor` finds, as an outline and as data: what is installed, and whether a cluster is as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aimcore.entrypoints.present.outline import Entry, Section

__all__ = [
    "Check",
    "Extra",
    "Installed",
    "InstalledPlugin",
    "Package",
    "State",
    "checks_data",
    "checks_section",
    "doctor_data",
    "doctor_outline",
    "is_sound",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package that is needed, and its installed version, None where it is missing."""

    name: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """An extra with its packages; the one without a name is what is always needed."""

    name: str
    packages: tuple[Package, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The packages that are not installed."""
        return tuple(package.name for package in self.packages if package.version is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPlugin:
    """A plug-in, the package that brings it, and why it cannot be used, if so."""

    group: str
    name: str
    package: str
    version: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Everything that is installed."""

    version: str
    python: str
    extras: tuple[Extra, ...]
    plugins: tuple[InstalledPlugin, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every plug-in could be loaded."""
        return not any(plugin.problem for plugin in self.plugins)


def doctor_outline(found: Installed) -> tuple[Section, ...]:
    """For people."""
    versions = (Entry(label="aimcore", text=found.version), Entry(label="Python", text=found.python))
    return (
        Section(title="Versions", entries=versions),
        Section(title="Extras", entries=tuple(map(_extra, found.extras))),
        Section(title="Plug-ins", entries=tuple(map(_plugin, found.plugins)) or (Entry(text="none"),)),
    )


def doctor_data(found: Installed) -> dict[str, Any]:
    """For programs."""
    return {
        "version": found.version,
        "python": found.python,
        "extras": [
            {
                "name": extra.name or None,
                "installed": not extra.missing,
                "packages": {package.name: package.version for package in extra.packages},
            }
            for extra in found.extras
        ],
        "plugins": [
            {
                "group": plugin.group,
                "name": plugin.name,
                "package": plugin.package,
                "version": plugin.version,
                "problem": plugin.problem or None,
            }
            for plugin in found.plugins
        ],
    }


def _extra(extra: Extra) -> Entry:
    return Entry(
        label="missing" if extra.missing else "installed", text=extra.name or "always", notes=tuple(_of(extra))
    )


def _of(extra: Extra) -> Iterator[str]:
    there = ", ".join(f"{package.name} {package.version}" for package in extra.packages if package.version)
    if there:
        yield there
    if extra.missing:
        yield f"without {', '.join(extra.missing)}: pip install 'aimcore[{extra.name}]'"


def _plugin(plugin: InstalledPlugin) -> Entry:
    notes = (f"{plugin.package} {plugin.version}, {plugin.group}", *((plugin.problem,) if plugin.problem else ()))
    return Entry(label="failed" if plugin.problem else "loaded", text=plugin.name, notes=notes)


class State(StrEnum):
    """How it is; what is `unknown` could not be looked at, and is no fault."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: what was found, and what to do about it where something is to be done."""

    name: str
    state: State
    found: str
    advice: str = ""


def is_sound(checks: Sequence[Check]) -> bool:
    """Whether nothing is wrong."""
    return not any(check.state is State.WRONG for check in checks)


def checks_section(checks: Sequence[Check]) -> Section:
    """For people."""
    entries = (
        Entry(label=check.state, text=check.name, notes=tuple(filter(None, (check.found, check.advice))))
        for check in checks
    )
    return Section(title="Cluster", entries=tuple(entries))


def checks_data(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """For programs."""
    return [{"check": one.name, "state": one.state, "found": one.found, "advice": one.advice or None} for one in checks]
