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
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from aimcore.adapters.oci.platforms import Platform, parse_platform
from aimcore.domain.errors import AimError, quoted
from aimcore.domain.images.inspection import Cause

__all__ = [
    "CONFIG_AT_MOST",
    "MANIFEST_AT_MOST",
    "MANIFEST_TYPES",
    "Config",
    "ContentError",
    "Descriptor",
    "Index",
    "Manifest",
    "is_digest",
    "no_image",
    "parse_config",
    "parse_digest",
    "parse_index",
    "parse_manifest",
    "parse_object",
    "possible_images",
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
_OF_IMAGES: Final = (_INDEXES | _MANIFESTS) - {"application/vnd.oci.artifact.manifest.v1+json"}
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
class Descriptor:
    """A pointer to content: its media type, well-formed digest and size in bytes; `annotations` that are texts.

    `platform` is None where the index does not say one; `artifact_type` is empty for an image.
    """

    media_type: str
    digest: str
    size: int
    platform: Platform | None
    annotations: Mapping[str, str]
    artifact_type: str = ""

    @property
    def is_index(self) -> bool:
        """Whether it points to another index."""
        return self.media_type in _INDEXES

    @property
    def may_be_image(self) -> bool:
        """Whether an image may be there: it is no artifact, and no attestation as `docker buildx` marks them."""
        if self.annotations.get("vnd.docker.reference.type") == "attestation-manifest":
            return False
        return self.media_type in _OF_IMAGES and (not self.artifact_type or self.artifact_type in _CONFIGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Several manifests under one name, one a platform; `problems` say what of its list could not be read."""

    manifests: tuple[Descriptor, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One image; `config` holds its labels and is `None` for an artifact, which has none and says what it is of `type`."""

    config: Descriptor | None
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the config of an image says: its labels, the problems of those that are no texts, and the platform if any."""

    labels: Mapping[str, str]
    problems: tuple[str, ...] = ()
    platform: Platform | None = None


def is_digest(text: str) -> bool:
    """Whether `parse_digest` takes it."""
    return _DIGEST.fullmatch(text) is not None


def parse_digest(text: str) -> tuple[str, str]:
    """Algorithm and hex digits of a digest; anything that could lead out of a blob folder is refused.

    >>> parse_digest("sha256:" + "0" * 64)[0]
    'sha256'
    """
    if not is_digest(text):
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
        raise ContentError("manifest has schema 1, which carries no config; expected schema 2")
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
    """An index and nothing else, as the `index.json` of a layout is; every entry of it must be readable."""
    index = _index(parse_object(body, "index"))
    if index.problems:
        raise ContentError(index.problems[0])
    return index


def parse_config(body: bytes) -> Config:
    """What an image config says. A label that is null is absent; one that is no text costs that label (LABEL-4)."""
    document = parse_object(body, "config")
    settings = _optional(document, "config", "config")
    labels, problems = _texts(_optional(settings, "Labels", "config.Labels"), "label")
    return Config(labels=labels, problems=problems, platform=parse_platform(document))


def possible_images(entries: Iterable[Descriptor], platform: Platform) -> tuple[Descriptor, ...]:
    """The entries that may be the image for `platform`, each content once: its own, those of no platform, the others.

    What runs nowhere (`unknown/unknown`) is none; where nothing else is there, its config has to say so.
    """
    images = [each for each in entries if each.may_be_image]
    known = [each for each in images if each.platform is None or not each.platform.is_unknown]
    left = known or [replace(each, platform=None) for each in images]
    left.sort(key=lambda each: 0 if each.platform == platform else 1 if each.platform is None else 2)
    return tuple({each.digest: each for each in reversed(left)}.values())[::-1]


def no_image(platform: Platform, offered: Iterable[Platform | None]) -> ContentError:
    """That none of the images is for `platform`, and which ones they are for."""
    named = ", ".join(sorted({str(each or "unnamed") for each in offered}))
    has = f"it offers {quoted(named)}" if named else "it offers none at all, but attestations or artifacts if anything"
    return ContentError(f"index has no image for {platform}; {has}", cause=Cause.NO_MATCHING_PLATFORM)


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
    read: list[Descriptor] = []
    problems: list[str] = []
    for at, entry in enumerate(entries):
        try:
            read.append(_descriptor(entry, f"manifests[{at}]"))
        except ContentError as error:
            problems.append(error.problem)
    return Index(manifests=tuple(read), problems=tuple(problems))


def _manifest(document: Json) -> Manifest:
    named = document.get("artifactType")
    type_of_artifact = named if isinstance(named, str) else ""
    if document.get("config") is None:
        return Manifest(config=None, type=type_of_artifact)
    config = _descriptor(document["config"], "config")
    if config.media_type in _CONFIGS:
        return Manifest(config=config)
    return Manifest(config=None, type=type_of_artifact or config.media_type)


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
        platform=parse_platform(_optional(value, "platform", f"{where}.platform")),
        annotations=_texts(_optional(value, "annotations", f"{where}.annotations"), "annotation")[0],
        artifact_type=artifact if isinstance(artifact := value.get("artifactType"), str) else "",
    )


def _texts(values: Json, what: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The texts among the values, and what the others are; null is absent, as everywhere in Docker's formats."""
    wrong = {key: value for key, value in values.items() if value is not None and not isinstance(value, str)}
    problems = [f"{what} {quoted(key)} is {_kind(value)}; expected a text" for key, value in islice(wrong.items(), 8)]
    if len(wrong) > len(problems):
        problems.append(f"{len(wrong) - len(problems)} more of {len(values)} {what}s are no texts")
    return {key: value for key, value in values.items() if isinstance(value, str)}, tuple(problems)


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
