"""The contracts of a cluster and its secrets: ours keep them, and whatever breaks a promise is named."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import pytest

from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.view.plan import Delete, SetStatus
from aimcore.ports.cluster import Change, Cluster
from aimcore.ports.errors import AccessDenied, NotFound, PortError
from aimcore.ports.secrets import PullSecret, UnusableSecret
from aimcore.testing import check_cluster, check_pull_secrets, check_secret_values

HOME = "acme"


def cluster(kind: type[MemoryCluster] = MemoryCluster) -> Cluster:
    store = MemoryStore(lambda: "2026-01-01T00:00:00Z")
    store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}, manager="kubectl")
    return kind(store)


def test_the_cluster_in_memory_keeps_the_contract_and_is_left_as_it_was() -> None:
    ours = cluster()
    check_cluster(ours, namespace=HOME)
    assert list(ours.changes()) == []
    check_cluster(ours, namespace=HOME)


class Adopts(MemoryCluster):
    def create(self, thing: AimObject) -> None:
        with suppress(PortError):
            super().create(thing)


class Deaf(MemoryCluster):
    def changes(self) -> Iterable[Change]:
        return ()


class KeepsAll(MemoryCluster):
    def apply(self, thing: AimObject) -> None:
        with suppress(PortError):
            super().apply(thing)


class AnyUid(MemoryCluster):
    def set_status(self, write: SetStatus) -> None:
        with suppress(PortError):
            super().set_status(write)


class Reckless(MemoryCluster):
    def delete(self, write: Delete) -> None:
        address = next(one for one in self._read if one.name == write.key.name)
        self._store.delete(address)


@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        (Adopts, "create of a name that is taken answers NoneType; expected AlreadyExists"),
        (Deaf, "what create made is told at the next call of changes as None"),
        (KeepsAll, "apply to another uid answers NoneType; expected PortError"),
        (AnyUid, "set_status of another uid answers NoneType; expected PortError"),
        (Reckless, "delete of another uid or version deleted the object"),
    ],
)
def test_a_promise_that_is_broken_is_named(kind: type[MemoryCluster], broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_cluster(cluster(kind), namespace=HOME)


class Vault:
    """Keeps both promises."""

    def read(self, namespace: str, name: str) -> PullSecret:
        if name == "token":
            raise UnusableSecret("is of type Opaque")
        return PullSecret(name=name, type="kubernetes.io/dockercfg", document=self.value(namespace, name, "k").encode())

    def value(self, namespace: str, name: str, key: str) -> str:
        if (namespace, name, key) != (HOME, "pull", "k"):
            raise NotFound("is not there")
        return "canary"


class Chatty(Vault):
    def value(self, namespace: str, name: str, key: str) -> str:
        if (name, key) == ("pull", "none"):
            raise NotFound("canary is all there is")
        return super().value(namespace, name, key)


class Closed(Vault):
    def read(self, namespace: str, name: str) -> PullSecret:
        if name == "none":
            raise AccessDenied("not for you")
        return super().read(namespace, name)


class Lenient(Vault):
    def read(self, namespace: str, name: str) -> PullSecret:
        return super().read(namespace, "pull" if name == "token" else name)


SECRETS = {"namespace": HOME, "there": "pull", "unusable": "token", "missing": "none"}
VALUES = {"namespace": HOME, "there": "pull", "key": "k", "missing": "none"}


def test_secrets_that_keep_their_promise_pass() -> None:
    check_pull_secrets(Vault(), **SECRETS)
    check_secret_values(Vault(), **VALUES)


def test_a_broken_promise_of_secrets_is_named() -> None:
    with pytest.raises(AssertionError, match=r"read\('none'\) raises AccessDenied; expected NotFound"):
        check_pull_secrets(Closed(), **SECRETS)
    with pytest.raises(AssertionError, match=r"read\(token\) answers PullSecret; expected UnusableSecret"):
        check_pull_secrets(Lenient(), **SECRETS)
    with pytest.raises(AssertionError, match=r"value\('pull', 'none'\) shows a value of a secret") as raised:
        check_secret_values(Chatty(), **VALUES)
    assert "canary" not in str(raised.value)
