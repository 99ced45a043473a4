"""The CustomResourceDefinitions, made of the registry and its codecs (KIND-2, KIND-3).

What a definition says stands once, beside the codec that reads it: descriptions, limits, rules in CEL, columns, what is
immutable. `make generate` writes the files, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aimcore.adapters.wire.kind import Column, Immutable, KindCodec
from aimcore.adapters.wire.kinds import CODECS
from aimcore.domain.kinds.scope import GROUP, VERSION, Scope, Spelling

__all__ = ["made_definitions"]

_SCALE = {
    "specReplicasPath": ".spec.replicas",
    "statusReplicasPath": ".status.runtime.replicas",
    "labelSelectorPath": ".status.selector",
}
_SCOPES = {Scope.NAMESPACE: "Namespaced", Scope.CLUSTER: "Cluster"}
_TOP = {
    "apiVersion": {"description": f"The version of this representation, {GROUP}/{VERSION}.", "type": "string"},
    "kind": {"description": "The kind of this object.", "type": "string"},
    "metadata": {"type": "object"},
}


def made_definitions() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Plural name and definition of every kind, each in every scope that it has."""
    for kind, row in CODECS.items():
        for scope, spelling in kind.spellings:
            yield spelling.plural, _definition(row, scope, spelling)


def _definition(row: KindCodec, scope: Scope, spelling: Spelling) -> Mapping[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{spelling.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": _SCOPES[scope],
            "names": {
                "kind": spelling.kind,
                "listKind": f"{spelling.kind}List",
                "plural": spelling.plural,
                "singular": spelling.kind.lower(),
                "shortNames": [spelling.short],
                "categories": ["aim", "all"],
            },
            "versions": [_version(row, scope)],
        },
    }


def _version(row: KindCodec, scope: Scope) -> Mapping[str, Any]:
    described = row.describe_twin if scope is Scope.CLUSTER and row.describe_twin else row.describe
    schema = {
        "description": described,
        "type": "object",
        **({"required": ["spec"]} if row.spec_needed else {}),
        "properties": {**_TOP, "spec": _spec(row), "status": _status(row.status.schema)},
    }
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}, **({"scale": _SCALE} if row.scalable else {})},
        "additionalPrinterColumns": list(map(_column, row.columns)),
        "schema": {"openAPIV3Schema": schema},
    }


def _column(column: Column) -> Mapping[str, Any]:
    wide = {"priority": 1} if column.wide else {}
    return {"name": column.name, "type": column.type, **wide, "jsonPath": column.path}


def _spec(row: KindCodec) -> Mapping[str, Any]:
    schema = row.spec.schema
    if row.immutable is None:
        return schema
    needed = schema.get("required", ())
    fixed = [_unchanged(row.immutable, name, needed=name in needed) for name in row.immutable.fields]
    rules = "x-kubernetes-validations"
    return {**schema, rules: [*schema.get(rules, ()), *fixed]}


def _unchanged(immutable: Immutable, name: str, *, needed: bool) -> Mapping[str, str]:
    same = f"self.{name} == oldSelf.{name}"
    both = f"has(self.{name}) == has(oldSelf.{name}) && (!has(self.{name}) || {same})"
    return {"rule": same if needed else both, "message": immutable.message(name), "fieldPath": f".{name}"}


def _status(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A status may be empty: that is what scaffolds leave behind."""
    return {name: value for name, value in schema.items() if name != "required"}
