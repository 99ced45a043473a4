"""What is installed, as an outline and as data: versions, the packages of each extra, and plug-ins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aimcore.entrypoints.present.outline import Entry, Section

__all__ = ["Extra", "Installed", "InstalledPlugin", "Package", "doctor_data", "doctor_outline"]


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
