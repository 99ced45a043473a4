"""Whether somebody filled a folder with these sources: its marker names them, and what it names is there (CACHE-6)."""

from __future__ import annotations

from typing import Final

from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.weights.fetchplan import FetchRequest, FetchSource
from aimcore.domain.weights.marker import CompleteSource, Marker, parse_marker
from aimcore.domain.weights.outcome import FetchCause, FetchResult
from aimcore.ports.fetching import Volume

__all__ = ["check"]

_MARKER: Final = ".aimcore/complete.json"


def check(request: FetchRequest, volume: Volume) -> FetchResult:
    """The sources as the marker names them, whichever endpoint and filter they came by; else cause `NotWhole`. Writes nothing."""
    text = volume.marker()
    if text is None:
        return _not_whole(request, f"there is no marker {_MARKER} that can be read")
    try:
        marker = parse_marker(text)
    except ParseError as error:
        return _not_whole(request, f"the marker {_MARKER} cannot be used: {error}")
    found = [(source, marker.of(source.model_id)) for source in request.sources]
    problems = [problem for source, one in found if (problem := _problem(source, one, marker, volume)) is not None]
    if problems:
        return _not_whole(request, "; ".join(problems))
    return FetchResult(sources=tuple(one.result for _, one in found if one is not None), content=request.content)


def _problem(source: FetchSource, found: CompleteSource | None, marker: Marker, volume: Volume) -> str | None:
    if found is None:
        named = ", ".join(one.model_id for one in marker.sources) or "nothing"
        return f"the marker {_MARKER} names {named}; expected {source.model_id} of {quoted(source.uri)}"
    if found.uri != source.uri:
        return (
            f"the marker {_MARKER} says that {source.model_id} is of {quoted(found.uri)}; expected {quoted(source.uri)}"
        )
    lacking = [one.path for one in found.files if not volume.holds(found.model_id, (one,))]
    if lacking:
        names = ", ".join(map(quoted, lacking[:5]))
        return f"{len(lacking)} of {len(found.files)} files of {source.model_id} are not there in the size that the marker says ({names})"
    return None


def _not_whole(request: FetchRequest, problem: str) -> FetchResult:
    expected = ", ".join(f"{one.model_id} of {quoted(one.uri)}" for one in request.sources)
    message = problem if "expected" in problem else f"{problem}; expected the marker of a download of {expected}"
    return FetchResult(cause=FetchCause.NOT_WHOLE, message=message, content=request.content)
