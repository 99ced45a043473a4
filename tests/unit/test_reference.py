"""What is generated for people says what the code says: a renamed flag, field or reason shows here until `make generate`."""

from __future__ import annotations

import pytest

from tests.reference.chart import values
from tests.reference.files import ROOT, generated

FILES = generated()


@pytest.mark.parametrize("path", FILES)
def test_a_generated_file_is_as_it_is_made_now(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == FILES[path], "run make generate"


def test_every_value_of_the_chart_says_what_it_is_or_is_said_above() -> None:
    told = {value.path: value.told for value in values()}
    silent = {path for path, text in told.items() if not text and not told.get(path.partition(".")[0])}
    assert silent == {
        "priorityClassName",
        "nodeSelector",
        "tolerations",
        "affinity",
    }  # said above, of the five together
