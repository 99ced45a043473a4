"""When two ends are the same: what belongs to the start by rule is set aside, and nothing else.

What a service's status holds keeps its template (SEL-5), and a model created once for an image is never rewritten (AUTO-1):
both depend on what came first, and are meant to.
"""

from __future__ import annotations

from collections.abc import Mapping

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.kinds.ownership import MANAGER
from aimcore.testing.outcome import Outcome, differences, outcome
from aimcore.testing.world import Run, World

__all__ = ["auto_models", "same_end", "with_auto_models"]

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

    Where their services keep different templates, both choose again first, as if they had run none.
    """
    ends = [_end(run, besides) for run in (one, other)]
    if _choices(ends[0]) != _choices(ends[1]):
        for run in (one, other):
            choose_again(run)
        ends = [_end(run, besides) for run in (one, other)]
    return differences(*ends)


def _end(run: Run, besides: str | None) -> Outcome:
    """All but the namespaces themselves, which come with the first thing in them, and what is in the one left out."""
    found = outcome(run.objects())
    aside = {address for address in found if address.kind == "Namespace" or (besides and besides == address.namespace)}
    return {address: manifest for address, manifest in found.items() if address not in aside}


def _choices(end: Outcome) -> dict[Address, object]:
    services = {address: manifest for address, manifest in end.items() if address.kind == "AIMService"}
    held = ("resolvedModel", "resolvedTemplate")
    return {address: [one.get("status", {}).get(name) for name in held] for address, one in services.items()}


def choose_again(run: Run) -> None:
    """Takes from every service the memory of what it ran, and settles."""
    for address, manifest in run.ours().items():
        if address.kind == "AIMService":
            told = {key: value for key, value in manifest.items() if key != "status"}
            run.store.replace(told, manager=MANAGER, subresource="status")
    run.restart()
    run.settle()
