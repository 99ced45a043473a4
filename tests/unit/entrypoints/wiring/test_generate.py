"""What is generated is what is shipped: whoever changes a codec or the registry runs `make generate`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from aimcore.adapters.schemas import definitions
from aimcore.adapters.wire.definitions import made_definitions
from aimcore.entrypoints.wiring.generate import generated_files, write_into


@pytest.mark.rule("KIND-2", "KIND-3")
def test_the_shipped_definitions_are_those_of_the_codecs() -> None:
    shipped = {f"{plural}.yaml": text for plural, text in definitions()}
    made = generated_files()
    assert sorted(shipped) == sorted(made), "run make generate"
    for name, text in made.items():
        assert text == shipped[name], f"{name} is not what the codecs say: run make generate, then deploy/render.sh"


def test_the_text_says_what_was_made() -> None:
    for plural, made in made_definitions():
        assert yaml.safe_load(generated_files()[f"{plural}.yaml"]) == yaml.safe_load(yaml.safe_dump(plain(made)))


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def test_files_of_kinds_that_are_no_more_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "aimgones.yaml").write_text("kind: CustomResourceDefinition\n", encoding="utf-8")
    write_into(tmp_path)
    written = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert written == dict(generated_files())
