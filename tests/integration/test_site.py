"""The site: it builds without a warning, its links lead somewhere, what it shows is valid, and search finds it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from aimcore import Text, load
from tests.integration.test_docs import ROOT
from tests.reference.conditions import declared, given
from tests.site.rules import linked

PAGES = sorted((ROOT / "docs").rglob("*.md"))
SEPARATOR = re.compile(r" *\|(?::?-+:?\|)+")
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make site` builds it; `strict` makes any warning an error, links and anchors among them."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_MKDOCS_2_WARNING", "1")
        patch.chdir(ROOT)
        config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder))
        assert config.strict
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
    return folder


def test_every_page_is_in_the_menu_and_every_link_leads_somewhere(site: Path) -> None:
    made = {page.relative_to(site).as_posix() for page in site.rglob("index.html")}
    assert {"index.html", "get-started/index.html", "spec/index.html", "reference/aimservice/index.html"} <= made
    assert [link for page in site.rglob("index.html") for link in dead(site, page)] == []


def dead(site: Path, page: Path) -> list[str]:
    """Links of a page as browsers read them, that lead to no file or no place in it."""
    text = page.read_text(encoding="utf-8")
    links = {html.unescape(link) for link in re.findall(r'<a [^>]*?href="([^"]+)"', text)}
    found = []
    for link in links:
        where, _, place = link.partition("#")
        if re.match(r"[a-z]+:", where):
            continue
        target = (page.parent / where).resolve() if where else page
        target = target / "index.html" if target.is_dir() else target
        known = target.is_file() and (not place or f'id="{place}"' in target.read_text(encoding="utf-8"))
        if not known:
            found.append(f"{page.relative_to(site)}: {link}")
    return found


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}[^)]*)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def test_nothing_is_asked_of_another_host(site: Path) -> None:
    asked = {
        link
        for page in site.rglob("*.html")
        for link in re.findall(
            r'<(?:link|script|img)[^>]*?(?:href|src)="(https?://[^"]+)"', page.read_text(encoding="utf-8")
        )
    }
    assert asked == set()


@pytest.mark.parametrize("word", ["CacheLost", "pvcHeadroomPercent", "AIM_PLAIN_HTTP", "OutOfMemory", "rollback"])
def test_search_finds(site: Path, word: str) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert [one["location"] for one in index["docs"] if word in one["text"] + one["title"]] != []


def test_code_in_tables_shows_no_escape_and_breaks_at_dots(site: Path) -> None:
    pages = [site / "reference" / name / "index.html" for name in ("commands", "aimservice", "conditions")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert "<code>--fail-on [failed|degraded|pending|progressing]</code>" in text
    assert "<td><code>spec.<wbr>model.<wbr>ref</code></td>" in text
    assert "\\|" not in text


def test_a_page_leads_to_the_rules_that_it_names(site: Path) -> None:
    assert '<strong id="stat-2"><a href="#stat-2">STAT-2</a></strong>' in (site / "spec" / "index.html").read_text(
        encoding="utf-8"
    )
    assert '<a href="../../spec/#stat-4">STAT-4</a>' in (site / "reference" / "conditions" / "index.html").read_text(
        encoding="utf-8"
    )
    assert linked("<p>UTF-8 and STAT-999</p>", "spec/") == "<p>UTF-8 and STAT-999</p>"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT / "docs").as_posix())
def test_a_manifest_on_a_page_is_valid(page: Path) -> None:
    for number, block in enumerate(YAML.findall(page.read_text(encoding="utf-8"))):
        if block.startswith("apiVersion: aim.") or "\napiVersion: aim." in block:
            assert list(load(Text(content=block, name=f"block-{number}")).problems) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT / "docs").as_posix())
def test_a_table_has_each_row_on_a_line_of_its_own(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "|---|" in line and not SEPARATOR.fullmatch(line)] == []


def test_every_reason_that_calls_for_somebody_has_its_place_in_troubleshooting() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    assert headings <= {word for one in declared() for word in (one.type, one.reason)}
    assert {reason.value for reason in given()} - {"Running"} <= headings
    alarming = {one.reason for one in declared() if one.warns and one.type != "Ready"}
    assert {reason for reason in alarming if not re.search(rf"\b{reason}\b", text)} == UNTOLD


UNTOLD = {"DefaultRuntimeConfigMissing", "MetadataExtractionFailed"}
"""What needs nobody, or is told by its cause."""
