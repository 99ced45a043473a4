from __future__ import annotations

from pathlib import Path

import pytest

from aimcore.adapters.manifests.lock import Lock, LockedInspector
from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed, Unchanged
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect

READ = Inspected(digest=f"sha256:{'0' * 64}", labels={"a": "x"})
INSPECTOR = LockedInspector(
    Lock(platform="linux/amd64", images={"docker.io/library/nginx:latest": READ}), file=Path("dir/aim.lock.yaml")
)


@pytest.mark.parametrize("spelling", ["nginx", "docker.io/nginx:latest"])
def test_a_locked_image_is_answered_whatever_the_spelling_and_the_secrets(spelling: str) -> None:
    assert INSPECTOR.inspect(Inspect(parse_image(spelling), "ml", ("registry",))) == READ


def test_an_image_that_is_not_locked_is_not_found_and_it_is_said_what_to_do() -> None:
    assert INSPECTOR.inspect(Inspect(parse_image("nginx:1"))) == InspectionFailed(
        cause=Cause.NOT_FOUND,
        message="image docker.io/library/nginx:1 is not in dir/aim.lock.yaml: run aimcore lock",
    )


def test_a_recheck_compares_digests() -> None:
    want = Inspect(parse_image("nginx"))
    assert INSPECTOR.recheck(want, READ.digest) == Unchanged(digest=READ.digest)
    assert INSPECTOR.recheck(want, "sha256:1") == READ
