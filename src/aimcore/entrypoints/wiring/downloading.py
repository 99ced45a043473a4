"""A download of this process: a folder as its volume, the hosts of sources, and nothing of its surroundings (FETCH, SEC-2)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aimcore.adapters.egress import EgressError, Session
from aimcore.adapters.huggingface.settings import prepare
from aimcore.adapters.volume.volume import FolderVolume
from aimcore.domain.weights.fetchplan import FetchRequest
from aimcore.domain.weights.outcome import FetchCause, FetchError, FetchResult
from aimcore.entrypoints.download.checking import check
from aimcore.entrypoints.download.downloading import Downloads
from aimcore.entrypoints.download.meter import Meter
from aimcore.entrypoints.settings import Registries
from aimcore.entrypoints.wiring.hosts import SourceHosts
from aimcore.entrypoints.wiring.weighing import host_rules

__all__ = ["checked", "downloads"]


@contextmanager
def downloads(
    request: FetchRequest,
    *,
    variables: Mapping[str, str],
    endpoint: str | None,
    registries: Registries,
    meter: Meter,
) -> Iterator[Downloads]:
    """What carries the request out. `endpoint` may be anywhere, since whoever calls named it. Raises `FetchError`."""
    target = Path(request.target)
    scratch = target / ".aimcore" / "scratch"
    prepare(scratch)
    try:
        session = Session(host_rules(registries, endpoint, [one.uri for one in request.sources]))
    except EgressError as error:
        raise FetchError(FetchCause.INVALID, str(error)) from error
    try:
        with session:
            hosts = SourceHosts(session=session, scratch=scratch)
            yield Downloads(hosts=hosts, volume=FolderVolume(target), meter=meter, variables=variables)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def checked(request: FetchRequest) -> FetchResult:
    """Whether the folder has what the request names: nothing is written, and no host is asked."""
    return check(request, FolderVolume(Path(request.target)))
