"""Faults of what a registry hands out: the wrong bytes, the wrong kind, too many of them, or made to hurt whoever reads them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any, Final

from aimcore.domain.images.inspection import Cause
from tests.integration.egress.server import answer, chunked
from tests.integration.registry.contents import Content, Piece, artifact, image, index
from tests.integration.registry_faults.fault import Fault
from tests.integration.registry_faults.hostile import CHAT, Stage, blob_path, manifest_path, said

__all__ = ["FAULTS"]

MANIFEST: Final = CHAT.top.media_type
INDEX: Final = "application/vnd.oci.image.index.v1+json"
SCHEMA_1: Final = "application/vnd.docker.distribution.manifest.v1+prettyjws"
CONFIG: Final = CHAT.blobs[0]
OTHER: Final = image({"com.amd.aim.model.canonicalName": "evil/other"})
NOBODYS: Final = "sha256:" + "0" * 64


def answering(body: bytes, **headers: str) -> Callable[[Stage], None]:
    """The registry answers the manifest with this, as the image's."""
    return lambda stage: stage.registry.on(manifest_path(), answer(200, body, **({"content_type": MANIFEST} | headers)))


def holding(content: Content) -> Callable[[Stage], None]:
    """The registry holds another image under the tag, all of it in order."""
    return lambda stage: stage.registry.holds(content)


def saying(**fields: Any) -> Callable[[Stage], None]:
    """The registry's manifest has these fields in place of the image's."""
    document = {**json.loads(CHAT.top.body), **fields}
    return answering(text({key: value for key, value in document.items() if value is not ...}))


def config(body: bytes) -> Callable[[Stage], None]:
    """The image's config is this, and its manifest says so."""
    piece = replace(CONFIG, body=body)
    return holding(replace(CHAT, top=manifest_of(piece), blobs=(piece,)))


def labelled(labels: Any) -> Callable[[Stage], None]:
    return config(text({"config": {"Labels": labels}}))


def blob(reply: bytes) -> Callable[[Stage], None]:
    """The image's config is answered so, whatever its digest."""
    return lambda stage: stage.registry.on(blob_path(CONFIG), reply)


def manifest_of(piece: Piece, **more: Any) -> Piece:
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {**piece.descriptor(), **more}, "layers": []}
    return Piece(media_type=MANIFEST, body=text(document))


def index_of(*entries: dict[str, Any]) -> Piece:
    return Piece(media_type=INDEX, body=text({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(entries)}))


def entry(digest: str, media_type: str = MANIFEST, size: int = 2) -> dict[str, Any]:
    platform = {"os": "linux", "architecture": "amd64"}
    return {"mediaType": media_type, "digest": digest, "size": size, "platform": platform}


def child_of(piece: Piece, **wrong: Any) -> Callable[[Stage], None]:
    """The tag is an index whose only child is `piece`, but for what is wrong in the entry."""
    return child(entry(piece.digest, piece.media_type, len(piece.body)) | wrong, piece)


def child(one: dict[str, Any], piece: Piece) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        stage.registry.on(manifest_path(), said(index_of(one)))
        stage.registry.on(manifest_path(one["digest"]), answer(200, piece.body, content_type=piece.media_type))

    return arrange


def deep(levels: int) -> Content:
    return reduce(lambda inner, _: index([inner]), range(levels), CHAT)


def naming_itself(stage: Stage) -> None:
    """An index whose child is answered with the index again: a digest cannot name itself, but a registry can say so."""
    for path in (manifest_path(), manifest_path(NOBODYS)):
        stage.registry.on(path, answer(200, index_of(entry(NOBODYS, INDEX)).body, content_type=INDEX))


def cycle(stage: Stage) -> None:
    """Two indexes, each said to be the child of the other."""
    other = "sha256:" + "1" * 64
    first, second = index_of(entry(other, INDEX)), index_of(entry(NOBODYS, INDEX))
    for reference, piece in (("1", first), (other, second), (NOBODYS, first)):
        stage.registry.on(manifest_path(reference), answer(200, piece.body, content_type=INDEX))


def asked_by_digest(stage: Stage) -> None:
    stage.reference = f"{stage.registry.address}/acme/chat@{CHAT.digest}"
    stage.registry.on(manifest_path(CHAT.digest), said(OTHER.top))


def asked_by_digest_of_the_other(stage: Stage) -> None:
    stage.reference = f"{stage.registry.address}/acme/chat@{CHAT.digest}"
    stage.registry.on(manifest_path(CHAT.digest), said(CHAT.top, docker_content_digest=OTHER.digest))


def text(document: Any) -> bytes:
    return json.dumps(document).encode()


def descriptor(**wrong: Any) -> dict[str, Any]:
    return {**CONFIG.descriptor(), **wrong}


