"""A hub that answers what the API of Hugging Face answers; `test_hub_contract` holds it to `HfApi`, the real client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from tests.integration.egress.server import Heard, Server, answer

__all__ = ["TOKEN", "Repository", "hub"]

TOKEN: Final = "hf_c4n4ryOfTheHubsOwnToken"  # noqa: S105 - planted
API: Final = "/api/models/"


@dataclass(frozen=True, kw_only=True)
class Repository:
    """Files and their bytes at each revision; those over a megabyte are kept as LFS, which is told beside the size."""

    name: str
    files: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    private: bool = False
    gated: bool = False
    disabled: bool = False
    renamed: str | None = None


@contextmanager
def hub(*repositories: Repository) -> Iterator[Server]:
    """A hub with these repositories, where `TOKEN` is the one token there is; whoever has it may see what is private."""
    known = {one.name: one for one in repositories}
    with Server(lambda heard: _answer(known, heard)) as server:
        yield server


def _answer(known: Mapping[str, Repository], heard: Heard) -> bytes:
    url = urlsplit(heard.target)
    authorization = heard.headers.get("authorization")
    if authorization not in (None, f"Bearer {TOKEN}"):
        return _refusal(401, message="Invalid credentials in Authorization header")
    if not url.path.startswith(API):
        return answer(404, b"<html>")
    name, _, revision = url.path.removeprefix(API).partition("/revision/")
    repository = known.get(name)
    if repository is None or (repository.private and authorization is None):
        return _refusal(404 if authorization else 401, "RepoNotFound", "Repository not found")
    if repository.renamed is not None:
        return answer(307, location=f"{API}{repository.renamed}" + (f"/revision/{revision}" if revision else ""))
    if repository.disabled:
        return _refusal(403, message="Access to this resource is disabled.")
    if repository.gated:
        return _refusal(403 if authorization else 401, "GatedRepo", "Access to this model is restricted")
    files = repository.files.get(unquote(revision) or "main")
    if files is None:
        return _refusal(404, "RevisionNotFound", "Invalid rev id")
    siblings = [_sibling(path, size, whole="blobs" in parse_qs(url.query)) for path, size in files.items()]
    told = {"id": name, "sha": "0" * 40, "private": repository.private, "tags": [], "siblings": siblings}
    return answer(200, json.dumps(told).encode(), content_type="application/json")


def _sibling(path: str, size: int, *, whole: bool) -> dict[str, Any]:
    if not whole:
        return {"rfilename": path}
    lfs = {"sha256": "1" * 64, "size": size, "pointerSize": 134}
    return {"rfilename": path, "blobId": "2" * 40, "size": size, **({"lfs": lfs} if size > 1_000_000 else {})}


def _refusal(status: int, code: str = "", message: str = "") -> bytes:
    body = json.dumps({"error": message}).encode()
    return answer(status, body, content_type="application/json", x_error_code=code, x_error_message=message)
