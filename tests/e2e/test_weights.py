"""Weights come to a volume once, from stores and hubs that really answer, and pods serve what was uploaded, byte by byte."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.client import chat
from tests.e2e.desk import Desk
from tests.e2e.images import CANONICAL
from tests.e2e.node import ADDRESS
from tests.e2e.volumes import ON_DEMAND
from tests.integration.downloads.file_hub import TOKEN, FileHub, file_hub
from tests.integration.downloads.stores import KEYS, Store, moto
from tests.integration.egress.server import Heard, Steps

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
STORED = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata:
  name: {name}
spec:
  image: {image}:1
  modelSources:
    - modelId: my-org/custom-model
      sourceUri: s3://weights/models/custom
{size}      env:
        - name: AWS_ACCESS_KEY_ID
          valueFrom:
            secretKeyRef:
              name: s3-credentials
              key: access-key
        - name: AWS_SECRET_ACCESS_KEY
          valueFrom:
            secretKeyRef:
              name: s3-credentials
              key: secret-key
        - name: AWS_ENDPOINT_URL
          value: "{store}"
  custom:
    hardware:
      gpu:
        requests: 1
"""
SERVICE = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: {name}
spec:
  model:
    ref: {model}
  caching:
    mode: {mode}
  pod:
    drainSeconds: 0
"""
WARM = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMTemplateCache
metadata:
  name: warm
spec:
  templateName: {template}
  mode: Shared
  volumeSize: 2Mi
"""
RESTRICTED = """\
    containerSecurityContext:
      runAsNonRoot: true
      runAsUser: 1000
      capabilities:
        drop: [ALL]
"""
FULL = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: llama-custom
spec:
  model:
    custom:
      modelSources:
        - modelId: meta-llama/Llama-3.1-8B-Instruct
          sourceUri: hf://meta-llama/Llama-3.1-8B-Instruct
          size: 16Gi
          env:
            - name: HF_TOKEN
              valueFrom:
                secretKeyRef:
                  name: hf-token
                  key: token
      hardware:
        gpu:
          requests: 1
          models:
            - MI300X
  replicas: 1
"""
CONFIG = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMRuntimeConfig
metadata:
  name: default
spec:
  caching:
    mode: {mode}
  env:
    - name: HF_ENDPOINT
      value: "{hub}"
"""
HELD = "aimtemplatecaches,persistentvolumeclaims,jobs"
FILES = {
    "config.json": b'{"model_type": "llama"}',
    "model-00001-of-00002.safetensors": b"first " * 500_000,
    "model-00002-of-00002.safetensors": b"second" * 500_000,
}


@pytest.fixture
def store(desk: Desk) -> Iterator[Store]:
    """A store with a model in it, and a secret of who may read it."""
    with moto(desk.folder, ADDRESS) as found:
        found.put({f"models/custom/{name}": data for name, data in FILES.items()})
        (desk.folder / "access-key").write_text(KEYS["AWS_ACCESS_KEY_ID"])
        (desk.folder / "secret-key").write_text(KEYS["AWS_SECRET_ACCESS_KEY"])
        yield found


