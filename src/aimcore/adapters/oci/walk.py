"""From a manifest to the labels of its image, by the same steps wherever the content lies (DISC-4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from aimcore.adapters.oci.content import (
    CONFIG_AT_MOST,
    MANIFEST_AT_MOST,
    Config,
    ContentError,
    Descriptor,
    Index,
    Manifest,
    no_image,
    parse_config,
    parse_manifest,
    possible_images,
    verify,
)
from aimcore.adapters.oci.platforms import Platform
from aimcore.domain.errors import quoted
from aimcore.domain.images.inspection import Cause

__all__ = ["Contents", "config_of"]

_NESTED_AT_MOST: Final = 4
_CHILDREN_AT_MOST: Final = 8  # of all indexes together; only those without a platform need a look at more than one


class Contents(Protocol):
    """Where the content of one image lies; what it hands out is not trusted."""

    def manifest(self, wanted: Descriptor) -> bytes:
        """The bytes of a manifest or an index."""
        ...

    def config(self, wanted: Descriptor) -> bytes:
        """The bytes of a config."""
        ...


def config_of(named: Index | Manifest, contents: Contents, *, platform: Platform) -> Config:
    """The config of what `named` is, or of its child for `platform`; an artifact without an image config has no labels.

    Of an index that is the child it says to be for the platform; else the first without a platform, unless its config says
    that it is for another one; else the only image there is. Nothing is fetched that says itself to be too large, and
    nothing is parsed that is not what its digest promises. Raises `ContentError`.
    """
    return _Search(contents, platform).config(named)


class _Other(NamedTuple):
    """An image for another platform than the one that is looked for; its config where it was read."""

    platform: Platform | None
    entry: Descriptor
    config: Config | None


class _Search:
    """Looks for one image, and counts what it fetches."""

    def __init__(self, contents: Contents, platform: Platform) -> None:
        self._contents = contents
        self._platform = platform
        self._left = _CHILDREN_AT_MOST

    def config(self, named: Index | Manifest, depth: int = 1) -> Config:
        if isinstance(named, Manifest):
            return self._config(named) or _artifact(named)
        others: dict[str, _Other] = {}
        for each in self._entries(named, depth):
            platform, config = each.platform, None
            if platform in {None, self._platform}:
                found = self._read(each)
                config = self._config(found) if isinstance(found, Manifest) else None
                if config is None:  # an artifact
                    continue
                platform = platform or config.platform or self._platform
                if platform == self._platform:
                    return config
                if platform.is_unknown:  # an attestation
                    continue
            others[each.digest] = _Other(platform, each, config)
        if len(others) == 1:
            [only] = others.values()
            return only.config or self.config(self._read(only.entry), depth + 1)
        if named.problems and not others:
            raise ContentError(named.problems[0])
        raise no_image(self._platform, [each.platform for each in others.values()])

    def _entries(self, index: Index, depth: int) -> Iterator[Descriptor]:
        """The possible images of an index, and of the indexes in it that may hold one for the platform."""
        if depth == _NESTED_AT_MOST:
            raise ContentError(f"index nests deeper than {_NESTED_AT_MOST}")
        for each in possible_images(index.manifests, self._platform):
            nested = self._read(each) if each.is_index and each.platform in {None, self._platform} else None
            if isinstance(nested, Index):
                yield from self._entries(nested, depth + 1)
            else:
                yield each

    def _read(self, child: Descriptor) -> Index | Manifest:
        self._left -= 1
        if self._left < 0:
            problem = f"index names no platform for its images, and none of the first {_CHILDREN_AT_MOST} is for {self._platform}"
            raise ContentError(problem, cause=Cause.NO_MATCHING_PLATFORM)
        _refuse_size(child, "manifest", at_most=MANIFEST_AT_MOST)
        return parse_manifest(_verified(self._contents.manifest(child), child), media_type=child.media_type)

    def _config(self, manifest: Manifest) -> Config | None:
        if manifest.config is None:
            return None
        _refuse_size(manifest.config, "config", at_most=CONFIG_AT_MOST)
        return parse_config(_verified(self._contents.config(manifest.config), manifest.config))


def _artifact(named: Manifest) -> Config:
    """An artifact has no labels, and whoever took it for an image is told what it is."""
    told = f" of type {quoted(named.type)}" if named.type else ""
    return Config(labels={}, problems=(f"this is an artifact{told} and no image; name the image",))


def _refuse_size(wanted: Descriptor, what: str, *, at_most: int) -> None:
    if wanted.size > at_most:
        raise ContentError(f"{what} {wanted.digest} has more than {at_most} bytes", cause=Cause.TOO_LARGE)


def _verified(body: bytes, wanted: Descriptor) -> bytes:
    if len(body) != wanted.size:
        raise ContentError(f"content {wanted.digest} has {len(body)} bytes; expected {wanted.size} as announced")
    verify(body, wanted.digest)
    return body
