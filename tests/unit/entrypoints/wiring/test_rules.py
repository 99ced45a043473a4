"""Of a file of authorities a Job is told the certificates: no key, no comment, and not more than an annotation holds."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from aimcore.entrypoints.wiring.rules import authorities_of

ONE = "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n"


@pytest.mark.rule("CACHE-9", "SEC-1")
def test_the_certificates_of_a_file_and_nothing_else_of_it(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(f"# ours, d\u00e9j\u00e0\n{ONE}{KEY}{ONE}")
    assert authorities_of(tmp_path / "ca.pem") == ONE + ONE
    assert authorities_of(None) == ""


@pytest.mark.rule("CACHE-9")
def test_more_than_fit_are_left_out_and_it_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "ca.pem").write_text(ONE * 2500)
    with caplog.at_level(logging.WARNING):
        assert authorities_of(tmp_path / "ca.pem") == ""
    assert "keep those that are yours alone" in caplog.text
