"""What is supported, in which versions."""

from __future__ import annotations

import tomllib
from pathlib import Path

from aimcore import __version__
from aimcore.adapters.memory.minors import NEWEST, OLDEST
from aimcore.domain.kinds.scope import GROUP, VERSION, Kind
from tests.reference.pages import code, page, table

__all__ = ["page_text"]

ROOT = Path(__file__).parents[2]


def page_text() -> str:
    """The page of versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    packages = [("none", project["dependencies"]), *sorted(extras.items())]
    return page(
        "Versions",
        table(
            ("what", "which"),
            (
                ("aimcore", __version__),
                ("Kubernetes", f"1.{OLDEST} to 1.{NEWEST}; the oldest and the newest are tested"),
                ("Python", f"{project['requires-python'].removeprefix('>=')} or newer"),
                ("API of AIM", code(f"{GROUP}/{VERSION}")),
                ("Gateway API, where there are routes", code(Kind.HTTP_ROUTE.api_version)),
            ),
        ),
        "What `pip install '.[EXTRA]'` in a clone brings; the versions of the image and of the tests are in `requirements/`.",
        table(("extra", "packages"), ((code(name), ", ".join(map(code, needs))) for name, needs in packages)),
    )
