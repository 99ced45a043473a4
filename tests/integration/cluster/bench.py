"""The port's cluster beside the verbs of everybody else, on the cluster in memory, on its front and on a real API server."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aimcore.adapters.kubernetes.cluster import KubernetesCluster
from aimcore.adapters.kubernetes.connection import connect
from aimcore.adapters.kubernetes.reflector import Backoff
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.store import ReadWarning
from aimcore.adapters.memory.cluster import MemoryCluster as MemoryPort
from aimcore.domain.view.cache import ObjectCache
from aimcore.ports.cluster import Cluster as Port
from aimcore.ports.cluster import Put
from tests.integration.cluster.driver import Cluster, HttpCluster, MemoryCluster

__all__ = ["Bench", "bench", "following"]

TIMEOUT = 20.0


class Bench:
    """A port, the verbs of others, and all that the port has told so far."""

    def __init__(self, port: Port, others: Cluster, *, patience: float) -> None:
        self.port = port
        self.others = others
        self.cache = ObjectCache()
        self._patience = patience

    def hear(self) -> ObjectCache:
        """What the port tells right now, beside what it told before."""
        for change in self.port.changes():
            if isinstance(change, Put):
                self.cache.put(change.thing)
            else:
                self.cache.drop(change.thing)
        return self.cache

    def hear_until(self, holds: Callable[[ObjectCache], bool]) -> ObjectCache:
        """The same, until something holds: others are heard at once in memory, and in time on a server."""
        until = time.monotonic() + self._patience
        while not holds(self.hear()):
            assert time.monotonic() < until, "not heard of in time"
            time.sleep(0.02)
        return self.cache


@contextmanager
def following(
    cluster: HttpCluster,
    *,
    context: str | None = None,
    namespaces: tuple[str, ...] = (),
    workloads: bool = False,
    report: Callable[[ReadWarning], None] = lambda _: None,
) -> Iterator[KubernetesCluster]:
    """The adapter on an API over HTTP, started, and stopped in the end."""
    connection = connect(kubeconfig=str(cluster.kubeconfig), context=context)
    backoff = Backoff(chance=random.random, clock=time.monotonic, first=0.1, most=1.0, rarely=1.0)
    port = KubernetesCluster(
        Requests(connection), backoff=backoff, namespaces=namespaces, workloads=workloads, report=report
    )
    port.start()
    try:
        yield port
    finally:
        port.stop()
        connection.close()


@contextmanager
def bench(cluster: Cluster, *, workloads: bool = False) -> Iterator[Bench]:
    """The bench on any of the clusters; with `workloads` children and pods are told of, too."""
    if isinstance(cluster, HttpCluster):
        with following(cluster, workloads=workloads) as port:
            yield Bench(port, cluster, patience=TIMEOUT)
    else:
        assert isinstance(cluster, MemoryCluster)
        yield Bench(MemoryPort(cluster), cluster, patience=0)
