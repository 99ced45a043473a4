"""The commands that look at a cluster where services run: lists, trees, explanations, differences and logs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from aimcore.adapters.kubernetes.connection import connect
from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.schemas import definitions
from aimcore.entrypoints.cli.commands import aimcore
from aimcore.entrypoints.wiring.world import LAST_APPLIED, fixed_uid
from tests.integration.cluster.driver import MemoryCluster
from tests.integration.test_cli_workloads import WORLD

STANDS = dedent(WORLD).rpartition("---\n")[0]
"""The model and the service; secrets are not read from a cluster."""


def run(*words: str, text: str = "") -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, words, input=text, prog_name="aimcore")


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster on which everything stands that a plan of these manifests ends with, pods included."""
    planned = json.loads(run("plan", "-", "-o", "json", text=STANDS).stdout)["objects"]
    path = tmp_path_factory.mktemp("live") / "kubeconfig"
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as server:
        for one in planned:
            if one["kind"] == "AIMService":  # as kubectl apply leaves it
                one["metadata"]["annotations"] = {LAST_APPLIED: "{}"}
        with server.held() as store:
            setattr(store, "_uid", fixed_uid)  # noqa: B010 - those of the plan, which its statuses speak of
            store.load(planned)
        server.write_kubeconfig(path)
        yield str(path)


def on(kubeconfig: str, *words: str, text: str = "") -> Result:
    return run(*words, "-n", "ml", "--kubeconfig", kubeconfig, text=text)


def data(kubeconfig: str, *words: str, text: str = "") -> dict[str, Any]:
    ran = on(kubeconfig, *words, "-o", "json", text=text)
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_a_list_tells_how_many_pods_are_ready(kubeconfig: str) -> None:
    assert "1/1 pods ready, runs llama-1x-mi300x-lat-fp8-" in on(kubeconfig, "get", "services").stdout
    [service] = data(kubeconfig, "get", "services")["items"]
    assert service["ready"] == "1/1"


def test_below_a_service_is_what_runs_it(kubeconfig: str) -> None:
    below = data(kubeconfig, "tree", "service/chat")["below"]
    kinds = {one["kind"]: one for one in below}
    assert {"Deployment", "Service"} <= kinds.keys()
    [pod] = kinds["Deployment"]["below"]
    assert (pod["kind"], pod["status"]) == ("Pod", "Ready")
    said = on(kubeconfig, "tree", "service/chat").stdout
    assert "Deployment ml/aim-chat" in said
    assert "Ready  Pod ml/aim-chat-" in said


@pytest.mark.rule("RUN-16")
def test_on_a_cluster_the_template_is_the_one_that_the_pods_were_made_from(kubeconfig: str) -> None:
    told = data(kubeconfig, "explain", "service/chat")
    assert told["rollout"]["action"] == "Keep"
    assert "RUN-16" in {step["rule"] for step in told["trace"]}
    assert told["pod"]["image"] == "ghcr.io/example/my-model:v1.0.0"


def test_what_stands_and_runs_already_makes_no_difference(kubeconfig: str) -> None:
    ran = on(kubeconfig, "diff", "-", text=STANDS)
    assert (ran.exit_code, ran.stdout) == (0, "")


