"""Text that a pod wrote, fit for a status: credentials masked, control characters gone, the last kibibyte (SEC-1, STAT-2)."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["CRASH_TEXT_AT_MOST", "MASK", "crash_text", "masked"]

MASK: Final = "***"
CRASH_TEXT_AT_MOST: Final = 1024

_TOKENS: Final = (
    (re.compile(r"hf_[A-Za-z0-9]++"), f"hf_{MASK}"),
    (re.compile(r"\bA(?:KIA|SIA)[A-Z0-9]{8,}+"), f"AKIA{MASK}"),
    (re.compile(r"(?i)(\bbearer\s{1,8}+)[^\s'\"]++"), rf"\1{MASK}"),
    (re.compile(r"(?i)(\bapi[-_]?key['\"]?[\s=:,\[('\"]{1,8}+)[^\s'\",\])]++"), rf"\1{MASK}"),
    (re.compile(r"(://)[^\s/@'\"]++(?=@)"), rf"\1{MASK}"),
)
_ESCAPES = re.compile(r"\x1b\[[0-9;]*+[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def masked(text: str) -> str:
    """The text without the known forms of credentials, and without what a terminal would obey.

    >>> masked("GET https://me:pw@hub.example with Bearer abc.def and --api-key=xyz, token hf_AbC123")
    'GET https://***@hub.example with Bearer *** and --api-key=***, token hf_***'
    """
    shown = _ESCAPES.sub("", text)
    for form, mask in _TOKENS:
        shown = form.sub(mask, shown)
    return shown


def crash_text(text: str) -> str:
    """The last words of a container: masked first, so that no cut leaves half a token, then the last kibibyte."""
    words = masked(text).strip().encode(errors="replace")
    return words[-CRASH_TEXT_AT_MOST:].decode(errors="ignore").strip()
