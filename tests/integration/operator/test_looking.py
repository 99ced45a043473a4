"""Commands that look at a cluster: they tell what the operator told, and change nothing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cluster.driver import RealCluster
from tests.integration.operator.conftest import AIMCORE, Site
from tests.integration.operator.test_killed import METADATA, live

HOME = "looked-at"


def aimcore(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(AIMCORE), *words, "--kubeconfig", str(site.cluster.kubeconfig)]
    wide = {**os.environ, "COLUMNS": "80"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=wide)


@pytest.fixture(scope="module")
def settled(site: Site) -> Site:
    put = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    site.cluster.create(put, manager="kubectl")
    for kind, name, spec in (
        ("AIMModel", "chat", {"image": "acme/chat:1", "imageMetadata": METADATA}),
        ("AIMService", "talk", {"model": {"ref": "chat"}}),
    ):
        metadata = {"name": name, "namespace": HOME}
        manifest = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
        site.cluster.create(manifest, manager="kubectl")
    with site.operator():
        site.until(lambda: "runtime" in live(site, "AIMService", HOME)[0].get("status", {}))  # the last that is written
    return site


@pytest.mark.rule("SEL-3")
def test_a_service_is_explained_as_its_status_has_it(settled: Site) -> None:
    before = live(settled, "AIMService", HOME)
    told = aimcore(settled, "explain", "service/talk", "-n", HOME, "-o", "json")
    assert (told.returncode, told.stderr) == (0, "")
    explained, [service] = json.loads(told.stdout), live(settled, "AIMService", HOME)
    assert explained["template"]["chosen"] == service["status"]["resolvedTemplate"]["name"]
    assert before == (service,)


def test_what_is_not_there_is_said_with_what_is(settled: Site) -> None:
    told = aimcore(settled, "explain", "service/tlk", "-n", HOME)
    assert told.returncode == 1
    assert "AIMService looked-at/talk" in told.stderr


def test_manifests_and_a_cluster_exclude_each_other(settled: Site, tmp_path: Path) -> None:
    told = aimcore(settled, "explain", "service/talk", "-f", str(tmp_path))
    assert told.returncode == 2
    assert "manifests and a cluster exclude each other" in told.stderr


def test_who_may_read_nothing_is_told_so(real: RealCluster) -> None:
    command = [str(AIMCORE), "explain", "service/talk", "--kubeconfig", str(real.kubeconfig), "--context", "guest"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert "forbidden" in told.stderr


def listed(site: Site, *words: str) -> list[dict[str, Any]]:
    told = aimcore(site, "get", *words, "-o", "json")
    assert (told.returncode, told.stderr) == (0, "")
    items: list[dict[str, Any]] = json.loads(told.stdout)["items"]
    return items


def test_what_stands_is_listed_with_the_word_of_its_status(settled: Site) -> None:
    items = listed(settled, "all", "-n", HOME)
    stands = {
        (each["kind"], each["metadata"]["name"]): (each["metadata"]["uid"], each["status"]["status"])
        for kind in ("AIMModel", "AIMServiceTemplate", "AIMService")
        for each in live(settled, kind, HOME)
    }
    seen = {(each["kind"], each["name"]): (each["uid"], each["status"]) for each in items if each["namespace"] == HOME}
    assert seen == stands
    assert {kind for kind, _ in stands} == {"AIMModel", "AIMServiceTemplate", "AIMService"}


def test_a_kind_of_all_namespaces_is_listed_alone(settled: Site) -> None:
    items = listed(settled, "services", "-A")
    assert {each["kind"] for each in items} == {"AIMService"}
    assert (HOME, "talk") in {(each["namespace"], each["name"]) for each in items}


def test_names_are_those_that_kubectl_takes(settled: Site) -> None:
    told = aimcore(settled, "get", "models", "-n", HOME, "-o", "name")
    assert "aimmodel.aim.silogen.ai/chat" in told.stdout.splitlines()


def test_a_list_for_people_fits_eighty_columns(settled: Site) -> None:
    told = aimcore(settled, "get", "-n", HOME)
    titles = [line for line in told.stdout.splitlines() if line in {"Models", "Templates", "Services"}]
    assert titles == ["Models", "Templates", "Services"]
    assert max(map(len, told.stdout.splitlines())) <= 80


def test_an_empty_namespace_is_said_to_be_empty(settled: Site) -> None:
    told = aimcore(settled, "get", "services", "-n", "no-such-namespace")
    assert (told.returncode, told.stdout) == (0, "")
    assert "no services in namespace no-such-namespace" in told.stderr
    assert listed(settled, "services", "-n", HOME) != []


def test_what_is_no_kind_is_refused(settled: Site) -> None:
    told = aimcore(settled, "get", "pods")
    assert told.returncode == 2
    assert "expected models, templates, runtimeconfigs, services, caches or all" in told.stderr


def test_below_a_model_are_its_templates_and_what_runs_them(settled: Site) -> None:
    told = aimcore(settled, "tree", "model/chat", "-n", HOME, "-o", "json")
    assert (told.returncode, told.stderr) == (0, "")
    [service] = live(settled, "AIMService", HOME)
    below = {each["name"]: [one["name"] for one in each["below"]] for each in json.loads(told.stdout)["below"]}
    assert set(below) == {each["metadata"]["name"] for each in live(settled, "AIMServiceTemplate", HOME)}
    assert {name for name, runs in below.items() if runs} == {service["status"]["resolvedTemplate"]["name"]}


def test_below_a_service_are_its_model_and_its_template(settled: Site) -> None:
    told = aimcore(settled, "tree", "service/talk", "-n", HOME)
    [service] = live(settled, "AIMService", HOME)
    first, *rest = told.stdout.splitlines()
    assert first == "AIMService"
    assert f"{HOME}/talk" in rest[0]
    assert f"{HOME}/chat" in told.stdout
    assert service["status"]["resolvedTemplate"]["name"] in told.stdout


def test_a_tree_of_what_is_not_there_says_what_is(settled: Site) -> None:
    told = aimcore(settled, "tree", "model/chta", "-n", HOME)
    assert told.returncode == 1
    assert "AIMModel looked-at/chat" in told.stderr


# diff -------------------------------------------------------------------------------------------------------------------


def manifest(folder: Path, kind: str, name: str, spec: dict[str, Any], namespace: str = HOME) -> str:
    metadata = {"name": name, "namespace": namespace}
    file = folder / f"{name}.json"
    group = "v1" if kind == "Secret" else "aim.silogen.ai/v1alpha1"
    said = spec if kind == "Secret" else {"spec": spec}
    file.write_text(json.dumps({"apiVersion": group, "kind": kind, "metadata": metadata, **said}))
    return str(file)


def differs(site: Site, *words: str) -> dict[str, Any]:
    told = aimcore(site, "diff", *words, "-o", "json")
    assert told.returncode == 1, told.stderr
    data: dict[str, Any] = json.loads(told.stdout)
    return data


CHAT = {"image": "acme/chat:1", "imageMetadata": METADATA}


def test_what_stands_already_makes_no_difference(settled: Site, tmp_path: Path) -> None:
    told = aimcore(settled, "diff", "-f", manifest(tmp_path, "AIMModel", "chat", CHAT))
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_a_difference_is_what_the_operator_then_makes_of_it(settled: Site, tmp_path: Path) -> None:
    spec = {"model": {"ref": "chat"}}
    before = (live(settled, "AIMService", HOME), live(settled, "AIMServiceTemplate", HOME))
    created = differs(settled, "-f", manifest(tmp_path, "AIMService", "talk-more", spec))["created"]
    assert [one["kind"] for one in created] == ["AIMService", "Deployment", "Service"]
    told = created[0]
    assert before == (live(settled, "AIMService", HOME), live(settled, "AIMServiceTemplate", HOME))
    assert told["metadata"]["name"] == "talk-more"
    [talk] = before[0]
    assert told["status"]["resolvedTemplate"] == talk["status"]["resolvedTemplate"]
    assert told["status"]["resolvedModel"] == talk["status"]["resolvedModel"]


def test_fewer_deployments_take_templates_away_and_say_what_changes(settled: Site, tmp_path: Path) -> None:
    [first, *_] = METADATA["model"]["recommendedDeployments"]
    fewer = {
        "image": "acme/chat:1",
        "imageMetadata": {"model": {**METADATA["model"], "recommendedDeployments": [first]}},
    }
    file = manifest(tmp_path, "AIMModel", "chat", fewer)
    told = differs(settled, "-f", file)
    names = {one["metadata"]["name"] for one in live(settled, "AIMServiceTemplate", HOME)}
    assert {(one["kind"], one["namespace"]) for one in told["deleted"]} == {("AIMServiceTemplate", HOME)}
    assert {one["name"] for one in told["deleted"]} < names
    [model] = [one for one in told["changed"] if one["kind"] == "AIMModel"]
    [field] = [one for one in model["fields"] if one["path"] == "spec.imageMetadata.model.recommendedDeployments"]
    assert field["after"] == [first]
    seen = aimcore(settled, "diff", "-f", file)
    assert seen.returncode == 1
    titles = [line for line in seen.stdout.splitlines() if line in {"Created", "Changed", "Deleted"}]
    assert titles == ["Changed", "Deleted"]
    assert max(map(len, seen.stdout.splitlines())) <= 80


def test_what_would_not_be_taken_is_told_and_ends_with_two(settled: Site, tmp_path: Path) -> None:
    told = aimcore(settled, "diff", "-f", manifest(tmp_path, "AIMModel", "stray", CHAT, namespace="no-such-namespace"))
    assert told.returncode == 2
    assert "AIMModel no-such-namespace/stray would not be taken" in told.stderr
    wrong = aimcore(settled, "diff", "-f", manifest(tmp_path, "AIMModel", "wrong", {"image": 7}))
    assert wrong.returncode == 2
    assert "$.spec.image" in wrong.stderr


def test_secrets_are_not_compared_and_it_is_said(settled: Site, tmp_path: Path) -> None:
    file = manifest(tmp_path, "Secret", "login", {"stringData": {"password": "canary-of-the-diff"}})
    told = aimcore(settled, "diff", "-f", file)
    assert (told.returncode, told.stdout) == (0, "")
    assert f"taken for present and not compared: Secret {HOME}/login" in told.stderr
    assert "canary" not in told.stderr


def test_a_cluster_that_cannot_be_read_ends_with_two(real: RealCluster, tmp_path: Path) -> None:
    file = manifest(tmp_path, "AIMModel", "chat", CHAT)
    command = [str(AIMCORE), "diff", "-f", file, "--kubeconfig", str(real.kubeconfig), "--context", "guest"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 2
    assert "forbidden" in told.stderr
