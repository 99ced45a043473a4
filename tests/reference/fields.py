"""The fields of every kind, as the definitions say them to Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from aimcore.adapters.wire.definitions import made_definitions
from aimcore.domain.kinds.scope import GROUP, VERSION
from tests.reference.pages import code, page, plain, table

__all__ = ["page_names", "pages"]

Schema = Mapping[str, Any]


class Field(NamedTuple):
    """One field: where it is, what it takes, what it means, and what it is held to."""

    path: str
    type: str
    means: str
    rules: str


def pages() -> Iterator[tuple[str, str]]:
    """The name and the text of a page for each kind; its twin of the cluster has the same fields."""
    definitions = {definition["spec"]["names"]["kind"]: definition["spec"] for _, definition in made_definitions()}
    for kind, spec in definitions.items():
        if spec["scope"] == "Namespaced":
            yield f"{kind.lower()}.md", _page(spec, definitions.get(kind.replace("AIM", "AIMCluster", 1)))


def page_names() -> list[str]:
    """The names of the pages."""
    return [name for name, _ in pages()]


def _page(spec: Schema, twin: Schema | None) -> str:
    names, schema = spec["names"], spec["versions"][0]["schema"]["openAPIV3Schema"]
    known = ", ".join(code(one) for one in (names["plural"], names["singular"], *names["shortNames"]))
    parts = [f"{schema['description']} `apiVersion: {GROUP}/{VERSION}`; kubectl knows it as {known}."]
    if twin is not None:
        other = twin["names"]
        also = ", ".join(code(one) for one in (other["plural"], other["singular"], *other["shortNames"]))
        parts.append(f"`{other['kind']}` ({also}) is the same for the whole cluster.")
        parts += _differences(schema, twin["versions"][0]["schema"]["openAPIV3Schema"])
    if schema.get("x-kubernetes-validations"):
        parts.append("Refused: " + "; ".join(plain(_rule(one)) for one in schema["x-kubernetes-validations"]) + ".")
    for part in ("spec", "status"):
        inside = schema["properties"][part]
        parts += [f"## {part}", inside.get("description", ""), _table(_fields(inside, part, needed=False))]
    columns = spec["versions"][0]["additionalPrinterColumns"]
    parts += [
        "## Columns",
        table(
            ("column of kubectl get", "shows"),
            (
                (column["name"] + (" (-o wide)" if column.get("priority") else ""), code(column["jsonPath"]))
                for column in columns
            ),
        ),
    ]
    return page(names["kind"], *parts)


def _differences(ours: Schema, theirs: Schema) -> list[str]:
    mine = {field.path: field for part in ("spec", "status") for field in _fields(ours["properties"][part], part)}
    other = {field.path: field for part in ("spec", "status") for field in _fields(theirs["properties"][part], part)}
    apart = sorted(mine.keys() ^ other.keys())
    return [f"Only one of the two has {', '.join(map(code, apart))}."] if apart else []


def _table(fields: Iterator[Field]) -> str:
    rows = ((code(field.path), field.type, field.means, field.rules) for field in fields)
    return table(("field", "type", "means", "rules"), rows)


def _fields(schema: Schema, path: str, *, needed: bool = False) -> Iterator[Field]:
    """The field and all below it, in the order of the definition; what is a list or a map is entered."""
    if path.count(".") or path.count("["):
        yield Field(path, _type(schema), plain(schema.get("description", "")), _limits(schema, needed=needed))
    inside, place = schema, path
    while inside.get("type") == "array" or isinstance(inside.get("additionalProperties"), Mapping):
        listed = inside.get("type") == "array"
        inside, place = (inside["items"], f"{place}[]") if listed else (inside["additionalProperties"], f"{place}.*")
    if inside is not schema and "properties" not in inside and (rules := _limits(inside, needed=False)):
        yield Field(place, _type(inside), plain(inside.get("description", "")), rules)
    required = inside.get("required", ())
    for name, member in inside.get("properties", {}).items():
        yield from _fields(member, f"{place}.{name}", needed=name in required)


def _type(schema: Schema) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "quantity"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"map of {_type(schema['additionalProperties'])}"
    return str(schema.get("type", "any"))


def _limits(schema: Schema, *, needed: bool) -> str:
    said = ["**required**"] if needed else []
    if "default" in schema:
        said.append(f"default {code(str(schema['default']))}")
    if "enum" in schema:
        said.append("one of " + ", ".join(map(code, map(str, schema["enum"]))))
    quantity = schema.get("x-kubernetes-int-or-string", False)  # whose pattern and length are those of any quantity
    if "pattern" in schema and not quantity:
        said.append(f"matches {code(schema['pattern'])}")
    for least, most, what in _BOUNDS[:1] if quantity else _BOUNDS:
        said += _bound(schema.get(least), schema.get(most), what)
    if schema.get("x-kubernetes-list-type") == "map":
        said.append("one for each " + ", ".join(map(code, schema["x-kubernetes-list-map-keys"])))
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        said.append("fields that are not here are kept")
    refused = [f"refused: {plain(_rule(one))}" for one in schema.get("x-kubernetes-validations", ())]
    return "<br>".join([" · ".join(said), *refused] if said else refused)


_BOUNDS = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " entries"),
    ("minProperties", "maxProperties", " entries"),
)


def _bound(least: int | None, most: int | None, what: str) -> Iterator[str]:
    if least and most:
        yield f"{least} to {most}{what}"
    elif most is not None:
        yield f"at most {most}{what}"
    elif least is not None:
        yield f"at least {least}{what}"


def _rule(validation: Schema) -> str:
    return str(validation.get("message") or validation.get("messageExpression") or validation["rule"])
