"""What a server keeps may be newer than these definitions: fields they do not know are left out, and nothing else is."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from aimcore.adapters import wire
from aimcore.domain.errors import InvalidManifestError

FULL: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("full.yaml").read_text(encoding="utf-8"))


def _strewn(value: Any) -> Any:
    """The same with an unknown field in every object."""
    if isinstance(value, dict):
        return {name: _strewn(one) for name, one in value.items()} | {"fieldOfTomorrow": {"nested": [1]}}
    return [_strewn(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("manifest", FULL, ids=lambda one: str(one["kind"]))
def test_what_is_not_newer_is_read_as_ever(manifest: dict[str, Any]) -> None:
    assert wire.decode_stored(manifest) == wire.decode(manifest)


@pytest.mark.parametrize("manifest", FULL, ids=lambda one: str(one["kind"]))
def test_unknown_fields_of_a_spec_are_left_out(manifest: dict[str, Any]) -> None:
    newer = copy.deepcopy(manifest)
    newer["spec"] = {**newer["spec"], "fieldOfTomorrow": {"nested": [1]}}
    newer["metadata"]["fieldOfTomorrow"] = "x"
    with pytest.raises(InvalidManifestError):
        wire.decode(newer)
    assert wire.decode_stored(newer) == wire.decode(manifest)


def test_unknown_fields_are_left_out_however_deep() -> None:
    template = next(one for one in FULL if one["kind"] == "AIMClusterServiceTemplate")
    newer = copy.deepcopy(template)
    newer["spec"]["hardware"] = _strewn(newer["spec"]["hardware"])
    assert wire.decode_stored(newer) == wire.decode(template)


def _unknown_metric(manifest: dict[str, Any]) -> None:
    manifest["spec"]["metric"] = "balanced"


def _no_model(manifest: dict[str, Any]) -> None:
    del manifest["spec"]["modelName"]


def _another_version(manifest: dict[str, Any]) -> None:
    manifest["apiVersion"] = "aim.silogen.ai/v2"


def _another_kind(manifest: dict[str, Any]) -> None:
    manifest["kind"] = "AIMTomorrow"


@pytest.mark.parametrize("change", [_unknown_metric, _no_model, _another_version, _another_kind])
def test_what_is_wrong_stays_wrong(change: Callable[[dict[str, Any]], None]) -> None:
    template = copy.deepcopy(next(one for one in FULL if one["kind"] == "AIMClusterServiceTemplate"))
    change(template)
    with pytest.raises(InvalidManifestError) as strict:
        wire.decode(template)
    with pytest.raises(InvalidManifestError) as lenient:
        wire.decode_stored(template)
    assert lenient.value.faults == strict.value.faults


def test_an_object_of_kubernetes_is_read_as_ever() -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml", "fieldOfTomorrow": 1}}
    assert wire.decode_stored(namespace) == wire.decode(namespace)
