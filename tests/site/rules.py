"""A hook of the site: each rule has an address, the pages that name a rule lead to it, and code in tables is as it is meant."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["linked", "on_page_content"]

_SPEC = Path(__file__).parents[2] / "docs" / "spec.md"
_DEFINED = re.compile(r"<strong>([A-Z]+-\d+)</strong>")
_KEPT = re.compile(r"(<pre.*?</pre>|<code.*?</code>|<a\b.*?</a>|<h\d.*?</h\d>|<[^>]+>)", re.DOTALL)
_PATH = re.compile(r"(?<=<td><code>)[^<\s]+(?=</code></td>)")
_CELL = re.compile(r"<td\b.*?</td>", re.DOTALL)
_NAMED = re.compile(r"\b[A-Z]{2,}-\d+\b")


@cache
def _rules() -> frozenset[str]:
    return frozenset(re.findall(r"^- \*\*([A-Z]+-\d+)\*\*", _SPEC.read_text(encoding="utf-8"), re.MULTILINE))


def linked(html: str, spec: str) -> str:
    """The page with links to the rules it names; `spec` is where they are from there.

    >>> linked("<p>as STAT-2 says, <code>STAT-2</code></p>", "../spec/")
    '<p>as <a href="../spec/#stat-2">STAT-2</a> says, <code>STAT-2</code></p>'
    """

    def link(found: re.Match[str]) -> str:
        rule = found[0]
        return f'<a href="{spec}#{rule.lower()}">{rule}</a>' if rule in _rules() else rule

    return "".join(part if part.startswith("<") else _NAMED.sub(link, part) for part in _KEPT.split(html))


def on_page_content(html: str, *, page: Any, **_: Any) -> str:
    """Called by mkdocs with the text of each page, as HTML."""
    if page.file.src_uri == "spec.md":
        html = _DEFINED.sub(lambda found: f'<strong id="{found[1].lower()}">{found[1]}</strong>', html)
        return linked(html, "")
    if page.file.src_uri.startswith("reference/"):
        html = _PATH.sub(lambda found: found[0].replace(".", ".<wbr>"), html)
    # A bar in a cell is escaped, also in code, where this Markdown shows the escape and that of others does not.
    html = _CELL.sub(lambda found: found[0].replace("\\|", "|"), html)
    up = "../" * page.url.count("/")
    return linked(html, f"{up}spec/")
