"""`.aimcore/complete.json`: the proof, on the volume itself, that sources are whole there (FETCH-5, CACHE-8)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace

from aimcore.domain.errors import ParseError
from aimcore.domain.weights.fetchplan import FetchSource
from aimcore.domain.weights.files import Digest, parse_digest
from aimcore.domain.weights.filter import FileFilter, parse_filter
from aimcore.domain.weights.jsonshape import Shape, parse_shape
from aimcore.domain.weights.outcome import SourceResult

__all__ = ["CompleteSource", "Marker", "StoredFile", "marker_text", "parse_marker"]

VERSION = 1
_WHAT = "marker"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file below the source's folder; `digest` is what it was verified by, None where only its size was known."""

    path: str
    size: int
    digest: Digest | None

    @property
    def verified_by(self) -> str:
        """The word for how it was verified."""
        return "size" if self.digest is None else self.digest.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSource:
    """A source that is whole: what was asked for, at which endpoint (empty for the usual one), and what came of it."""

    model_id: str
    uri: str
    endpoint: str
    filter: FileFilter
    commit: str
    files: tuple[StoredFile, ...]

    def answers(self, source: FetchSource, endpoint: str) -> bool:
        """Whether this is what that source asks for."""
        asked = (source.model_id, source.uri, source.files, endpoint)
        return asked == (self.model_id, self.uri, self.filter, self.endpoint)

    @property
    def result(self) -> SourceResult:
        """What is told of it at the end."""
        return SourceResult(
            model_id=self.model_id,
            uri=self.uri,
            commit=self.commit,
            bytes=sum(one.size for one in self.files),
            files=len(self.files),
            verified=tuple(sorted(Counter(one.verified_by for one in self.files).items())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """All sources that are whole on a volume, one for each folder."""

    sources: tuple[CompleteSource, ...] = ()

    def of(self, model_id: str) -> CompleteSource | None:
        """What fills that folder."""
        return next((one for one in self.sources if one.model_id == model_id), None)

    def with_source(self, source: CompleteSource) -> Marker:
        """The marker once that source is whole; it takes the place of what filled the folder before."""
        return replace(self, sources=(*self.without(source.model_id).sources, source))

    def without(self, model_id: str) -> Marker:
        """The marker once nothing is known of that folder."""
        return replace(self, sources=tuple(one for one in self.sources if one.model_id != model_id))


def marker_text(marker: Marker) -> str:
    """The marker as one line of JSON."""
    sources = [
        {
            "modelId": one.model_id,
            "uri": one.uri,
            "endpoint": one.endpoint,
            "filter": {"include": list(one.filter.include), "exclude": list(one.filter.exclude)},
            "commit": one.commit,
            "files": [[file.path, file.size, "" if file.digest is None else str(file.digest)] for file in one.files],
        }
        for one in marker.sources
    ]
    return json.dumps({"version": VERSION, "sources": sources}) + "\n"


def parse_marker(text: str) -> Marker:
    """The marker that a document spells; ParseError for what this version did not write."""
    document = parse_shape(_WHAT, text)
    if document.number("version") != VERSION:
        raise ParseError(_WHAT, "$.version", problem="is of another version", expected=str(VERSION))
    return Marker(sources=tuple(map(_source, document.shapes("sources"))))


def _source(shape: Shape) -> CompleteSource:
    files = shape.shape("filter")
    return CompleteSource(
        model_id=shape.text("modelId"),
        uri=shape.text("uri"),
        endpoint=shape.text("endpoint"),
        filter=parse_filter(files.texts("include"), files.texts("exclude")),
        commit=shape.text("commit"),
        files=tuple(map(_file, shape.items("files"))),
    )


def _file(value: object) -> StoredFile:
    match value:
        case [str(path), int(size), str(digest)]:
            return StoredFile(path=path, size=size, digest=parse_digest(digest) if digest else None)
        case _:
            raise ParseError(_WHAT, "$.sources[].files[]", problem="is malformed", expected="[path, size, digest]")