@pytest.mark.rule("CACHE-2", "CACHE-3", "CACHE-4", "CACHE-8", "FETCH-5", "RUN-6")
def test_weights_of_a_store_come_once(desk: Desk, store: Store) -> None:
    desk.page.head(
        "Weights on a volume",
        "With `caching.mode: Shared` a Job downloads the weights to a claim, and pods mount that; the stand-in answers with a "
        "digest of what it finds there. No `size` is given, so the store is asked.",
    )
    desk.show("kubectl create secret generic s3-credentials --from-file=access-key --from-file=secret-key")
    desk.apply("model.yaml", _stored(desk, store, "custom"))
    desk.apply("service.yaml", SERVICE.format(name="first", model="custom", mode="Shared"))
    desk.until_word("first", "Starting", "WaitingForCache")
    desk.show("kubectl get aimservice first")
    desk.show("kubectl wait --for=condition=Ready aimservice/first --timeout=120s")
    desk.show(f"kubectl get {HELD}")
    desk.show(_ask("first"))
    assert chat(desk.address("first")) == digest(FILES)
    assert desk.metric('aimcore_downloads_total{outcome="Done"}') >= 1
    assert desk.metric("aimcore_download_bytes_total") >= sum(map(len, FILES.values()))
    claims = _listed(desk, "persistentvolumeclaims")
    assert [one["spec"]["resources"]["requests"]["storage"] for one in claims] == ["1Gi"]
    desk.page.say("Another model with the same source finds them there: nothing is downloaded again.")
    desk.run(f"kubectl delete {_job(desk)}")
    desk.run("kubectl apply -f - <<'END'\n" + _stored(desk, store, "twin", size="16Gi") + "\nEND")
    desk.apply("second.yaml", SERVICE.format(name="second", model="twin", mode="Shared"))
    desk.show("kubectl wait --for=condition=Ready aimservice/second --timeout=120s")
    desk.show(f"kubectl get {HELD}")
    assert chat(desk.address("second")) == digest(FILES)
    assert [one["metadata"]["uid"] for one in _listed(desk, "persistentvolumeclaims")] == [
        one["metadata"]["uid"] for one in claims
    ]
    assert not _listed(desk, "jobs")


@pytest.mark.slow
@pytest.mark.rule("CACHE-2", "CACHE-4", "CACHE-9", "RUN-9")
def test_a_given_size_is_claimed_and_restricted_namespaces_admit_all_of_it(desk: Desk, store: Store) -> None:
    desk.run(f"kubectl label namespace {desk.namespace} pod-security.kubernetes.io/enforce=restricted")
    desk.run("kubectl create secret generic s3-credentials --from-file=access-key --from-file=secret-key")
    (desk.folder / "model.yaml").write_text(_stored(desk, store, "custom", size="2Gi"))
    (desk.folder / "service.yaml").write_text(
        SERVICE.format(name="chat", model="custom", mode="Dedicated") + RESTRICTED
    )
    desk.run("kubectl apply -f model.yaml -f service.yaml")
    desk.until_word("chat", "Running", "Running")
    (claim,) = _listed(desk, "persistentvolumeclaims")
    assert claim["spec"]["resources"]["requests"]["storage"] == "3Gi"
    assert chat(desk.address("chat")) == digest(FILES)


@pytest.mark.rule("CACHE-7", "CACHE-10", "CACHE-11", "FETCH-2")
def test_a_token_that_comes_late_is_waited_for(desk: Desk) -> None:
    desk.page.head(
        "A gated model, and a token that comes late",
        "The namespace's config says that there are caches, and which hub to ask. The secret that the service names is not "
        "there yet.",
    )
    with file_hub(LLAMA, address=ADDRESS, files=dict(FILES), gated=True, token=TOKEN) as hub:
        desk.apply("config.yaml", CONFIG.format(mode="Dedicated", hub=hub.url))
        desk.apply("llama.yaml", FULL)
        desk.until(lambda: "SecretMissing" in _conditions(desk), lambda: _conditions(desk))
        desk.show("kubectl get aimservice llama-custom")
        desk.show(
            """kubectl get aimtemplatecaches -o jsonpath='{.items[0].status.conditions[?(@.type=="Downloaded")].message}'"""
        )
        assert hub.gets() == []
        (desk.folder / "token").write_text(TOKEN)
        desk.show("kubectl create secret generic hf-token --from-file=token")
        desk.show("kubectl wait --for=condition=Ready aimservice/llama-custom --timeout=120s")
        desk.show(f"kubectl get {HELD}")
        desk.show(_ask("llama-custom"))
        assert chat(desk.address("llama-custom")) == digest(FILES)
        (claim,) = _listed(desk, "persistentvolumeclaims")
        assert claim["spec"]["resources"]["requests"]["storage"] == "18Gi"
        everything = desk.run(f"kubectl get {HELD},pods,events,aimservices,aimmodels -o yaml")
        assert TOKEN not in everything + desk.run(f"kubectl logs {_job(desk)}")


