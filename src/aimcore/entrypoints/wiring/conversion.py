"""Paths become manifests of ours, and notes that know the line of the old manifest they speak of."""

from __future__ import annotations

from aimcore.adapters import conversion
from aimcore.adapters.conversion import Action, Note
from aimcore.adapters.manifests import Document, Wanted, read_manifests
from aimcore.entrypoints.present.conversion import Conversion, Remark
from aimcore.entrypoints.wiring.input import Inputs

__all__ = ["convert"]

WORDS = {Action.RENAMED: "renamed", Action.DROPPED: "dropped", Action.DECIDE: "needs a decision"}


def convert(inputs: Inputs) -> Conversion:
    """Converts all that can be read; what cannot is among the problems."""
    loaded = read_manifests(
        inputs.paths, recursive=inputs.recursive, stdin=inputs.stdin, wanted=Wanted(ignore=inputs.ignore)
    )
    converted = conversion.convert([document.manifest for document in loaded.documents])
    return Conversion(
        manifests=tuple(one.manifest for one in converted if one.manifest is not None),
        remarks=tuple(
            remark
            for document, one in zip(loaded.documents, converted, strict=True)
            for remark in sorted((_remark(document, note) for note in one.notes), key=_place)
        ),
        problems=loaded.problems,
    )


def _remark(document: Document, note: Note) -> Remark:
    place = document.locate(note.path)
    return Remark(
        file=place.file,
        line=place.line,
        column=place.column,
        path=note.path,
        action=WORDS[note.action],
        message=note.message,
        loses=note.action is not Action.RENAMED,
    )


def _place(remark: Remark) -> tuple[int, int]:
    return remark.line, remark.column
