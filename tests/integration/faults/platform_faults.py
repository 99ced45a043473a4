"""Faults of the platform: definitions that are missing or old, admission, quotas, rights, other managers, and things on their way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from aimcore.adapters.memory.kinds import Address
from tests.integration.faults.fault import Fault, broken, refused, spoiled
from tests.integration.faults.gate import Asked, Spoil, Spoiler
from tests.integration.faults.stage import Stage, stage

__all__ = ["FAULTS"]

GROUP, MODELS, TEMPLATES, SERVICES = "aim.silogen.ai/v1alpha1", "aimmodels", "aimservicetemplates", "aimservices"
NOT_SERVED: Final = refused(404, "", "the server could not find the requested resource")
STALE: Final = "chat-2x-mi300x-thr-fp8-4d85fb8b94"
KEPT: Final = "chat-1x-mi300x-lat-fp8-d1d0051ec9"


def both(*arrangements: Callable[[Stage], object]) -> Callable[[Stage], None]:
    """One script after the other: the first that spoils a request does."""

    def arrange(here: Stage) -> None:
        scripts = []
        for one in arrangements:
            one(here)
            scripts.append(here.gate.script)

        def script(asked: Asked) -> Spoil | None:
            return next((spoil for one in scripts if (spoil := one(asked)) is not None), None)

        here.gate.script = script

    return arrange


def nothing_written_before(seconds: float) -> Callable[[Stage], None]:
    def holds(here: Stage) -> None:
        assert [asked for asked in here.writes() if asked.at < seconds] == []

    return holds


# --- definitions -----------------------------------------------------------------------------------------------------


def lacking(plural: str, *path: str) -> Callable[[Stage], None]:
    """The definition is older than the operator: it does not know the field."""

    def arrange(here: Stage) -> None:
        endpoint = here.gate.endpoints[GROUP, plural]
        schema = deepcopy(endpoint.schema)
        node: Any = schema
        for step in path[:-1]:
            node = node["properties"][step]
        del node["properties"][path[-1]]
        here.gate.endpoints[GROUP, plural] = replace(endpoint, schema=schema)

    return arrange


def told_once_and_left(*fields: str, tries: int) -> Callable[[Stage], None]:
    """The fields are named, all is as well as it can be, and nothing is written any more: not in an hour, not after a start; until it is kept."""

    def holds(here: Stage) -> None:
        named = {name for told in here.told("FieldsNotKept").values() for name in told.split(", ")}
        assert {name.rpartition("-")[2].partition(".")[2] for name in named} == set(fields)
        assert here.words()["chat"] == here.words()["weights"] == "Ready"
        written = Counter((asked.operation, asked.name, str(asked.body)) for asked in here.writes())
        assert max(written.values()) <= tries
        before, version = len(here.writes()), here.run.store.resource_version
        here.wait(3600)
        assert len(here.writes()) == before
        with stage(here.run) as again:
            again.gate.endpoints.update(here.gate.endpoints)
            again.gate.script = here.gate.script
            again.rest()
            tried = Counter((asked.operation, asked.name) for asked in again.writes())
        assert max(tried.values(), default=0) <= tries, (
            "after a start it is tried again, for the definition may be newer"
        )
        assert here.run.store.resource_version == version, "which changes nothing"
        with stage(here.run) as newer:
            newer.rest()
            assert newer.told("FieldsNotKept") == {}, "once it is kept after a start, it is told of no more"

    return holds


# --- admission -------------------------------------------------------------------------------------------------------


def admission(change: Callable[[dict[str, Any]], object]) -> Callable[[Stage], None]:
    """Whoever admits templates changes them at every write."""

    def arrange(here: Stage) -> None:
        def script(asked: Asked) -> Spoil | None:
            if asked.plural != TEMPLATES or asked.operation not in ("create", "apply"):
                return None
            body = deepcopy(asked.body)
            change(body)
            return lambda exchange: exchange.instead(body)

        here.gate.script = script

    return arrange


def stamp(body: dict[str, Any]) -> None:
    body["metadata"].setdefault("annotations", {})["example.com/admitted"] = "yes"


def label(body: dict[str, Any]) -> None:
    body["metadata"].setdefault("labels", {})["example.com/admitted"] = "yes"


def demote(body: dict[str, Any]) -> None:
    body["spec"]["type"] = "preview"


def stamped(here: Stage) -> None:
    made = [manifest for address, manifest in here.run.made().items() if address.kind == "AIMServiceTemplate"]
    assert all(one["metadata"]["annotations"] for one in made)


# --- others ----------------------------------------------------------------------------------------------------------


def owned_by_kubectl(here: Stage) -> None:
    """Somebody sets what the operator is about to set, and means it."""
    address = Address("AIMServiceTemplate", "red", KEPT)
    with here.gate.shared.held() as store:
        there = store.get(address)
        identity = {key: there["metadata"][key] for key in ("name", "namespace")}
        theirs = {"apiVersion": there["apiVersion"], "kind": there["kind"], "metadata": identity}
        theirs["spec"] = {"env": [{"name": "LEVEL", "value": "9"}]}
        store.apply(theirs, manager="kubectl", force=True)


def theirs_stays(here: Stage) -> None:
    assert here.run.store.get(Address("AIMServiceTemplate", "red", KEPT))["spec"]["env"] == [
        {"name": "LEVEL", "value": "9"}
    ]
    assert here.told("FieldsOwnedByOthers") == {"chat": f"{KEPT}.spec.env[LEVEL]"}


def owned_just_now(here: Stage) -> None:
    """Somebody takes the field while the operator's own write is on its way."""

    def first(exchange: Spoiler) -> None:
        owned_by_kubectl(here)
        exchange.well()

    broken(1, "apply", first)(here)


