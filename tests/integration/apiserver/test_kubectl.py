"""A real kubectl works with the front, and shows what it shows of a real control plane."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.memory.kinds import Address
from tests.integration.apiserver.client import model
from tests.integration.apiserver.conftest import opened
from tests.integration.cluster.control_plane import control_plane
from tests.integration.cluster.programs import kubectl as found_kubectl
from tests.integration.cluster.programs import missing, no_kubectl, require

KUBECTL = found_kubectl()
EXAMPLES = str(Path(__file__).parents[3] / "examples" / "quickstart")
AGE = re.compile(r"\b\d+[smhd](\d+[smh])?\b")


class Kubectl:
    """kubectl with a kubeconfig, and nothing else of this machine."""

    def __init__(self, kubeconfig: Path, home: Path) -> None:
        self._environment = {**os.environ, "KUBECONFIG": str(kubeconfig), "HOME": str(home)}

    def run(self, line: str, given: str = "") -> subprocess.CompletedProcess[str]:
        assert KUBECTL is not None
        return subprocess.run(
            [KUBECTL, *line.split()],
            input=given,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def __call__(self, line: str, given: str = "") -> str:
        done = self.run(line, given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, line: str) -> subprocess.Popen[str]:
        assert KUBECTL is not None
        return subprocess.Popen([KUBECTL, *line.split()], env=self._environment, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def fresh() -> Iterator[ApiServer]:
    require("a real kubectl", no_kubectl)
    with opened() as api_server:
        yield api_server


@pytest.fixture(scope="module")
def kubectl(fresh: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    home = tmp_path_factory.mktemp("kubectl")
    fresh.write_kubeconfig(home / "kubeconfig")
    return Kubectl(home / "kubeconfig", home)


@pytest.fixture(scope="module")
def examples(kubectl: Kubectl) -> Kubectl:
    kubectl(f"apply --server-side -f {EXAMPLES}")
    return kubectl


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, fresh: ApiServer) -> Iterator[Kubectl]:
    del fresh  # where there is no kubectl, there is nothing to compare
    require("a comparison with a real control plane", missing)
    folder = tmp_path_factory.mktemp("control-plane")
    with control_plane(folder) as cluster:
        kubectl = Kubectl(cluster.kubeconfig, folder)
        kubectl(f"apply --server-side -f {EXAMPLES}")
        yield kubectl


def test_all_examples_are_applied_and_applied_again_from_either_side(kubectl: Kubectl) -> None:
    applied = kubectl(f"apply --server-side -f {EXAMPLES}").splitlines()
    assert len(applied) == 29
    assert all(line.endswith(" serverside-applied") for line in applied)
    kubectl(f"apply -f {EXAMPLES}")
    again = kubectl(f"apply -f {EXAMPLES}").splitlines()
    # A secret with plain values is patched each time, as on a real API server: what is applied is never what stands.
    assert {line.split("/")[0] for line in again if not line.endswith(" unchanged")} <= {"secret"}
    assert all("(server dry run)" in line for line in kubectl(f"apply --dry-run=server -f {EXAMPLES}").splitlines())
    assert kubectl.run(f"diff -f {EXAMPLES}").returncode == 0


SHOWN = (
    "get aimmodels -A",
    "get aimclustermodels,aimclusterruntimeconfigs",
    "get aimservices,aimservicetemplates,aimruntimeconfigs -A -o wide",
    "get aim -n ml-team",
    "get aimmdl my-custom-llama -n ml-team -o jsonpath={.spec}",
    "get secrets -n ml-team",
    "get serviceaccounts -n ml-team -o wide",
    "get namespaces",
    "get namespaces --show-labels",
    "get aimmodels -A -o name",
    "get aimmodels -n ml-team -o custom-columns=NAME:.metadata.name,IMAGE:.spec.image",
    "get aimservices -A --sort-by=.metadata.name",
    "get aimmodels -n ml-team -l a=b",
    "get aimmodels -n ml-team --field-selector metadata.name=my-custom-llama",
    "get aimmodel nobody -n ml-team",
    "api-resources --api-group=aim.silogen.ai",
    "explain aimmodel.spec.modelSources",
)


@pytest.mark.parametrize("line", SHOWN)
def test_kubectl_shows_what_it_shows_of_a_real_control_plane(line: str, examples: Kubectl, real: Kubectl) -> None:
    here, there = examples.run(line), real.run(line)
    assert (here.returncode, _ageless(here.stdout)) == (there.returncode, _ageless(there.stdout))
    assert _told(here.stderr) == _told(there.stderr)


def _ageless(text: str) -> list[str]:
    return [" ".join(AGE.sub("AGE", line).split()) for line in text.splitlines()]


def _told(text: str) -> list[str]:
    """Without kubectl's own words on its release and the server's."""
    return [line for line in text.splitlines() if "version difference" not in line]


def test_what_kubectl_shows_after_a_strict_refusal_is_the_same(examples: Kubectl, real: Kubectl) -> None:
    manifest = json.dumps({**model("x", imag="y"), "metadata": {"name": "x", "namespace": "ml-team"}})
    here, there = examples.run("apply -f -", manifest), real.run("apply -f -", manifest)
    assert here.returncode == there.returncode == 1
    assert _told(here.stderr) == _told(there.stderr)


def test_a_watch_of_kubectl_shows_a_change(examples: Kubectl, fresh: ApiServer) -> None:
    watching = examples.start(
        "get aimmodels -n ml-team --field-selector metadata.name=my-custom-llama -w --request-timeout=15s"
    )
    assert watching.stdout is not None
    assert watching.stdout.readline().startswith("NAME")
    assert watching.stdout.readline().startswith("my-custom-llama")
    address = Address("AIMModel", "ml-team", "my-custom-llama")
    with fresh.held() as store:
        store.patch(address, {"status": {"status": "Progressing"}}, manager="test", subresource="status")
    assert watching.stdout.readline().split()[:2] == ["my-custom-llama", "Progressing"]
    watching.terminate()
    watching.wait(10)
    watching.stdout.close()


def test_patches_of_every_kind(examples: Kubectl) -> None:
    llama = "aimmodel llama-with-hardware -n ml-team"
    examples(f'patch {llama} --type=merge -p {{"spec":{{"serviceAccountName":"runner"}}}}')
    assert examples(f"get {llama} -o jsonpath={{.spec.serviceAccountName}}") == "runner"
    examples(f'patch {llama} --type=json -p [{{"op":"remove","path":"/spec/serviceAccountName"}}]')
    assert examples(f"get {llama} -o jsonpath={{.spec.serviceAccountName}}") == ""
    examples('patch sa aim-runtime -n ml-team -p {"secrets":[{"name":"more"}]}')
    examples(f"label {llama} a=b")
    examples(f"annotate {llama} c=d")
    assert examples("get aimmodels -n ml-team -l a=b -o name") == "aimmodel.aim.silogen.ai/llama-with-hardware\n"


def test_waiting_for_a_status(examples: Kubectl) -> None:
    llama = "aimmodel/llama-with-templates -n ml-team"
    waiting = examples.start(f"wait {llama} --for=jsonpath={{.status.status}}=Ready --timeout=20s")
    time.sleep(0.5)
    examples(f'patch {llama} --subresource=status --type=merge -p {{"status":{{"status":"Ready"}}}}')
    out, _ = waiting.communicate(timeout=30)
    assert out == "aimmodel.aim.silogen.ai/llama-with-templates condition met\n"


def test_edit_changes_what_the_editor_changed(examples: Kubectl) -> None:
    examples._environment["EDITOR"] = "sed -i s/:latest/:other/"
    examples("edit aimmodel my-custom-llama -n ml-team")
    assert examples("get aimmdl my-custom-llama -n ml-team -o jsonpath={.spec.image}").endswith(":other")


def test_what_kubectl_makes_by_itself(examples: Kubectl) -> None:
    examples("create namespace made")
    examples("create configmap settings -n made --from-literal=a=b")
    examples("create secret generic hub -n made --from-literal=token=hf_x")
    examples("create secret docker-registry pull -n made --docker-server=r --docker-username=u --docker-password=p")
    examples("create serviceaccount runner -n made")
    assert examples("get cm settings -n made -o jsonpath={.data}") == '{"a":"b"}'
    assert examples("get secret hub -n made -o jsonpath={.data.token}") == "aGZfeA=="
    assert examples("get secret pull -n made -o jsonpath={.type}") == "kubernetes.io/dockerconfigjson"
    assert examples.run("create serviceaccount runner -n made").stderr.endswith(
        'serviceaccounts "runner" already exists\n'
    )
    assert examples("delete namespace made --timeout=20s").startswith('namespace "made" deleted')
    assert examples.run("get namespace made").returncode == 1


def test_describe_tells_of_events(examples: Kubectl, fresh: ApiServer) -> None:
    uid = examples("get aimmdl proprietary-model -n ml-team -o jsonpath={.metadata.uid}")
    about = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMModel", "namespace": "ml-team"}
    with fresh.held() as store:
        store.create(
            {
                "apiVersion": "events.k8s.io/v1",
                "kind": "Event",
                "metadata": {"name": "told", "namespace": "ml-team"},
                "regarding": {**about, "name": "proprietary-model", "uid": uid},
                "reason": "InspectionFailed",
                "note": "the registry wants a pull secret",
                "type": "Warning",
                "eventTime": "2026-01-01T00:00:00.000000Z",
                "reportingController": "aim-operator",
            },
            manager="aim-operator",
        )
    described = examples("describe aimmodel proprietary-model -n ml-team")
    assert "InspectionFailed" in described
    assert "the registry wants a pull secret" in described
    assert "aimmodel/proprietary-model" in examples("get events -n ml-team")


def test_deleting_and_waiting_until_it_is_gone(examples: Kubectl) -> None:
    assert "deleted" in examples("delete aimservice chat -n ml-team --timeout=20s")
    metadata = {"name": "held", "namespace": "ml-team", "finalizers": ["test.aim/hold"]}
    held = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    examples("apply -f -", held)
    assert examples.run("delete cm held -n ml-team --timeout=1s").returncode == 1
    examples('patch cm held -n ml-team --type=merge -p {"metadata":{"finalizers":null}}')
    assert examples.run("get cm held -n ml-team").returncode == 1
    examples("delete aimservices --all -n research --timeout=20s")
    assert examples("get aimservices -n research -o name") == ""
