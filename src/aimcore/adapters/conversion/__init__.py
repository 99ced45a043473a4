"""Manifests of the Go operator become manifests of ours, and notes say what was renamed, left out or needs a decision.

It is a pure function over plain data. It stands among the adapters and not in the domain, because how another API spells
things is a question of borders: no rule of the domain knows that there was another operator.
"""

from __future__ import annotations

from aimcore.adapters.conversion.rewriting import Action, Note
from aimcore.adapters.conversion.whole import Converted, convert

__all__ = ["Action", "Converted", "Note", "convert"]
