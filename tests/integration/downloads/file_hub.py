"""A hub that lists repositories and serves their files as Hugging Face does: LFS by redirect, ranges, commits, tokens.

What it lists is held to huggingface_hub by the `hf download` of the benchmarks, which runs against this very hub.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from mmap import mmap
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from tests.integration.egress.server import Certificate, Heard, Server, Steps, answer

__all__ = ["COMMIT", "TOKEN", "Content", "FileHub", "Files", "file_hub"]

TOKEN: Final = "hf_c4n4ryThatMayReadThese"  # noqa: S105 - planted
COMMIT: Final = "c0ffee" + "0" * 34
LFS_FROM: Final = 1000  # bytes; files of this size and above are kept as LFS
PIECE: Final = 256 * 1024

Content = bytes | mmap
Files = Mapping[str, Content]
Fault = Callable[[Heard], Steps | None]


def _no_fault(_: Heard) -> Steps | None:
    return None


@dataclass(kw_only=True)
class FileHub:
    """One repository of a hub; `fault` may answer in its place, and `files` may change while it runs."""

    name: str
    files: dict[str, Content]
    revisions: Mapping[str, str] = field(default_factory=lambda: {"main": COMMIT, "v1": COMMIT})
    gated: bool = False
    token: str | None = None
    digests: dict[str, str] = field(default_factory=dict)
    fault: Fault = _no_fault
    hub: Server = field(init=False)
    cdn: Server = field(init=False)

    @property
    def url(self) -> str:
        return self.hub.url

    def gets(self) -> list[str]:
        """The paths of files that were asked for by GET and answered by the hub itself or its CDN, in order."""
        return [one.target for server in (self.hub, self.cdn) for one in server.heard if one.method == "GET"]

    def answer(self, heard: Heard) -> Steps:
        """What the hub says."""
        said = self.fault(heard)
        if said is not None:
            return said
        refused = self._refused(heard)
        if refused is not None:
            return refused
        path = unquote(urlsplit(heard.target).path)
        api = re.fullmatch(rf"/api/models/{re.escape(self.name)}(?:/revision/(.+))?", path)
        tree = re.fullmatch(rf"/api/models/{re.escape(self.name)}/tree/(.+)", path)
        resolve = re.fullmatch(rf"/{re.escape(self.name)}/resolve/([^/]+)/(.+)", path)
        if api:
            return self._listing(api[1] or "main")
        if tree:
            return _json([self._tree_entry(name) for name in sorted(self.files)])
        if resolve:
            return self._resolved(heard, resolve[2])
        return _refusal(404, "RepoNotFound")

    def served(self, heard: Heard) -> Steps:
        """What the CDN says, which is told no token."""
        said = self.fault(heard)
        if said is not None:
            return said
        name = unquote(urlsplit(heard.target).path).removeprefix("/blobs/")
        return _content(heard, self.files[name])

    def _refused(self, heard: Heard) -> bytes | None:
        shown = heard.headers.get("authorization")
        if shown is not None and shown != f"Bearer {self.token}":
            return _refusal(401, message="Invalid credentials in Authorization header")
        if self.gated and shown is None:
            return _refusal(401, "GatedRepo")
        return None

    def _listing(self, revision: str) -> bytes:
        commit = self.revisions.get(revision, revision if revision in self.revisions.values() else None)
        if commit is None:
            return _refusal(404, "RevisionNotFound")
        siblings = [
            {"rfilename": name, **_facts(data, self.digests.get(name))} for name, data in sorted(self.files.items())
        ]
        return _json({"id": self.name, "sha": commit, "private": False, "tags": [], "siblings": siblings})

    def _tree_entry(self, name: str) -> dict[str, Any]:
        facts = _facts(self.files[name], None)
        lfs = {"lfs": {"oid": facts["lfs"]["sha256"], **facts["lfs"]}} if "lfs" in facts else {}
        return {"type": "file", "path": name, "size": facts["size"], "oid": facts["blobId"], **lfs}

    def _resolved(self, heard: Heard, name: str) -> Steps:
        data = self.files.get(name)
        if data is None:
            return _refusal(404, "EntryNotFound")
        facts = _facts(data, None)
        if "lfs" not in facts:
            return _content(heard, data, x_repo_commit=COMMIT, etag=f'"{facts["blobId"]}"')
        return answer(
            302,
            location=f"{self.cdn.url}/blobs/{name}",
            x_repo_commit=COMMIT,
            x_linked_size=str(len(data)),
            x_linked_etag=f'"{facts["lfs"]["sha256"]}"',
        )


@contextmanager
def file_hub(
    name: str = "org/model", *, address: str = "127.0.0.1", certificate: Certificate | None = None, **given: Any
) -> Iterator[FileHub]:
    """A hub on one port of the address and its CDN on another, over TLS with a certificate."""
    hub = FileHub(name=name, **given)
    for data in hub.files.values():
        _facts(data, None)  # now, while nobody waits for an answer
    with ExitStack() as stack:
        hub.cdn = stack.enter_context(Server(hub.served, address=address, certificate=certificate))
        hub.hub = stack.enter_context(Server(hub.answer, address=address, certificate=certificate))
        yield hub


_FACTS: dict[int, tuple[Content, dict[str, Any]]] = {}


def _facts(data: Content, told: str | None) -> dict[str, Any]:
    """Size and digests; `told` is said in place of the sha256. What is worked out is kept, by the very object."""
    known = _FACTS.get(id(data))
    if known is None or known[0] is not data:
        blob = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
        blob.update(data)
        facts: dict[str, Any] = {"blobId": blob.hexdigest(), "size": len(data)}
        if len(data) >= LFS_FROM:
            facts["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
        known = _FACTS[id(data)] = (data, facts)
    if told is not None:
        return {**known[1], "lfs": {"sha256": told, "size": len(data), "pointerSize": 134}}
    return known[1]


def _content(heard: Heard, data: Content, **headers: str) -> Steps:
    found = re.fullmatch(r"bytes=([0-9]+)-([0-9]*)", heard.headers.get("range", ""))
    begin = int(found[1]) if found else 0
    end = int(found[2]) + 1 if found and found[2] else len(data)
    status = 206 if found else 200
    ranged = {"content_range": f"bytes {begin}-{end - 1}/{len(data)}"} if found else {}
    head = answer(status, b"", content_length=str(end - begin), accept_ranges="bytes", **ranged, **headers)
    if heard.method == "HEAD":
        return head
    return _pieces(head, memoryview(data)[begin:end])


def _pieces(head: bytes, view: memoryview) -> Iterator[bytes]:
    yield head
    for at in range(0, len(view), PIECE):
        yield bytes(view[at : at + PIECE])


def _json(told: object) -> bytes:
    return answer(200, json.dumps(told).encode(), content_type="application/json")


def _refusal(status: int, code: str = "", message: str = "no") -> bytes:
    body = json.dumps({"error": message}).encode()
    return answer(status, body, content_type="application/json", x_error_code=code, x_error_message=message)
