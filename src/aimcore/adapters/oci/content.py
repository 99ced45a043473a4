"""Bytes that an image store hands out become typed values, or a `ContentError` that says what is wrong with them.

Nothing here reads anything: every function takes bytes somebody fetched, so the same rules hold for a folder and for a
registry. Content is verified against its digest *before* it is parsed, and one document is either an index or a manifest,
never both (the confusion behind CVE-2021-41190).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aimcore.domain.errors import AimError, quoted
from aimcore.domain.images.inspection import Cause

__all__ = [
    "CONFIG_AT_MOST",
    "DEFAULT_PLATFORM",
    "MANIFEST_AT_MOST",
    "MANIFEST_TYPES",
    "ContentError",
    "Descriptor",
    "Index",
    "Manifest",
    "Platform",
    "choose_platform",
    "parse_digest",
    "parse_index",
    "parse_labels",
    "parse_manifest",
    "parse_object",
    "verify",
]

MANIFEST_AT_MOST: Final = 4 * 1024 * 1024  # SEC-4
CONFIG_AT_MOST: Final = 4 * 1024 * 1024  # SEC-4

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")

_INDEXES: Final = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
_MANIFESTS: Final = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.artifact.manifest.v1+json",
    }
)
MANIFEST_TYPES: Final = tuple(sorted(_INDEXES | _MANIFESTS))  # what a registry is asked for
_SCHEMA_1: Final = frozenset(
    {
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    }
)
# What holds labels. Any other config (a chart's, a signature's, the empty one) belongs to an artifact.
_CONFIGS: Final = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
        "application/octet-stream",  # what some registries file the same document under (moby issue 22378)
    }
)

Json = Mapping[str, object]


class ContentError(AimError):
    """Content is not what it should be: the `cause` for the inspection, and the `problem` in one lower-case line."""

    def __init__(self, problem: str, *, cause: Cause = Cause.MALFORMED) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What a child of an index runs on, `linux/amd64`."""

    os: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.os}/{self.architecture}"


DEFAULT_PLATFORM: Final = Platform(os="linux", architecture="amd64")  # DISC-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A pointer to content: its media type, well-formed digest and size in bytes; `annotations` as they stand."""

    media_type: str
    digest: str
    size: int
    platform: Platform | None
    annotations: Mapping[str, str]

    @property
    def is_attestation(self) -> bool:
        """Whether this is a build's attestation, which `docker buildx` files beside the images it speaks of."""
        return self.annotations.get("vnd.docker.reference.type") == "attestation-manifest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Several manifests under one name, one a platform."""

    manifests: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One image; `config` holds its labels and is `None` for an artifact, which has none."""

    config: Descriptor | None


def parse_digest(text: str) -> tuple[str, str]:
    """Algorithm and hex digits of a digest; anything that could lead out of a blob folder is refused.

    >>> parse_digest("sha256:" + "0" * 64)[0]
    'sha256'
    """
    if not _DIGEST.fullmatch(text):
        raise ContentError(
            f"digest {quoted(text)} is malformed; expected sha256:, sha384: or sha512: and the hex digits"
        )
    algorithm, _, digits = text.partition(":")
    return algorithm, digits


def verify(body: bytes, digest: str) -> None:
    """Refuse content that is not what its digest promises."""
    algorithm, digits = parse_digest(digest)
    if hashlib.new(algorithm, body).hexdigest() != digits:
        raise ContentError(f"content does not match its digest {digest}")


def parse_manifest(body: bytes, *, media_type: str | None = None) -> Index | Manifest:
    """A manifest or an index, OCI or Docker; `media_type` is what pointed here or the server said, where known.

    Without a media type anywhere the shape decides. Raises `ContentError`: no JSON object, schema 1, both at once, neither.
    """
    document = parse_object(body, "manifest")
    declared = document.get("mediaType", media_type)
    if not isinstance(declared, str | None):
        raise ContentError(f"manifest has {_kind(declared)} for a media type; expected a text")
    if media_type in _SCHEMA_1 or declared in _SCHEMA_1 or document.get("schemaVersion") == 1:
        raise ContentError("manifest has schema 1, which carries no config; expected schema 2: push the image again")
    if media_type in _INDEXES | _MANIFESTS and declared != media_type:
        raise ContentError(
            f"manifest says it is {quoted(str(declared))}; expected {quoted(str(media_type))} as announced"
        )
    if "manifests" in document and ("config" in document or "layers" in document):
        raise ContentError("manifest is an index and an image at once; expected one of them")
    if declared in _INDEXES or (declared is None and "manifests" in document):
        return _index(document)
    if declared in _MANIFESTS or (declared is None and ("config" in document or "layers" in document)):
        return _manifest(document)
    named = "no media type" if declared is None else f"media type {quoted(declared)}"
    raise ContentError(f"manifest has {named}; expected that of an OCI or Docker manifest or index")


def parse_index(body: bytes) -> Index:
    """An index and nothing else, as the `index.json` of a layout is."""
    return _index(parse_object(body, "index"))


def parse_labels(body: bytes) -> Mapping[str, str]:
    """The labels of an image config, as they stand there; a config that names none has none."""
    settings = _optional(parse_object(body, "config"), "config", "config")
    labels = _optional(settings, "Labels", "config.Labels")
    return _texts(labels, "label")


def choose_platform(candidates: Iterable[Descriptor], platform: Platform) -> Descriptor:
    """The child for `platform`, else the only one there is (DISC-4); attestations are no images."""
    images = tuple(each for each in candidates if not each.is_attestation)
    for each in images:
        if each.platform == platform:
            return each
    if len({each.digest for each in images}) == 1:
        return images[0]
    offered = ", ".join(sorted({str(each.platform or "unnamed") for each in images})) or "none"
    raise ContentError(
        f"index has no image for {platform}; it offers {quoted(offered)}", cause=Cause.NO_MATCHING_PLATFORM
    )


def parse_object(body: bytes, what: str) -> Json:
    """A JSON object in which no key stands twice, at any depth; `what` is what an error calls it."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ContentError(f"{what} is not JSON") from error
    if not isinstance(value, dict):
        raise ContentError(f"{what} is {_kind(value)}; expected an object")
    return value


