"""Laws of whose an object is: what the operator makes is owned as Kubernetes allows, what it did not make it leaves alone,
and one namespace is nothing to another (OWN, AUTO-6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.kinds.ownership import MANAGER
from aimcore.ports.errors import PortError
from aimcore.testing.convergence_laws import check_rests
from aimcore.testing.endings import differences, outcome, same_end, with_auto_models
from aimcore.testing.violations import demand
from aimcore.testing.world import CHILD_KINDS, Run, World, address_of

__all__ = ["check_hands_off", "check_isolated", "check_owned_legally", "ownership_violations", "touched"]

MANAGED_BY = "app.kubernetes.io/managed-by"
ORIGIN = "aim.silogen.ai/origin"


# Legal ownership ------------------------------------------------------------------------------------------------------


def check_owned_legally(world: World) -> None:
    """Legal ownership: an owner is in the same namespace or of the cluster, stands, blocks nothing, and there is one. A claim is
    owned by all who need it, of whom one stands, and nobody controls it (CACHE-3).
    """
    demand("Legal ownership", ownership_violations(world.settle()))


def ownership_violations(run: Run) -> Iterator[str]:
    """What is wrong with the owners of what the operator made."""
    live = {one["metadata"]["uid"]: one for one in run.objects()}
    for address, manifest in {**run.made(), **run.children()}.items():
        metadata = manifest["metadata"]
        if metadata.get("labels", {}).get(MANAGED_BY) != MANAGER:
            yield f"{address} does not say {MANAGED_BY}={MANAGER}"
        owners = metadata.get("ownerReferences", [])
        if "deletionTimestamp" in metadata:
            continue  # its owner may have gone before it
        if address.kind == "PersistentVolumeClaim":
            yield from (f"{address}: {said}" for said in _shared(address, owners, live))
            continue
        if len(owners) != 1 and (owners or address.kind in CHILD_KINDS):
            yield f"{address} has {len(owners)} owners"
        for owner in owners:
            yield from (f"{address}: {said}" for said in _owned(address, owner, live))


def _shared(address: Address, owners: list[Mapping[str, Any]], live: Mapping[str, Manifest]) -> Iterator[str]:
    if not any(owner["uid"] in live for owner in owners):
        yield "none of its owners stands"
    for owner in owners:
        home = live.get(owner["uid"], {}).get("metadata", {}).get("namespace", address.namespace)
        if home != address.namespace or owner.get("controller") or owner.get("blockOwnerDeletion"):
            yield f"its owner is of namespace {home}, a controller, or blocks: {dict(owner)}"


def _owned(address: Address, owner: Mapping[str, Any], live: Mapping[str, Manifest]) -> Iterator[str]:
    there = live.get(owner["uid"])
    if there is None:
        yield f"its owner {owner['kind']} {owner['name']} does not stand"
        return
    if (there["kind"], there["metadata"]["name"]) != (owner["kind"], owner["name"]):
        yield f"its owner is called {owner['kind']} {owner['name']} and is {address_of(there)}"
    if there["metadata"].get("namespace") not in (None, address.namespace):
        yield f"its owner {address_of(there)} is of another namespace"
    if owner.get("controller") is not True or owner.get("blockOwnerDeletion"):
        yield f"its owner is no controller, or blocks: {dict(owner)}"


# Hands off ------------------------------------------------------------------------------------------------------------


def check_hands_off(world: World) -> None:
    """Hands off: what somebody else made, or says of what the operator made, stays as it is.

    1. What was given keeps its spec and metadata, and stands.
    2. The names the operator would use, taken by others under forged labels: they are not adopted, written or deleted.
    3. Fields that others set on the operator's objects survive, and what they hold by force is left to them.
    """
    run = world.start()
    given = {address_of(manifest): manifest for manifest in run.objects()}
    run.settle()
    demand("Hands off: what is given stays", touched(run, given))
    squatters = [_forged(manifest) for manifest in run.made().values()]
    taken = world.having((*world.manifests, *squatters)).start()
    given = {address_of(manifest): manifest for manifest in taken.objects()}
    taken.settle()
    demand("Hands off: a name that is taken is not adopted, whatever its labels say", touched(taken, given))
    _check_fields_survive(run)


def touched(run: Run, given: Mapping[Address, Manifest]) -> Iterator[str]:
    """What of `given` is gone, or differs in more than its status."""
    now = {address_of(manifest): manifest for manifest in run.objects()}
    for address, before in given.items():
        if address not in now:
            yield f"{address} is gone"
        else:
            yield from differences(*(outcome([_spoken(one)]) for one in (before, now[address])))


def _spoken(manifest: Manifest) -> Manifest:
    """What its author said: all but the status of an object of ours or of one that a controller runs; of one on its way out
    that too (OWN-3).
    """
    judged_kind = manifest["apiVersion"].startswith("aim.silogen.ai/") or manifest["kind"] in CHILD_KINDS
    judged = judged_kind and "deletionTimestamp" not in manifest["metadata"]
    return {key: value for key, value in manifest.items() if key != "status" or not judged}


def _forged(manifest: Manifest) -> Manifest:
    """The same name and labels, by somebody else, of other content; owned by an object of the same name that is gone."""
    metadata = {
        key: manifest["metadata"][key] for key in ("name", "namespace", "labels") if key in manifest["metadata"]
    }
    owners = [
        {**owner, "uid": "00000000-0000-0000-0000-000000000000", "apiVersion": "example.com/v1"}
        for owner in manifest["metadata"].get("ownerReferences", ())
    ]
    metadata |= {"ownerReferences": owners} if owners else {}
    identity = {key: manifest["spec"][key] for key in _IDENTITY if key in manifest["spec"]}
    spec = {"image": "example.com/else:1"} if manifest["kind"].endswith("Model") else identity
    theirs = {**spec, "serviceAccountName": "theirs"}
    return {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "metadata": metadata, "spec": theirs}


_IDENTITY = ("modelName", "metric", "precision", "hardware")
"""What the server refuses to change of a template, so that no refusal hides an attempt to write (TMPL-7)."""


EDIT: dict[str, dict[str, Any]] = {
    "metadata": {"labels": {"example.com/team": "theirs"}, "annotations": {"example.com/note": "theirs"}},
    "spec": {"env": [{"name": "EXTRA", "value": "theirs"}], "imagePullSecrets": [{"name": "extra"}]},
}
FORCED: dict[str, dict[str, Any]] = {
    "metadata": {"labels": {MANAGED_BY: "somebody-else"}},
    "spec": {"serviceAccountName": "theirs", "env": [{"name": "A", "value": "theirs"}]},
}


def _check_fields_survive(run: Run) -> None:
    for edit, force, name in ((EDIT, False, "kubectl"), (FORCED, True, "helm")):
        edited = []
        for address, manifest in run.made().items():
            head = {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"]}
            place = {key: manifest["metadata"][key] for key in ("name", "namespace") if key in manifest["metadata"]}
            body = {**head, "metadata": {**edit["metadata"], **place}, "spec": edit["spec"]}
            try:
                run.store.apply(body, manager=name, force=force)
            except PortError:
                continue
            edited.append(address)
        run.settle()
        lost = [f"{one}: {said}" for one in edited for said in _lost(run.ours().get(one), edit)]
        demand(f"Hands off: fields that others own{' by force' if force else ''} survive", lost)
        check_rests(run)


def _lost(manifest: Manifest | None, edit: Mapping[str, Any]) -> Iterator[str]:
    if manifest is None:
        yield "is gone"
        return
    for part, said in edit.items():
        for field, value in said.items():
            there = manifest[part].get(field)
            if isinstance(value, list):
                kept = all(item in (there or []) for item in value)
            else:
                kept = value.items() <= (there or {}).items() if isinstance(value, dict) else there == value
            if not kept:
                yield f"$.{part}.{field} was {value!r} and is {there!r}"


# Isolation ------------------------------------------------------------------------------------------------------------


def check_isolated(world: World) -> None:
    """Isolation: without all that is in one namespace, the others and the cluster end the same.

    Models created once for an image belong to the start (AUTO-1); of those of the cluster, nothing is a namespace's word
    (AUTO-6).
    """
    whole = world.settle()
    demand("Isolation: a cluster's model for an image holds nothing of a namespace", _tenants_words(whole))
    named = sorted({one["metadata"].get("namespace", "") for one in world.manifests} - {""})
    for namespace in named:
        if namespace == world.policy.operator_namespace:
            continue
        left = world.having(one for one in world.manifests if _home(one) != namespace)
        without = with_auto_models(left, whole, besides=namespace).settle()
        found = same_end(world.settle(), without, besides=namespace)
        demand(f"Isolation: namespace {namespace} is nothing to the others", found)


def _home(manifest: Manifest) -> str | None:
    if manifest["kind"] == "Namespace":
        return str(manifest["metadata"]["name"])
    home: str | None = manifest["metadata"].get("namespace")
    return home


def _tenants_words(run: Run) -> Iterator[str]:
    for address, manifest in run.made().items():
        if address.kind == "AIMClusterModel":
            for field in ("runtimeConfigName", "env", "serviceAccountName", "imagePullSecrets", "resources", "custom"):
                if field in manifest["spec"]:
                    yield f"{address}: $.spec.{field} is {manifest['spec'][field]!r}"
            if manifest["metadata"].get("ownerReferences"):
                yield f"{address} has an owner"
