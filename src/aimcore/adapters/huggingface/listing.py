"""What a hub says of a repository at a revision, added up: nothing of it is believed but numbers of bytes (SEC-4)."""

from __future__ import annotations

import json
from typing import Any, Final

from aimcore.adapters.huggingface.refusals import HubError
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeCause, Sized

__all__ = ["LISTING_AT_MOST", "add_up"]

LISTING_AT_MOST: Final = 16 * 1024 * 1024  # bytes: some 50,000 files, of which the largest repositories have fewer
_SIZE_AT_MOST: Final = 10**18


def add_up(body: bytes) -> Sized:
    """The bytes and number of the files that `model_info` of a hub lists; `HubError` where it is no such answer."""
    files = _parsed(body).get("siblings")
    if not isinstance(files, list):
        raise _malformed("answers with no repository; is HF_ENDPOINT the address of a hub?")
    if not files:
        raise HubError("has no files in the repository; check its name and revision", cause=ProbeCause.NOT_A_SOURCE)
    sizes = [size for size in map(_size, files) if size is not None]
    if not sizes:
        raise _malformed("lists its files without a size in bytes; report it to whoever runs it")
    return Sized(size=Quantity.of(sum(sizes)), files=len(sizes), uncounted=len(files) - len(sizes))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # it may quote what came
        answer = None
    if not isinstance(answer, dict):
        raise _malformed("answers with what is no JSON object; is HF_ENDPOINT the address of a hub?")
    return answer


def _size(file: object) -> int | None:
    """The bytes of a file, which some hubs tell of large files only as what is stored for them; None where none are told."""
    if not isinstance(file, dict):
        return None
    lfs = file.get("lfs")
    told = (file.get("size"), lfs.get("size") if isinstance(lfs, dict) else None)
    return next((size for size in map(_bytes, told) if size is not None), None)


def _bytes(size: object) -> int | None:
    if not isinstance(size, int) or isinstance(size, bool):
        return None
    return size if 0 <= size <= _SIZE_AT_MOST else None


def _malformed(problem: str) -> HubError:
    return HubError(problem, cause=ProbeCause.MALFORMED)
