"""The patches of `make planted` fit the code as it is: one that no longer applies would be found only by who runs them."""

from __future__ import annotations

import subprocess

import pytest

from tests.planted.__main__ import ROOT, Planted, planted


@pytest.mark.parametrize("one", [pytest.param(one, id=one.path.stem) for one in planted()])
def test_the_patch_applies_and_names_a_file_of_tests(one: Planted) -> None:
    command = ("git", "apply", "--check", str(one.path))
    tried = subprocess.run(command, check=False, cwd=ROOT, text=True, capture_output=True, timeout=60)

    assert tried.returncode == 0, f"write {one.path.name} anew for the code as it is: {tried.stderr}"
    assert (ROOT / one.test.partition("::")[0]).is_file()
