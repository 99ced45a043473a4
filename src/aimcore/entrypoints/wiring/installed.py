"""What is installed beside this package: the packages of each extra, and the plug-ins."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from typing import Final

from aimcore import __version__
from aimcore.entrypoints.present.doctor import Extra, Installed, InstalledPlugin, Package
from aimcore.entrypoints.wiring.plugins import Group, installed_plugins

__all__ = ["installed"]

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
