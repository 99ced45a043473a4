"""Whoever reads what Kubernetes told of an object keeps the same promise: in memory as on a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest

from aimcore.adapters.kubernetes.diagnostics import KubernetesEvents
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.domain.kinds.diagnostics import ObjectEvent
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.ports.diagnostics import ObjectEvents
from aimcore.ports.errors import AccessDenied
from tests.integration.faults.fault import refusal
from tests.integration.faults.gate import gate
from tests.integration.logs.kubelet import BEGUN, Node


class Reader(Protocol):
    """Opens a reader of the events of a node."""

    def __call__(self, node: Node, *, allowed: bool) -> AbstractContextManager[ObjectEvents]: ...


TOLD = ObjectEvent(
    reason="FailedCreate", message='Error creating: pods "late-xxxxx" is forbidden: exceeded quota: pods'
)


@contextmanager
def in_memory(node: Node, *, allowed: bool) -> Iterator[ObjectEvents]:
    yield node.controllers.events(allowed=allowed)


@contextmanager
def over_http(node: Node, *, allowed: bool) -> Iterator[ObjectEvents]:
    with gate(node.store) as opened:
        if not allowed:
            opened.script = lambda _: refusal(403)
        yield KubernetesEvents(Requests(opened.connection()))


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize("reader", [in_memory, over_http])
def test_the_events_of_one_object_come_and_of_no_other(reader: Reader) -> None:
    node = Node()
    node.script.refuse("late", "exceeded quota: pods")
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "late", "namespace": "ml"}, "spec": {}}
    uid = node.store.create(job, manager="kubectl")["metadata"]["uid"]
    node.controllers.step(10)
    late = Key(Kind.JOB, "ml", "late")
    with reader(node, allowed=True) as events:
        assert events.of(late, uid) == events.of(late, "") == (TOLD,)
        assert events.of(late, "another") == events.of(Key(Kind.JOB, "ml", BEGUN), "") == ()
    with reader(node, allowed=False) as events, pytest.raises(AccessDenied):
        events.of(late, uid)
