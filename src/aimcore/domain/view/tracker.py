"""Whom a change concerns: those who looked where something is seen differently now.

A decision is a function of what it was shown, so it can only change where one of those answers does. Nobody lists what each
decision depends on: it is noted down where it looked, and a change wakes those who looked there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.config import ResolvedConfig
from aimcore.domain.kinds.records import (
    Absent,
    AimObject,
    Model,
    Namespace,
    RuntimeConfig,
    Secret,
    Service,
    ServiceAccount,
    Template,
)
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.scope import Key, Kind, Reference
from aimcore.domain.values.index import Index
from aimcore.domain.view.cache import NO_RESOURCES, Catalogue, CoreObject, Standing
from aimcore.domain.view.keys import MENTIONING, MODELS_OF_IMAGE, OWNED_BY, TEMPLATES_OF_MODEL, Place, places

__all__ = ["Waking", "news", "watched"]

_AIM = (Model, Template, Service, RuntimeConfig)

MODELS = "models"
MODEL_REFERENCES = "references of models"
MODEL_RESOURCES = "resources of models"
TEMPLATES = "templates"
SERVICES = "services"
CONFIGS = "runtime configs"
NAMESPACES = "namespaces"
SECRETS = "secrets"
ACCOUNTS = "service accounts"
_NAMED = {Kind.MODEL: MODELS, Kind.TEMPLATE: TEMPLATES, Kind.SERVICE: SERVICES, Kind.RUNTIME_CONFIG: CONFIGS}
GPUS: Place = ("GPUs", None, "")
"""Where all nodes are seen together."""


def watched(snapshot: Standing, looked: dict[Place, None]) -> Standing:
    """The same snapshot; each place that somebody looks at in it is put into `looked`, in the order of looking."""
    return _Witness(snapshot, looked)


@lru_cache(maxsize=1024)  # where many look is kept once
def _common(word: str, namespace: str | None, name: str) -> Place:
    return word, namespace, name


class _Witness:
    """The snapshot behind it, and a note of each place that somebody looked at."""

    def __init__(self, behind: Standing, looked: dict[Place, None]) -> None:
        self._behind = behind
        self._looked = looked

    def model(self, namespace: str | None, name: str) -> Model | None:
        self._looked[MODELS, namespace, name] = None
        return self._behind.model(namespace, name)

    def model_reference(self, namespace: str | None, name: str) -> Reference | None:
        self._looked[MODEL_REFERENCES, namespace, name] = None
        return self._behind.model_reference(namespace, name)

    def model_resources(self, namespace: str | None, name: str) -> Resources:
        self._looked[MODEL_RESOURCES, namespace, name] = None
        return self._behind.model_resources(namespace, name)

    def template(self, namespace: str | None, name: str) -> Template | None:
        self._looked[TEMPLATES, namespace, name] = None
        return self._behind.template(namespace, name)

    def models_of_image(self, namespace: str | None, image: str) -> tuple[Model, ...]:
        self._looked[MODELS_OF_IMAGE, namespace, image] = None
        return self._behind.models_of_image(namespace, image)

    def templates_of_model(self, namespace: str | None, model: str) -> tuple[Template, ...]:
        self._looked[TEMPLATES_OF_MODEL, namespace, model] = None
        return self._behind.templates_of_model(namespace, model)

    def owned_by(self, uid: str) -> tuple[AimObject, ...]:
        self._looked[OWNED_BY, None, uid] = None
        return self._behind.owned_by(uid)

    def mentioning(self, template: str) -> tuple[Model | Service, ...]:
        self._looked[MENTIONING, None, template] = None
        return self._behind.mentioning(template)

    def config(self, namespace: str | None, name: str) -> ResolvedConfig:
        self._looked[_common(CONFIGS, namespace, name)] = None
        self._looked[_common(CONFIGS, None, name)] = None  # it is merged of both
        return self._behind.config(namespace, name)

    def deleting(self, namespace: str | None) -> bool:
        self._looked[_common(NAMESPACES, None, namespace or "")] = None
        return self._behind.deleting(namespace)

    def secret(self, namespace: str, name: str) -> Secret | None:
        self._looked[_common(SECRETS, namespace, name)] = None
        return self._behind.secret(namespace, name)

    def account(self, namespace: str, name: str) -> ServiceAccount | None:
        self._looked[_common(ACCOUNTS, namespace, name)] = None
        return self._behind.account(namespace, name)

    def is_absent(self, thing: Absent) -> bool:
        self._looked[_common(SECRETS if thing.kind == "Secret" else ACCOUNTS, thing.namespace, thing.name)] = None
        return self._behind.is_absent(thing)

    @property
    def inventory(self) -> Inventory | None:
        self._looked[GPUS] = None
        return self._behind.inventory


def news(before: AimObject | CoreObject | None, after: AimObject | CoreObject | None) -> Iterator[Place]:
    """The places where something else is seen once `before` has become `after`; None is nothing there.

    What a node gives is seen together with what all others give, so a node alone is never news.
    """
    old, new = dict(_sights(before)), dict(_sights(after))
    for place in old.keys() | new.keys():
        if old.get(place) != new.get(place):
            yield place


def _sights(thing: AimObject | CoreObject | None) -> Iterator[tuple[Place, object]]:
    """Where the thing is seen, and what of it is seen there."""
    match thing:
        case None | Node():
            return
        case Namespace():
            yield (NAMESPACES, None, thing.name), thing.deleting or None  # one that stands is like one nobody told of
        case Secret():
            yield (SECRETS, thing.namespace, thing.name), thing
        case ServiceAccount():
            yield (ACCOUNTS, thing.namespace, thing.name), thing
        case Absent():
            yield (SECRETS if thing.kind == "Secret" else ACCOUNTS, thing.namespace, thing.name), thing
        case _:
            seen = (thing.meta.uid, thing.spec) if isinstance(thing, RuntimeConfig) else thing
            yield (_NAMED[thing.key.kind], thing.key.namespace, thing.key.name), seen
            if isinstance(thing, Model):
                yield (MODEL_REFERENCES, thing.key.namespace, thing.key.name), thing.meta.uid
                if thing.spec.resources != NO_RESOURCES:
                    yield (MODEL_RESOURCES, thing.key.namespace, thing.key.name), thing.spec.resources
            for place in places(thing):
                yield place, _mention(thing) if place[0] is MENTIONING else thing


def _mention(thing: AimObject) -> object:
    """What tells whether the thing uses a template of a name (TMPL-4)."""
    if isinstance(thing, Service):
        return thing.spec.template_name, thing.status.resolved_template if thing.status else None
    return True


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """Where somebody looked. The templates of a model look at the same places, and share one."""

    places: tuple[Place, ...]


class Waking:
    """Who looked where in a catalogue, which it keeps in step with the cluster."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._views: dict[tuple[Place, ...], _View] = {}
        self._of: dict[Key, _View] = {}
        self._upon: Index[Place, _View] = Index(key=_itself)
        self._shared_by: Index[_View, Key] = Index(key=_itself)

    def put(self, thing: AimObject | CoreObject) -> set[Key]:
        """Takes the thing as it is now; the keys for which another answer may come of it, its own among them."""
        return self._change(self._catalogue.put, thing, thing)

    def drop(self, thing: AimObject | CoreObject) -> set[Key]:
        """Forgets the thing; the keys for which another answer may come of it."""
        woken = self._change(self._catalogue.drop, thing, None)
        if isinstance(thing, _AIM):
            self._forget(thing.key)
            woken.discard(thing.key)
        return woken

    def note(self, key: Key, looked: Iterable[Place]) -> None:
        """The object of this key was decided, and looked at these places only."""
        places = tuple(looked)
        view = self._views.get(places)
        if view is not None and self._of.get(key) is view:
            return
        self._forget(key)
        if view is None:
            view = self._views[places] = _View(places)
            for place in places:
                self._upon.put(place, view)
        self._of[key] = view
        self._shared_by.put(view, key)

    def _change(
        self,
        take: Callable[[AimObject | CoreObject], None],
        thing: AimObject | CoreObject,
        after: AimObject | CoreObject | None,
    ) -> set[Key]:
        watched_nodes = isinstance(thing, Node) and GPUS in self._upon
        gpus = self._catalogue.inventory if watched_nodes else None
        places = set(news(self._catalogue.before(thing), after)) if self._of else set()
        take(thing)
        if watched_nodes and self._catalogue.inventory != gpus:
            places.add(GPUS)
        woken = {key for place in places for view in self._upon.at(place) for key in self._shared_by.at(view)}
        return woken | {thing.key} if isinstance(thing, _AIM) else woken

    def _forget(self, key: Key) -> None:
        view = self._of.pop(key, None)
        if view is None:
            return
        self._shared_by.remove(view, key)
        if view in self._shared_by:
            return
        del self._views[view.places]
        for place in view.places:
            self._upon.remove(place, view)


def _itself(thing: Hashable) -> Hashable:
    return thing
