"""When two ends are the same: what counts of a cluster, and what is set aside because it belongs to the start by rule.

A service that can run nothing now remembers what it ran (STAT-2), and a model created once for an image is never rewritten
(AUTO-1): both depend on what came first, and are meant to. So does which of several caches of one content makes the Job (CACHE-3).
What a service runs now does not (SEL-5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.kinds.ownership import MANAGER
from aimcore.testing.world import Run, World, address_of

__all__ = ["Outcome", "auto_models", "differences", "outcome", "same_end", "with_auto_models"]

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


ORIGIN = "aim.silogen.ai/origin"


def auto_models(run: Run) -> dict[Address, Manifest]:
    """The models that the operator created once for an image, as they were created."""
    return {
        address: {**head, "metadata": _born(manifest["metadata"]), "spec": manifest["spec"]}
        for address, manifest in run.made().items()
        if address.kind in ("AIMModel", "AIMClusterModel") and not manifest["metadata"].get("ownerReferences")
        for head in [{"apiVersion": manifest["apiVersion"], "kind": manifest["kind"]}]
    }


def _born(metadata: Mapping[str, object]) -> Mapping[str, object]:
    return {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata}


def with_auto_models(world: World, run: Run, *, besides: str | None = None) -> World:
    """The world as if the models that came up in `run` had stood from the start; those of one namespace left out."""
    found = auto_models(run)
    live = [manifest for address, manifest in found.items() if besides is None or address.namespace != besides]
    return world.having((*world.manifests, *live))


def same_end(one: Run, other: Run, *, besides: str | None = None) -> list[str]:
    """In what two settled runs differ, outside of one namespace.

    Where services that can run nothing now remember different templates, both runs forget them first.
    """
    ends = [_end(run, besides) for run in (one, other)]
    (memories, choices), (other_memories, other_choices) = map(_remembered, ends)
    if choices == other_choices and memories != other_memories:
        for run in (one, other):
            forget(run)
        ends = [_end(run, besides) for run in (one, other)]
    return differences(*ends)


def _end(run: Run, besides: str | None) -> Outcome:
    """All but the namespaces themselves, which come with the first thing in them, and what is in the one left out."""
    found = outcome(run.objects())
    aside = {address for address in found if address.kind == "Namespace" or (besides and besides == address.namespace)}
    return {address: _unclaimed(manifest) for address, manifest in found.items() if address not in aside}


def _unclaimed(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without its owners where it is a Job: whichever cache came first makes it for all."""
    if manifest["kind"] != "Job":
        return manifest
    return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": "a cache"}}


def _remembered(end: Outcome) -> tuple[dict[Address, object], dict[Address, object]]:
    """The templates in the statuses of services: those that they ran once, and those that they run."""
    memories: dict[Address, object] = {}
    choices: dict[Address, object] = {}
    for address, manifest in end.items():
        if address.kind == "AIMService":
            status = manifest.get("status", {})
            held = choices if status.get("status") == "Starting" else memories
            held[address] = (status.get("resolvedModel"), status.get("resolvedTemplate"))
    return memories, choices


def forget(run: Run) -> None:
    """Takes from every service the memory of what it ran, and settles."""
    for address, manifest in run.ours().items():
        if address.kind == "AIMService":
            told = {key: value for key, value in manifest.items() if key != "status"}
            run.store.replace(told, manager=MANAGER, subresource="status")
    run.restart()
    run.settle()
