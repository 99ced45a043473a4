"""How-tos as their pages print them: the manifests and commands are taken from the page, and only the hosts are those of the node."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.__main__ import PREPARED
from tests.e2e.client import chat
from tests.e2e.desk import Desk
from tests.e2e.ground import SYSTEM
from tests.e2e.images import serving
from tests.e2e.node import ADDRESS
from tests.e2e.prepare import ROOT
from tests.e2e.test_weights import CONFIG, FILES, digest
from tests.integration.downloads.file_hub import FileHub, file_hub
from tests.integration.downloads.stores import KEYS, moto
from tests.integration.registry.registries import PASSWORDS, htpasswd_registry

pytestmark = pytest.mark.slow

LLAMA = "meta-llama/Llama-3-8B"
TOKEN = "hf_xxxxxxxxxxxxx"  # noqa: S105 - as the page has it
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A page, with what is called differently at this desk."""

    desk: Desk
    text: str

    @classmethod
    def of(cls, desk: Desk, page: str, renamed: Mapping[str, str]) -> Walk:
        """The page with these words replaced, each of which it has."""
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for word, other in {"ml-team": desk.namespace, **renamed}.items():
            assert word in text, f"{page} does not have {word}"
            text = text.replace(word, other)
        return cls(desk=desk, text=text)

    def blocks(self, language: str, word: str) -> list[str]:
        """The blocks of that language which have a word, in order."""
        found = [body for kind, body in _BLOCK.findall(self.text) if kind == language and word in body]
        assert found, word
        return found

    def apply(self, word: str) -> None:
        """Write the first manifest that has the word, and apply it."""
        name = f"{word.lower()}.yaml"
        (self.desk.folder / name).write_text(self.blocks("yaml", word)[0])
        self.desk.run(f"kubectl apply -f {name}")

    def run(self, word: str, more: str = "") -> str:
        """What the first line of a command block prints that has the word; with `more` behind it."""
        [line, *_] = [line for block in self.blocks("sh", word) for line in block.splitlines() if word in line]
        hasty = re.sub(r"--timeout=\w+", "--timeout=120s", line.partition("#")[0].strip())
        return self.desk.run(f"{hasty} {more}")


@pytest.fixture
def hub(desk: Desk) -> Iterator[FileHub]:
    """A hub with a gated model, which the config of the namespace names."""
    with file_hub(LLAMA, address=ADDRESS, files=dict(FILES), gated=True, token=TOKEN) as found:
        (desk.folder / "hub.yaml").write_text(CONFIG.format(mode="None", hub=found.url))
        desk.run("kubectl apply -f hub.yaml")
        yield found


def test_serve_your_own_weights(desk: Desk, hub: FileHub) -> None:
    with moto(desk.folder, ADDRESS) as store:
        store.put({f"models/custom/{name}": data for name, data in FILES.items()})
        renamed = {
            "https://s3.my-provider.com": store.url,
            "s3://my-bucket/": "s3://weights/",
            "AKIAXXXXXXXXXXXXXXXX": KEYS["AWS_ACCESS_KEY_ID"],
            "secret-key: xxxxxxxxxxxxx": f"secret-key: {KEYS['AWS_SECRET_ACCESS_KEY']}",
        }
        walk = Walk.of(desk, "how-to/custom-model.md", renamed)
        [export] = [line for line in walk.blocks("sh", "export HF_TOKEN")[0].splitlines() if line.startswith("export")]
        [size] = [line for line in walk.blocks("sh", "aimcore size")[0].splitlines() if line.startswith("aimcore")]
        assert LLAMA in desk.run(f"{export}\n{size} --endpoint {hub.url}")
        for name, word in (("model.yaml", "llama-from-huggingface"), ("s3.yaml", "s3://"), ("chat.yaml", "AIMService")):
            (desk.folder / name).write_text(walk.blocks("yaml", word)[0])
        desk.run("kubectl apply -f s3.yaml")
        walk.run("kubectl apply")
        walk.run("kubectl wait")
        assert chat(desk.address("chat")) == "weights: none"  # the stand-in downloads nothing by itself
        desk.run("kubectl wait aimmodel/custom-model-from-s3 --for=jsonpath={.status.status}=Ready --timeout=60s")