def test_neither_a_dump_of_the_cluster_nor_what_kubectl_apply_remembers_is_a_difference(kubeconfig: str) -> None:
    kinds = ("aimmodels", "aimservices", "deployments", "services")
    paths = [f"/apis/aim.silogen.ai/v1alpha1/namespaces/ml/{kind}" for kind in kinds[:2]]
    paths += ["/apis/apps/v1/namespaces/ml/deployments", "/api/v1/namespaces/ml/services"]
    dumped = [one for path in paths for one in items(kubeconfig, path)]
    for one in dumped:
        one["metadata"]["annotations"] = {**one["metadata"].get("annotations", {}), LAST_APPLIED: "{}"}
    ran = on(kubeconfig, "diff", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": dumped}))
    assert (ran.exit_code, ran.stdout) == (0, "")


def items(kubeconfig: str, path: str) -> list[dict[str, Any]]:
    """Everything of a kind, as kubectl get -o json prints it."""
    listed = connect(kubeconfig=kubeconfig).send("GET", path)
    head = {"apiVersion": listed["apiVersion"], "kind": listed["kind"].removesuffix("List")}
    return [{**head, **one} for one in listed["items"]]


@pytest.mark.rule("RUN-12")
def test_a_difference_tells_whose_pods_are_made_anew_and_why(kubeconfig: str) -> None:
    changed = STANDS.replace("value: debug", "value: trace")
    told = data(kubeconfig, "diff", "-", text=changed)
    [deployment] = [one for one in told["changed"] if one["kind"] == "Deployment"]
    assert deployment["rolls"] == "the service changed"
    said = on(kubeconfig, "diff", "-", text=changed).stdout
    assert "its pods are made anew: the service changed" in said
    assert "the pods of 1 service would be made anew" in said


@pytest.mark.rule("STAT-2")
def test_a_difference_tells_the_word_that_a_service_ends_with(kubeconfig: str) -> None:
    other = STANDS.replace("ref: llama", "ref: none")
    said = on(kubeconfig, "diff", "-", text=other).stdout
    assert "Running -> Degraded: ModelMissing" in said  # the pods that run go on
    assert "status." not in said
    assert "status.conditions" in on(kubeconfig, "diff", "-", "--status", text=other).stdout
    new = STANDS.replace("name: chat", "name: talk").replace("ref: llama", "ref: none")
    assert "Failed: ModelMissing" in on(kubeconfig, "diff", "-", text=new).stdout


# Where it is looked ------------------------------------------------------------------------------------------------------


def of_context(kubeconfig: str, namespace: str, tmp_path: Path) -> str:
    """The kubeconfig with that namespace in its current context."""
    config = yaml.safe_load(Path(kubeconfig).read_text(encoding="utf-8"))
    for context in config["contexts"]:
        context["context"]["namespace"] = namespace
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_the_namespace_of_the_context_is_looked_at(kubeconfig: str, tmp_path: Path) -> None:
    config = of_context(kubeconfig, "ml", tmp_path)
    assert run("get", "services", "-o", "name", "--kubeconfig", config).stdout == "aimservice.aim.silogen.ai/chat\n"
    assert run("tree", "service/chat", "--kubeconfig", config).exit_code == 0
    assert run("explain", "service", "chat", "--kubeconfig", config).exit_code == 0
    placeless = STANDS.replace("  namespace: ml\n", "").replace(", namespace: ml", "")
    assert "namespace" not in placeless
    assert (run("diff", "-", "--kubeconfig", config, text=placeless).exit_code) == 0
    assert (run("diff", "-", "--kubeconfig", kubeconfig, text=placeless).exit_code) == 1
    nothing = run("get", "services", "--kubeconfig", kubeconfig)
    assert "note: no services in namespace default" in nothing.stderr


def test_an_unknown_type_is_answered_with_the_nearest(kubeconfig: str) -> None:
    assert "unknown type 'servces'; did you mean 'services'?" in on(kubeconfig, "get", "servces").stderr
    for command in ("tree", "explain", "logs"):
        assert "unknown type 'servce'; did you mean 'service'?" in on(kubeconfig, command, "servce/chat").stderr


def test_a_thing_is_named_as_kubectl_has_it(kubeconfig: str) -> None:
    for command in ("tree", "explain"):
        named = (["service/chat"], ["aimsvc", "chat"], ["aimservices/chat"])
        told = {on(kubeconfig, command, *words).stdout for words in named}
        assert len(told) == 1
        assert "chat" in told.pop()
    assert "one thing at a time" in on(kubeconfig, "tree", "service", "chat", "other").stderr


def test_without_manifests_the_cluster_of_the_context_is_explained(kubeconfig: str, tmp_path: Path) -> None:
    config = of_context(kubeconfig, "ml", tmp_path)
    words = [str(Path(sys.executable).parent / "aimcore"), "explain", "service/chat", "-o", "json"]

    def ran(file: str) -> subprocess.CompletedProcess[str]:
        surroundings = {**os.environ, "KUBECONFIG": file}
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, env=surroundings)

    assert json.loads(ran(config).stdout)["rollout"]["action"] == "Keep"
    nowhere = ran(str(tmp_path / "none"))
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "no manifests: name a file" in nowhere.stderr
    assert "or a kubeconfig that leads to a cluster" in nowhere.stderr


def test_a_context_that_is_not_there_is_answered_with_those_that_are(kubeconfig: str) -> None:
    ran = run("get", "--kubeconfig", kubeconfig, "--context", "staging")
    assert ran.exit_code == 1
    assert "has no context 'staging'; it has " in ran.stderr


def test_templates_are_explained_and_have_a_tree(kubeconfig: str) -> None:
    [name] = [one["name"] for one in data(kubeconfig, "get", "templates")["items"] if "lat" in one["name"]]
    told = data(kubeconfig, "explain", "template", name)
    assert (told["template"]["name"], told["usedBy"][0]["name"]) == (name, "chat")
    assert told["hardware"]["nodes"]
    said = on(kubeconfig, "explain", f"aimtpl/{name}").stdout
    assert {"Template", "Model", "Hardware", "Conditions", "Used by"} <= set(said.splitlines())
    assert [one["name"] for one in data(kubeconfig, "tree", f"template/{name}")["below"]] == ["chat"]


