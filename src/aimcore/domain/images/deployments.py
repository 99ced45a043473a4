"""The text of a deployments label becomes deployments; one bad element costs that element (LABEL-3, LABEL-4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.images.metadata import Deployment, is_no_gpu, storable
from aimcore.domain.values.literals import RepeatedKey, parse_values
from aimcore.domain.values.nearness import nearest
from aimcore.domain.values.profile import Metric, Precision

__all__ = ["BadElement", "parse_deployments"]

MOST_DEPLOYMENTS = 64
LONGEST_GPU_MODEL = 64  # as in a template's `hardware.gpu.models` (KIND-5)
LONGEST_PROFILE_ID = 253  # as long as a name in the API
MOST_GPUS = 2**31 - 1  # the API's integers

MOST_NAMES = 6  # of unknown fields in one message

_IN_ORDER = ("gpuModel", "gpuCount", "metric", "precision", "profileId", "description")
FIELDS = frozenset(_IN_ORDER)
"""What an element may say."""
# Other names that builders have for a field, in lower case and without what stands between words.
_SPELT = {field.lower(): field for field in _IN_ORDER} | {
    **dict.fromkeys(("gpu", "gpus", "model", "gpuname", "gputype", "accelerator"), "gpuModel"),
    **dict.fromkeys(("count", "gpunumber", "numgpus", "ngpus", "acceleratorcount"), "gpuCount"),
    **dict.fromkeys(("profile", "profilename"), "profileId"),
    **dict.fromkeys(("dtype", "quantization"), "precision"),
}

_METRICS = {metric.value: metric for metric in Metric}
_PRECISIONS = {precision.value: precision for precision in Precision}

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadElement:
    """What is wrong with an element, and where it is (from 0). It was `dropped`, or what is wrong of it was left out."""

    index: int
    reason: str
    dropped: bool = True


def parse_deployments(text: str) -> tuple[tuple[Deployment, ...], tuple[BadElement, ...]]:
    """The deployments of `text`, in its order, and what is wrong with its elements.

    `text` is a list, one object, or objects separated by commas, in JSON or as Python literals. Elements of one identity
    collapse into the first. What an object says beside the six known fields is left out and told.

    >>> good, bad = parse_deployments("{'gpuModel': 'MI300X', 'metric': 'Latency'}, {'gpuCount': 'many'}")
    >>> [(deployment.gpu_model, deployment.metric.value) for deployment in good]
    [('MI300X', 'latency')]
    >>> bad[0].reason
    "gpuCount 'many' is not a whole number; expected one from 0 to 2147483647"

    Raises `ParseError` for text that cannot be read at all, and for more than 64 elements.
    """
    elements = _elements(text)
    if len(elements) > MOST_DEPLOYMENTS:
        problem = f"has {len(elements)} elements"
        raise ParseError("value", text, problem=problem, expected=f"at most {MOST_DEPLOYMENTS}")
    good: dict[object, Deployment] = {}
    bad: list[BadElement] = []
    for index, element in enumerate(elements):
        try:
            deployment = _deployment(element)
        except ParseError as error:
            bad.append(BadElement(index=index, reason=str(error)))
        else:
            good.setdefault(deployment.identity, deployment)
            if unknown := _unknown(element):
                bad.append(BadElement(index=index, reason=unknown, dropped=False))
    return tuple(good.values()), tuple(bad)


def _elements(text: str) -> list[object]:
    match parse_values(text):
        case [list() as elements]:
            return elements
        case [dict() | RepeatedKey(), *_] as elements:
            return elements
        case _:
            raise ParseError("value", text, problem="holds no deployments", expected="a list of objects, or objects")


def _deployment(element: object) -> Deployment:
    if isinstance(element, RepeatedKey):
        raise ParseError("field", element.key, problem="is given twice", expected="each field once")
    if not isinstance(element, dict):
        raise ParseError("element", str(element), problem="is not an object", expected="an object")
    if FIELDS.isdisjoint(element):
        told = [meant for name in sorted(element)[:MOST_NAMES] if (meant := _meant(name)) != quoted(name)]
        expected = "; ".join((f"one of {', '.join(_IN_ORDER)}", *told))
        raise ParseError("element", str(element), problem="has no known field", expected=expected)
    gpu_model = _gpu_model(element)
    gpu_count = _count(element)
    if gpu_count == 0 and gpu_model is not None:
        raise ParseError("gpuModel", gpu_model, problem="comes with gpuCount 0", expected="a count, or no GPU model")
    return Deployment(
        gpu_model=gpu_model,
        gpu_count=gpu_count,
        metric=_word(element, "metric", _METRICS),
        precision=_word(element, "precision", _PRECISIONS),
        profile_id=_name(element, "profileId", LONGEST_PROFILE_ID),
        description=_prose(element, "description"),
    )


def _unknown(element: object) -> str | None:
    """What an object says that nobody reads, and what may have been meant; None where it says nothing else."""
    if not isinstance(element, dict) or element.keys() <= FIELDS:
        return None
    names = sorted(element.keys() - FIELDS)
    told = ", ".join(map(_meant, names[:MOST_NAMES]))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"unknown {'field' if len(names) == 1 else 'fields'} {told}{more} left out; expected {', '.join(_IN_ORDER)}"


def _meant(name: str) -> str:
    meant = _SPELT.get(re.sub(r"[\W_]+", "", name).lower()) or nearest(name, _IN_ORDER)
    return f"{quoted(name)} (is {meant} meant?)" if meant else quoted(name)


def _gpu_model(element: Mapping[str, object]) -> str | None:
    """The GPU model; a word for "no GPU" is none, and contradicts a count."""
    model = _name(element, "gpuModel", LONGEST_GPU_MODEL)
    if not is_no_gpu(model):
        return model
    count = _count(element)
    if count:
        problem = f"comes with gpuCount {count}"
        raise ParseError("gpuModel", str(model), problem=problem, expected="a GPU model, or gpuCount 0")
    return None


def _text(element: Mapping[str, object], field: str) -> str | None:
    """The text of a field, stripped; absent, null and blank are one."""
    value = element.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ParseError(field, str(value), problem="is not a string", expected="a string")
    return value.strip() or None


# Most elements say what they say plainly. Each reader below looks for that first, and reads the rest with care.


def _prose(element: Mapping[str, object], field: str) -> str | None:
    if field not in element:
        return None
    text = _text(element, field)
    return None if text is None else storable(text)


def _name(element: Mapping[str, object], field: str, longest: int) -> str | None:
    """A text that objects are named and nodes are matched by: short, and nothing in it that cannot be seen."""
    plain = element.get(field)
    if type(plain) is str and 0 < len(plain) <= longest and plain.isprintable() and " " not in plain:
        return plain
    text = _text(element, field)
    if text is None:
        return None
    if len(text) > longest:
        raise ParseError(field, text, problem="is too long", expected=f"at most {longest} characters")
    if not text.isprintable():
        raise ParseError(field, text, problem="holds control characters", expected="printable characters")
    return text


def _word(element: Mapping[str, object], field: str, words: Mapping[str, _Word]) -> _Word | None:
    plain = element.get(field)
    if type(plain) is str and plain in words:
        return words[plain]
    text = _text(element, field)
    if text is None:
        return None
    word = words.get(text.lower())
    if word is None:
        raise ParseError(field, text, problem="is unknown", expected=f"one of {', '.join(words)}")
    return word


def _count(element: Mapping[str, object]) -> int | None:
    """A whole number written as one: images carry `8`, and neither `"8"`, `8.0` nor `true` is taken for it."""
    count = element.get("gpuCount")
    if count is None:
        return None
    if type(count) is not int:  # a bool is an int by birth only
        raise ParseError("gpuCount", str(count), problem="is not a whole number", expected=f"one from 0 to {MOST_GPUS}")
    if not 0 <= count <= MOST_GPUS:
        raise ParseError("gpuCount", str(count), problem="is out of range", expected=f"one from 0 to {MOST_GPUS}")
    return count
