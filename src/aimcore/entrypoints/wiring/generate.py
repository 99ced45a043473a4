"""Writes what is generated: the CustomResourceDefinitions, from the codecs and the registry of kinds.

`python -m aimcore.entrypoints.wiring.generate` writes them into the package, as `make generate` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from aimcore.adapters import schemas
from aimcore.adapters.wire.definitions import made_definitions
from aimcore.entrypoints.present.definitions import definition_text

__all__ = ["generated_files", "write_into"]


def generated_files() -> Mapping[str, str]:
    """The text of every file, by its name."""
    return {f"{plural}.yaml": definition_text(definition) for plural, definition in made_definitions()}


def write_into(folder: Path) -> None:
    """Write every file into the folder, and take away those of kinds that are no more."""
    files = generated_files()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for file in folder.glob("*.yaml"):
        if file.name not in files:
            file.unlink()


if __name__ == "__main__":
    with resources.as_file(resources.files(schemas).joinpath("crds")) as crds:
        write_into(crds)
