"""A look at a cluster, from where the caller is: everything that has to be there, each with what to do where it is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any, Final

from aimcore.adapters.kubernetes.connection import Body, Connection, Timeouts, connect
from aimcore.adapters.kubernetes.reading import read_live
from aimcore.adapters.kubernetes.requests import INSTALL, Requests
from aimcore.adapters.manifests import read_manifests
from aimcore.adapters.memory.minors import NEWEST, OLDEST
from aimcore.domain.errors import ParseError
from aimcore.domain.hardware.nodes import node_gpus
from aimcore.domain.hardware.supply import refusal
from aimcore.domain.kinds.config import in_force
from aimcore.domain.kinds.ownership import MANAGER
from aimcore.domain.kinds.records import Model
from aimcore.domain.kinds.scope import GROUP, VERSION, Kind
from aimcore.domain.values.times import seconds_of
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.lookup import find_config
from aimcore.entrypoints.present.doctor import Check, State
from aimcore.entrypoints.settings import Settings
from aimcore.entrypoints.wiring.definitions import definitions_text
from aimcore.entrypoints.wiring.prerequisites import registry_checks, storage_check
from aimcore.ports.errors import AccessDenied, NotFound, PortError

__all__ = ["check_cluster"]

TIMEOUT: Final = Timeouts(connect=5.0, read=10.0, whole=20.0)
REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
CLOCKS_APART: Final = 60
LEASE_OLD: Final = 60
UPGRADE: Final = "aimcore crds | kubectl apply --server-side --force-conflicts -f -"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    """The connection, the namespace that is looked at, and the settings of the caller."""

    connection: Connection
    namespace: str
    settings: Settings


def check_cluster(
    *,
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    settings: Settings,
    progress: Callable[[str], object],
) -> tuple[Check, ...]:
    """Every check, in the order in which they build on one another; nothing is asked of a cluster that does not answer."""
    progress("reaching the cluster")
    try:
        connection = connect(kubeconfig=kubeconfig, context=context, timeouts=TIMEOUT)
        version = connection.send("GET", "/version")
    except PortError as error:
        return (_wrong("access", str(error), "name a context that works: kubectl config get-contexts lists them"),)
    here = _Here(connection=connection, namespace=namespace, settings=settings)
    found = [_version(version), *_told(here, _clock, "clock"), *_told(here, _definitions, "definitions")]
    progress("asking for rights")
    found += [*_told(here, _rights, "rights"), *_told(here, _operator, "operator")]
    progress("reading the cluster")
    return (*found, *_told(here, _objects, "objects"))


def _told(here: _Here, check: Callable[[_Here], Iterator[Check]], name: str) -> list[Check]:
    """The checks; what cannot be looked at is told as such."""
    try:
        return list(check(here))
    except NotFound as error:
        return [
            Check(name=name, state=State.UNKNOWN, found=f"the API server does not serve what was asked for: {error}")
        ]
    except PortError as error:
        return [Check(name=name, state=State.UNKNOWN, found=str(error))]


def _ok(name: str, found: str) -> Check:
    return Check(name=name, state=State.OK, found=found)


def _wrong(name: str, found: str, advice: str) -> Check:
    return Check(name=name, state=State.WRONG, found=found, advice=advice)


def _version(said: Mapping[str, Any]) -> Check:
    told = str(said.get("gitVersion", "unknown"))
    minor = "".join(filter(str.isdigit, str(said.get("minor", ""))))
    if minor and not OLDEST <= int(minor) <= NEWEST:
        advice = f"this version is tested on Kubernetes 1.{OLDEST} to 1.{NEWEST}"
        return _wrong("access", f"the API server answers, of Kubernetes {told}", advice)
    return _ok("access", f"the API server answers, of Kubernetes {told}")


def _clock(here: _Here) -> Iterator[Check]:
    try:
        apart = abs(time.time() - parsedate_to_datetime(here.connection.date()).timestamp())
    except (TypeError, ValueError):
        yield Check(name="clock", state=State.UNKNOWN, found="the server does not say what time it is")
        return
    if apart <= CLOCKS_APART:
        yield _ok("clock", "yours and the server's agree")
    else:
        yield _wrong(
            "clock", f"yours and the server's are {apart:.0f} s apart", "set both by NTP: ages and leases depend on it"
        )


# Definitions --------------------------------------------------------------------------------------------------------------


def _definitions(here: _Here) -> Iterator[Check]:
    try:
        served = here.connection.send("GET", f"/apis/{GROUP}/{VERSION}").get("resources", ())
    except NotFound:
        yield _wrong("definitions", f"{GROUP}/{VERSION} is not served", f"install the definitions: {INSTALL}")
        return
    names = {str(one.get("name")) for one in served}
    wanted = {spelling.plural for kind in Kind if kind.is_aim for _, spelling in kind.spellings}
    if missing := sorted(wanted - names):
        yield _wrong("definitions", f"{', '.join(missing)} are not served", f"install them: {INSTALL}")
        return
    try:
        others = sorted(_other_schemas(here.connection))
    except AccessDenied:
        yield _ok("definitions", f"all {len(wanted)} are served; you may not read whether they are of this version")
        return
    if others:
        yield _wrong(
            "definitions",
            f"{', '.join(others)} differ from those of this version",
            f"bring both to one version: {UPGRADE}",
        )
    else:
        yield _ok("definitions", f"all {len(wanted)} are served, as this version has them")


def _other_schemas(connection: Connection) -> Iterator[str]:
    """The definitions whose schema is another one than ours; what a server fills in is no difference."""
    shipped = read_manifests(("-",), recursive=False, stdin=BytesIO(definitions_text().encode()))
    for document in shipped.documents:
        ours: Any = document.manifest
        name = ours["metadata"]["name"]
        theirs = connection.send("GET", f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}")
        versions = {one["name"]: one for one in theirs["spec"]["versions"]}
        if any(
            not _within(one["schema"], versions.get(one["name"], {}).get("schema")) for one in ours["spec"]["versions"]
        ):
            yield str(name)


def _within(ours: Any, theirs: Any) -> bool:
    """Whether theirs says all that ours says."""
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and all(_within(value, theirs.get(key)) for key, value in ours.items())
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(_within, ours, theirs))
    return bool(ours == theirs)


# Rights and the operator --------------------------------------------------------------------------------------------------


def _rights(here: _Here) -> Iterator[Check]:
    """What the commands need that look at a cluster, and those that make something there."""
    kinds = [(kind.group, spelling.plural, kind) for kind in Kind if kind.is_aim for _, spelling in kind.spellings]
    reads = [("list", group, plural) for group, plural, _ in kinds]
    beside = [("list", "", "nodes"), ("list", "", "pods"), ("list", "apps", "deployments"), ("get", "", "pods/log")]
    writes = [("create", GROUP, Kind.CACHE.plural), ("create", GROUP, Kind.SERVICE.plural)]
    for name, wanted, needed in (
        ("rights to read AIM objects", reads, True),
        ("rights to read nodes, pods and logs", beside, False),
        ("rights to make services and caches", writes, False),
    ):
        missing = [f"{verb} {resource}" for verb, group, resource in wanted if not _may(here, verb, group, resource)]
        if not missing:
            yield _ok(name, f"in namespace {here.namespace} and of the cluster")
        elif needed:
            yield _wrong(
                name, f"you may not {', '.join(missing)}", "ask for a role that has get, list and watch on them"
            )
        else:
            yield Check(
                name=name, state=State.UNKNOWN, found=f"you may not {', '.join(missing)}; what needs it is left out"
            )


def _may(here: _Here, verb: str, group: str, resource: str) -> bool:
    plural, _, subresource = resource.partition("/")
    asked = {"namespace": here.namespace, "verb": verb, "group": group, "resource": plural, "subresource": subresource}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {name: value for name, value in asked.items() if value}},
    }
    answer = here.connection.send("POST", REVIEWS, Body(review))
    return bool((answer.get("status") or {}).get("allowed"))


def _operator(here: _Here) -> Iterator[Check]:
    place = here.settings.operator_namespace
    path = f"/apis/coordination.k8s.io/v1/namespaces/{place}/leases/{MANAGER}"
    advice = "install it (docs/install.md), or name its namespace: AIM_SYSTEM_NAMESPACE"
    try:
        spec = here.connection.send("GET", path).get("spec") or {}
    except NotFound:
        yield _wrong("operator", f"nobody has led in namespace {place}", advice)
        return
    holder, renewed = spec.get("holderIdentity"), str(spec.get("renewTime", ""))
    try:
        old = int(time.time()) - seconds_of(f"{renewed.partition('.')[0].removesuffix('Z')}Z")
    except ParseError:
        old = LEASE_OLD + 1
    if holder and old <= LEASE_OLD:
        yield _ok("operator", f"{holder} leads")
    else:
        yield _wrong(
            "operator",
            f"nobody leads; the lease was renewed last at {renewed or 'no time'}",
            f"look at its pods: kubectl get pods -n {place}",
        )


# What stands there --------------------------------------------------------------------------------------------------------


def _objects(here: _Here) -> Iterator[Check]:
    live = read_live(Requests(here.connection), here.namespace)
    cache = ObjectCache.of(live.things, nodes_known="nodes" not in live.forbidden)
    config = in_force(find_config(cache, here.namespace, None))
    yield from _told(here, lambda one: storage_check(one.connection, config), "storage")
    yield _nodes(cache)
    base = here.settings.policy.base_image
    images = {one.spec.image or base for one in cache if isinstance(one, Model)}
    yield from registry_checks(sorted(images))


def _nodes(cache: ObjectCache) -> Check:
    if not cache.nodes_known:
        return Check(name="GPU nodes", state=State.UNKNOWN, found="you may not list nodes")
    gpus: dict[str, int] = {}
    for node in cache.nodes:
        for gpu in node_gpus(node):
            if gpu.count and gpu.resource_name and not refusal(node):
                gpus[gpu.model or "GPU of no known model"] = (
                    gpus.get(gpu.model or "GPU of no known model", 0) + gpu.count
                )
    if gpus:
        return _ok("GPU nodes", ", ".join(f"{count} x {model}" for model, count in sorted(gpus.items())))
    return _wrong(
        "GPU nodes",
        f"none of {len(cache.nodes)} nodes offers a GPU to pods",
        "install a device plugin and a node labeller, such as those of the AMD GPU operator",
    )
