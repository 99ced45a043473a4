"""What is looked at, and the list of it: a plan, or a catalogue; a cluster as it stands, and manifests once they are planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.kinds.config import ResolvedConfig
from aimcore.domain.kinds.records import AimObject, RuntimeConfig, Service
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.serving.names import child_name
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.keys import IndexDef
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.read_view import ReadView
from aimcore.entrypoints.library.catalogue import Catalogue
from aimcore.entrypoints.library.planning import plan
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.present.objects import LISTED
from aimcore.entrypoints.present.verdicts import about, reason, verdict
from aimcore.entrypoints.settings import Settings

__all__ = ["Item", "View", "contents", "contents_in", "view_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Objects, and the policy they are judged by; `planned` is the plan that they are the end of, if they are of one."""

    cache: ObjectCache
    policy: Policy
    planned: Planned | None = None

    def as_asked(self, service: Service) -> ReadView:
        """What a service is judged by: without its Deployment, where the plan made that.

        Once a Deployment stands, its template is kept and no other is looked at (RUN-16); who asks about manifests asks why
        that template was chosen.
        """
        key = Key(Kind.DEPLOYMENT, service.key.namespace, child_name(service.key.name))
        changes = () if self.planned is None else self.planned.settled.changes
        made = any(change.key == key and change.action == "create" for change in changes)
        return _Without(self.cache, key) if made else self.cache


def view_of(source: Catalogue | Planned, settings: Settings | None = None) -> View:
    """What a source shows; the settings are for a catalogue, since a plan was made with its own."""
    if isinstance(source, Planned):
        return View(cache=source.cache, policy=source.policy, planned=source)
    judged = settings or Settings()
    if source.live is not None:
        return View(cache=source.live.cache, policy=judged.policy)
    planned = plan(source, settings=judged)
    return View(cache=planned.cache, policy=planned.policy, planned=planned)


class _Without(ReadView):
    """The same view without the object of one key."""

    def __init__(self, view: ReadView, hidden: Key) -> None:
        self._view = view
        self._hidden = hidden

    def get(self, kind: Kind, namespace: str | None, name: str) -> Any:
        """As `ReadView.get`."""
        return None if Key(kind, namespace, name) == self._hidden else self._view.get(kind, namespace, name)

    def at(self, index: IndexDef, namespace: str | None, word: str) -> tuple[Any, ...]:
        """As `ReadView.at`."""
        return self._view.at(index, namespace, word)

    @property
    def inventory(self) -> Inventory | None:
        """As `ReadView.inventory`."""
        return self._view.inventory

    def merged(self, near: RuntimeConfig | None, far: RuntimeConfig | None) -> ResolvedConfig:
        """As `ReadView.merged`."""
        return self._view.merged(near, far)


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
