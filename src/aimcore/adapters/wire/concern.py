"""What concerns us among all that people keep beside their manifests: objects that we read, and what means to be one of them."""

from __future__ import annotations

import re

from aimcore.adapters.wire.document import FORMS, knows
from aimcore.adapters.wire.elsewhere import REFERENCE_GROUP, elsewhere
from aimcore.domain.kinds.scope import GROUP

__all__ = ["concerns", "mentions"]

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