FAULTS: Final[Mapping[str, Fault]] = {
    "a page for people": Fault(
        arrange=answering(b"<!doctype html><title>Log in</title>", content_type="text/html"),
        cause=Cause.MALFORMED,
        asks=1,
        says="manifest is not JSON",
    ),
    "nothing": Fault(arrange=answering(b""), cause=Cause.MALFORMED, asks=1, says="is not JSON"),
    "a manifest that ends too early": Fault(arrange=answering(CHAT.top.body[:-9]), cause=Cause.MALFORMED, asks=1),
    "a manifest and something after it": Fault(arrange=answering(CHAT.top.body + b"{}"), cause=Cause.MALFORMED, asks=1),
    "a list": Fault(arrange=answering(b"[]"), cause=Cause.MALFORMED, asks=1, says="is a list"),
    "UTF-16": Fault(arrange=answering("{}".encode("utf-16")), cause=Cause.MALFORMED, asks=1),
    "100,000 brackets": Fault(arrange=answering(b'{"a":' + b"[" * 100_000), cause=Cause.MALFORMED, asks=1),
    "a number of 100,000 digits": Fault(
        arrange=answering(b'{"schemaVersion":' + b"9" * 100_000 + b"}"), cause=Cause.MALFORMED, asks=1
    ),
    "a key twice": Fault(
        arrange=answering(CHAT.top.body[:-1] + b',"layers":[]}'), cause=Cause.MALFORMED, asks=1, says="stands twice"
    ),
    "another digest than the registry says": Fault(
        arrange=answering(CHAT.top.body, docker_content_digest=OTHER.digest), cause=None, asks=2, says=CHAT.digest
    ),
    "a digest that is none": Fault(
        arrange=answering(CHAT.top.body, docker_content_digest="sha256:../../etc/passwd"),
        cause=None,
        asks=2,
        says=CHAT.digest,
    ),
    "another image than the digest asked for": Fault(arrange=asked_by_digest, cause=Cause.MALFORMED, asks=1),
    "another digest than the one asked for": Fault(arrange=asked_by_digest_of_the_other, cause=Cause.MALFORMED, asks=1),
    "no media type": Fault(arrange=answering(CHAT.top.body, content_type=""), cause=None, asks=2),
    "the media type of nothing in particular": Fault(
        arrange=answering(CHAT.top.body, content_type="application/json"), cause=None, asks=2
    ),
    "another media type than the document's": Fault(
        arrange=answering(CHAT.top.body, content_type=INDEX), cause=Cause.MALFORMED, asks=1, says="as announced"
    ),
    "a media type nobody knows": Fault(
        arrange=saying(mediaType="application/x-planted"), cause=Cause.MALFORMED, asks=1
    ),
    "a media type that is a number": Fault(arrange=saying(mediaType=7), cause=Cause.MALFORMED, asks=1),
    "an index and an image at once": Fault(arrange=saying(manifests=[]), cause=Cause.MALFORMED, asks=1, says="at once"),
    "schema 1": Fault(
        arrange=answering(b'{"schemaVersion": 1, "history": []}', content_type=SCHEMA_1),
        cause=Cause.MALFORMED,
        asks=1,
        says="has schema 1, which carries no config; expected schema 2; push the image again, or report it",
    ),
    "a body in an encoding nobody asked for": Fault(
        arrange=answering(gzip.compress(CHAT.top.body), content_encoding="gzip"),
        cause=Cause.MALFORMED,
        asks=1,
        says="in an encoding",
    ),
    "a gzip bomb": Fault(
        arrange=answering(gzip.compress(b" " * 64_000_000), content_encoding="gzip"), cause=Cause.MALFORMED, asks=1
    ),
    "a gzip bomb as a transfer": Fault(
        arrange=answering(gzip.compress(b" " * 64_000_000), content_length="", transfer_encoding="gzip, chunked"),
        cause=Cause.MALFORMED,
        asks=1,
    ),
    "a manifest that is too large": Fault(
        arrange=answering(b" " * (4 * 2**20 + 1)), cause=Cause.TOO_LARGE, asks=1, says="answers with 4194305 bytes"
    ),
    "a manifest that is too large and does not say so": Fault(
        arrange=lambda stage: stage.registry.on(manifest_path(), chunked(b" " * (4 * 2**20), b" ")),
        cause=Cause.TOO_LARGE,
        asks=1,
        says="more than 4194304 bytes",
    ),
    "no config": Fault(arrange=holding(artifact()), cause=None, asks=1),
    "a config that is null": Fault(arrange=saying(config=None), cause=None, asks=1),
    "a config that is a text": Fault(arrange=saying(config="x"), cause=Cause.MALFORMED, asks=1),
    "a config without a digest": Fault(arrange=saying(config=descriptor(digest=None)), cause=Cause.MALFORMED, asks=1),
    "a config whose digest is a path": Fault(
        arrange=saying(config=descriptor(digest="sha256:" + "../" * 30)),
        cause=Cause.MALFORMED,
        asks=1,
        says="is malformed",
    ),
    "a config of a negative size": Fault(arrange=saying(config=descriptor(size=-1)), cause=Cause.MALFORMED, asks=1),
    "a config that says it is too large": Fault(
        arrange=saying(config=descriptor(size=2**40)), cause=Cause.TOO_LARGE, asks=1, says="has more than 4194304 bytes"
    ),
    "a config that is too large": Fault(
        arrange=blob(answer(200, b" " * (4 * 2**20 + 1))), cause=Cause.TOO_LARGE, asks=2
    ),
    "a config that is larger than it says": Fault(
        arrange=blob(answer(200, CONFIG.body + b" ")), cause=Cause.MALFORMED, asks=2
    ),
    "another config": Fault(
        arrange=blob(answer(200, CONFIG.body.replace(b"acme/chat", b"evil/chat"))),
        cause=Cause.MALFORMED,
        asks=2,
        says="does not match its digest",
    ),
    "a config that is not there": Fault(arrange=blob(answer(404)), cause=Cause.NOT_FOUND, asks=2),
    "a config that is a page for people": Fault(arrange=config(b"<html>"), cause=Cause.MALFORMED, asks=2),
    "a config that is a list": Fault(arrange=config(b"[]"), cause=Cause.MALFORMED, asks=2, says="config is a list"),
    "a config with a key twice": Fault(
        arrange=config(b'{"config": {"Labels": {"a": "1", "a": "2"}}}'),
        cause=Cause.MALFORMED,
        asks=2,
        says="stands twice",
    ),
    "a config of brackets": Fault(arrange=config(b'{"a":' + b"[" * 100_000), cause=Cause.MALFORMED, asks=2),
    "labels that are a list": Fault(
        arrange=labelled(["a"]), cause=Cause.MALFORMED, asks=2, says="config.Labels is a list"
    ),
    "a label that is a number": Fault(
        arrange=labelled({"a": 7}), cause=None, asks=2, says="label 'a' is a number; expected a text"
    ),
    "a label called like an escape for the terminal": Fault(
        arrange=labelled({"\x1b[2J\n\u202e": 7}), cause=None, asks=2, says=r"label '\\x1b[2J\\n\\u202e' is a number"
    ),
    "labels that are null": Fault(arrange=labelled(None), cause=None, asks=2),
    "labels with half of a surrogate pair": Fault(arrange=labelled({"a\ud800": "\ud800"}), cause=None, asks=2),
    "no image for the platform": Fault(
        arrange=holding(index([image({}, platform="linux/arm64"), image({"a": "b"}, platform="windows/amd64")])),
        cause=Cause.NO_MATCHING_PLATFORM,
        asks=1,
        says="it offers 'linux/arm64, windows/amd64'",
    ),
    "an index of nothing": Fault(
        arrange=lambda stage: stage.registry.on(manifest_path(), said(index_of())),
        cause=Cause.NO_MATCHING_PLATFORM,
        asks=1,
        says="it offers none at all",
    ),
    "an index of one image": Fault(arrange=child_of(CHAT.top), cause=None, asks=3),
    "an index of 10,000 images": Fault(
        arrange=lambda stage: stage.registry.on(
            manifest_path(), said(index_of(*(entry(f"sha256:{at:064x}") | {"platform": {}} for at in range(10_000))))
        ),
        cause=Cause.NOT_FOUND,
        asks=2,
    ),
    "an index within an index": Fault(arrange=holding(deep(2)), cause=None, asks=4),
    "indexes without end": Fault(
        arrange=holding(deep(12)), cause=Cause.MALFORMED, asks=4, says="index nests deeper than 4"
    ),
    "an index that names itself": Fault(arrange=naming_itself, cause=Cause.MALFORMED, asks=2),
    "indexes that name each other": Fault(arrange=cycle, cause=Cause.MALFORMED, asks=2),
    "an index where an image was promised": Fault(
        arrange=child_of(index([CHAT]).top, mediaType=MANIFEST), cause=Cause.MALFORMED, asks=2, says="as announced"
    ),
    "another child than the index says": Fault(
        arrange=child_of(OTHER.top, digest=CHAT.digest), cause=Cause.MALFORMED, asks=2, says="does not match its digest"
    ),
    "a child of another size than the index says": Fault(
        arrange=child_of(CHAT.top, size=7), cause=Cause.MALFORMED, asks=2, says="expected 7 as announced"
    ),
    "a child that says it is too large": Fault(arrange=child_of(CHAT.top, size=2**33), cause=Cause.TOO_LARGE, asks=1),
    "a child that is not there": Fault(arrange=child_of(CHAT.top, digest=NOBODYS), cause=Cause.MALFORMED, asks=2),
}
