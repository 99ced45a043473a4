"""A hub whose certificate is of an authority that no image knows: the operator is told of it, and so are its Jobs."""

from __future__ import annotations

import json

import pytest

from tests.e2e.client import chat
from tests.e2e.desk import Desk
from tests.e2e.ground import trust
from tests.e2e.node import ADDRESS
from tests.e2e.test_weights import CONFIG, FILES, digest
from tests.integration.downloads.file_hub import file_hub
from tests.integration.egress.server import Authority

HUB = "acme/llama"
SERVICE = f"""\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: chat
spec:
  model:
    custom:
      modelSources:
        - modelId: {HUB}
          sourceUri: hf://{HUB}
          size: 16Mi
      hardware:
        gpu:
          requests: 1
  pod:
    drainSeconds: 0
"""
SENTENCE = """kubectl get aimservice chat -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}'"""


@pytest.mark.slow
@pytest.mark.rule("CACHE-9", "CACHE-7", "SEC-3")
def test_a_hub_of_an_own_authority_is_believed_once_the_operator_is_told(desk: Desk) -> None:
    desk.page.head(
        "A hub with a certificate of one's own authority",
        "No image knows the authority, so the download believes nobody. With `ca` of the chart the operator knows it, and tells its Jobs: "
        "what failed is tried again.",
    )
    authority = Authority(desk.folder)
    with file_hub(HUB, address=ADDRESS, certificate=authority.certificate(ADDRESS), files=dict(FILES)) as hub:
        desk.apply("config.yaml", CONFIG.format(mode="Shared", hub=hub.url))
        desk.apply("service.yaml", SERVICE)
        told = desk.until_word("chat", "Failed", "CacheFailed")
        desk.show(SENTENCE)
        assert "of no CA known here" in told
        desk.page.say("The chart again, with `--set-file ca=ca.pem`:")
        trust(desk.node, authority.file)
        desk.until_word("chat", "Running", "Running")
        desk.show("kubectl get aimtemplatecaches,jobs")
        assert chat(desk.address("chat")) == digest(FILES)
    jobs = json.loads(desk.run("kubectl get jobs -o json"))["items"]
    assert sorted("BEGIN CERTIFICATE" in json.dumps(one["spec"]["template"]["metadata"]) for one in jobs) == [
        False,
        True,
    ]
