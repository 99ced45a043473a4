"""From `kubectl apply` to an answer, up and down, and away."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.e2e.client import chat
from tests.e2e.desk import Desk

SERVICE = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: chat
spec:
  model:
    ref: chat
  pod:
    drainSeconds: 2
"""
CHILDREN = "deployments,replicasets,pods,services"


@pytest.mark.rule("RUN-1", "RUN-2", "STAT-2")
def test_a_service_answers_is_scaled_and_goes(desk: Desk) -> None:
    desk.page.head("From apply to an answer", "A model is there: `kubectl get aimmodel chat` says Ready.")
    desk.until(lambda: "Ready" in desk.run("kubectl get aimmodel chat"))
    desk.show("kubectl get aimmodels,aimservicetemplates")
    desk.apply("chat.yaml", SERVICE)
    desk.show("kubectl wait --for=condition=Ready aimservice/chat --timeout=120s")
    desk.show("kubectl get aimservice chat -o wide")
    desk.show(f"kubectl get {CHILDREN}")
    ask = "curl -s http://$(kubectl get service aim-chat -o jsonpath={.spec.clusterIP})"
    assert json.loads(desk.show(f"{ask}/v1/models"))["data"][0]["id"] == "acme/chat"
    asked = """'{"messages": [{"role": "user", "content": "Hello"}]}'"""
    answer = json.loads(desk.show(f"{ask}/v1/chat/completions -d {asked}"))
    assert answer["choices"][0]["message"]["content"] == "weights: none"

    desk.page.head(
        "Scaled to nothing, and to two", "`spec.replicas` is all that says how many; `kubectl scale` sets it."
    )
    before = desk.pods("chat")
    desk.show("kubectl scale aimservice chat --replicas=0")
    desk.until_word("chat", "Pending", "ScaledToZero")
    desk.show("kubectl get aimservice chat")
    assert desk.pods("chat") == {}
    desk.show("kubectl scale aimservice chat --replicas=2")
    desk.until_word("chat", "Running", "Running")
    desk.show("kubectl get aimservice chat")
    assert len(desk.pods("chat")) == 2
    assert not before.keys() & desk.pods("chat").keys()

    desk.page.head("Deleted", "Deployment, pods and Service are the service's own: they go with it.")
    desk.show("kubectl delete aimservice chat")
    desk.until(lambda: "No resources found" in desk.run(f"kubectl get {CHILDREN}"))
    desk.show(f"kubectl get {CHILDREN}")


@pytest.mark.rule("RUN-4", "RUN-6")
def test_weights_on_a_volume_that_somebody_filled(desk: Desk) -> None:
    desk.page.head(
        "Weights on a volume that is filled already",
        "`existingClaim` with `trust: true` mounts a claim as it is; the stand-in answers with a digest of what it finds there.",
    )
    weights = desk.folder / "volume"
    (weights / "acme" / "tiny").mkdir(parents=True)
    (weights / "acme" / "tiny" / "model.safetensors").write_bytes(b"weights")
    digest = hashlib.sha256(b"model.safetensors\nweights").hexdigest()
    (desk.folder / "volume.yaml").write_text(_volume(desk))
    desk.run("kubectl apply -f volume.yaml")
    desk.apply("tiny.yaml", _custom(desk))
    desk.show("kubectl wait --for=condition=Ready aimservice/tiny --timeout=120s")
    assert chat(desk.address("tiny")) == f"weights: sha256:{digest}"
    desk.show(
        "curl -s http://$(kubectl get service aim-tiny -o jsonpath={.spec.clusterIP})/v1/chat/completions -d '{}'"
    )


def _volume(desk: Desk) -> str:
    return f"""\
apiVersion: v1
kind: PersistentVolume
metadata:
  name: {desk.namespace}
spec:
  capacity: {{storage: 1Gi}}
  accessModes: [ReadWriteOnce]
  storageClassName: by-hand
  hostPath: {{path: {desk.folder / "volume"}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: filled
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: by-hand
  resources: {{requests: {{storage: 1Gi}}}}
"""


def _custom(desk: Desk) -> str:
    return f"""\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: tiny
spec:
  model:
    custom:
      baseImage: {desk.image}:1
      modelSources:
        - modelId: acme/tiny
          sourceUri: hf://acme/tiny
          size: 1Mi
      hardware:
        gpu:
          requests: 1
  caching:
    existingClaim:
      name: filled
      trust: true
"""
