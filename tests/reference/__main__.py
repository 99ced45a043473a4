"""Writes what is generated of the code for people: `python -m tests.reference`, as `make generate` does."""

from __future__ import annotations

from tests.reference.files import ROOT, generated

for path, text in generated().items():
    (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / path).write_text(text, encoding="utf-8")
