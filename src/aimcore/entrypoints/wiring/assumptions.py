"""What a plan takes for granted, each in one line with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from aimcore.domain.decide.conditions import METADATA_EXTRACTED
from aimcore.domain.decide.template import GPUS_ASSUMED
from aimcore.domain.kinds.conditions import ConditionStatus, find_condition
from aimcore.domain.kinds.records import Model
from aimcore.domain.kinds.scope import GROUP, Kind
from aimcore.entrypoints.loop import Loop, Settled
from aimcore.entrypoints.present.checked import nothing_checked, skipped_words
from aimcore.entrypoints.wiring.input import DEFAULT_NAMESPACE, Manifests, count_skipped

__all__ = ["assumptions", "claims_not_there"]

Manifest = Mapping[str, Any]


def claims_not_there(manifests: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """The claims that services and caches name in `existingClaim` and that are not among the manifests (CACHE-6)."""
    there: set[tuple[str, str]] = set()
    named: set[tuple[str, str]] = set()
    for manifest in manifests:
        spec, metadata = manifest.get("spec") or {}, manifest["metadata"]
        if manifest["kind"] == Kind.CLAIM.api_name:
            there.add((metadata["namespace"], metadata["name"]))
        if not str(manifest["apiVersion"]).startswith(f"{GROUP}/"):
            continue
        if manifest["kind"] == Kind.SERVICE.api_name:
            spec = spec.get("caching") or {}
        if "existingClaim" in spec:
            named.add((metadata["namespace"], spec["existingClaim"]["name"]))
    return tuple(
        {
            "apiVersion": Kind.CLAIM.api_version,
            "kind": Kind.CLAIM.api_name,
            "metadata": {"namespace": namespace, "name": name},
            "spec": {},
        }
        for namespace, name in sorted(named - there)
    )


def assumptions(
    taken: Manifests, loop: Loop, settled: Settled, *, namespaces: Sequence[str], claims: Sequence[Manifest]
) -> Iterator[str]:
    """The assumptions of a settled plan; `namespaces` and `claims` are those that had to be made for the manifests."""
    if taken.files and not taken.objects and not taken.problems:
        yield nothing_checked(len(taken.files))
    if taken.skipped:
        yield f"skipped {skipped_words(count_skipped(taken.skipped))}"
    if taken.placeless and taken.namespace is None:
        told = _counted(taken.placeless, "manifest names", "manifests name")
        yield f"{told} no namespace: {DEFAULT_NAMESPACE} is assumed (pass -n NAMESPACE)"
    if len(namespaces) > 1:
        yield f"namespaces {', '.join(namespaces)} are assumed present: they are not among the manifests"
    elif namespaces:
        yield f"namespace {namespaces[0]} is assumed present: it is not among the manifests"
    for name in settled.assumed:
        if name == GPUS_ASSUMED:
            yield "GPUs are assumed present: no Node is among the manifests"
        else:
            yield f"{name} is assumed present: it is not among the manifests (--strict assumes nothing)"
    for claim in claims:
        place = f"{claim['metadata']['namespace']}/{claim['metadata']['name']}"
        yield (
            f"PersistentVolumeClaim {place} is assumed present, with the weights on it: it is not among the manifests "
            "(--strict assumes nothing)"
        )
    unread = sum(_is_unread(thing) for thing in loop.cache)
    if unread and loop.ask is None:
        yield f"{_counted(unread, 'image model stays', 'image models stay')} uninspected: pass --online, --locked FILE or --images DIR"


def _is_unread(thing: object) -> bool:
    if not isinstance(thing, Model) or thing.status is None:
        return False
    condition = find_condition(thing.status.conditions, METADATA_EXTRACTED.name)
    return condition is not None and condition.status is ConditionStatus.UNKNOWN


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
