"""What to download: the sources as they are asked for, and what the listing of one of them makes of it (FETCH-1, FETCH-2).

A request has a form in JSON, which is what a Job's program is given; it names variables of the process, never their values.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from aimcore.domain.errors import ParseError
from aimcore.domain.weights.files import Listed, RemoteFile
from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter, parse_filter
from aimcore.domain.weights.jsonshape import Shape, parse_shape
from aimcore.domain.weights.sources import HuggingFaceUri, SourceUri, parse_model_id, parse_source_uri

__all__ = ["FetchRequest", "FetchSource", "SourcePlan", "model_id_of", "parse_request", "request_text"]

SOURCES_AT_MOST = 32
_UNFIT = re.compile(r"[^a-zA-Z0-9._-]+")
_WHAT = "download plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSource:
    """One source: the folder `org/name` that it fills, where it is, and which of its files are meant.

    `env` pairs a variable that sources are read with (`HF_TOKEN`) with the variable of the process that has its value.
    """

    model_id: str
    uri: str
    files: FileFilter = ALL_BUT_DUPLICATES
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """What is asked for: sources, and the folder of the volume. `content` is a word for it that comes back in the result."""

    target: str
    sources: tuple[FetchSource, ...]
    content: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.sources) <= SOURCES_AT_MOST:
            problem = f"has {len(self.sources)} sources"
            raise ParseError(_WHAT, "$.sources", problem=problem, expected=f"1 to {SOURCES_AT_MOST}")
        seen: set[str] = set()
        for source in self.sources:
            if parse_model_id(source.model_id).endswith(("/.", "/..")):
                raise ParseError("model id", source.model_id, problem="names no folder", expected="org/name")
            parse_source_uri(source.uri)
            if source.model_id in seen:
                raise ParseError("model id", source.model_id, problem="is given twice", expected="one source for each")
            seen.add(source.model_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """What a listing makes of a source: its files after the filter, at the commit that was listed."""

    source: FetchSource
    endpoint: str
    listed: Listed
    files: tuple[RemoteFile, ...]

    @property
    def bytes(self) -> int:
        """The bytes of all files."""
        return sum(one.size for one in self.files)


def parse_request(text: str) -> FetchRequest:
    """The request that a document of JSON spells; ParseError says where it is wrong."""
    document = parse_shape(_WHAT, text)
    document.only("target", "content", "sources")
    return FetchRequest(
        target=document.text("target"),
        content=document.text("content", default=""),
        sources=tuple(map(_source, document.shapes("sources"))),
    )


def _source(shape: Shape) -> FetchSource:
    shape.only("modelId", "uri", "files", "env")
    files = shape.shape("files")
    files.only("include", "exclude")
    return FetchSource(
        model_id=shape.text("modelId"),
        uri=shape.text("uri"),
        files=parse_filter(files.texts("include"), files.texts("exclude")),
        env=shape.mapping("env"),
    )


def request_text(request: FetchRequest) -> str:
    """The request as one line of JSON; what `parse_request` reads."""
    sources = [
        {
            "modelId": one.model_id,
            "uri": one.uri,
            "files": {"include": list(one.files.include), "exclude": list(one.files.exclude)},
            "env": dict(one.env),
        }
        for one in request.sources
    ]
    return json.dumps({"target": request.target, "content": request.content, "sources": sources})


def model_id_of(uri: SourceUri) -> str:
    """The folder that a source fills where nobody names one: the repository, or the last two parts of bucket and key.

    >>> model_id_of(parse_source_uri("s3://weights/models/llama-3"))
    'models/llama-3'
    """
    if isinstance(uri, HuggingFaceUri):
        return uri.repository
    parts = [part for part in (uri.bucket, *uri.key.split("/")) if part]
    if len(parts) < 2:
        raise ParseError("source URI", f"s3://{uri.bucket}/{uri.key}", problem="names no folder", expected="a key")
    org, name = (_UNFIT.sub("-", part) for part in parts[-2:])
    return parse_model_id(f"{org.replace('.', '-')}/{name}")
