from __future__ import annotations

import pytest

from aimcore.domain.errors import AimError, Fault, InvalidManifestError


@pytest.mark.rule("KIND-3")
def test_a_manifest_that_is_wrong_tells_all_that_is_wrong_with_it() -> None:
    faults = (
        Fault(path="$.spec.image", message="is missing", rule="KIND-4"),
        Fault(path="$.metadata.name", message="is too long", rule="KIND-1"),
    )
    error = InvalidManifestError(faults)
    assert error.faults == faults
    assert str(error) == "$.spec.image: is missing [KIND-4]; $.metadata.name: is too long [KIND-1]"
    assert isinstance(error, AimError)
