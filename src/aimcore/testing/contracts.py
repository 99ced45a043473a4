"""What every adapter of a port keeps, as functions to run on one's own: each raises an `AssertionError` that tells what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from aimcore.domain.images.inspection import Inspected, InspectionFailed, Unchanged
from aimcore.domain.values.image import ImageReference, parse_image
from aimcore.domain.view.plan import Inspect
from aimcore.domain.weights.probing import ProbeFailed, Sized
from aimcore.domain.weights.sources import SourceUri, parse_source_uri
from aimcore.ports.images import ImageInspector
from aimcore.ports.sizes import SizeProber
from aimcore.testing.violations import demand

__all__ = ["check_image_inspector", "check_size_prober"]

T = TypeVar("T")
THREADS = 8
OTHER_DIGEST = f"sha256:{'0' * 64}"


def check_image_inspector(inspector: ImageInspector, *, there: str, missing: str) -> None:
    """That the inspector keeps its port's promise; `there` is an image it can read, and `missing` one that does not exist.

    It is asked from several threads at once, and must answer alike each time.
    """
    present, absent = Inspect(_image(there)), Inspect(_image(missing))
    demand("ImageInspector", [*_image_faults(inspector, present, absent)])


def _image(text: str) -> ImageReference:
    return parse_image(text)


def _image_faults(inspector: ImageInspector, present: Inspect, absent: Inspect) -> Iterator[str]:
    first, *others = _at_once(lambda: inspector.inspect(present))
    if any(answer != first for answer in others):
        yield f"inspect({present.image}) answers differently from several threads"
    match first:
        case Inspected(digest=digest):
            if not digest.startswith("sha256:") or len(digest) != len(OTHER_DIGEST):
                yield f"inspect({present.image}) has digest {digest!r}; expected sha256: and 64 hexadecimal digits"
            if inspector.recheck(present, digest) != Unchanged(digest=digest):
                yield f"recheck({present.image}) with its own digest is not Unchanged"
            if inspector.recheck(present, OTHER_DIGEST) != first:
                yield f"recheck({present.image}) with another digest is not what inspect answers"
        case _:
            yield f"inspect({present.image}) is {first!r}; expected Inspected"
    for name, answer in (
        ("inspect", inspector.inspect(absent)),
        ("recheck", inspector.recheck(absent, OTHER_DIGEST)),
    ):
        if not isinstance(answer, InspectionFailed):
            yield f"{name}({absent.image}) is {answer!r}; expected InspectionFailed"
        elif not answer.message:
            yield f"{name}({absent.image}) fails without a message"


def check_size_prober(
    prober: SizeProber, *, there: str, missing: str, environment: Mapping[str, str] | None = None
) -> None:
    """That the prober keeps its port's promise; `there` and `missing` are URIs of a source it can size, and of none.

    It is asked from several threads at once, and must answer alike each time. Messages may hold no value of `environment`.
    """
    present, absent = parse_source_uri(there), parse_source_uri(missing)
    demand("SizeProber", [*_size_faults(prober, present, absent, environment or {})])


def _size_faults(
    prober: SizeProber, present: SourceUri, absent: SourceUri, environment: Mapping[str, str]
) -> Iterator[str]:
    first, *others = _at_once(lambda: prober.probe(present, environment))
    if any(answer != first for answer in others):
        yield f"probe({present}) answers differently from several threads"
    if not isinstance(first, Sized):
        yield f"probe({present}) is {first!r}; expected Sized"
    elif first.files < 0 or first.uncounted < 0 or first.size.nanos < 0:
        yield f"probe({present}) is {first!r}; expected no negative numbers"
    failed = prober.probe(absent, environment)
    if not isinstance(failed, ProbeFailed):
        yield f"probe({absent}) is {failed!r}; expected ProbeFailed"
    elif not failed.message:
        yield f"probe({absent}) fails without a message"
    elif any(value and value in failed.message for value in environment.values()):
        yield f"probe({absent}) shows a value of its environment in its message"


def _at_once(ask: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(ask) for _ in range(THREADS)]]
