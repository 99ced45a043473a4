"""The verbs of the API on a shared store: a call becomes an answer, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aimcore.adapters.memory.apiserver.calls import Call
from aimcore.adapters.memory.apiserver.incoming import as_kept, as_sent, named
from aimcore.adapters.memory.apiserver.patching import PatchError, json_patched, merge_patched, strategically_patched
from aimcore.adapters.memory.apiserver.presenting import Pages, form_of, listed, presented
from aimcore.adapters.memory.apiserver.refusals import (
    Refusal,
    bad_request,
    invalid,
    invalid_options,
    moved_on,
    refusal_of,
    unsupported,
)
from aimcore.adapters.memory.apiserver.selecting import selector_of
from aimcore.adapters.memory.apiserver.shared import Shared
from aimcore.adapters.memory.collect import Propagation
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore, Subresource
from aimcore.ports.errors import NotFound, PortError

__all__ = ["Answer", "Verbs"]

_MERGE, _JSON = "application/merge-patch+json", "application/json-patch+json"
_STRATEGIC, _APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
_PROPAGATIONS: Mapping[str, Propagation] = {
    "Background": "Background",
    "Foreground": "Foreground",
    "Orphan": "Orphan",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A document to give out, with its code, and warnings for whoever sent the call."""

    document: Mapping[str, Any]
    code: int = 200
    warnings: list[str] = field(default_factory=list)


