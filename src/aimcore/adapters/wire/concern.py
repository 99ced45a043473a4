"""What concerns us among all that people keep: objects that we read, kinds of ours under another group or version, and what means to be either (KIND-1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from aimcore.adapters.wire.document import API_VERSION, FORMS, knows
from aimcore.domain.errors import Fault, quoted
from aimcore.domain.kinds.scope import GROUP
from aimcore.domain.values.nearness import did_you_mean

__all__ = ["concerns", "elsewhere", "mentions"]

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


LIST = "list"
_KINDS = frozenset(kind.lower() for kind in FORMS)
_MENTION = re.compile("|".join(map(re.escape, (GROUP, REFERENCE_GROUP, *FORMS))), re.IGNORECASE)


def concerns(value: object) -> bool:
    """Whether a value is for us to judge: an object that we read, or one that bears our group or a kind of ours in any field.

    >>> concerns({"kind": "AIMModel"}), concerns({"apiversion": "aim.silogen.ai/v1alpha1"}), concerns({"image": "x"})
    (True, True, False)
    """
    if isinstance(value, list):
        return any(isinstance(one, dict) and concerns(one) for one in value)
    if not isinstance(value, dict):
        return False
    return knows(value) or elsewhere(value) is not None or any(map(_is_ours, value.values()))


def _is_ours(text: object) -> bool:
    if not isinstance(text, str):
        return False
    return text.partition("/")[0] in (GROUP, REFERENCE_GROUP) or text.lower().removesuffix(LIST) in _KINDS


def mentions(text: str) -> bool:
    """Whether a text that cannot be read may hold an object of ours: it has our group or a kind of ours somewhere.

    >>> mentions("kind: AIMService"), mentions("kind: {{ .Values.kind }}")
    (True, False)
    """
    return _MENTION.search(text) is not None
