"""From a manifest to the labels of its image, by the same steps wherever the content lies (DISC-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from aimcore.adapters.oci.content import (
    CONFIG_AT_MOST,
    MANIFEST_AT_MOST,
    ContentError,
    Descriptor,
    Index,
    Manifest,
    Platform,
    choose_platform,
    parse_labels,
    parse_manifest,
    verify,
)
from aimcore.domain.images.inspection import Cause

__all__ = ["Contents", "labels_of"]

_NESTED_AT_MOST: Final = 4


class Contents(Protocol):
    """Where the content of one image lies; what it hands out is not trusted."""

    def manifest(self, wanted: Descriptor) -> bytes:
        """The bytes of a manifest or an index."""
        ...

    def config(self, wanted: Descriptor) -> bytes:
        """The bytes of a config."""
        ...


def labels_of(named: Index | Manifest, contents: Contents, *, platform: Platform) -> Mapping[str, str]:
    """The labels of what `named` is, or of its child for `platform`; an artifact without an image config has none.

    Nothing is fetched that says itself to be too large, and nothing is parsed that is not what its digest promises. Raises
    `ContentError`.
    """
    found, deeper = named, _NESTED_AT_MOST
    while isinstance(found, Index):
        deeper -= 1
        if not deeper:
            raise ContentError(f"index nests deeper than {_NESTED_AT_MOST}")
        child = choose_platform(found.manifests, platform)
        _refuse_size(child, "manifest", at_most=MANIFEST_AT_MOST)
        found = parse_manifest(_verified(contents.manifest(child), child), media_type=child.media_type)
    if found.config is None:
        return {}
    _refuse_size(found.config, "config", at_most=CONFIG_AT_MOST)
    return parse_labels(_verified(contents.config(found.config), found.config))


def _refuse_size(wanted: Descriptor, what: str, *, at_most: int) -> None:
    if wanted.size > at_most:
        raise ContentError(f"{what} {wanted.digest} has more than {at_most} bytes", cause=Cause.TOO_LARGE)


def _verified(body: bytes, wanted: Descriptor) -> bytes:
    if len(body) != wanted.size:
        raise ContentError(f"content {wanted.digest} has {len(body)} bytes; expected {wanted.size} as announced")
    verify(body, wanted.digest)
    return body
