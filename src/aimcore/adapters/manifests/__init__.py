"""YAML and JSON files become manifests, with file, line and column for every `$.path` in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from aimcore.adapters.manifests.documents import ALL, Document, Loaded, Problem, Skipped, Wanted, Why
from aimcore.adapters.manifests.text import Location

__all__ = ["Document", "Loaded", "Location", "Problem", "Skipped", "Wanted", "Why", "read_manifests"]


def read_manifests(
    paths: Sequence[str],
    *,
    recursive: bool,
    stdin: BinaryIO,
    texts: Sequence[tuple[str, bytes]] = (),
    wanted: Wanted = ALL,
) -> Loaded:
    """The manifests of files, folders and `-`, which is `stdin`, then of `texts`, each with its name for messages; nothing is
    raised, whatever they hold.

    Folders mean what they mean to kubectl: the files in them with the endings of YAML and JSON, those of sub-folders too
    when `recursive`. A document with any problem but warnings is left out of the documents; a file that is named twice is
    read once.

    What is not `wanted` and is no sound manifest is skipped: its problems are not told. So are files that the patterns it
    ignores name, or a `.aimcoreignore` in the working directory or in a folder that is named.
    """
    from aimcore.adapters.manifests.reading import Asked, read_all  # noqa: PLC0415 - PyYAML, for those who read any

    return read_all(Asked(paths=paths, recursive=recursive, texts=texts, wanted=wanted), stdin)
