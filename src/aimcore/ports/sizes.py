"""The promise of whoever looks up how big a source is: bounded time, no credential but those it is given (SIZE, SEC-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.domain.weights.sources import SourceUri

__all__ = ["SizeProber", "SizeSource"]


class SizeProber(Protocol):
    """Adds up the files of sources; asked from several threads at once."""

    def probe(
        self, source: SourceUri, environment: Mapping[str, str], *, by: FileFilter = ALL_BUT_DUPLICATES
    ) -> ProbeAnswer:
        """The size of what a download of `source` fetches, or why it is not known; what goes wrong is an answer too.

        The filter `by` is that of the download (FETCH-2).

        `environment` is the source's own, its secrets resolved: the only place credentials and endpoints come from
        (`HF_TOKEN`, `HF_ENDPOINT`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`,
        `AWS_ENDPOINT_URL`).
        """
        ...


class SizeSource(SizeProber, Protocol):
    """A prober that is installed as a plug-in (entry point `aimcore.size_probers`), for some sources.

    It is made once a process. Whatever it raises counts as a failed lookup of that source, which may be tried again later.
    """

    def handles(self, source: SourceUri) -> bool:
        """Whether this prober answers for the source, with nobody else being asked. Called before each lookup, from several
        threads at once: it should only look at the URI. Raising counts as False.
        """
        ...
