"""What was checked, and what was not looked into: as a line, and as a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aimcore.entrypoints.present.answers import Checked

__all__ = ["checked_line", "nothing_checked", "skipped_words"]

_WORDS: Final = {
    "otherKinds": ("object of another kind", "objects of other kinds"),
    "noManifests": ("document that is no manifest", "documents that are no manifests"),
    "helmTemplates": ("template of Helm", "templates of Helm"),
    "ignored": ("ignored path", "ignored paths"),
}


def checked_line(checked: Checked) -> str:
    """What a validation looked into, and how that ended.

    >>> print(checked_line(Checked(documents=2, objects=1, files=("a",), problems=(), skipped={"otherKinds": 1})))
    1 AIM object in 1 file: no problems; skipped 1 object of another kind
    """
    errors = sum(not problem.warning for problem in checked.problems)
    warnings = len(checked.problems) - errors
    found = [_counted(errors, "error", "errors")] if errors else []
    found += [_counted(warnings, "warning", "warnings")] if warnings else []
    skipped = f"; skipped {skipped_words(checked.skipped)}" if checked.skipped else ""
    if not found and checked.objects:
        found = ["no problems"]
    how = f": {', '.join(found)}" if found else ""
    return f"{_looked_into(checked.objects, len(checked.files))}{how}{skipped}"


def nothing_checked(files: int) -> str:
    """That there was nothing to look into.

    >>> nothing_checked(3)
    '0 AIM objects in 3 files'
    """
    return _looked_into(0, files)


def skipped_words(skipped: Mapping[str, int]) -> str:
    """How much was skipped, for each reason.

    >>> skipped_words({"noManifests": 2, "helmTemplates": 1})
    '2 documents that are no manifests, 1 template of Helm'
    """
    return ", ".join(_counted(count, *_WORDS[reason]) for reason, count in skipped.items())


def _looked_into(objects: int, files: int) -> str:
    return f"{_counted(objects, 'AIM object', 'AIM objects')} in {_counted(files, 'file', 'files')}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
