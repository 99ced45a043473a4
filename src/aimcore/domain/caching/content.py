"""What is on a volume of weights, and the names that follow from it (CACHE-3, NAME-8).

Equal content, one claim: whoever asks for it finds what another one downloaded. No secret is part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aimcore.domain.kinds.naming import derived_name
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.workload import CachingMode, ExistingClaim
from aimcore.domain.serving.bodies import digest, plain
from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter
from aimcore.domain.weights.sources import EnvVar, ModelSource

__all__ = [
    "ENDPOINTS",
    "Content",
    "ContentSource",
    "cache_name",
    "check_name",
    "claim_name",
    "content_digest",
    "content_source",
    "is_claim_of",
    "job_name",
    "sources_digest",
]

ENDPOINTS: Final = ("AWS_ENDPOINT_URL", "HF_ENDPOINT")
"""The variables that say which host a source is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentSource:
    """One source, with the revision that was asked for in its `uri`; `endpoints` are pairs of a variable and what it says."""

    model_id: str
    uri: str
    endpoints: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a claim holds and how. `owner` is kind and name of the model whose own it is, None where it is shared."""

    sources: tuple[ContentSource, ...]
    files: FileFilter = ALL_BUT_DUPLICATES
    storage_class: str | None = None
    access_mode: str
    owner: tuple[str, str] | None = None


def content_source(source: ModelSource, env: Mapping[str, EnvVar]) -> ContentSource:
    """The source as content sees it: of its environment the endpoints alone, one from elsewhere by where it is from."""
    told = ((name, env[name]) for name in ENDPOINTS if name in env)
    endpoints = tuple((name, variable.value or str(plain(variable.value_from))) for name, variable in told)
    return ContentSource(model_id=source.model_id, uri=source.source_uri, endpoints=endpoints)


def content_digest(content: Content) -> str:
    """Ten hexadecimal digits that are the same for equal content, in whichever order its sources are listed."""
    identity = {
        "identity": "weights/1",
        "sources": _sources(content.sources),
        "include": content.files.include,
        "exclude": content.files.exclude,
        "class": content.storage_class,
        "accessMode": content.access_mode,
        "owner": content.owner,
    }
    return digest(plain(identity))


def sources_digest(content: Content) -> str:
    """As `content_digest`, of what a model says alone: a claim that is whole stays when a config changes (CACHE-3)."""
    identity = {"identity": "sources/1", "sources": _sources(content.sources), "owner": content.owner}
    return digest(plain(identity))


def _sources(sources: Iterable[ContentSource]) -> list[list[object]]:
    return [
        [one.model_id, one.uri, [list(pair) for pair in one.endpoints]]
        for one in sorted(sources, key=lambda one: (one.model_id, one.uri, one.endpoints))
    ]


# Names ----------------------------------------------------------------------------------------------------------------


def claim_name(content: Content, generation: int = 1) -> str:
    """The claim of this content; a later generation is needed while the one before is on its way out (CACHE-8)."""
    return derived_name(("weights", _last_part(content)), _with_generation(content_digest(content), generation))


def is_claim_of(name: str, content: Content) -> bool:
    """Whether a claim of that name, of whichever generation, is of this content."""
    return f"-{content_digest(content)}-" in f"{name}-"


def _last_part(content: Content) -> str:
    """The last part of the first model id, in whichever order the sources are listed."""
    return min(one.model_id for one in content.sources).rpartition("/")[2]


def _with_generation(text: str, generation: int) -> str:
    return text if generation == 1 else f"{text}-{generation}"


def cache_name(
    template: Key,
    mode: CachingMode,
    sources: Iterable[ModelSource],
    *,
    asked: str | None = None,
    existing: ExistingClaim | None = None,
) -> str:
    """The cache that services make for a template: of its kind and name, the mode, and what its sources name; where an image
    names these, of what it is `asked`, and where somebody else filled a claim, of that.
    """
    identity = {
        "identity": "cache/1",
        "template": [template.api_kind, template.name],
        "mode": mode,
        "sources": sorted([one.model_id, one.source_uri] for one in sources),
        **({} if asked is None else {"asked": asked}),
        **({} if existing is None else {"existing": [existing.name, existing.sub_path]}),
    }
    return derived_name((template.name,), digest(plain(identity)))


_GETS: Final = "get-"


def gets(job: str) -> bool:
    """Whether the Job of this name fetches weights; others of a claim look at it, or ask an image.

    >>> gets(job_name("weights-llama-0123456789", "7f", 3)), gets(check_name("weights", None, "0123456789", 1))
    (True, False)
    """
    return job.startswith(_GETS)


def job_name(claim: str, uid: str, attempt: int) -> str:
    """The Job of an attempt to fill a claim: of its name and uid, as another claim of that name is empty.

    >>> job_name("weights-llama-0123456789", "7f", 3)
    'get-70a70ec5ab-3'
    """
    return f"{_GETS}{digest({'identity': 'job/1', 'claim': claim, 'uid': uid})}-{attempt}"


def check_name(claim: str, sub_path: str | None, sources: str, attempt: int) -> str:
    """The Job of an attempt to find the `sources` of this digest in a folder of a claim that somebody else filled.

    >>> check_name("weights", None, "0123456789", 1)
    'check-0c607196ef-1'
    """
    identity = {"identity": "check/1", "claim": claim, "subPath": sub_path, "sources": sources}
    return f"check-{digest(identity)}-{attempt}"
