"""List what a catalogue yields: every model, template and service, with how it is."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Key
from aimcore.entrypoints.library.catalogue import Catalogue
from aimcore.entrypoints.library.views import View, view_of
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.present.objects import LISTED
from aimcore.entrypoints.present.things import about
from aimcore.entrypoints.present.verdicts import reason, verdict
from aimcore.entrypoints.settings import Settings

__all__ = ["Item", "contents", "contents_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object: which it is, the one word of its status, the sentence beside it, and what it is about.

    `about` is the image of a model, the hardware, metric and precision of a template, the template that a service runs.
    """

    key: Key
    status: str
    reason: str
    about: str


def contents(source: Catalogue | Planned, *, settings: Settings | None = None) -> tuple[Item, ...]:
    """Every model, template and service, and every other object that has a status, by kind, namespace and name; what the operator would make is among them.

    A catalogue of manifests is planned first, without images, by those `settings`; that of a cluster is listed as it stands.
    """
    return contents_in(view_of(source, settings))


def contents_in(view: View) -> tuple[Item, ...]:
    """The same of objects that are there already."""
    return tuple(_item(thing, view.policy.base_image) for thing in view.cache if thing.key.kind in LISTED)


def _item(thing: AimObject, base_image: str) -> Item:
    return Item(
        key=thing.key, status=verdict(thing.status), reason=reason(thing.status), about=about(thing, base_image)
    )
