"""The CustomResourceDefinitions as data: what an API server admits, in its own words (KIND-2, KIND-3)."""

from __future__ import annotations

from importlib import resources

__all__ = ["definitions"]


def definitions() -> tuple[tuple[str, str], ...]:
    """Plural name and YAML text of every definition, by name.

    >>> [plural for plural, _ in definitions()][:2]
    ['aimclustermodels', 'aimclusterruntimeconfigs']
    """
    folder = resources.files(__package__).joinpath("crds")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple((file.name.removesuffix(".yaml"), file.read_text(encoding="utf-8")) for file in files)
