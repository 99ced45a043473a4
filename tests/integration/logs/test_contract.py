"""Whoever reads logs keeps the same promises: in memory as on a server."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters.kubernetes.diagnostics import KubernetesLogs
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.ports.errors import AccessDenied, Invalid, NotFound, Unavailable
from aimcore.testing import check_pod_logs
from tests.integration.logs.kubelet import BEGUN, HARNESSES, LINES, PATIENT, WAITING, Node
from tests.unit.adapters.kubernetes.scripted import Answer, refused, serving

MIB = 2**20


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture(params=HARNESSES)
def harness(request: pytest.FixtureRequest) -> Any:
    return HARNESSES[request.param]


def test_the_last_lines_come_in_their_order(node: Node, harness: Any) -> None:
    with harness(node, allowed=True) as logs:
        assert logs.tail("ml", node.pod(BEGUN), "download", lines=3) == "line 5\nline 6\nline 7\n"
        assert logs.tail("ml", node.pod(BEGUN), "download", lines=100).splitlines() == list(LINES)


def test_they_keep_the_contract_that_is_shipped(node: Node, harness: Any) -> None:
    with harness(node, allowed=True) as logs:
        check_pod_logs(logs, namespace="ml", pod=node.pod(BEGUN), container="download", missing="gone")
        with pytest.raises(AssertionError, match="raises Invalid; expected NotFound"):
            check_pod_logs(logs, namespace="ml", pod=node.pod(BEGUN), container="download", missing=node.pod(WAITING))


def test_a_pod_that_wrote_nothing_has_an_empty_log(node: Node, harness: Any) -> None:
    node.write()
    with harness(node, allowed=True) as logs:
        assert logs.tail("ml", node.pod(BEGUN), "download", lines=3) == ""


def test_what_comes_is_bounded_whatever_a_pod_writes(node: Node, harness: Any) -> None:
    node.write("é" * MIB)
    with harness(node, allowed=True) as logs:
        text = logs.tail("ml", node.pod(BEGUN), "download", lines=3)
    assert MIB // 2 - 1 <= len(text) <= MIB // 2 + 1


def test_a_pod_that_is_gone_is_not_found(node: Node, harness: Any) -> None:
    with harness(node, allowed=True) as logs, pytest.raises(NotFound):
        logs.tail("ml", "gone", "download", lines=3)


def test_a_container_that_has_not_begun_or_is_none_has_no_log(node: Node, harness: Any) -> None:
    with harness(node, allowed=True) as logs:
        with pytest.raises(Invalid, match="waiting to start"):
            logs.tail("ml", node.pod(WAITING), "download", lines=3)
        with pytest.raises(Invalid, match="not valid"):
            logs.tail("ml", node.pod(BEGUN), "other", lines=3)


def test_without_the_right_to_logs_access_is_denied(node: Node, harness: Any) -> None:
    with harness(node, allowed=False) as logs, pytest.raises(AccessDenied, match="pods/log"):
        logs.tail("ml", node.pod(BEGUN), "download", lines=3)


# --- the server alone ---------------------------------------------------------------------------------------------------


def test_a_server_is_asked_for_so_much_and_no_more() -> None:
    with serving(lambda _: Answer(b"x" * (MIB + 5) + b"\xff")) as server:
        assert (
            len(KubernetesLogs(Requests(server.connection(PATIENT))).tail("ml", "get-1-x", "download", lines=3)) == MIB
        )
    [asked] = server.asked
    assert asked.path == "/api/v1/namespaces/ml/pods/get-1-x/log"
    assert asked.query == {"container": "download", "tailLines": "3", "limitBytes": str(MIB)}


def test_what_is_no_text_is_replaced() -> None:
    with serving(lambda _: Answer(b"the end \xff\n")) as server:
        assert (
            KubernetesLogs(Requests(server.connection(PATIENT))).tail("ml", "p", "download", lines=3)
            == "the end \ufffd\n"
        )


def test_a_node_that_does_not_answer_is_unavailable() -> None:
    with serving(lambda _: refused(500, "InternalError")) as server, pytest.raises(Unavailable):
        KubernetesLogs(Requests(server.connection(PATIENT))).tail("ml", "p", "download", lines=3)