def test_what_is_not_there_is_said_with_where_it_was_looked_for(kubeconfig: str) -> None:
    ran = run("tree", "service/chat", "-n", "other", "--kubeconfig", kubeconfig)
    assert ran.exit_code == 1
    assert "service 'chat' is not there; there are no services in namespace other" in ran.stderr


def test_notes_may_be_left_out(kubeconfig: str) -> None:
    assert "note:" not in run("get", "services", "-q", "--kubeconfig", kubeconfig).stderr
    assert on(kubeconfig, "tree", "service/chat", "-q").exit_code == 0


# Logs -------------------------------------------------------------------------------------------------------------------


PART_OF_LOG = (
    "2026-01-01T00:00:01.000000000Z one\n2026-01-01T00:00:02.000000000Z two\n",
    "2026-01-01T00:00:02.000000000Z two\n2026-01-01T00:00:03.000000000Z \x1b[2Jthree\n",
)
"""Before and after an answer broke off; the server begins anew with a line that was told."""


class Kubelet(BaseHTTPRequestHandler):
    """Answers for two pods, one of which has nothing to read."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.endswith("/pods"):
            names = ("aim-chat-1", "aim-chat-2") if "chat" in query else ()
            items = [{"metadata": {"name": name, "namespace": "ml"}} for name in names]
            self._answer(200, json.dumps({"metadata": {"resourceVersion": "1"}, "items": items}))
        elif path.endswith("/aimservices"):
            services: list[dict[str, Any]] = [
                {
                    "metadata": {"name": name, "namespace": "ml", "uid": name, "resourceVersion": "1"},
                    "spec": {"model": {"ref": "llama"}},
                }
                for name in ("chat", "idle")
            ]
            self._answer(200, json.dumps({"metadata": {"resourceVersion": "1"}, "items": services}))
        elif "aim-chat-1" in path and "follow=true" in query:
            self._answer(200, PART_OF_LOG["sinceTime" in query])
        elif "aim-chat-1" in path and "tailLines=5" in query and "limitBytes=" in query:
            self._answer(200, "loaded\n\x1b[2Jready\n")
        else:
            self._answer(400, json.dumps({"kind": "Status", "reason": "BadRequest", "message": "is waiting to start"}))

    def _answer(self, code: int, text: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def pods(tmp_path: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Kubelet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "x",
            "clusters": [{"name": "x", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
            "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
            "users": [{"name": "x", "user": {}}],
        }
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(config))
        yield str(path)
        server.shutdown()


def test_logs_are_those_of_every_pod_and_reach_no_terminal_unescaped(pods: str) -> None:
    for words in (["chat"], ["service", "chat"], ["aimsvc/chat"]):
        assert on(pods, "logs", *words, "--tail", "5").stdout
    ran = on(pods, "logs", "service/chat", "--tail", "5")
    assert ran.stdout.splitlines() == ["aim-chat-1: loaded", "aim-chat-1: \\x1b[2Jready"]
    assert "note: the log of pod aim-chat-2 cannot be read" in ran.stderr
    assert ran.exit_code == 0


def test_logs_are_followed_and_no_line_is_told_twice(pods: str) -> None:
    command = [str(Path(sys.executable).parent / "aimcore"), "logs", "chat", "-f", "-n", "ml", "--kubeconfig", pods]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        told = [following.stdout.readline().strip() for _ in range(3)]
        following.send_signal(signal.SIGINT)
        rest = following.stdout.read()
        assert following.wait(timeout=30) == 130
    assert told == ["aim-chat-1: one", "aim-chat-1: two", "aim-chat-1: \\x1b[2Jthree"]
    assert rest == ""


def test_a_service_without_pods_has_no_logs(pods: str) -> None:
    ran = on(pods, "logs", "service/idle")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "service idle has no pods in namespace ml" in ran.stderr


def test_a_service_that_is_not_there_has_no_logs_either(pods: str) -> None:
    ran = on(pods, "logs", "service/idel")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "service 'idel' is not there in namespace ml; there is AIMService ml/idle" in ran.stderr


def test_where_no_log_can_be_read_it_could_not_be_done(pods: str) -> None:
    ran = on(pods, "logs", "service/chat")
    assert ran.exit_code == 1
    assert "none of the logs of service chat can be read" in ran.stderr


def test_only_services_have_logs(pods: str) -> None:
    ran = on(pods, "logs", "model/llama")
    assert ran.exit_code == 2
    assert "only services have pods" in ran.stderr
