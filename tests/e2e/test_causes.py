"""What goes wrong with pods, and the word, the reason and the sentence that a person is given for it."""

from __future__ import annotations

import pytest

from tests.e2e.desk import Desk

SERVICE = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: {name}
spec:
  model:
    ref: {model}
  template:
    name: {template}
"""
BY_HAND = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata:
  name: misspelt
spec:
  image: {image}:no-such-tag
  discovery:
    enabled: false
---
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMServiceTemplate
metadata:
  name: misspelt
spec:
  modelName: misspelt
  metric: latency
  precision: fp16
  hardware:
    gpu:
      requests: 1
      models: [MI300X]
"""
ENV = """\
  env:
    - name: {name}
      value: "{value}"
"""
CASES = {
    "misspelt": ("Failed", "ImagePullFailed", "the registry has no such image; check its name and tag"),
    "huge": (
        "Starting",
        "Unschedulable",
        "Insufficient cpu; no node is big enough; ask for less in resources, or add a node",
    ),
    "crashing": ("Failed", "ContainerCrashes", "exit code 1 (Error): aim_runtime.ProfileNotFound: no profile fits"),
    "hungry": ("Failed", "OutOfMemory", "needed more memory than its limit; raise resources.limits.memory"),
}


@pytest.mark.rule("STAT-2", "RUN-7")
def test_what_goes_wrong_is_told(desk: Desk) -> None:
    desk.page.head(
        "What goes wrong",
        "Four services: one whose image does not exist, one that asks for more CPU than a node has, one whose program ends "
        "with an error, one that needs more memory than its limit.",
    )
    desk.until(lambda: "Ready" in desk.run("kubectl get aimmodel chat"))
    template = desk.run("kubectl get aimservicetemplates -o jsonpath={.items[0].metadata.name}").strip()
    crash = ENV.format(name="STANDIN_CRASH", value=CASES["crashing"][2].partition(": ")[2])
    eat = ENV.format(name="STANDIN_EAT", value="512") + "  resources:\n    limits:\n      memory: 64Mi\n"
    huge = "  resources:\n    requests:\n      cpu: 1k\n"
    chat = {"model": "chat", "template": template}
    manifests = [
        BY_HAND.format(image=desk.image),
        SERVICE.format(name="misspelt", model="misspelt", template="misspelt") + "  imagePullSecrets: [{name: gone}]\n",
        SERVICE.format(name="huge", **chat) + huge,
        SERVICE.format(name="crashing", **chat) + crash,
        SERVICE.format(name="hungry", **chat) + eat,
    ]
    (desk.folder / "services.yaml").write_text("---\n".join(manifests))
    desk.run("kubectl apply -f services.yaml")
    for name, (word, reason, sentence) in CASES.items():
        assert sentence in desk.until_word(name, word, reason)
    lacks = "Unable to retrieve some image pull secrets (gone)"
    desk.until(lambda: lacks in desk.word("misspelt")[2], lambda: str(desk.word("misspelt")))
    desk.show("kubectl get aimservices")
    for name in CASES:
        desk.show(
            f"kubectl get aimservice {name} "
            """-o jsonpath='{.status.status}: {.status.conditions[?(@.type=="Ready")].reason}: """
            """{.status.conditions[?(@.type=="Ready")].message}{"\\n"}'"""
        )
    desk.page.say("What was wrong is put right, and the service runs:")
    desk.show(
        """kubectl patch aimservice hungry --type=merge -p '{"spec": {"resources": {"limits": {"memory": "2Gi"}}}}'"""
    )
    desk.show("kubectl wait --for=condition=Ready aimservice/hungry --timeout=120s")
