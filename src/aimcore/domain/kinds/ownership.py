"""Whose an object is, and whose each of its fields: owner references and field claims (OWN)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aimcore.domain.kinds.scope import GROUP

__all__ = [
    "CLAIM_LABEL",
    "CONTENT_LABEL",
    "DRY_RUN_LABEL",
    "MADE_FROM",
    "MANAGED_BY",
    "MANAGER",
    "PAUSED",
    "SERVICE_LABEL",
    "FieldClaim",
    "Owner",
    "claimants",
    "controls",
    "owner_of",
    "reference_to",
]

MANAGER = "aim-operator"
"""The one field manager the operator writes as (OWN-4)."""
MANAGED_BY = "app.kubernetes.io/managed-by"
"""The label that says who made an object; of ours it says `MANAGER`."""
PAUSED = f"{GROUP}/reconciliation-paused"
"""The annotation that, being `true`, keeps the operator away from an object (OWN-3)."""
SERVICE_LABEL = f"{GROUP}/service"
"""The label of a service's children and pods: the value that stands for the service's name (RUN-13)."""
CLAIM_LABEL = f"{GROUP}/claim"
"""The label of Jobs that fill a claim, and of their pods: the name of the claim (CACHE-9)."""
CONTENT_LABEL = f"{GROUP}/content"
"""The label of a claim that tells what is on it, or is to be: the digest of its content (CACHE-3)."""
DRY_RUN_LABEL = f"{GROUP}/dry-run"
"""The label of Jobs that ask an image for its profile, and of their pods: a digest of what is asked (PROFILE-2)."""
MADE_FROM = f"{GROUP}/made-from"
"""The annotation of a Deployment that says, as JSON, what it was made from (RUN-13)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One owner reference. The uid decides; names and kinds are for people."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool = False


def owner_of(reference: Mapping[str, Any]) -> Owner:
    """The owner of an entry of `ownerReferences`."""
    return Owner(
        api_version=str(reference.get("apiVersion", "")),
        kind=str(reference.get("kind", "")),
        name=str(reference.get("name", "")),
        uid=str(reference.get("uid", "")),
        controller=bool(reference.get("controller")),
    )


def reference_to(owner: Owner) -> dict[str, Any]:
    """The entry of `ownerReferences` that names this owner, and does not hold up its deletion (OWN-4)."""
    return {
        "apiVersion": owner.api_version,
        "kind": owner.kind,
        "name": owner.name,
        "uid": owner.uid,
        "controller": owner.controller,
        "blockOwnerDeletion": False,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldClaim:
    """The fields one manager claims: a `fieldsV1` tree as the API server keeps it (`f:` fields, `k:` list keys)."""

    manager: str
    fields: Mapping[str, object]


def controls(uid: str, owners: tuple[Owner, ...]) -> bool:
    """Whether the object of this uid is the controller among `owners` (OWN-2)."""
    return bool(uid) and any(owner.uid == uid and owner.controller for owner in owners)


def claimants(claims: tuple[FieldClaim, ...], path: tuple[str, ...]) -> frozenset[str]:
    """The managers that claim something at `path`, given in the tree's own steps: ("f:spec", "f:env").

    >>> sorted(claimants((FieldClaim(manager="kubectl", fields={"f:spec": {"f:type": {}}}),), ("f:spec", "f:type")))
    ['kubectl']
    """
    return frozenset(claim.manager for claim in claims if _claims(claim.fields, path))


def _claims(tree: Mapping[str, object], path: tuple[str, ...]) -> bool:
    node: object = tree
    for step in path:
        if not isinstance(node, Mapping) or step not in node:
            return False
        node = node[step]
    return True
