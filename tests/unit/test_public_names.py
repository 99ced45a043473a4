"""What is public is listed, described on a page, and shown there in an example of at most fifteen lines that the tests run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aimcore
import aimcore.testing

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("library.md", "resolving.md", "plugins.md")
OWN_CATALOGUE = (
    *("ClaimFate", "FakeCluster", "GatewayAnswer", "Script", "World", "fates"),
    *("assert_fits", "assert_nothing_failed", "assert_resolves", "assert_same_choice"),
    *("check_image_inspector", "check_size_prober"),
    *("check_cluster", "check_pod_logs", "check_pull_secrets", "check_secret_values"),
    "check_volume",
)
LINES_AT_MOST = 15


def examples(*pages: str) -> list[str]:
    texts = [(DOCS / page).read_text(encoding="utf-8") for page in pages]
    return [found for text in texts for found in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def test_no_example_is_long() -> None:
    found = examples(*PAGES, "testing-a-catalogue.md")
    assert len(found) > 20
    assert [one for one in found if len(one.splitlines()) > LINES_AT_MOST] == []


@pytest.mark.parametrize("name", aimcore.__all__)
def test_a_public_name_has_an_example(name: str) -> None:
    assert any(re.search(rf"\b{name}\b", one) for one in examples(*PAGES))


@pytest.mark.parametrize("name", OWN_CATALOGUE)
def test_what_tests_a_catalogue_has_an_example(name: str) -> None:
    assert name in aimcore.testing.__all__
    assert any(re.search(rf"\b{name}\b", one) for one in examples("plugins.md", "testing-a-catalogue.md"))


def test_a_public_thing_says_what_it_is() -> None:
    things = {name: getattr(aimcore, name) for name in aimcore.__all__ if name != "__version__"}
    assert [name for name, thing in things.items() if not thing.__doc__] == []
    assert [name for name in aimcore.testing.__all__ if not hasattr(aimcore.testing, name)] == []
