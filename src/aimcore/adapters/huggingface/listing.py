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
    return Sized(size=Quantity.of(sum(map(_size, files))), files=len(files))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # it may quote what came
        answer = None
    if not isinstance(answer, dict):
        raise _malformed("answers with what is no JSON object; is HF_ENDPOINT the address of a hub?")
    return answer


def _size(file: object) -> int:
    size = file.get("size") if isinstance(file, dict) else None
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _SIZE_AT_MOST:
        raise _malformed("lists a file without a size in bytes; report it to whoever runs it")
    return size


def _malformed(problem: str) -> HubError:
    return HubError(problem, cause=ProbeCause.MALFORMED)