def test_keep_weights_on_a_volume_and_fill_it_ahead(desk: Desk, hub: FileHub) -> None:
    models = Walk.of(desk, "how-to/custom-model.md", {"name: llama-from-huggingface": "name: my-custom-llama"})
    models.apply("my-custom-llama")
    named = """kubectl get aimservicetemplates -o jsonpath='{.items[?(@.spec.modelName=="my-custom-llama")].metadata.name}'"""
    desk.until(lambda: desk.run(named).strip())
    template = desk.run(named).strip()
    renamed = {"my-custom-llama-custom-mi300x-1a80c093c7": template, "shared-files": "at-once"}
    walk = Walk.of(desk, "how-to/warm-a-cache.md", renamed)
    (desk.folder / "hub.yaml").write_text(
        walk.blocks("yaml", "AIMRuntimeConfig")[0] + f"  env:\n    - name: HF_ENDPOINT\n      value: {hub.url}\n"
    )
    desk.run("kubectl apply -f hub.yaml")
    walk.apply("AIMTemplateCache")
    walk.run("kubectl wait")
    assert "llama " in desk.run(f"timeout 5 {walk.blocks('sh', ' -w')[0].splitlines()[0]} || test $? = 124")
    desk.run(f"aimcore cache warm {template} -n {desk.namespace}")
    desk.until(
        lambda: desk.run(f"aimcore cache -n {desk.namespace} -o json | jq -r .items[].status").split() == ["Ready"] * 2
    )
    claims: list[dict[str, Any]] = json.loads(desk.run("kubectl get persistentvolumeclaims -o json"))["items"]
    [claim] = [one["metadata"]["name"] for one in claims]
    filled = Walk.of(desk, "how-to/warm-a-cache.md", {"{name: weights}": f"{{name: {claim}}}"})
    filled.apply("existingClaim")
    desk.until_word("chat", "Running", "Running")
    assert chat(desk.address("chat")) == digest(FILES)


def test_move_to_another_version_of_an_image(desk: Desk) -> None:
    service = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMService",
        "metadata": {"name": "talk"},
        "spec": {"model": {"ref": "chat"}, "pod": {"drainSeconds": 0}},
    }
    (desk.folder / "talk.json").write_text(json.dumps(service))
    desk.run("kubectl apply -f talk.json")
    desk.until_word("talk", "Running", "Running")
    before = desk.pods("talk")
    moved = (desk.folder / "model.json").read_text().replace(f"{desk.image}:1", f"{desk.image}:2")
    (desk.folder / "model.yaml").write_text(moved)
    walk = Walk.of(desk, "how-to/move-an-image.md", {})
    here = f"--plain-http {ADDRESS} --default-resources none"  # as this operator was installed
    told = walk.run("aimcore diff", f"{here} || test $? = 1")
    assert f"+ {desk.image}:2" in told
    assert "the pods of 1 service would be made anew" in told
    assert "has something to write there already" not in told
    desk.run("kubectl apply -f model.yaml")
    desk.until(lambda: not before.keys() & desk.pods("talk").keys())
    desk.until_word("talk", "Running", "Running")
    assert desk.run(
        "kubectl get pods -l aim.silogen.ai/service=talk -o jsonpath={.items[*].spec.containers[*].image}"
    ) == (f"{desk.image}:2")
    assert walk.run("aimcore diff", here) == ""


def test_use_a_private_registry(desk: Desk) -> None:
    with htpasswd_registry(desk.folder, ADDRESS) as private:
        standin = Path(json.loads(os.environ[PREPARED])["standin"])
        with private.pusher() as pusher:
            pusher.push(serving(standin, version="1"), "ann/chat", "1")
        hosts = desk.node.folder / "hosts" / private.address  # a setting of the node: it is asked without TLS
        hosts.mkdir()
        (hosts / "hosts.toml").write_text(f'[host."http://{private.address}"]\ncapabilities = ["pull", "resolve"]\n')
        service = {
            "apiVersion": "aim.silogen.ai/v1alpha1",
            "kind": "AIMService",
            "metadata": {"name": "talk"},
            "spec": {"model": {"image": f"{private.address}/ann/chat:1"}},
        }
        (desk.folder / "talk.json").write_text(json.dumps(service))
        desk.run("kubectl apply -f talk.json")
        desk.until(lambda: "Unauthorized" in desk.word("talk")[2], lambda: str(desk.word("talk")))
        renamed = {
            "docker-server=private.registry": f"docker-server={private.address}",
            "username=USER": "username=ann",
            "password=PASSWORD": f"password={PASSWORDS['ann']}",
        }
        walk = Walk.of(desk, "how-to/private-registry.md", renamed)
        desk.run(walk.blocks("sh", "kubectl create secret docker-registry")[0])
        walk.apply("AIMRuntimeConfig")
        desk.until_word("talk", "Running", "Running")
        assert chat(desk.address("talk")) == "weights: none"


def test_the_chart_says_whether_the_operator_works(desk: Desk) -> None:
    told = desk.run(f"helm test aimcore -n {SYSTEM}")
    assert re.search(r"Phase:\s+Succeeded", told), told
    assert f"helm test aimcore -n {SYSTEM}" in (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