class Verbs:
    """What is asked of a store, one call at a time; watches apart."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._pages = Pages()

    def answer(self, call: Call) -> Answer:
        """The answer to a call. Raises `Refusal`."""
        one, verb = bool(call.route.name), self._verb(call)
        if verb is None:
            raise Refusal(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}
            )
        form_of(call.accept)
        try:
            return verb(call)
        except PortError as error:
            name = call.route.name or _name_in(call.body)
            raise refusal_of(error, call.route.endpoint, name if one or call.method == "POST" else "") from error

    def _verb(self, call: Call) -> Callable[[Call], Answer] | None:
        match call.method, bool(call.route.name), bool(call.route.subresource):
            case "GET", True, _:
                return self._get
            case "GET", False, _:
                return self._list
            case "POST", False, False if call.route.namespace or not call.route.endpoint.resource.namespaced:
                return self._create
            case "PUT", True, _:
                return self._replace
            case "PATCH", True, _:
                return self._apply if call.media == _APPLY else self._patch
            case "DELETE", True, False:
                return self._delete
            case "DELETE", False, False if call.route.namespace or not call.route.endpoint.resource.namespaced:
                return self._delete_all
            case _:
                return None

    @contextmanager
    def _store(self, call: Call) -> Iterator[MemoryStore]:
        """The store, or one apart when the call is only tried."""
        with self._shared.held() as store:
            yield store.dry_run() if call.rehearsed else store

    # --- reading ---

    def _get(self, call: Call) -> Answer:
        with self._shared.held() as store:
            found = store.get(call.address)
        return _given(found, call)

    def _list(self, call: Call) -> Answer:
        endpoint, query = call.route.endpoint, call.query
        labels, fields = query.get("labelSelector", ""), query.get("fieldSelector", "")
        selects = selector_of(endpoint, labels, fields)
        limit, about = call.number("limit"), f"{endpoint.qualified} {call.route.namespace} {labels} {fields}"
        with self._shared.held() as store:
            if query.get("continue"):
                page = self._pages.next(query["continue"], limit, about)
            else:
                _require_version(call, store.resource_version)
                found, version = store.list(endpoint.kind, call.route.namespace)
                page = self._pages.first([one for one in found if selects(endpoint.shown(one))], version, limit, about)
        return Answer(document=listed(page, endpoint, form_of(call.accept), query.get("includeObject", "")))

    # --- writing ---

    def _create(self, call: Call) -> Answer:
        warnings: list[str] = []
        manifest = as_kept(named(as_sent(call), call), call, warnings)
        with self._store(call) as store:
            _require_namespace(call, store)
            made = store.create(manifest, manager=call.by)
        return _given(made, call, 201, warnings)

    def _replace(self, call: Call) -> Answer:
        warnings: list[str] = []
        manifest = as_kept(named(as_sent(call), call), call, warnings)
        endpoint, name = call.route.endpoint, call.route.name
        with self._store(call) as store:
            old = store.get(call.address)["metadata"]
            uid = manifest["metadata"].get("uid")
            if uid and uid != old["uid"]:
                raise moved_on(
                    endpoint, name, f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['uid']}"
                )
            if endpoint.custom and not manifest["metadata"].get("resourceVersion"):
                cause = (
                    "FieldValueInvalid",
                    "metadata.resourceVersion",
                    "Invalid value: 0: must be specified for an update",
                )
                raise invalid(endpoint, name, [cause])
            made = store.replace(manifest, manager=call.by, subresource=_subresource(call))
        return _given(made, call, 200, warnings)

    def _patch(self, call: Call) -> Answer:
        warnings: list[str] = []
        endpoint, name = call.route.endpoint, call.route.name
        with self._store(call) as store:
            old = store.get(call.address)
            shown = endpoint.shown(old)
            sent = as_sent(_with_body(call, _patched(call, shown)))
            uid = sent["metadata"].get("uid")
            if uid and uid != old["metadata"]["uid"]:
                raise invalid(
                    endpoint,
                    name,
                    [("FieldValueInvalid", "metadata.uid", f'Invalid value: "{uid}": field is immutable')],
                )
            manifest = as_kept(named(sent, call), call, warnings)
            if not manifest["metadata"].get("resourceVersion"):
                version = old["metadata"]["resourceVersion"]
                manifest = {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": version}}
            made = store.replace(manifest, manager=call.by, subresource=_subresource(call))
        return _given(made, call, 200, warnings)

    def _apply(self, call: Call) -> Answer:
        if not call.query.get("fieldManager"):
            raise invalid_options("fieldManager", "Required value: is required for apply patch")
        warnings: list[str] = []
        manifest = as_kept(named(as_sent(call), call), call, warnings)
        if manifest["metadata"].get("managedFields"):
            raise bad_request("metadata.managedFields must be nil")
        uid = manifest["metadata"].get("uid")
        with self._store(call) as store:
            found = _live(store, call.address)
            if found is None and not call.route.subresource:
                _require_namespace(call, store)
            if uid and uid != (found or {"metadata": {"uid": None}})["metadata"]["uid"]:
                there = (
                    "no existing object was found"
                    if found is None
                    else f"existing object has {found['metadata']['uid']}"
                )
                why = f"uid mismatch: the provided object specified uid {uid}, and {there}"
                raise moved_on(call.route.endpoint, call.route.name, why)
            made = store.apply(manifest, manager=call.by, force=call.flag("force"), subresource=_subresource(call))
        return _given(made, call, 201 if found is None else 200, warnings)

    # --- deleting ---

    def _delete(self, call: Call) -> Answer:
        options = call.body if isinstance(call.body, dict) else {}
        endpoint, name = call.route.endpoint, call.route.name
        with self._store(call) as store:
            old = store.get(call.address)["metadata"]
            _check_preconditions(call, options, old)
            store.delete(call.address, propagation=_propagation(call, options))
            left = _live(store, call.address)
        if left is not None:
            return _given(left, call)
        group = {"group": endpoint.group} if endpoint.group else {}
        details = {"name": name, **group, "kind": endpoint.plural, "uid": old["uid"]}
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        return Answer(document=status)

    def _delete_all(self, call: Call) -> Answer:
        options = call.body if isinstance(call.body, dict) else {}
        endpoint = call.route.endpoint
        selects = selector_of(endpoint, call.query.get("labelSelector", ""), call.query.get("fieldSelector", ""))
        with self._store(call) as store:
            found = [one for one in store.list(endpoint.kind, call.route.namespace)[0] if selects(endpoint.shown(one))]
            for one in found:
                metadata = one["metadata"]
                address = Address(endpoint.kind, metadata.get("namespace"), metadata["name"])
                store.delete(address, propagation=_propagation(call, options))
            page = Pages().first(found, store.resource_version, 0, "")
        return Answer(document=listed(page, endpoint, form_of(call.accept)))


def _given(manifest: Manifest, call: Call, code: int = 200, warnings: list[str] | None = None) -> Answer:
    document = presented(manifest, call.route.endpoint, form_of(call.accept), call.query.get("includeObject", ""))
    return Answer(document=document, code=code, warnings=warnings or [])


def _subresource(call: Call) -> Subresource:
    return "status" if call.route.subresource else ""


def _name_in(body: Any) -> str:
    metadata = body.get("metadata") if isinstance(body, dict) else None
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


def _live(store: MemoryStore, address: Address) -> Manifest | None:
    try:
        return store.get(address)
    except NotFound:
        return None


def _require_namespace(call: Call, store: MemoryStore) -> None:
    namespace = call.route.namespace
    if namespace is not None and _live(store, Address("Namespace", None, namespace)) is None:
        details = {"name": namespace, "kind": "namespaces"}
        raise Refusal(404, "NotFound", f'namespaces "{namespace}" not found', details)


def _require_version(call: Call, current: str) -> None:
    """That a list is not asked for of a time to come, nor of exactly a time that is over."""
    wanted = call.number("resourceVersion")
    if wanted > int(current):
        cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
        message = f"Timeout: Too large resource version: {wanted}, current: {current}"
        raise Refusal(504, "Timeout", message, {"causes": [cause], "retryAfterSeconds": 1})
    if call.query.get("resourceVersionMatch") == "Exact" and wanted < int(current):
        raise Refusal(410, "Expired", f"The resourceVersion for the provided list is too old: {wanted}")


def _with_body(call: Call, body: Any) -> Call:
    return replace(call, body=body)


def _patched(call: Call, shown: Manifest) -> Any:
    """The object with the patch in the body, whatever kind of patch it is. Raises `Refusal`."""
    accepted = [_JSON, _MERGE, _APPLY] if call.route.endpoint.custom else [_JSON, _MERGE, _STRATEGIC, _APPLY]
    if call.media not in accepted:
        raise unsupported(
            f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
        )
    try:
        match call.media:
            case "application/json-patch+json":
                return json_patched(shown, call.body)
            case "application/merge-patch+json":
                return merge_patched(shown, call.body)
            case _:
                return strategically_patched(shown, call.body, call.route.endpoint.resource.shape)
    except PatchError as error:
        raise Refusal(422, "Invalid", f"the server rejected our request: {error}", {}) from error


def _propagation(call: Call, options: Mapping[str, Any]) -> Propagation:
    wish = options.get("propagationPolicy") or call.query.get("propagationPolicy")
    if wish is None:
        return "Orphan" if options.get("orphanDependents") is True else "Background"
    if wish not in _PROPAGATIONS:
        raise invalid_options("propagationPolicy", "Forbidden: expected one of Background, Foreground, Orphan")
    return _PROPAGATIONS[wish]


def _check_preconditions(call: Call, options: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    wanted = options.get("preconditions")
    for key, said in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        value = wanted.get(key) if isinstance(wanted, dict) else None
        if value is not None and value != old[key]:
            fate = "deleted and then recreated" if key == "uid" else "modified"
            why = (
                f"the {said} in the precondition ({value}) does not match the {said} in record ({old[key]}). "
                f"The object might have been {fate}"
            )
            raise moved_on(call.route.endpoint, call.route.name, why)
