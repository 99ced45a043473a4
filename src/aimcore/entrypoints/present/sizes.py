"""How big sources are, as data and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aimcore.domain.caching.claim import HEADROOM_PERCENT, volume_size
from aimcore.domain.kinds.statuses import SourceStatus
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeFailed, Sized
from aimcore.entrypoints.present.answers import Weighed, Weights
from aimcore.entrypoints.present.image import cost_data, told_cost
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.text import amount

__all__ = ["sized_words", "sizes_data", "sizes_outline"]


def sizes_data(weights: Weights) -> dict[str, Any]:
    """The answer for programs; sums are null unless every size is known."""
    total = _total(weights) if weights.is_whole else None
    return {
        "sources": [_source_data(one) for one in weights.sources],
        "bytes": total,
        "volume": None if total is None else _volume(total),
        "cost": cost_data(weights.cost),
    }


def _source_data(one: Weighed) -> dict[str, Any]:
    match one.answer:
        case Sized() as sized:
            whole = {"wholeBytes": sized.size.value + sized.left_out.value, "filesLeftOut": sized.files_left_out}
            counted = {"bytes": sized.size.value, "files": sized.files, **whole}
            return {"uri": one.uri, **counted, "cause": None, "message": sized.missing}
        case ProbeFailed(cause=cause, message=message):
            unknown = dict.fromkeys(("bytes", "files", "wholeBytes", "filesLeftOut"))
            return {"uri": one.uri, **unknown, "cause": cause.value, "message": message}


def sizes_outline(weights: Weights) -> tuple[Section, ...]:
    """The answer for people: every source, then all of them."""
    return (
        Section(title="Sources", entries=tuple(map(_entry, weights.sources))),
        Section(title="Summary", entries=tuple(Entry(text=line) for line in _summary(weights))),
    )


def _entry(one: Weighed) -> Entry:
    match one.answer:
        case Sized() as sized:
            return Entry(label="Sized", text=one.uri, notes=tuple(_notes(sized)))
        case ProbeFailed(cause=cause, message=message):
            return Entry(label=cause.value, text=one.uri, notes=(message,))


def _notes(sized: Sized) -> Iterator[str]:
    yield f"{_exactly(sized.size.value)} in {_files(sized.files)}"
    if sized.missing:
        yield sized.missing
    if sized.files_left_out:
        yield f"the filter leaves out {_exactly(sized.left_out.value)} more in {_files(sized.files_left_out)}"


def sized_words(sources: Iterable[SourceStatus]) -> Iterator[str]:
    """Each source of a template, and how big it is, as far as that is known."""
    for one in sources:
        yield f"{one.source_uri}: {'size unknown' if one.size is None else amount(one.size.value)}"


def _files(count: int) -> str:
    return f"{count} {'file' if count == 1 else 'files'}"


def _summary(weights: Weights) -> Iterator[str]:
    if weights.is_whole:
        total = _total(weights)
        yield f"{_exactly(total)}; a volume for it takes {_volume(total)}, {HEADROOM_PERCENT} percent of room included"
    else:
        failed = sum(isinstance(one.answer, ProbeFailed) for one in weights.sources)
        yield f"{len(weights.sources) - failed} sized, {failed} not"
    yield f"cost: {told_cost(weights.cost)}"


def _total(weights: Weights) -> int:
    return sum(one.answer.size.value for one in weights.sources if isinstance(one.answer, Sized))


def _volume(total: int) -> str:
    return str(volume_size(Quantity.of(total)))


def _exactly(count: int) -> str:
    """So many bytes, and in a unit that is easier to read.

    >>> _exactly(1127), _exactly(16 * 2**30), _exactly(1)
    ('1127 bytes (1.1 KiB)', '17179869184 bytes (16.0 GiB)', '1 bytes')
    """
    return amount(count) if count < 1024 else f"{count} bytes ({amount(count)})"