def taken_first(here: Stage) -> None:
    """Somebody makes a template of the name that the operator is about to make, and it is another one."""

    def first(exchange: Spoiler) -> None:
        body = deepcopy(here.gate.asked[-1].body)
        theirs = {**body, "metadata": {key: body["metadata"][key] for key in ("name", "namespace")}}
        theirs["spec"]["env"] = [{"name": "THEIRS", "value": "1"}]
        with here.gate.shared.held() as store:
            store.create(theirs, manager="kubectl")
        exchange.well()

    def script(asked: Asked) -> Spoil | None:
        return first if asked.operation == "create" and asked.body["metadata"]["name"] == KEPT else None

    here.gate.script = script


def it_is_not_adopted(here: Stage) -> None:
    there = here.run.store.get(Address("AIMServiceTemplate", "red", KEPT))
    assert there["spec"]["env"] == [{"name": "THEIRS", "value": "1"}]
    assert not {"labels", "ownerReferences"} & there["metadata"].keys()
    assert KEPT in here.told("TemplatesAutoGenerated")["chat"]
    assert here.words()["chat"] == "Degraded"


def namespace_goes(here: Stage) -> None:
    with here.gate.shared.held() as store:
        store.delete(Address("Namespace", None, "red"))


def red_is_gone_and_blue_is_well(here: Stage) -> None:
    assert {address.namespace for address in here.run.ours()} == {None, "blue"}
    assert here.words()["weights"] == "Ready"
    assert here.words()["back"] == "Starting"


def taken_over(here: Stage) -> None:
    """Somebody makes a template their own while its deletion is on its way."""

    def first(exchange: Spoiler) -> None:
        address = Address("AIMServiceTemplate", "red", STALE)
        with here.gate.shared.held() as store:
            store.patch(address, {"metadata": {"ownerReferences": None}}, manager="kubectl")
        exchange.well()

    broken(1, "delete", first)(here)


def it_is_theirs(here: Stage) -> None:
    assert "ownerReferences" not in here.run.store.get(Address("AIMServiceTemplate", "red", STALE))["metadata"]
    assert len(here.asked("delete")) <= 3


def held_by_a_finalizer(here: Stage) -> None:
    with here.gate.shared.held() as store:
        address = Address("AIMServiceTemplate", "red", STALE)
        store.patch(address, {"metadata": {"finalizers": ["example.com/hold"]}}, manager="kubectl")


def released(here: Stage) -> None:
    """It was asked for once that the template go; then its finalizer does."""
    here.wait(3600)
    assert [asked.name for asked in here.asked("delete")] == [STALE]
    with here.gate.shared.held() as store:
        store.patch(Address("AIMServiceTemplate", "red", STALE), {"metadata": {"finalizers": None}}, manager="kubectl")
    here.rest()


def patient(operation: str, *, most: int) -> Callable[[Stage], None]:
    """No object was written to more often than that."""

    def holds(here: Stage) -> None:
        assert max(Counter(asked.about for asked in here.asked(operation)).values()) <= most

    return holds


