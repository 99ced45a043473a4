"""The ETag of an object of parts is worked out as a store works it out, however the file is read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from aimcore.adapters.volume.hashing import digest_of
from aimcore.domain.weights.files import Digest, DigestKind, part_size_of, parts_digest

MIB = 2**20


def etag(data: bytes, part: int) -> str:
    """As a store makes it."""
    parts = [data[at : at + part] for at in range(0, len(data), part)]
    md5s = b"".join(hashlib.md5(one, usedforsecurity=False).digest() for one in parts)
    return hashlib.md5(md5s, usedforsecurity=False).hexdigest()


@pytest.mark.rule("FETCH-4")
@pytest.mark.parametrize("size", [1, MIB - 1, MIB, 2 * MIB + 1, 5 * MIB])
@pytest.mark.parametrize("part", [1000, MIB - 1, MIB, MIB + 1, 8 * MIB])
def test_parts_are_hashed_wherever_they_end(tmp_path: Path, size: int, part: int) -> None:
    data = (b"weights of a model " * (size // 19 + 1))[:size]
    (tmp_path / "big").write_bytes(data)
    wanted = parts_digest(etag(data, part), part)
    assert part_size_of(wanted) == part
    assert digest_of(tmp_path / "big", wanted, lambda: None) == wanted


@pytest.mark.rule("FETCH-4")
def test_a_digest_that_nobody_wrote_matches_nothing(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"ab")
    for value in ("0" * 8, "0" * 48):
        wrong = Digest(kind=DigestKind.PARTS, value=value)
        assert digest_of(tmp_path / "big", wrong, lambda: None) != wrong
