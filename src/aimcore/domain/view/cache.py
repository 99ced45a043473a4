"""Everything that stands, indexed by what a decision asks for.

The loop keeps it in step with the cluster by `put` and `remove`; decisions only read. It is the one mutable thing of
the domain: a copy for every change would cost as much as the whole cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from aimcore.domain.hardware.inventory import Inventory, Offer, combine, offer_of
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.config import ResolvedConfig, merge_configs
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
from aimcore.domain.view.keys import MENTIONING, MODELS_OF_IMAGE, OWNED_BY, TEMPLATES_OF_MODEL, Place, places

__all__ = ["NO_RESOURCES", "Catalogue", "CoreObject", "Standing"]

T = TypeVar("T")
CoreObject = Namespace | Secret | ServiceAccount | Absent | Node
ByName = dict[tuple[str | None, str], T]
NO_CONFIG = ResolvedConfig()
NO_RESOURCES = Resources()


class Standing(Protocol):
    """All that a decision may ask of what stands; the catalogue says what each answer is."""

    def model(self, namespace: str | None, name: str) -> Model | None:
        """By its name."""

    def model_reference(self, namespace: str | None, name: str) -> Reference | None:
        """By its name, and no more of it than which it is."""

    def model_resources(self, namespace: str | None, name: str) -> Resources:
        """What the model of that name asks for."""

    def template(self, namespace: str | None, name: str) -> Template | None:
        """By its name."""

    def models_of_image(self, namespace: str | None, image: str) -> tuple[Model, ...]:
        """By their image."""

    def templates_of_model(self, namespace: str | None, model: str) -> tuple[Template, ...]:
        """By the model they name."""

    def owned_by(self, uid: str) -> tuple[AimObject, ...]:
        """By their controller."""

    def mentioning(self, template: str) -> tuple[Model | Service, ...]:
        """By a template they name."""

    def config(self, namespace: str | None, name: str) -> ResolvedConfig:
        """Merged, by its name."""

    def deleting(self, namespace: str | None) -> bool:
        """Whether it is on its way out."""

    def secret(self, namespace: str, name: str) -> Secret | None:
        """By its name."""

    def account(self, namespace: str, name: str) -> ServiceAccount | None:
        """By its name."""

    def is_absent(self, thing: Absent) -> bool:
        """Whether somebody looked for it in vain."""

    @property
    def inventory(self) -> Inventory | None:
        """The GPUs of the cluster."""


class Catalogue:
    """The objects of a cluster. `nodes_known` is False where nodes cannot be read: then GPUs are assumed present."""

    def __init__(self, *, nodes_known: bool = True) -> None:
        self.nodes_known = nodes_known
        self._models: ByName[Model] = {}
        self._templates: ByName[Template] = {}
        self._services: ByName[Service] = {}
        self._runtime_configs: ByName[RuntimeConfig] = {}
        self._by_kind: Mapping[Kind, ByName[Any]] = {
            Kind.MODEL: self._models,
            Kind.TEMPLATE: self._templates,
            Kind.SERVICE: self._services,
            Kind.RUNTIME_CONFIG: self._runtime_configs,
        }
        self._found: Index[Place, Any] = Index(key=lambda thing: thing.key)
        self._configs: ByName[ResolvedConfig] = {}
        self._namespaces: dict[str, Namespace] = {}
        self._secrets: dict[tuple[str, str], Secret] = {}
        self._accounts: dict[tuple[str, str], ServiceAccount] = {}
        self._absent: set[Absent] = set()
        self._nodes: dict[str, Node] = {}
        self._offers: dict[str, Offer] = {}
        self._inventory: Inventory | None = None

    @classmethod
    def of(cls, things: Iterable[AimObject | CoreObject], *, nodes_known: bool = True) -> Catalogue:
        """A catalogue of these things."""
        catalogue = cls(nodes_known=nodes_known)
        for thing in things:
            catalogue.put(thing)
        return catalogue

    # Reading ----------------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[AimObject]:
        """Every AIM object, sorted by key."""
        things = (thing for named in self._by_kind.values() for thing in named.values())
        return iter(sorted(things, key=lambda thing: thing.key.sort_key))

    def find(self, key: Key) -> AimObject | None:
        """The object of this key, if it stands."""
        found: AimObject | None = self._by_kind[key.kind].get((key.namespace, key.name))
        return found

    def model(self, namespace: str | None, name: str) -> Model | None:
        """The model of that namespace (None: of the cluster) and name."""
        return self._models.get((namespace, name))

    def model_reference(self, namespace: str | None, name: str) -> Reference | None:
        """Which model of that namespace (None: of the cluster) has this name."""
        model = self.model(namespace, name)
        return None if model is None else Reference.to(model.key, model.meta.uid)

    def model_resources(self, namespace: str | None, name: str) -> Resources:
        """What the model of that namespace (None: of the cluster) and name asks for; nothing where there is none (RES-1)."""
        model = self.model(namespace, name)
        return NO_RESOURCES if model is None else model.spec.resources

    def template(self, namespace: str | None, name: str) -> Template | None:
        """The template of that namespace (None: of the cluster) and name."""
        return self._templates.get((namespace, name))

    def models_of_image(self, namespace: str | None, image: str) -> tuple[Model, ...]:
        """The image models of that namespace (None: of the cluster) whose normalised image is `image` (LOOK-4)."""
        return self._found.at((MODELS_OF_IMAGE, namespace, image))

    def templates_of_model(self, namespace: str | None, model: str) -> tuple[Template, ...]:
        """The templates of that namespace (None: of the cluster) that name this model."""
        return self._found.at((TEMPLATES_OF_MODEL, namespace, model))

    def owned_by(self, uid: str) -> tuple[AimObject, ...]:
        """The objects whose controller is the object of this uid (OWN-2)."""
        return self._found.at((OWNED_BY, None, uid))

    def mentioning(self, template: str) -> tuple[Model | Service, ...]:
        """The models and services that name a template of this name in their spec or status (TMPL-4)."""
        return self._found.at((MENTIONING, None, template))

    def config(self, namespace: str | None, name: str) -> ResolvedConfig:
        """The merged configuration of this name for that namespace; without a `reference` when there is none."""
        merged = self._configs.get((namespace, name))
        if merged is not None:
            return merged
        near = None if namespace is None else self._runtime_configs.get((namespace, name))
        far = self._runtime_configs.get((None, name))
        if near is None and far is None:
            return NO_CONFIG  # not remembered: anybody may ask for names that nobody has
        self._configs[namespace, name] = merged = merge_configs(near, far)
        return merged

    def deleting(self, namespace: str | None) -> bool:
        """Whether that namespace is on its way out; the cluster never is (OWN-3)."""
        found = self._namespaces.get(namespace or "")
        return found is not None and found.deleting

    def secret(self, namespace: str, name: str) -> Secret | None:
        """The secret of that name, as far as it may be looked at: that it is there, and its type."""
        return self._secrets.get((namespace, name))

    def account(self, namespace: str, name: str) -> ServiceAccount | None:
        """The service account of that name."""
        return self._accounts.get((namespace, name))

    def is_absent(self, thing: Absent) -> bool:
        """Whether somebody looked for it, and it was not there."""
        return thing in self._absent

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes that stand, as far as they can be read."""
        return tuple(self._nodes.values())

    @property
    def inventory(self) -> Inventory | None:
        """The GPUs of the cluster; None where nodes cannot be read."""
        if not self.nodes_known:
            return None
        if self._inventory is None:
            self._inventory = combine(self._offers)
        return self._inventory

    def before(self, thing: AimObject | CoreObject) -> AimObject | CoreObject | None:
        """What stands in the thing's place."""
        match thing:
            case Namespace():
                return self._namespaces.get(thing.name)
            case Secret():
                return self.secret(thing.namespace, thing.name)
            case ServiceAccount():
                return self.account(thing.namespace, thing.name)
            case Absent():
                there = (self.secret if thing.kind == "Secret" else self.account)(thing.namespace, thing.name)
                return there or (thing if self.is_absent(thing) else None)
            case Node():
                return self._nodes.get(thing.name)
            case _:
                return self.find(thing.key)

    # Keeping in step --------------------------------------------------------------------------------------------------

    def put(self, thing: AimObject | CoreObject) -> None:
        """Takes the thing as it is now, in place of what it was."""
        match thing:
            case Namespace():
                self._namespaces[thing.name] = thing
            case Secret():
                self._secrets[thing.namespace, thing.name] = thing
                self._absent.discard(Absent(kind="Secret", namespace=thing.namespace, name=thing.name))
            case ServiceAccount():
                self._accounts[thing.namespace, thing.name] = thing
                self._absent.discard(Absent(kind="ServiceAccount", namespace=thing.namespace, name=thing.name))
            case Absent():
                things: dict[tuple[str, str], Any] = self._secrets if thing.kind == "Secret" else self._accounts
                things.pop((thing.namespace, thing.name), None)
                self._absent.add(thing)
            case Node():
                if self._nodes.get(thing.name) != thing:  # most news of a node is of what nobody here looks at
                    self._offers[thing.name] = offer_of(thing)
                    self._inventory = None
                self._nodes[thing.name] = thing
            case _:
                self.remove(thing.key)
                self._by_kind[thing.key.kind][thing.key.namespace, thing.key.name] = thing
                for place in places(thing):
                    self._found.put(place, thing)

    def drop(self, thing: AimObject | CoreObject) -> None:
        """Forgets the thing, if it stood."""
        match thing:
            case Namespace():
                self._namespaces.pop(thing.name, None)
            case Secret():
                self._secrets.pop((thing.namespace, thing.name), None)
            case ServiceAccount():
                self._accounts.pop((thing.namespace, thing.name), None)
            case Absent():
                self._absent.discard(thing)
            case Node():
                self._nodes.pop(thing.name, None)
                self._offers.pop(thing.name, None)
                self._inventory = None
            case _:
                self.remove(thing.key)

    def remove(self, key: Key) -> None:
        """Forgets the object of this key, if it stood."""
        if key.kind is Kind.RUNTIME_CONFIG:
            self._configs.clear()
        thing = self._by_kind[key.kind].pop((key.namespace, key.name), None)
        if thing is None:
            return
        for place in places(thing):
            self._found.remove(place, thing)
