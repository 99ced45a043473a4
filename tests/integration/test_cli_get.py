"""`aimcore get`: which things, in which form, and what changes of them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
import yaml
from click.testing import CliRunner, Result

from aimcore.adapters.kubernetes.store import ReadWarning
from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.memory.kinds import Address
from aimcore.adapters.schemas import definitions
from aimcore.entrypoints.cli.commands import aimcore
from aimcore.entrypoints.wiring import live
from aimcore.entrypoints.wiring.live import LOOK_AGAIN
from aimcore.ports.errors import AccessDenied, Expired, Unavailable
from tests.integration.cluster.driver import MemoryCluster

API = "aim.silogen.ai/v1alpha1"


def thing(kind: str, name: str, spec: dict[str, Any], word: str = "", **labels: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "labels": labels}
    if not kind.startswith("AIMCluster"):
        metadata["namespace"] = "ml"
    status = {"status": {"status": word, "conditions": []}} if word else {}
    return {"apiVersion": API, "kind": kind, "metadata": metadata, "spec": spec, **status}


SOURCES = [{"modelId": "a/b", "sourceUri": "hf://a/b"}]
STANDS = [
    thing("AIMModel", "llama", {"image": "acme/llama:1"}, "Ready", team="ml"),
    thing("AIMModel", "custom", {"modelSources": SOURCES, "custom": {"hardware": {"gpu": {"requests": 1}}}}, "Failed"),
    thing("AIMClusterModel", "far", {"image": "acme/far:1"}, "Ready"),
    thing("AIMService", "chat", {"model": {"ref": "llama"}}, "Starting", team="ml"),
    thing("AIMRuntimeConfig", "default", {}),
]


@contextmanager
def standing(path: Path) -> Iterator[ApiServer]:
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as server:
        with server.held() as store:
            store.load(STANDS)
        server.write_kubeconfig(path)
        yield server


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("get") / "kubeconfig"
    with standing(path):
        yield str(path)


def get(kubeconfig: str, *words: str, **environment: str) -> Result:
    where = [] if "-A" in words else ["-n", "ml"]
    surroundings = {"COLUMNS": "80", **environment}
    return CliRunner(env=surroundings).invoke(aimcore, ["get", *words, *where, "--kubeconfig", kubeconfig])


def names(kubeconfig: str, *words: str) -> list[str]:
    ran = get(kubeconfig, *words, "-o", "name")
    assert ran.exit_code == 0, ran.output
    return [line.partition("/")[2] for line in ran.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "there"),
    [
        pytest.param([], {"llama", "custom", "far", "chat", "default"}, id="everything"),
        pytest.param(["all"], {"llama", "custom", "far", "chat", "default"}, id="all"),
        pytest.param(["models"], {"llama", "custom", "far"}, id="a kind, near and far"),
        pytest.param(["aimclmdl"], {"far"}, id="the cluster's alone"),
        pytest.param(["aimmdl,aimsvc"], {"llama", "custom", "far", "chat"}, id="several kinds"),
        pytest.param(["aimservices.aim.silogen.ai"], {"chat"}, id="a kind with its group"),
        pytest.param(["runtimeconfigs"], {"default"}, id="configurations"),
        pytest.param(["model", "llama", "far"], {"llama", "far"}, id="names"),
        pytest.param(["model/llama", "service/chat"], {"llama", "chat"}, id="of several kinds"),
        pytest.param(["-l", "team=ml"], {"llama", "chat"}, id="labels"),
        pytest.param(["models", "-l", "team!=ml"], {"custom", "far"}, id="labels that are not"),
    ],
)
def test_what_is_asked_for_is_listed(kubeconfig: str, words: list[str], there: set[str]) -> None:
    assert set(names(kubeconfig, *words)) == there


def test_what_was_named_and_is_not_there_is_an_error(kubeconfig: str) -> None:
    ran = get(kubeconfig, "model", "llama", "none")
    assert ran.exit_code == 1
    assert "llama" in ran.stdout
    assert "model 'none' is not there in namespace ml; there is " in ran.stderr
    assert "AIMModel ml/llama" in get(kubeconfig, "model", "lama").stderr


def test_labels_that_nothing_has_are_named(kubeconfig: str) -> None:
    assert "no AIM objects with labels team=none in any namespace" in get(kubeconfig, "-A", "-l", "team=none").stderr


def test_a_form_that_is_none_is_answered_with_all_there_are(kubeconfig: str) -> None:
    assert "'nam' is not one of 'table'" in get(kubeconfig, "-o", "nam").stderr
    assert "or jsonpath=TEMPLATE" in get(kubeconfig, "-o", "nam").stderr


@pytest.mark.parametrize("words", [["servces"], ["models,servces"], ["servces/chat"]])
def test_a_type_that_is_none_is_answered_with_the_nearest(kubeconfig: str, words: list[str]) -> None:
    ran = get(kubeconfig, *words)
    assert ran.exit_code == 2
    assert "unknown type 'servces'; did you mean 'services'?" in ran.stderr


@pytest.mark.parametrize("words", [["nodes"], ["models,Nodes"], ["no"], ["deployments.apps"], ["node/gpu-1"]])
def test_a_type_of_kubernetes_is_answered_with_the_types_there_are(kubeconfig: str, words: list[str]) -> None:
    said = words[0].partition(",")[2] or words[0].partition("/")[0]
    ran = get(kubeconfig, *words)
    assert ran.exit_code == 2
    expected = "expected models, templates, runtimeconfigs, services, caches or all; kubectl shows the others"
    assert f"type '{said}' is one of Kubernetes, not of AIM; {expected}" in ran.stderr


def test_a_type_that_nobody_has_is_answered_with_the_types_there_are(kubeconfig: str) -> None:
    assert "unknown type 'widgets'; expected models, templates, " in get(kubeconfig, "widgets").stderr


def test_half_a_name_is_refused(kubeconfig: str) -> None:
    assert "expected TYPE/NAME" in get(kubeconfig, "model/llama", "chat").stderr


# Forms ------------------------------------------------------------------------------------------------------------------


def test_a_table_has_ages_and_the_image_that_a_model_runs_in(kubeconfig: str) -> None:
    lines = get(kubeconfig, "models", AIM_BASE_IMAGE="registry.example.com/base:1").stdout.splitlines()
    assert lines[0] == "Models"
    assert any(line.startswith("Ready   ml/llama  ") and line.endswith("s") for line in lines)
    assert "        registry.example.com/base:1 (base image)" in lines


def test_columns_are_one_line_each_and_never_wrapped(kubeconfig: str) -> None:
    head, *rows = get(kubeconfig, "models,services", "-o", "wide").stdout.splitlines()
    assert head.split() == ["KIND", "NAMESPACE", "NAME", "STATUS", "AGE", "ABOUT", "REASON"]
    cells = {row.split()[2]: row.split()[:4] for row in rows}
    assert cells["far"] == ["AIMClusterModel", "<none>", "far", "Ready"]
    assert cells["chat"] == ["AIMService", "ml", "chat", "Starting"]
    assert len({row.index("Ready") for row in rows if "Ready" in row}) == 1


def test_programs_get_a_list_and_of_one_name_the_thing(kubeconfig: str) -> None:
    items = json.loads(get(kubeconfig, "models", "-o", "json").stdout)["items"]
    assert {item["name"] for item in items} == {"llama", "custom", "far"}
    assert all(item["created"] for item in items)
    assert json.loads(get(kubeconfig, "service", "chat", "-o", "json").stdout)["status"] == "Starting"
    assert yaml.safe_load(get(kubeconfig, "service/chat", "-o", "yaml").stdout)["name"] == "chat"


def test_a_jsonpath_is_filled_from_the_same(kubeconfig: str) -> None:
    assert get(kubeconfig, "service", "chat", "-o", "jsonpath={.status}").stdout == "Starting"
    said = get(kubeconfig, "models", "-o", "jsonpath={range .items[*]}{.name}={.status}{'\\n'}{end}").stdout
    assert set(said.splitlines()) == {"llama=Ready", "custom=Failed", "far=Ready"}
    wrong = get(kubeconfig, "models", "-o", "jsonpath={.items[}")
    assert (wrong.exit_code, "jsonpath" in wrong.stderr) == (2, True)


def test_a_form_that_is_none_is_refused(kubeconfig: str) -> None:
    assert get(kubeconfig, "models", "-o", "csv").exit_code == 2


# Watching ---------------------------------------------------------------------------------------------------------------


@contextmanager
def watching(tmp_path: Path, *words: str) -> Iterator[tuple[ApiServer, IO[str]]]:
    """A cluster, and what `get -w` prints of it, until Ctrl-C, after which it prints nothing."""
    path = tmp_path / "kubeconfig"
    command = [str(Path(sys.executable).parent / "aimcore"), "get", *words, "-n", "ml", "-w"]
    with (
        standing(path) as server,
        subprocess.Popen([*command, "--kubeconfig", str(path)], stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            yield server, process.stdout
        finally:
            process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""
        assert process.wait(timeout=30) == 130


CHAT = Address("AIMService", "ml", "chat")


def says(server: ApiServer, word: str) -> None:
    with server.held() as store:
        store.patch(CHAT, {"status": {"status": word}}, manager="test", subresource="status")


@pytest.mark.parametrize("form", ["table", "json"])
def test_each_change_is_a_line(tmp_path: Path, form: str) -> None:
    with watching(tmp_path, "service", "chat", "-o", form) as (server, printed):
        lines = [printed.readline()]
        says(server, "Running")
        lines.append(printed.readline())
        with server.held() as store:
            store.delete(CHAT)
        lines.append(printed.readline())
    words = [json.loads(line)["status"] if form == "json" else line.split()[0] for line in lines]
    assert words == ["Starting", "Running", "Deleted"]


def test_changes_are_told_when_they_come_and_new_things_with_their_age(tmp_path: Path) -> None:
    with watching(tmp_path, "services,models", "-l", "team=ml") as (server, printed):
        assert {printed.readline().split()[0] for _ in range(2)} == {"Ready", "Starting"}
        began = time.monotonic()
        for number in range(8):
            word = ("Running", "Degraded")[number % 2]
            says(server, word)
            assert printed.readline().split()[0] == word
        assert time.monotonic() - began < 8 * LOOK_AGAIN / 2, "it was told by the server, and not looked for"
        with server.held() as store:
            store.create(thing("AIMService", "new", {"model": {"ref": "llama"}}, team="ml"), manager="test")
            store.create(thing("AIMService", "other", {"model": {"ref": "llama"}}, team="other"), manager="test")
        assert printed.readline().split()[-3:] == ["0s", "AIMService", "ml/new"]
        with server.held() as store:
            store.patch(CHAT, {"metadata": {"labels": {"team": "other"}}}, manager="test")
        assert printed.readline().split()[0] == "Deleted"


def test_who_may_not_watch_or_gets_no_answer_is_told_to_look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_AGAIN", 0.01)
    troubled, denied = live.Followed(), live.Followed()
    troubled.report(ReadWarning("aimservices", Unavailable("no answer")))
    assert troubled.wait() is None
    denied.report(ReadWarning("aimservices", AccessDenied("cannot watch")))
    denied.report(ReadWarning("aimservices", Expired("too old")))
    assert [denied.wait(), denied.wait()] == [None, None]
