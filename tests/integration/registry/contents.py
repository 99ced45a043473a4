"""Images as bytes: what a registry or a layout has to hold for one to be found, and what its labels are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

__all__ = ["Content", "Family", "Piece", "artifact", "image", "index"]

EMPTY_TAR = bytes(1024)  # two blocks of zeros end a tar file


class Family(Enum):
    """The two vocabularies of media types."""

    OCI = "oci"
    DOCKER = "docker"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    index: str
    manifest: str
    config: str
    layer: str


_WORDS = {
    Family.OCI: _Words(
        index="application/vnd.oci.image.index.v1+json",
        manifest="application/vnd.oci.image.manifest.v1+json",
        config="application/vnd.oci.image.config.v1+json",
        layer="application/vnd.oci.image.layer.v1.tar",
    ),
    Family.DOCKER: _Words(
        index="application/vnd.docker.distribution.manifest.list.v2+json",
        manifest="application/vnd.docker.distribution.manifest.v2+json",
        config="application/vnd.docker.container.image.v1+json",
        layer="application/vnd.docker.image.rootfs.diff.tar",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Content-addressed bytes."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"

    def descriptor(self, **more: Any) -> dict[str, Any]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.body), **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All the pieces of an image: `blobs` first, then `manifests`, children before `top`.

    `labels` are those that an inspection of it should find, `platform` what it was built for where it is one image.
    """

    top: Piece
    labels: Mapping[str, str]
    blobs: tuple[Piece, ...] = ()
    children: tuple[Piece, ...] = ()
    platform: str = "linux/amd64"
    attests: str | None = None  # the digest of the image that this attestation speaks of

    @property
    def digest(self) -> str:
        return self.top.digest

    @property
    def manifests(self) -> tuple[Piece, ...]:
        return (*self.children, self.top)

    def attestation(self) -> Content:
        """What `docker buildx` files beside an image: an image to all appearances, for no platform there is."""
        return replace(image({"attests": self.digest}, platform="unknown/unknown"), attests=self.digest)


def image(
    labels: Mapping[str, str] | None,
    *,
    family: Family = Family.OCI,
    platform: str = "linux/amd64",
    layer: bytes = EMPTY_TAR,
    settings: Mapping[str, Any] | None = None,
) -> Content:
    """One image of one layer; `None` for labels leaves the key out, as most builds without labels do.

    `settings` are what its config says beside them, such as `Entrypoint` and `Env`.
    """
    words = _WORDS[family]
    system, _, architecture = platform.partition("/")
    tar = Piece(media_type=words.layer, body=layer)
    said = dict(settings or {"Entrypoint": ["/usr/bin/serve"]})
    if labels is not None:
        said["Labels"] = dict(labels)
    document = {
        "architecture": architecture,
        "os": system,
        "config": said,
        "rootfs": {"type": "layers", "diff_ids": [tar.digest]},
    }
    config = Piece(media_type=words.config, body=_text(document))
    top = _manifest(words.manifest, config=config.descriptor(), layers=[tar.descriptor()])
    return Content(top=top, labels=labels or {}, blobs=(config, tar), platform=platform)


def index(
    children: Iterable[Content], *, labels: Mapping[str, str] | None = None, family: Family = Family.OCI
) -> Content:
    """Images under one name; `labels` are what should be found in it, those of the first child if left out."""
    images = tuple(children)
    top = _manifest(_WORDS[family].index, manifests=[_entry(each) for each in images])
    return Content(
        top=top,
        labels=images[0].labels if labels is None else labels,
        blobs=tuple(blob for each in images for blob in each.blobs),
        children=tuple(manifest for each in images for manifest in each.manifests),
    )


def artifact() -> Content:
    """A chart: a manifest like an image's, with a config that is none."""
    config = Piece(
        media_type="application/vnd.cncf.helm.config.v1+json", body=_text({"config": {"Labels": {"no": "one"}}})
    )
    layer = Piece(media_type="application/vnd.cncf.helm.chart.content.v1.tar+gzip", body=EMPTY_TAR)
    top = _manifest(_WORDS[Family.OCI].manifest, config=config.descriptor(), layers=[layer.descriptor()])
    return Content(top=top, labels={}, blobs=(config, layer))


def _entry(child: Content) -> dict[str, Any]:
    system, _, architecture = child.platform.partition("/")
    entry = child.top.descriptor(platform={"os": system, "architecture": architecture})
    if child.attests is None:
        return entry
    reference = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": child.attests}
    return {**entry, "annotations": reference}


def _manifest(media_type: str, **content: Any) -> Piece:
    return Piece(media_type=media_type, body=_text({"schemaVersion": 2, "mediaType": media_type, **content}))


def _text(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
