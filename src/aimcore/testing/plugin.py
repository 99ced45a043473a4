"""The plug-in of pytest: fixtures for worlds and clusters, and folders with an `expected.yaml` as tests.

It is loaded with every run of pytest where this package is installed, so it imports nothing else of it until it is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aimcore.testing.clusters import FakeCluster
    from aimcore.testing.world import World

__all__ = [
    "ExpectationFile",
    "ExpectationItem",
    "aimcore_cluster",
    "aimcore_world",
    "pytest_addoption",
    "pytest_collect_file",
]

EXPECTED = "expected.yaml"
UPDATE = "--aimcore-update"


class ExpectationError(Exception):
    """What came of the manifests is not what was expected; `str()` is the difference."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--aimcore-update`."""
    group = parser.getgroup("aimcore")
    group.addoption(UPDATE, action="store_true", help=f"write every {EXPECTED} anew, with what comes of its folder now")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Takes an `expected.yaml` that lies beside manifests of ours for a test."""
    if file_path.name != EXPECTED:
        return None
    from aimcore.testing.expectations import holds_manifests  # noqa: PLC0415 - see above

    return ExpectationFile.from_parent(parent, path=file_path) if holds_manifests(file_path.parent) else None


class ExpectationFile(pytest.File):
    """One `expected.yaml`, which holds one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """The test of its folder."""
        yield ExpectationItem.from_parent(self, name=self.path.parent.name)


class ExpectationItem(pytest.Item):
    """That the manifests of a folder come out as its `expected.yaml` says."""

    def runtest(self) -> None:
        """Plans the folder, and compares or writes. Raises `ExpectationError`."""
        from aimcore.testing.expectations import differences, expected_text  # noqa: PLC0415 - see above

        if self.config.getoption(UPDATE):
            self.path.write_text(expected_text(self.path.parent), encoding="utf-8")
            return
        lines = list(differences(self.path.parent))
        if lines:
            raise ExpectationError("\n".join(lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The difference and what to do about it; of any other error what pytest says."""
        if not isinstance(excinfo.value, ExpectationError):
            return super().repr_failure(excinfo, style)
        return (
            f"The manifests in {self.path.parent} do not come out as {EXPECTED} says.\n{excinfo.value}\n"
            f"To see why: aimcore explain service/NAME -n NAMESPACE -f {self.path.parent}\n"
            f"If the new outcome is right: pytest {UPDATE}, and read the difference before you commit it."
        )

    def reportinfo(self) -> tuple[os.PathLike[str], int, str]:
        """Where the test is, and what it is called."""
        return self.path, 0, f"manifests of {self.name}"


@pytest.fixture
def aimcore_world(request: pytest.FixtureRequest) -> Callable[..., World]:
    """`World.read`, with paths from the folder of the test: `aimcore_world("manifests", images="images")`."""
    from aimcore.testing.world import World  # noqa: PLC0415 - see above

    here = request.path.parent

    def read(
        *paths: str | os.PathLike[str],
        images: Mapping[str, Mapping[str, str]] | str | os.PathLike[str] | None = None,
    ) -> World:
        found = here / images if isinstance(images, str | os.PathLike) else images
        return World.read(*(here / path for path in paths), images=found)

    return read


@pytest.fixture
def aimcore_cluster() -> Callable[[World], FakeCluster]:
    """Makes a `FakeCluster` of a world, on which services run: `aimcore_cluster(aimcore_world("manifests"))`."""
    from aimcore.testing.clusters import FakeCluster  # noqa: PLC0415 - see above

    return FakeCluster
