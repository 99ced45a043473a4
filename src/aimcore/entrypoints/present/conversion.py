"""What a conversion gives: manifests for `kubectl apply -f -`, and a line for each note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aimcore.entrypoints.present.answers import Problem
from aimcore.entrypoints.present.data import json_text, yaml_text
from aimcore.entrypoints.present.text import shown

__all__ = ["Conversion", "Remark", "manifests_text", "remark_line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What became of one field of an old manifest, and where it stands there; `loses` if somebody should look at it."""

    file: str
    line: int
    column: int
    path: str
    action: str
    message: str
    loses: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """The new manifests in the order of the old ones, what was remarked on the way, and what could not be read."""

    manifests: tuple[Mapping[str, Any], ...]
    remarks: tuple[Remark, ...]
    problems: tuple[Problem, ...]


def remark_line(remark: Remark) -> str:
    """One line that no input can forge: `file:line:column: renamed: $.path: message`."""
    place = f"{remark.file}:{remark.line}:{remark.column}"
    return shown(f"{place}: {remark.action}: {remark.path}: {remark.message}")


def manifests_text(form: str, manifests: Sequence[Mapping[str, Any]]) -> str:
    """The manifests as YAML documents, or with `json` as one `List`."""
    if form == "json":
        return json_text({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
    return "---\n".join(map(yaml_text, manifests))
