"""What every adapter of a cluster, its secrets and its logs keeps, as functions to run on one's own, as those of `contracts`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from aimcore.domain.kinds.records import AimObject, Meta, Model, ModelSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.plan import Delete, SetStatus
from aimcore.ports.cluster import Cluster, Put
from aimcore.ports.diagnostics import PodLogs
from aimcore.ports.errors import AlreadyExists, Invalid, NotFound, PortError
from aimcore.ports.secrets import PullSecrets, SecretValues, UnusableSecret
from aimcore.testing.violations import demand

__all__ = ["check_cluster", "check_pod_logs", "check_pull_secrets", "check_secret_values"]

NOBODY = "00000000-0000-4000-8000-000000000000"


def check_cluster(cluster: Cluster, *, namespace: str) -> None:
    """That the cluster keeps its port's promise; `namespace` is one that stands, and has no AIMModel `contract`.

    What it makes there is gone in the end. Nobody else may ask for the changes meanwhile.
    """
    demand("Cluster", [*_ClusterCheck(cluster, namespace).faults()])


class _ClusterCheck:
    """One model from its birth to its end, and the changes as the engine hears them."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._known = ObjectCache()
        spec = ModelSpec(image="registry.example/contract:1")
        self._wanted = Model(key=Key(Kind.MODEL, namespace, "contract"), spec=spec)

    def faults(self) -> Iterator[str]:
        self._hear()
        self._cluster.create(self._wanted)
        made = self._heard()
        if made is None or not made.meta.uid or not made.meta.resource_version:
            yield f"what create made is told at the next call of changes as {made!r}; expected it with uid and version"
            return
        yield from _raises("create of a name that is taken", AlreadyExists, lambda: self._cluster.create(self._wanted))
        yield from self._applied(made)
        yield from self._judged(made)
        yield from self._deleted()

    def _applied(self, made: AimObject) -> Iterator[str]:
        spec = replace(self._wanted.spec, service_account_name="runner")
        other = replace(self._wanted, spec=spec, meta=Meta(uid=NOBODY))
        yield from _raises("apply to another uid", PortError, lambda: self._cluster.apply(other))
        seen = self._heard()
        if seen is None or (seen.spec, seen.meta.uid) != (made.spec, made.meta.uid):
            yield "apply to another uid changed the object"
        self._cluster.apply(replace(other, meta=Meta(uid=made.meta.uid)))
        seen = self._heard()
        if not isinstance(seen, Model) or seen.spec.service_account_name != "runner":
            yield f"what apply said is told as {seen!r}; expected spec.serviceAccountName: runner"
        self._cluster.apply(replace(self._wanted, meta=Meta(uid=made.meta.uid)))
        seen = self._heard()
        if not isinstance(seen, Model) or seen.spec.service_account_name is not None:
            yield "apply without a field that an earlier one said does not give it up"

    def _judged(self, made: AimObject) -> Iterator[str]:
        status = ModelStatus(status=Verdict.READY)
        write = SetStatus(key=made.key, uid=made.meta.uid, status=status, events=(), rule="STAT-1")
        yield from _raises(
            "set_status of another uid", PortError, lambda: self._cluster.set_status(replace(write, uid=NOBODY))
        )
        self._cluster.set_status(write)
        seen = self._heard()
        if not isinstance(seen, Model) or seen.status != status:
            yield f"the status that was set is told as {seen!r}; expected Ready and nothing else"

    def _deleted(self) -> Iterator[str]:
        seen = self._heard()
        if seen is None:
            yield "the object is told as gone before anybody deleted it"
            return
        write = Delete(key=seen.key, uid=seen.meta.uid, resource_version=seen.meta.resource_version, rule="OWN-2")
        for what, other in (("uid", replace(write, uid=NOBODY)), ("version", replace(write, resource_version="1"))):
            yield from _raises(f"delete of another {what}", PortError, partial(self._cluster.delete, other))
        if self._heard() is None:
            yield "delete of another uid or version deleted the object"
            return
        self._cluster.delete(write)
        if self._heard() is not None:
            yield "what delete deleted is not told as gone at the next call of changes"

    def _hear(self) -> None:
        for change in self._cluster.changes():
            if isinstance(change, Put):
                self._known.put(change.thing)
            else:
                self._known.drop(change.thing)

    def _heard(self) -> AimObject | None:
        self._hear()
        return self._known.model(self._wanted.key.namespace, self._wanted.key.name)


