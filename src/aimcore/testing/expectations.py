"""A folder of manifests and what is expected of it: read, planned, told in YAML, and compared line by line."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

from aimcore.domain.kinds.scope import GROUP, Kind
from aimcore.entrypoints.library.catalogue import load
from aimcore.entrypoints.library.planning import plan
from aimcore.entrypoints.library.resolving import resolve
from aimcore.entrypoints.library.views import Item, contents
from aimcore.entrypoints.present.answers import Planned, problem_line
from aimcore.entrypoints.present.data import yaml_text
from aimcore.entrypoints.wiring import Folders, Images, LockFile

__all__ = ["EXPECTED", "differences", "expected_text", "holds_manifests"]

EXPECTED: Final = "expected.yaml"
HEAD: Final = "# What comes of the manifests in this folder. `pytest --aimcore-update` writes it anew: read the difference then.\n"
ENDINGS: Final = (".json", ".yaml", ".yml")
LOCKS: Final = ".lock.yaml"
READ_AT_MOST: Final = 2**20


def holds_manifests(folder: Path) -> bool:
    """Whether any file beside the expectation speaks of this group: other projects have files of that name, too."""
    return any(GROUP.encode() in _head(path) for path in _manifests(folder))


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(READ_AT_MOST)


def _manifests(folder: Path) -> list[Path]:
    """The manifests directly in the folder."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name.endswith(ENDINGS) and path.name != EXPECTED and not path.name.endswith(LOCKS)
    )


def _images(folder: Path) -> Images | None:
    """The lock file in the folder, else the images in its sub-folder `images`."""
    locks = sorted(folder.glob(f"*{LOCKS}"))
    if locks:
        return LockFile(file=locks[0])
    images = folder / "images"
    return Folders(folders=(images,)) if images.is_dir() else None


def expected_text(folder: Path) -> str:
    """What comes of the folder, as its `expected.yaml` should say it."""
    planned = plan(load(*_manifests(folder)), images=_images(folder))
    return HEAD + yaml_text(_outcome(planned, folder))


def _outcome(planned: Planned, folder: Path) -> dict[str, Any]:
    items = contents(planned)
    services = (item for item in items if item.key.kind is Kind.SERVICE)
    others = (item for item in items if item.key.kind is not Kind.SERVICE)
    problems = [problem_line(one).removeprefix(f"{folder}/") for one in planned.problems]
    return {
        "services": {f"{item.key.namespace}/{item.key.name}": _service(planned, item) for item in services},
        "others": {str(item.key): _told(item) for item in others},
        **({"problems": problems} if problems else {}),
    }


def _service(planned: Planned, item: Item) -> dict[str, str | None]:
    found = resolve(planned, f"{item.key.namespace}/{item.key.name}")
    names = {"model": found.model, "template": found.template}
    return {
        "status": _told(item),
        **{what: None if key is None else str(key) for what, key in names.items()},
    }


def _told(item: Item) -> str:
    """The one word, and why where it is not a good one."""
    return item.status if item.status in ("Ready", "Running", "Starting") else f"{item.status}: {item.reason}"


def differences(folder: Path) -> Iterator[str]:
    """Where the expectation of a folder and what comes of it differ, as lines of a unified diff; none where they agree."""
    there = (folder / EXPECTED).read_text(encoding="utf-8")
    found = expected_text(folder)
    yield from unified_diff(
        _lines(there), _lines(found), fromfile=f"expected ({folder.name}/{EXPECTED})", tofile="found", lineterm="", n=2
    )


def _lines(text: str) -> list[str]:
    """The lines that say something: comments and blank lines are the author's own."""
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
