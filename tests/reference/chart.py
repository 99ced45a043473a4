"""The chart's values: what `values.yaml` says of each, and the schema that Helm holds them to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from aimcore.adapters.wire.definitions import made_definitions
from tests.reference.commands import variables
from tests.reference.pages import code, page, plain, table

__all__ = ["CHART", "OWN", "Value", "page_text", "schema_text", "values"]

CHART = Path(__file__).parents[2] / "deploy" / "chart"
OWN = frozenset(
    {
        *("AIM_NAMESPACES", "AIM_SYSTEM_NAMESPACE", "AIM_CA_FILE", "AIM_WORKLOADS", "AIM_POD_LOGS"),
        *("AIM_DOWNLOAD_IMAGE", "AIM_METRICS_PORT", "AIM_HEALTH_PORT"),
    }
)
"""What the chart sets itself, and the ports that probes, service and network policy name."""
_KEY = re.compile(r"(?P<indent> *)(?P<key>[\w.]+):(?P<rest>.*)")


class Value(NamedTuple):
    """One value: its path, what it is if left out, and what its comment says."""

    path: str
    default: Any
    told: str


def values() -> Iterator[Value]:
    """Every value with a comment or without members, as they stand in `values.yaml`."""
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    defaults = yaml.safe_load(text)
    comment: list[str] = []
    parents: list[str] = []
    for line in text.splitlines():
        found = _KEY.fullmatch(line)
        if line.lstrip().startswith("#"):
            comment.append(line.strip().removeprefix("#").strip())
        elif found is None:
            comment.clear()
        else:
            parents[len(found["indent"]) // 2 :] = [found["key"]]
            beside = found["rest"].partition("  # ")[2]
            yield Value(".".join(parents), _at(defaults, parents), " ".join([*comment, *([beside] if beside else [])]))
            comment.clear()


def _at(defaults: Any, path: list[str]) -> Any:
    for key in path:
        defaults = defaults[key]
    return defaults


def schema_text() -> str:
    """`values.schema.json` with what stands elsewhere: comments, the operator's variables, the spec of a runtime config."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    members = schema["properties"]
    allowed = ["string", "number", "boolean"]
    members["settings"]["properties"] = {
        name: {"description": told, "type": allowed} for name, told in sorted(variables().items()) if name not in OWN
    }
    definition = dict(made_definitions())["aimclusterruntimeconfigs"]
    spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    members["runtimeConfig"] = _as_json_schema(spec)
    for value in values():
        if value.told:
            *above, name = value.path.split(".")
            inside = members
            for key in above:
                inside = inside[key]["properties"]
            inside[name] = {"description": value.told, **{k: v for k, v in inside[name].items() if k != "description"}}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _as_json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same for Helm: without what only Kubernetes reads, and with no member that it would drop."""
    made = {key: value for key, value in schema.items() if not key.startswith("x-") and key != "format"}
    if "items" in made:
        made["items"] = _as_json_schema(made["items"])
    if "properties" in made:
        made["properties"] = {name: _as_json_schema(member) for name, member in made["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    elif isinstance(made.get("additionalProperties"), Mapping):
        made["additionalProperties"] = _as_json_schema(made["additionalProperties"])
    return made


def page_text() -> str:
    """The page of the values."""
    rows = [(code(value.path), code(_shown(value.default)), plain(value.told)) for value in values()]
    return page(
        "Values of the chart",
        "Every value of `deploy/chart`, what it is if left out, and what it means. Helm refuses what is not here. "
        "`runtimeConfig` has the fields of [a runtime config's `spec`](aimruntimeconfig.md#spec); `settings` has "
        "[the operator's variables](settings.md), but those that the chart sets by other values.",
        table(("value", "default", "means"), rows),
    )


def _shown(default: Any) -> str:
    if isinstance(default, Mapping) and default:
        return ""
    return json.dumps(default)
