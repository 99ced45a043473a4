"""What of a cluster counts when two ends are compared: everything but times, versions, and which uid an object drew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.testing.world import address_of

__all__ = ["Outcome", "differences", "outcome"]

Outcome = Mapping[Address, Mapping[str, Any]]

_PASSING = frozenset(
    {"resourceVersion", "managedFields", "creationTimestamp", "deletionTimestamp", "lastTransitionTime", "uid"}
    | {
        "discoveredAt",
        "startTime",
        "completionTime",
        "startedAt",
        "finishedAt",
        "lastUpdateTime",
        "eventTime",
        "unusedSince",
    }
    | {"attempts"}  # of a cache: how many of them somebody saw
)
_BY_NAME = frozenset({"env", "imagePullSecrets", "effectivePullSecrets", "claims", "ownerReferences"})
"""Lists that are maps by name: their order is nobody's word."""


def outcome(manifests: Iterable[Manifest]) -> Outcome:
    """What counts of each object. A uid reads as the object that bears it, `gone` where none does; an observed generation
    as whether it is the current one.
    """
    live = tuple(manifests)
    bearers = {one["metadata"]["uid"]: str(address_of(one)) for one in live}
    return {address_of(one): _plain(one, one["metadata"].get("generation"), bearers) for one in live}


def _plain(value: Any, generation: int | None, bearers: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        out: dict[str, Any] = {}
        for name, member in value.items():
            if name == "uid":
                out[name] = bearers.get(member, "gone")
            elif name == "observedGeneration":
                out[name] = "current" if member == generation else "old"
            elif name == "deletionTimestamp":
                out[name] = "set"
            elif name in _BY_NAME and isinstance(member, list):
                out[name] = sorted((_plain(one, generation, bearers) for one in member), key=str)
            elif name not in _PASSING and name != "generation":
                out[name] = _plain(member, generation, bearers)
        return out
    if isinstance(value, list):
        return [_plain(one, generation, bearers) for one in value]
    return value


def differences(one: Outcome, other: Outcome) -> list[str]:
    """Each difference in a line, `AIMModel alpha/chat $.status.status: 'Ready' or 'Failed'`."""
    out: list[str] = []
    for address in sorted({*one, *other}, key=str):
        if address not in one or address not in other:
            out.append(f"{address}: stands in {'the first' if address in one else 'the second'} only")
        else:
            out.extend(f"{address} {line}" for line in _differing("$", one[address], other[address]))
    return out


def _differing(path: str, one: Any, other: Any) -> list[str]:
    if one == other:
        return []
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other})
        return [line for name in names for line in _differing(f"{path}.{name}", one.get(name), other.get(name))]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for index, (a, b) in pairs for line in _differing(f"{path}[{index}]", a, b)]
    return [f"{path}: {one!r} or {other!r}"]
