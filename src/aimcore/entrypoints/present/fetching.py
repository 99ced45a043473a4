"""A download as it goes on and as it ended, in a line for people and in one of JSON for programs (FETCH-1, FETCH-6)."""

from __future__ import annotations

import json
from typing import Final

from aimcore.domain.weights.outcome import FetchResult, SourceResult
from aimcore.entrypoints.download.meter import Progress
from aimcore.entrypoints.present.text import amount

__all__ = ["bar_line", "progress_line", "result_lines"]

_WIDTH: Final = 24


def progress_line(progress: Progress) -> str:
    """One line of JSON."""
    return json.dumps(
        {
            "percent": progress.percent,
            "bytes": progress.bytes,
            "totalBytes": progress.total_bytes,
            "files": progress.files,
            "totalFiles": progress.total_files,
        }
    )


def bar_line(progress: Progress, seconds: float) -> str:
    """A line that fits a terminal of 80 columns.

    >>> bar_line(Progress(bytes=2**20, total_bytes=2**22, files=1, total_files=4, fetched=2**20), 1.0)
    ' 25% [######..................] 1.0 MiB of 4.0 MiB, 1 of 4 files, 1.0 MiB/s'
    """
    done = _WIDTH * progress.percent // 100
    bar = "#" * done + "." * (_WIDTH - done)
    rate = int(max(0, progress.fetched) / seconds) if seconds else 0
    amounts = f"{amount(max(0, progress.bytes))} of {amount(progress.total_bytes)}"
    return (
        f"{progress.percent:3}% [{bar}] {amounts}, {progress.files} of {progress.total_files} files, {amount(rate)}/s"
    )


def result_lines(result: FetchResult, target: str) -> tuple[str, ...]:
    """What stands on the volume now, a line for each source."""
    return tuple(_source_line(one, target, fetched=result.fetched > 0) for one in result.sources)


def _source_line(source: SourceResult, target: str, *, fetched: bool) -> str:
    how = ", ".join(f"{count} by {kind}" for kind, count in source.verified)
    commit = f" at commit {source.commit}" if source.commit else ""
    word = "whole" if fetched else "whole already"
    files = f"{source.files} {'file' if source.files == 1 else 'files'}"
    return f"{target.rstrip('/')}/{source.model_id} is {word}: {files}, {amount(source.bytes)}{commit}; verified {how}"