def check_pull_secrets(secrets: PullSecrets, *, namespace: str, there: str, unusable: str, missing: str) -> None:
    """That they keep their port's promise, by the names of three secrets of the namespace.

    `there` is a pull secret, `unusable` one of another type, and `missing` does not exist.
    """
    demand("PullSecrets", [*_pull_secret_faults(secrets, namespace, there=there, unusable=unusable, missing=missing)])


def _pull_secret_faults(
    secrets: PullSecrets, namespace: str, *, there: str, unusable: str, missing: str
) -> Iterator[str]:
    found = secrets.read(namespace, there)
    if found.name != there or not found.document:
        yield f"read({there}) is {found!r}; expected its name and its document"
    if found.document.decode("latin-1") in repr(found):
        yield f"repr of read({there}) shows what is in it"
    yield from _raises(f"read({unusable})", UnusableSecret, partial(secrets.read, namespace, unusable))
    for name in (missing, f"../secrets/{there}", ""):
        yield from _raises(f"read({name!r})", NotFound, partial(secrets.read, namespace, name))


def check_secret_values(values: SecretValues, *, namespace: str, there: str, key: str, missing: str) -> None:
    """That they keep their port's promise: the secret `there` has text under `key`, none under the key `missing`.

    There is no secret called `missing` either.
    """
    demand("SecretValues", [*_secret_value_faults(values, namespace, there=there, key=key, missing=missing)])


def _secret_value_faults(values: SecretValues, namespace: str, *, there: str, key: str, missing: str) -> Iterator[str]:
    text = values.value(namespace, there, key)
    for name, at in ((there, missing), (missing, key), (f"../secrets/{there}", key)):
        what = f"value({name!r}, {at!r})"
        yield from _raises(what, NotFound, partial(values.value, namespace, name, at), secret=text)


def check_pod_logs(logs: PodLogs, *, namespace: str, pod: str, container: str, missing: str) -> None:
    """That they keep their port's promise: the container of that pod wrote two lines or more and has ended.

    There is no pod called `missing`, nor a container of that name in the pod.
    """
    demand("PodLogs", [*_log_faults(logs, namespace, pod, container=container, missing=missing)])


def _log_faults(logs: PodLogs, namespace: str, pod: str, *, container: str, missing: str) -> Iterator[str]:
    everything = logs.tail(namespace, pod, container, lines=1000).splitlines()
    last = logs.tail(namespace, pod, container, lines=1).splitlines()
    if last != everything[-1:]:
        yield f"the last line of {pod} is {last!r}; expected {everything[-1:]!r}"
    yield from _raises(f"tail({missing})", NotFound, lambda: logs.tail(namespace, missing, container, lines=1))
    yield from _raises(
        f"tail({pod}, container {missing})", Invalid, lambda: logs.tail(namespace, pod, missing, lines=1)
    )


def _raises(
    what: str, expected: type[PortError], act: Callable[[], object], *, secret: str | None = None
) -> Iterator[str]:
    """What is wrong with how it fails; nothing where it raises what is expected, and shows no secret."""
    try:
        answer = act()
    except expected as error:
        if secret and secret in str(error):
            yield f"{what} shows a value of a secret in its message"
    except PortError as error:
        yield f"{what} raises {type(error).__name__}; expected {expected.__name__}"
    else:
        yield f"{what} answers {type(answer).__name__}; expected {expected.__name__}"
