"""What is looked at: a plan, or a catalogue; a cluster as it stands, and manifests once they are planned."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy
from aimcore.entrypoints.library.catalogue import Catalogue
from aimcore.entrypoints.library.planning import plan
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.settings import Settings

__all__ = ["View", "view_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Objects, and the policy they are judged by."""

    cache: ObjectCache
    policy: Policy


def view_of(source: Catalogue | Planned, settings: Settings | None = None) -> View:
    """What a source shows; the settings are for a catalogue, since a plan was made with its own."""
    if isinstance(source, Planned):
        return View(cache=source.cache, policy=source.policy)
    judged = settings or Settings()
    if source.live is not None:
        return View(cache=source.live.cache, policy=judged.policy)
    planned = plan(source, settings=judged)
    return View(cache=planned.cache, policy=planned.policy)
