"""The objects of a plan as manifests that `kubectl apply` takes, and their names as kubectl writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aimcore.entrypoints.present.answers import Manifest
from aimcore.entrypoints.present.data import yaml_text
from aimcore.entrypoints.present.text import shown

__all__ = ["applicable", "manifests_yaml", "object_name", "object_names"]

_MADE_BY_KUBERNETES: Final = frozenset({"Pod", "ReplicaSet", "Event", "Lease"})
_NOT_APPLIED: Final = _MADE_BY_KUBERNETES | {"Node", "Secret"}
_FIRST: Final = ("Namespace", "ServiceAccount")
_OF_A_SERVER: Final = frozenset(
    {"uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences"}
)


def manifests_yaml(objects: Iterable[Manifest]) -> str:
    """The applicable ones among these, one YAML document each, namespaces and accounts first."""
    return "---\n".join(
        yaml_text(one) for one in sorted(applicable(objects), key=lambda one: one["kind"] not in _FIRST)
    )


def applicable(objects: Iterable[Manifest]) -> Iterator[Manifest]:
    """What a person or the operator would apply, without status and without what only a server can know.

    Left out are what Kubernetes makes by itself, nodes, and secrets, since what they hold is masked. An owner reference stays
    only where its uid is a real one: the garbage collector deletes within seconds what belongs to nobody who is there.
    """
    listed = list(objects)
    made_up = {one["metadata"].get("uid") for one in listed}
    for one in listed:
        if one["kind"] not in _NOT_APPLIED:
            yield {
                **{name: value for name, value in one.items() if name != "status"},
                "metadata": _metadata(one["metadata"], made_up),
            }


def _metadata(metadata: Mapping[str, Any], made_up: set[Any]) -> dict[str, Any]:
    owners = [one for one in metadata.get("ownerReferences", ()) if one.get("uid") not in made_up]
    kept = {name: value for name, value in metadata.items() if name not in _OF_A_SERVER}
    return {**kept, **({"ownerReferences": owners} if owners else {})}


def object_names(objects: Iterable[Manifest]) -> str:
    """A name a line, of all but what Kubernetes makes by itself."""
    named = (one for one in objects if one["kind"] not in _MADE_BY_KUBERNETES)
    return "".join(f"{object_name(one['apiVersion'], one['kind'], one['metadata']['name'])}\n" for one in named)


def object_name(api_version: str, kind: str, name: str) -> str:
    """A name as kubectl writes and takes it.

    >>> object_name("aim.silogen.ai/v1alpha1", "AIMModel", "llama"), object_name("v1", "Service", "aim-chat")
    ('aimmodel.aim.silogen.ai/llama', 'service/aim-chat')
    """
    group, slash, _ = api_version.partition("/")
    return shown(f"{kind.lower()}{f'.{group}' if slash else ''}/{name}")
