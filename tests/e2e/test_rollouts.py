"""Pods are replaced: where there is no room for two, and while clients wait for answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.client import Clients
from tests.e2e.desk import Desk
from tests.e2e.ground import GPUS, set_gpus
from tests.e2e.node import Node

SERVICE = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: chat
spec:
  model:
    ref: chat
  replicas: {replicas}
  pod:
    drainSeconds: {drain}
"""
CHANGE = """kubectl patch aimservice chat --type=merge -p '{"spec": {"env": [{"name": "LEVEL", "value": "debug"}]}}'"""


@pytest.fixture
def one_gpu(cluster: Node, desk: Desk) -> Iterator[None]:
    """A node that has but one, once nothing of another scenario holds any."""
    listing = "kubectl get pods -A -l app.kubernetes.io/managed-by=aim-operator"
    desk.until(lambda: "No resources found" in desk.run(listing))
    set_gpus(cluster, 1)
    yield
    set_gpus(cluster, GPUS)


@pytest.mark.usefixtures("one_gpu")
@pytest.mark.rule("RUN-12")
def test_a_change_needs_no_second_gpu(desk: Desk) -> None:
    desk.page.head(
        "A change where the only GPU is taken",
        "The node has one GPU, and the pod that serves holds it. By the default strategy, `InPlace`, it makes room first.",
    )
    desk.apply("chat.yaml", SERVICE.format(replicas=1, drain=2))
    desk.show("kubectl wait --for=condition=Ready aimservice/chat --timeout=120s")
    before = desk.pods("chat")
    desk.show(CHANGE)
    desk.until(lambda: _is_renewed(desk, before))
    desk.show("kubectl get aimservice chat")
    desk.show("kubectl get pods")


@pytest.mark.rule("RUN-5", "RUN-10", "RUN-12")
def test_no_answer_is_cut(desk: Desk) -> None:
    desk.page.head(
        "Answers are not cut",
        "Two replicas, and eight clients that always have an answer open that is streamed for 10 s. `drainSeconds: 15` is "
        "longer than that.",
    )
    desk.apply("chat.yaml", SERVICE.format(replicas=2, drain=15))
    desk.until_word("chat", "Running", "Running")
    before = desk.pods("chat")
    with Clients(address=desk.address("chat"), number=8) as clients:
        desk.until(lambda: clients.whole >= 8)
        desk.show(CHANGE)
        desk.until(lambda: _is_renewed(desk, before))
        desk.show("kubectl get aimservice chat")
        rolled = desk.pods("chat")
        pod = desk.run("kubectl get pods -o jsonpath={.items[0].metadata.name}").strip()
        desk.show(f"kubectl delete pod {pod}")
        desk.until(lambda: len(desk.pods("chat")) == 2 and desk.word("chat")[0] == "Running")
        assert desk.pods("chat").keys() != rolled.keys()
        done = clients.whole
        desk.until(lambda: clients.whole >= done + 8)
    desk.page.say(
        f"The clients got {clients.whole} answers from {len(clients.pods)} pods, and lost {len(clients.lost)}."
    )
    assert clients.lost == []
    assert len(clients.pods) >= 4


def _is_renewed(desk: Desk, before: dict[str, int]) -> bool:
    now = desk.pods("chat")
    return len(now) == len(before) and not before.keys() & now.keys() and desk.word("chat")[0] == "Running"