@pytest.mark.rule("PROFILE-1", "PROFILE-2", "PROFILE-3", "CACHE-7")
def test_an_image_is_asked_which_weights_it_loads(desk: Desk) -> None:
    desk.page.head(
        "An image is asked which weights it loads",
        "The labels of an image do not say it; where a service wants a cache, a Job runs `dry-run` in the image. Until then "
        "no model made a pod.",
    )
    with file_hub(CANONICAL, address=ADDRESS, files=dict(FILES)) as hub:
        desk.apply("config.yaml", CONFIG.format(mode="None", hub=hub.url))
        desk.until(lambda: "Ready" in desk.run("kubectl get aimmodel chat"))
        assert not _listed(desk, "jobs,pods")
        desk.apply("service.yaml", SERVICE.format(name="asking", model="chat", mode="Shared"))
        desk.show("kubectl wait --for=condition=Ready aimservice/asking --timeout=180s")
        desk.show(f"kubectl get {HELD}")
        desk.show("kubectl get aimtemplatecaches -o jsonpath='{.items[0].status.sources}'")
        desk.show(_ask("asking"))
        assert chat(desk.address("asking")) == digest(FILES)


@pytest.mark.slow
@pytest.mark.rule("CACHE-3", "CACHE-8", "RUN-12")
def test_pods_serve_on_without_their_cache(desk: Desk, store: Store) -> None:
    desk.page.head(
        "The cache is deleted under the pods, and then the claim",
        "A cache that is made again finds its claim whole. A claim goes when no pod mounts it any more: the next one is "
        "filled, and the pods move over.",
    )
    desk.run("kubectl create secret generic s3-credentials --from-file=access-key --from-file=secret-key")
    (desk.folder / "model.yaml").write_text(_stored(desk, store, "custom"))
    (desk.folder / "service.yaml").write_text(SERVICE.format(name="chat", model="custom", mode="Shared"))
    desk.run("kubectl apply -f model.yaml -f service.yaml")
    desk.until_word("chat", "Running", "Running")
    before, (claim,), (job,) = desk.pods("chat"), _listed(desk, "persistentvolumeclaims"), _listed(desk, "jobs")
    cache = _listed(desk, "aimtemplatecaches")[0]["metadata"]
    desk.show(f"kubectl delete aimtemplatecache {cache['name']}")
    desk.until(lambda: [one["status"].get("status") for one in _listed(desk, "aimtemplatecaches")] == ["Ready"])
    desk.until_word("chat", "Running", "Running")
    assert _listed(desk, "aimtemplatecaches")[0]["metadata"]["uid"] != cache["uid"]
    assert [one["metadata"]["uid"] for one in _listed(desk, "persistentvolumeclaims")] == [claim["metadata"]["uid"]]
    assert {one["metadata"]["uid"] for one in _listed(desk, "jobs")} <= {job["metadata"]["uid"]}
    assert desk.pods("chat") == before
    desk.show(f"kubectl get {HELD}")
    desk.show(f"kubectl delete persistentvolumeclaim {claim['metadata']['name']} --wait=false")
    desk.until_word("chat", "Degraded", "CacheLost")
    desk.show("kubectl get aimservice chat")
    assert chat(desk.address("chat")) == digest(FILES)
    desk.until(lambda: not before.keys() & desk.pods("chat").keys())
    desk.until_word("chat", "Running", "Running")
    desk.until(lambda: len(_listed(desk, "persistentvolumeclaims")) == 1)
    desk.show(f"kubectl get {HELD}")
    assert _listed(desk, "persistentvolumeclaims")[0]["metadata"]["name"] == f"{claim['metadata']['name']}-2"
    assert chat(desk.address("chat")) == digest(FILES)