def _index(document: Json) -> Index:
    entries = document.get("manifests")
    if not isinstance(entries, list):
        raise ContentError("index has no list of manifests")
    return Index(manifests=tuple(_descriptor(entry, f"manifests[{at}]") for at, entry in enumerate(entries)))


def _manifest(document: Json) -> Manifest:
    if document.get("config") is None:
        return Manifest(config=None)
    config = _descriptor(document["config"], "config")
    return Manifest(config=config if config.media_type in _CONFIGS else None)


def _descriptor(value: object, where: str) -> Descriptor:
    if not isinstance(value, dict):
        raise ContentError(f"{where} is {_kind(value)}; expected a descriptor")
    media_type, digest, size = (value.get(key) for key in ("mediaType", "digest", "size"))
    if not isinstance(media_type, str) or not isinstance(digest, str):
        raise ContentError(f"{where} lacks a media type or a digest")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ContentError(f"{where} has no size in bytes")
    parse_digest(digest)
    return Descriptor(
        media_type=media_type,
        digest=digest,
        size=size,
        platform=_platform(_optional(value, "platform", f"{where}.platform")),
        annotations=_texts(_optional(value, "annotations", f"{where}.annotations"), "annotation"),
    )


def _platform(value: Json) -> Platform | None:
    match value:
        case {"os": str(os), "architecture": str(architecture)}:
            return Platform(os=os, architecture=architecture)
        case _:
            return None


def _texts(values: Json, what: str) -> Mapping[str, str]:
    texts = {}
    for key, value in values.items():
        if not isinstance(value, str):
            raise ContentError(f"{what} {quoted(key)} is {_kind(value)}; expected a text")
        texts[key] = value
    return texts


def _optional(parent: Json, key: str, where: str) -> Json:
    """The object under `key`; absent and null are the empty one, as Docker writes them."""
    value = parent.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ContentError(f"{where} is {_kind(value)}; expected an object")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Readers differ on which of two equal keys counts, so neither does."""
    value: dict[str, object] = {}
    for key, each in pairs:
        if key in value:
            raise ContentError(f"key {quoted(key)} stands twice in one object")
        value[key] = each
    return value


def _no_constant(text: str) -> object:
    raise ValueError(text)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")
