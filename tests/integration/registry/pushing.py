"""Contents get into a registry through the distribution API, and into a layout as files, without any tool."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.integration.registry.contents import Content, Piece

__all__ = ["LayoutWriter", "Pusher"]


class Pusher:
    """A connection to one registry; `authorization` is the header's value for work on a repository, None for none."""

    def __init__(
        self,
        address: str,
        *,
        authorization: Callable[[str], str | None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._authorization = authorization
        self._connection = (
            http.client.HTTPConnection(address, timeout=10)
            if tls is None
            else http.client.HTTPSConnection(address, timeout=10, context=tls)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def push(self, content: Content, repository: str, *tags: str) -> str:
        """All of it, under these tags or under its digest alone; returns the digest."""
        work = _Work(repository=repository, authorization=self._authorization(repository))
        for blob in content.blobs:
            self._upload(blob, work)
        for child in content.children:
            self._name(child, child.digest, work)
        for name in tags or (content.digest,):
            self._name(content.top, name, work)
        return content.digest

    def remove(self, repository: str, digest: str) -> None:
        """The manifest of that digest, and with it every tag that names it."""
        work = _Work(repository=repository, authorization=self._authorization(repository))
        self._send(work, "DELETE", f"manifests/{digest}", expected=202)

    def _upload(self, blob: Piece, work: _Work) -> None:
        begun = urlsplit(self._send(work, "POST", "blobs/uploads/", expected=202))
        place = f"{begun.path.partition(f'/v2/{work.repository}/')[2]}?{begun.query}&digest={blob.digest}"
        self._send(work, "PUT", place, replace(blob, media_type="application/octet-stream"), expected=201)

    def _name(self, manifest: Piece, name: str, work: _Work) -> None:
        self._send(work, "PUT", f"manifests/{name}", manifest, expected=201)

    def _send(self, work: _Work, method: str, place: str, content: Piece | None = None, *, expected: int) -> str:
        """The answer's `Location`."""
        headers = {} if content is None else {"Content-Type": content.media_type}
        if work.authorization is not None:
            headers["Authorization"] = work.authorization
        path = f"/v2/{work.repository}/{place}"
        self._connection.request(method, path, b"" if content is None else content.body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{method} {path} answered {answer.status} and not {expected}: {text[:500]!r}")
        return answer.headers.get("Location", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    repository: str
    authorization: str | None


class LayoutWriter:
    """An OCI image layout in a folder, which names images in full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, Piece] = {}
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self._write_index()

    def push(self, content: Content, repository: str, *tags: str) -> str:
        """`repository` with its registry in front."""
        for piece in (*content.blobs, *content.manifests):
            self._path(piece.digest).write_bytes(piece.body)
        self._names |= {f"{repository}:{tag}": content.top for tag in tags}
        self._write_index()
        return content.digest

    def remove(self, digest: str) -> None:
        self._path(digest).unlink()
        self._names = {name: top for name, top in self._names.items() if top.digest != digest}
        self._write_index()

    def _write_index(self) -> None:
        manifests = [
            top.descriptor(annotations={"org.opencontainers.image.ref.name": name}) for name, top in self._names.items()
        ]
        (self._folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": manifests}))

    def _path(self, digest: str) -> Path:
        return self._folder / "blobs" / "sha256" / digest.partition(":")[2]