@pytest.mark.rule("CACHE-9", "FETCH-3")
def test_a_download_that_is_killed_goes_on_where_it_was(desk: Desk) -> None:
    desk.page.head(
        "The pod of a download is killed in the middle", "Its successor fetches what is missing, and nothing twice."
    )
    with file_hub(LLAMA, address=ADDRESS, files=dict(FILES), token=TOKEN) as hub:
        last = "model-00002-of-00002.safetensors"
        hub.fault = lambda heard: _half(heard, FILES[last]) if heard.target.endswith(last) else None
        desk.apply("config.yaml", CONFIG.format(mode="Shared", hub=hub.url))
        (desk.folder / "token").write_text(TOKEN)
        desk.run("kubectl create secret generic hf-token --from-file=token")
        desk.run("kubectl apply -f - <<'END'\n" + FULL + "\nEND")
        desk.until(lambda: _fetched(hub, FILES) >= set(FILES))
        desk.until(lambda: desk.run("kubectl get pods -l job-name").count("Running") == 1)
        desk.show("kubectl get aimservices,pods")
        pod = desk.run("kubectl get pods -l job-name -o jsonpath={.items[0].metadata.name}").strip()
        desk.show(f"kubectl delete pod {pod} --grace-period=0 --force")
        before = len(hub.cdn.heard)
        hub.fault = lambda _: None
        desk.until_word("llama-custom", "Running", "Running")
        desk.show("kubectl get aimservices,pods")
        assert chat(desk.address("llama-custom")) == digest(FILES)
        again = [one for one in hub.cdn.heard[before:] if one.method == "GET"]
        assert {one.target.rpartition("/")[2] for one in again} == {last}
        assert all(_begins(one) >= len(FILES[last]) // 2 - 2**20 for one in again), [one.headers for one in again]
        assert len(_listed(desk, "jobs")) == 1


@pytest.mark.slow
@pytest.mark.rule("CACHE-5", "CACHE-9")
def test_a_volume_of_one_node(desk: Desk, store: Store) -> None:
    desk.page.head(
        "A volume that one node has",
        "The class makes a volume when the first pod that mounts it has a node; `ReadWriteOnce` brings all that mount it there.",
    )
    desk.run("kubectl create secret generic s3-credentials --from-file=access-key --from-file=secret-key")
    desk.apply(
        "config.yaml",
        "apiVersion: aim.silogen.ai/v1alpha1\nkind: AIMRuntimeConfig\nmetadata:\n  name: default\nspec:\n"
        f"  caching:\n    mode: Shared\n  storage:\n    accessMode: ReadWriteOnce\n    defaultStorageClassName: {ON_DEMAND}\n",
    )
    (desk.folder / "model.yaml").write_text(_stored(desk, store, "custom"))
    (desk.folder / "service.yaml").write_text(
        SERVICE.format(name="chat", model="custom", mode="Shared").replace("  pod:", "  replicas: 2\n  pod:")
    )
    desk.run("kubectl apply -f model.yaml -f service.yaml")
    desk.until_word("chat", "Running", "Running")
    desk.show("kubectl get aimtemplatecaches,persistentvolumeclaims -o wide")
    desk.show("kubectl get pods -o wide")
    assert chat(desk.address("chat")) == digest(FILES)


@pytest.mark.slow
@pytest.mark.rule("CACHE-2", "CACHE-5", "CACHE-9", "STAT-2")
def test_where_no_volume_is_given_the_service_says_what_to_set(desk: Desk) -> None:
    config = CONFIG.format(mode="Dedicated", hub=f"http://{ADDRESS}:1")
    (desk.folder / "config.yaml").write_text(f"{config}  storage:\n    defaultStorageClassName: no-such-class\n")
    (desk.folder / "llama.yaml").write_text(FULL)
    desk.run("kubectl create secret generic hf-token --from-literal=token=hf_x")
    desk.run("kubectl apply -f config.yaml -f llama.yaml")
    desk.until(lambda: "storage.defaultStorageClassName" in desk.word("llama-custom")[2])
    assert desk.word("llama-custom")[:2] == ("Starting", "WaitingForCache")
    told = 'storageclass.storage.k8s.io "no-such-class" not found; set storage.defaultStorageClassName'
    desk.until(lambda: told in desk.word("llama-custom")[2], lambda: str(desk.word("llama-custom")))
    desk.run("kubectl create quota none --hard=pods=0")
    (desk.folder / "config.yaml").write_text(config)
    desk.run("kubectl apply -f config.yaml")
    told = "has no pod: exceeded quota: none, requested: pods=1"
    desk.until(lambda: told in desk.word("llama-custom")[2], lambda: str(desk.word("llama-custom")))
    assert "limited: pods=0; raise the quota" in desk.word("llama-custom")[2]
    desk.run("kubectl delete quota none")
    change = """'{"spec": {"caching": {"mode": "None"}}}'"""
    desk.run(f"kubectl patch aimruntimeconfig default --type=merge -p {change}")
    desk.until_word("llama-custom", "Running", "Running")


@pytest.mark.slow
@pytest.mark.rule("CACHE-1", "CACHE-4", "CACHE-7", "FETCH-6")
def test_a_volume_that_is_too_small_grows_where_its_class_lets_it(desk: Desk, store: Store) -> None:
    """The default class has `allowVolumeExpansion`, the other has not; the API server tells them apart."""
    desk.run("kubectl create secret generic s3-credentials --from-file=access-key --from-file=secret-key")
    (desk.folder / "model.yaml").write_text(_stored(desk, store, "custom"))
    desk.run("kubectl apply -f model.yaml")
    template = """kubectl get aimservicetemplates -o jsonpath='{.items[?(@.spec.modelName=="custom")].metadata.name}'"""
    desk.until(lambda: desk.run(template))
    name = desk.run(template).strip()
    grows = WARM.format(template=name)
    stays = grows.replace("name: warm", "name: stays") + f"  storageClassName: {ON_DEMAND}\n"
    (desk.folder / "caches.yaml").write_text(f"{grows}---\n{stays}")
    desk.run("kubectl apply -f caches.yaml")
    word = "kubectl get aimtemplatecache {} -o jsonpath={{.status.status}}"
    desk.until(lambda: desk.run(word.format("warm")) == "Ready", lambda: _conditions(desk))
    assert desk.run("kubectl get aimtemplatecache warm -o jsonpath={.status.size}") == "1Gi"
    assert desk.run("kubectl get aimtemplatecache warm -o jsonpath={.status.attempts}") == "2"
    conditions = json.loads(desk.run("kubectl get aimtemplatecache stays -o jsonpath={.status.conditions}"))
    (told,) = [(one["reason"], one["message"]) for one in conditions if one["type"] == "Downloaded"]
    assert told[0] == "Retrying", "it is refused for ten minutes before it is given up"
    assert re.search(r"make the volume \d+ bytes larger; claim \S+ asks for 1Gi", told[1]), told
    claims = _listed(desk, "persistentvolumeclaims")
    asked = {one["spec"]["storageClassName"]: one["spec"]["resources"]["requests"]["storage"] for one in claims}
    assert asked == {"at-once": "1Gi", ON_DEMAND: "2Mi"}
    refused = "kubectl logs -n aim-system deployment/aim-operator | grep 'write refused' | grep persistentvolumeclaims"
    assert "support resize" in desk.run(refused)


def _stored(desk: Desk, store: Store, name: str, size: str = "") -> str:
    told = f"      size: {size}\n" if size else ""
    return STORED.format(name=name, image=desk.image, store=store.url, size=told)


def digest(files: Mapping[str, bytes]) -> str:
    """What the stand-in says of a folder with these files."""
    told = b"".join(name.encode() + b"\n" + data for name, data in sorted(files.items()))
    return f"weights: sha256:{hashlib.sha256(told).hexdigest()}"


def _listed(desk: Desk, kinds: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(desk.run(f"kubectl get {kinds} -o json"))["items"]
    return found


def _job(desk: Desk) -> str:
    return desk.run("kubectl get jobs -o name").strip()


def _conditions(desk: Desk) -> str:
    return desk.run("kubectl get aimtemplatecaches -o jsonpath={.items[*].status.conditions}")


def _ask(service: str) -> str:
    address = f"http://$(kubectl get service aim-{service} -o jsonpath={{.spec.clusterIP}})"
    return f"curl -s {address}/v1/chat/completions -d '{{}}'"


def _fetched(hub: FileHub, files: Mapping[str, bytes]) -> set[str]:
    return {name for name in files if any(path.endswith(f"/{name}") for path in hub.gets())}


def _half(heard: Heard, data: bytes) -> Steps | None:
    """The first half of it, and then nothing for as long as the test takes; None for who asks only where it is."""
    if not heard.target.startswith("/blobs/") or heard.method != "GET":
        return None
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(data)}\r\naccept-ranges: bytes\r\n\r\n".encode()
    return (head, data[: len(data) // 2], 50.0)


def _begins(heard: Heard) -> int:
    return int(heard.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])


# A claim that somebody else filled ------------------------------------------------------------------------------------

MINE = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: mine
spec:
  accessModes: [ReadWriteMany]
  resources:
    requests:
      storage: 32Mi
"""
FILLS = """\
apiVersion: v1
kind: Pod
metadata:
  name: fills
spec:
  restartPolicy: Never
  securityContext: {{runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532}}
  containers:
    - name: aimcore
      image: {image}
      args:
        - download
        - s3://weights/models/custom
        - --to=/weights/kept
        - --name=my-org/custom-model
        - --endpoint={store}
        - --env=AWS_ACCESS_KEY_ID
        - --env=AWS_SECRET_ACCESS_KEY
      envFrom:
        - secretRef:
            name: keys-of-the-store
      volumeMounts:
        - name: weights
          mountPath: /weights
  volumes:
    - name: weights
      persistentVolumeClaim:
        claimName: mine
"""


@pytest.mark.slow
@pytest.mark.rule("CACHE-6")
def test_a_claim_that_somebody_filled_is_looked_at_before_it_is_mounted(desk: Desk, store: Store) -> None:
    """Nobody ever tells the operator of the secret: whoever looks needs none."""
    desk.page.head(
        "A claim that somebody filled",
        "Without `trust` a Job looks for the marker that `aimcore download` leaves. It is not there, and the service is "
        "`CacheFailed`, until a pod fills the\nclaim and `spec.retry` of the cache asks again.",
    )
    (desk.folder / "given.yaml").write_text(f"{MINE}---\n{_stored(desk, store, 'custom')}")
    desk.run("kubectl apply -f given.yaml")
    existing = "    existingClaim: {name: mine, subPath: kept}\n  pod:\n"
    service = SERVICE.format(name="chat", model="custom", mode="Shared").replace("  pod:\n", existing)
    desk.apply("service.yaml", service)
    said = desk.until_word("chat", "Failed", "CacheFailed")
    assert "claim mine, folder kept: there is no marker .aimcore/complete.json" in said, said
    assert "aimcore download s3://weights/models/custom" in said, said
    image = "kubectl get jobs -o jsonpath={.items[0].spec.template.spec.containers[0].image}"
    keys = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys-of-the-store"}, "stringData": KEYS}
    (desk.folder / "keys.yaml").write_text(json.dumps(keys))
    desk.run("kubectl apply -f keys.yaml")
    desk.apply("fills.yaml", FILLS.format(image=desk.run(image).strip(), store=store.url))
    phase = "kubectl get pod fills -o jsonpath={.status.phase}"
    desk.until(lambda: desk.run(phase) == "Succeeded", lambda: desk.run("kubectl logs fills"))
    desk.run(
        """kubectl patch $(kubectl get aimtemplatecaches -o name) --type=merge -p '{"spec": {"retry": "filled"}}'"""
    )
    desk.until_word("chat", "Running", "Running")
    assert digest(FILES) in desk.run(_ask("chat"))
    (claim,) = _listed(desk, "persistentvolumeclaims")
    assert (claim["metadata"]["name"], "ownerReferences" in claim["metadata"]) == ("mine", False)
