"""Kinds of ours under another group or version: they are not ours, and whoever wrote them meant us (KIND-1)."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from aimcore.adapters.wire.document import API_VERSION, FORMS
from aimcore.domain.errors import Fault, quoted
from aimcore.domain.kinds.scope import GROUP
from aimcore.domain.values.nearness import did_you_mean

__all__ = ["elsewhere"]

REFERENCE_GROUP = "aim.eai.amd.com"
"""The group of the reference operator, which renamed its own."""

_ALIKE = 0.8
_LONGEST = 253  # of a group; what is longer is like nothing
_BY_LOWER = {kind.lower(): kind for kind in FORMS}


def elsewhere(manifest: Mapping[str, Any]) -> Fault | None:
    """The warning that a manifest is left out though it looks like one of ours; None where it does not, or is of our group.

    >>> print(elsewhere({"apiVersion": "v1", "kind": "AIMModel"}).message)
    AIMModel is known under aim.silogen.ai/v1alpha1 and left out under 'v1'; write apiVersion: aim.silogen.ai/v1alpha1
    """
    version, kind = manifest.get("apiVersion"), manifest.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str):
        return None
    group, slash, _ = version.partition("/")
    if group == GROUP:
        return None  # another version or kind of our group is an error already
    known = _BY_LOWER.get(kind.lower())
    if known is not None:
        message = f"{known} is known under {API_VERSION} and left out under {quoted(version)}"
        return _warning("$.apiVersion", f"{message}; {_advice(group, known, kind)}")
    if slash and _is_alike(group):
        message = f"{quoted(kind)} of {quoted(version)} is left out: {API_VERSION} has no such kind"
        return _warning("$.kind", f"{message}; expected one of {', '.join(FORMS)}{did_you_mean(kind, FORMS)}")
    return None


def _advice(group: str, known: str, written: str) -> str:
    if group == REFERENCE_GROUP:
        return "rewrite it by aimcore convert"
    spelling = "" if written == known else f" and kind: {known}"
    return f"write apiVersion: {API_VERSION}{spelling}"


def _is_alike(group: str) -> bool:
    """Whether the group is the reference operator's, or a slip of the finger away from ours."""
    if group == REFERENCE_GROUP:
        return True
    return len(group) <= _LONGEST and SequenceMatcher(a=group.lower(), b=GROUP, autojunk=False).ratio() >= _ALIKE


def _warning(path: str, message: str) -> Fault:
    return Fault(path=path, message=message, rule="KIND-1", warning=True)