def without_nodes(here: Stage) -> None:
    assert "NodesUnknown" in {
        one["reason"]
        for manifest in here.run.ours().values()
        for one in manifest.get("status", {}).get("conditions", ())
    }
    assert set(here.words().values()) == {"Ready", "Starting"}
    here.wait(3600)
    assert len([asked for asked in here.asked("list") if asked.plural == "nodes"]) <= 30


FAULTS: Final[Mapping[str, Fault]] = {
    "a definition that comes late": Fault(
        arrange=spoiled(100, "list", NOT_SERVED, plural=SERVICES), holds=nothing_written_before(100)
    ),
    "a definition that goes and comes back": Fault(
        between=both(spoiled(100, "watch", NOT_SERVED, plural=MODELS), spoiled(100, "list", NOT_SERVED, plural=MODELS)),
    ),
    "a field that templates cannot have": Fault(
        arrange=lacking(TEMPLATES, "spec", "profileId"),
        holds=told_once_and_left("spec.profileId", tries=3),
        ends_well=False,
    ),
    "a field that the status of services cannot have": Fault(
        arrange=lacking(SERVICES, "status", "templateSelection"),
        holds=told_once_and_left("status.templateSelection", tries=3),
        ends_well=False,
    ),
    "a field that the status of templates cannot have": Fault(
        arrange=lacking(TEMPLATES, "status", "profile"),
        holds=told_once_and_left("status.profile", tries=3),
        ends_well=False,
    ),
    "a field that the status of models cannot have": Fault(
        arrange=lacking(MODELS, "status", "resolvedImage"),
        holds=told_once_and_left("status.resolvedImage", tries=3),
        ends_well=False,
    ),
    "admission that refuses": Fault(
        arrange=broken(5, "create", refused(403, "Forbidden", 'admission webhook "x" denied the request: not now'))
    ),
    "admission that finds it invalid": Fault(
        arrange=broken(5, "create", refused(422, "Invalid", "denied", causes=[{"field": "spec", "message": "denied"}]))
    ),
    "admission that is down": Fault(
        arrange=spoiled(300, "create", refused(500, "InternalError", "failed calling webhook")),
        holds=patient("create", most=12),
        extra=90,
    ),
    "admission that adds an annotation": Fault(arrange=admission(stamp), holds=stamped, ends_well=False),
    "admission that adds a label each time": Fault(
        arrange=admission(label), holds=told_once_and_left("metadata.labels", tries=3), ends_well=False, extra=80
    ),
    "admission that says otherwise each time": Fault(
        arrange=admission(demote), holds=told_once_and_left("spec.type", tries=3), ends_well=False, extra=60
    ),
    "a quota that is used up": Fault(
        arrange=spoiled(600, "create", refused(403, "Forbidden", "exceeded quota: objects"), namespace="red"),
        holds=patient("create", most=14),
        extra=90,
    ),
    "a right to write that is taken and given back": Fault(
        arrange=spoiled(300, "status", refused(403, "Forbidden")), holds=patient("status", most=16), extra=160
    ),
    "a right to watch that is taken and given back": Fault(
        between=spoiled(300, "watch", refused(403, "Forbidden"), plural=MODELS)
    ),
    "nodes that may not be read": Fault(
        arrange=broken(None, "list", refused(403, "Forbidden"), plural="nodes"),
        holds=without_nodes,
        ends_well=False,
        extra=80,
    ),
    "a status that is too large": Fault(
        arrange=spoiled(
            900, "status", refused(500, "", "etcdserver: request is too large"), plural=MODELS, name="chat"
        ),
        holds=patient("status", most=24),
        extra=120,
    ),
    "a field that somebody else owns": Fault(between=owned_by_kubectl, holds=theirs_stays, ends_well=False),
    "a field that somebody else owned just now": Fault(between=owned_just_now, holds=theirs_stays, ends_well=False),
    "a name that somebody takes first": Fault(arrange=taken_first, holds=it_is_not_adopted, ends_well=False),
    "a namespace on its way out": Fault(between=namespace_goes, holds=red_is_gone_and_blue_is_well, ends_well=False),
    "a template that somebody takes over before it goes": Fault(
        between=taken_over, holds=it_is_theirs, ends_well=False
    ),
    "a template that a finalizer holds": Fault(between=held_by_a_finalizer, holds=released),
}
