"""How long it takes from `kubectl apply` to a ready pod, beside the same Deployment applied by hand."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

import pytest

from tests.e2e.desk import Desk

ROUNDS = 10
SERVICE = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: {name}
spec:
  model:
    ref: chat
  pod:
    drainSeconds: 0
"""
LABEL = "aim.silogen.ai/service"


@pytest.mark.slow
def test_the_time_from_apply_to_a_ready_pod(desk: Desk) -> None:
    desk.until(lambda: "Ready" in desk.run("kubectl get aimmodel chat"))
    (desk.folder / "first.yaml").write_text(SERVICE.format(name="first"))
    _timed(desk, "first")
    body = json.loads(desk.run("kubectl get deployment aim-first -o json"))
    desk.run("kubectl delete aimservice first")
    ours, bare = [], []
    for number in range(ROUNDS):
        (desk.folder / f"s{number}.yaml").write_text(SERVICE.format(name=f"s{number}"))
        ours.append(_timed(desk, f"s{number}"))
        desk.run(f"kubectl delete aimservice s{number}")
        (desk.folder / f"d{number}.yaml").write_text(json.dumps(_by_hand(body, f"d{number}")))
        bare.append(_timed(desk, f"d{number}"))
        desk.run(f"kubectl delete deployment d{number}")
    mine, other = statistics.median(ours), statistics.median(bare)
    desk.page.head(
        "How long it takes",
        f"From `kubectl apply` to a ready pod, the median of {ROUNDS} runs in turns: {mine:.1f} s for a service, {other:.1f} s "
        f"for its Deployment alone ({mine / other:.2f} times as long).",
    )
    assert len(ours) == len(bare) == ROUNDS


def _timed(desk: Desk, name: str) -> float:
    """Seconds until the pod of that label is ready; its image was pulled before."""
    began = time.monotonic()
    desk.run(f"kubectl apply -f {name}.yaml")
    ready = """-o jsonpath='{.items[*].status.conditions[?(@.type=="Ready")].status}'"""
    desk.until(lambda: desk.run(f"kubectl get pods -l {LABEL}={name} {ready}") == "True")
    return time.monotonic() - began


def _by_hand(body: dict[str, Any], name: str) -> dict[str, Any]:
    spec = json.loads(json.dumps(body["spec"]))
    spec["selector"] = {"matchLabels": {LABEL: name}}
    spec["template"]["metadata"]["labels"] = {LABEL: name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}
