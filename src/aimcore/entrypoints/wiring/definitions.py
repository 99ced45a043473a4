"""The CustomResourceDefinitions as they are shipped."""

from __future__ import annotations

from aimcore.adapters.schemas import definitions

__all__ = ["definitions_text"]


def definitions_text() -> str:
    """All of them, as one YAML stream."""
    return "---\n".join(text for _, text in definitions())
