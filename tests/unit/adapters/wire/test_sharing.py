"""What is written alike is read once; what only compares alike is not."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters import wire
from aimcore.adapters.wire.scalars import boolean, integer, text
from aimcore.adapters.wire.sharing import KEPT_AT_MOST, LONGEST, shared
from aimcore.domain.errors import InvalidManifestError
from aimcore.domain.kinds.records import Template


def _template(name: str, **spec: Any) -> Template:
    manifest = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMServiceTemplate",
        "metadata": {"name": name, "namespace": "ml-team", "labels": {"team": "red"}},
        "spec": {"modelName": "chat", **spec},
        "status": {
            "status": "Ready",
            "conditions": [
                {"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "t"}
            ],
        },
    }
    template = wire.decode(manifest)
    assert isinstance(template, Template)
    return template


def test_what_two_objects_say_alike_is_one_in_memory() -> None:
    one, other = (_template(name, hardware={"gpu": {"requests": 2}}) for name in ("a", "b"))
    assert one.spec.hardware is other.spec.hardware
    assert one.meta.labels is other.meta.labels
    assert one.status is not None
    assert other.status is not None
    assert one.status.conditions[0] is other.status.conditions[0]


@pytest.mark.rule("TMPL-7", "RES-4")
def test_amounts_that_are_equal_stay_as_they_were_written() -> None:
    one, other = (_template("a", hardware={"gpu": {"minVram": vram}}) for vram in ("1e3", "1k"))
    assert one.spec.hardware == other.spec.hardware
    assert [wire.encode(template)["spec"]["hardware"]["gpu"]["minVram"] for template in (one, other)] == ["1e3", "1k"]


def test_a_number_is_no_boolean_however_equal_they_are() -> None:
    assert shared(integer(at_least=0)).read(1, None) == 1
    with pytest.raises(ValueError, match="found true"):
        shared(integer(at_least=0)).read(True, None)
    assert shared(boolean).read(True, None) is True


def test_what_is_wrong_is_wrong_each_time() -> None:
    codec = shared(text(at_most=1))
    for _ in range(2):
        with pytest.raises(ValueError, match="too long"):
            codec.read("ab", None)


def test_it_keeps_no_more_than_it_may() -> None:
    codec, (one, same) = shared(text()), ("x" * LONGEST for _ in range(2))
    assert codec.read(one, None) is one
    assert codec.read(same, None) is same, "this one is too long to be kept"
    first, equal = (str(KEPT_AT_MOST) for _ in range(2))
    assert codec.read(first, None) is codec.read(equal, None) is first
    for number in range(KEPT_AT_MOST):
        codec.read(f"{number}", None)
    assert codec.read(equal, None) is equal, "the first is forgotten by now"


def test_what_is_nested_too_deep_to_be_written_is_refused_as_it_always_was() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidManifestError, match="hardware"):
        _template("a", hardware={"gpu": deep})
