"""Which object answers to a name: near before far, and existence decides, not health (LOOK)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig, config_name
from aimcore.domain.kinds.records import Model, Template
from aimcore.domain.kinds.scope import Key, Kind, Reference
from aimcore.domain.view.cache import ReadView

__all__ = [
    "AUTO_GENERATED",
    "ORIGIN",
    "Ambiguous",
    "Found",
    "Missing",
    "config_namespace",
    "find_config",
    "find_model",
    "find_model_of_image",
    "find_model_reference",
    "find_template",
    "is_auto_generated",
]

T = TypeVar("T", Model, Template, Reference)

ORIGIN = "aim.silogen.ai/origin"
AUTO_GENERATED = "auto-generated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """The object that answers, and the ones it shadows (LOOK-2)."""

    thing: T
    shadowed: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Nothing answers; `looked` is where it was sought, near to far (LOOK-2)."""

    looked: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous(Generic[T]):
    """Equals answer, and nothing ranks them (LOOK-4)."""

    things: tuple[T, ...]


def is_auto_generated(thing: Model | Template) -> bool:
    """Whether the operator made it, by its label; nothing is ever deleted by label alone (OWN-2)."""
    return thing.meta.labels.get(ORIGIN) == AUTO_GENERATED


def _nearest(kind: Kind, namespace: str | None, name: str, found: tuple[T | None, T | None]) -> Found[T] | Missing:
    near, far = found
    if near is not None:
        return Found(thing=near, shadowed=() if far is None else (Key(kind, None, name),))
    if far is not None:
        return Found(thing=far)
    cluster = Key(kind, None, name)
    return Missing(looked=(cluster,) if namespace is None else (Key(kind, namespace, name), cluster))


def find_model(view: ReadView, namespace: str | None, name: str) -> Found[Model] | Missing:
    """The model that `name` means in that namespace; None looks from the cluster, which sees no namespace (LOOK-3)."""
    near = None if namespace is None else view.model(namespace, name)
    return _nearest(Kind.MODEL, namespace, name, (near, view.model(None, name)))


def find_model_reference(view: ReadView, namespace: str | None, name: str) -> Found[Reference] | Missing:
    """As `find_model`, for those who ask which model it is, and nothing else of it: no other change of it concerns them."""
    near = None if namespace is None else view.model_reference(namespace, name)
    return _nearest(Kind.MODEL, namespace, name, (near, view.model_reference(None, name)))


def find_template(view: ReadView, namespace: str | None, name: str) -> Found[Template] | Missing:
    """The template that `name` means in that namespace."""
    near = None if namespace is None else view.template(namespace, name)
    return _nearest(Kind.TEMPLATE, namespace, name, (near, view.template(None, name)))


def find_model_of_image(view: ReadView, namespace: str, image: str) -> Found[Model] | Ambiguous[Model] | None:
    """The model whose normalised image is `image`: the namespace's before the cluster's, an author's before ours (LOOK-4)."""
    far = view.models_of_image(None, image)
    near = view.models_of_image(namespace, image)
    authored = [
        [model for model in models if is_auto_generated(model) is ours]
        for models in (near, far)
        for ours in (False, True)
    ]
    ranked = [sorted(models, key=lambda model: model.key.sort_key) for models in authored if models]
    if not ranked:
        return None
    best, *rest = ranked
    if len(best) > 1:
        return Ambiguous(things=tuple(best))
    return Found(thing=best[0], shadowed=tuple(model.key for models in rest for model in models))


def config_namespace(namespace: str | None, operator_namespace: str) -> str:
    """Where the namespaced configuration of an object lives: for cluster objects, with the operator (LOOK-3)."""
    return operator_namespace if namespace is None else namespace


def find_config(view: ReadView, namespace: str | None, asked: str | None) -> ResolvedConfig | ConfigMissing:
    """The merged configuration of the name asked for, else of `default`; None looks at the cluster's alone (CONF-1)."""
    name = config_name(asked)
    merged = view.config(namespace, name)
    if merged.reference is not None:
        return merged
    cluster = Key(Kind.RUNTIME_CONFIG, None, name)
    looked = (cluster,) if namespace is None else (Key(Kind.RUNTIME_CONFIG, namespace, name), cluster)
    return ConfigMissing(name=name, named=bool(asked), looked=looked)
