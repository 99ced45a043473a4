"""The commands on a repository as people keep it: what is theirs is looked into, and how much that was is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aimcore.entrypoints.cli.commands import aimcore

MODEL = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata: {name: llama, namespace: ml}
spec: {image: ghcr.io/example/my-model:v1.0.0}
"""
REPOSITORY = {
    "apps/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [model.yaml]\n",
    "apps/model.yaml": MODEL,
    "apps/patches/image.yaml": "- op: replace\n  path: /spec/image\n  value: x\n",
    "flux/release.yaml": (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: '${app}', namespace: flux-system}\n"
    ),
    "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
    "chart/values.yaml": "image: x\n",
    "chart/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n",
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in REPOSITORY.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, text: str = "") -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, words, input=text, prog_name="aimcore")


@pytest.mark.usefixtures("repository")
def test_a_validation_says_what_it_looked_into() -> None:
    ran = run("validate", "-R", ".")
    assert (ran.exit_code, ran.stdout) == (0, "")
    told = "1 AIM object in 7 files: no problems; skipped 2 objects of other kinds, 3 documents that are no manifests, 1 template of Helm\n"
    assert ran.stderr == told
    assert run("validate", "-R", "-q", ".").stderr == ""


@pytest.mark.usefixtures("repository")
def test_every_file_may_be_named_by_itself() -> None:
    for name in REPOSITORY:
        assert run("validate", name).exit_code == 0


@pytest.mark.usefixtures("repository")
def test_a_plan_says_what_it_skipped_and_sees_the_rest() -> None:
    ran = run("plan", "-R", ".", "-o", "name")
    assert ran.exit_code == 0
    assert "aimmodel.aim.silogen.ai/llama" in ran.stdout.splitlines()
    told = "note: skipped 2 objects of other kinds, 3 documents that are no manifests, 1 template of Helm\n"
    assert told in ran.stderr


HALVES = """\
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: '${REPLICAS}'}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: job}}
---
{apiVersion: v1, kind: Pod, metadata: {name: pod}}
---
{apiVersion: v1, kind: Service, metadata: {name: web}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: weights}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: sized}, spec: {resources: '${SIZE}'}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web}}
"""


def test_workloads_of_others_are_no_part_of_a_plan_however_incomplete(repository: Path) -> None:
    (repository / "apps/patches/halves.yaml").write_text(HALVES)
    ran = run("plan", "-R", ".", "-n", "ml", "-o", "json")
    assert ran.exit_code == 0
    pods = [one for one in json.loads(ran.stdout)["objects"] if one["kind"] in ("Pod", "ReplicaSet")]
    assert [one["metadata"]["name"] for one in pods] == ["pod"]
    assert "status" not in pods[0]


def test_programs_get_the_counts(repository: Path) -> None:
    (repository / ".aimcoreignore").write_text("flux/\n")
    told = json.loads(run("validate", "-R", ".", "--ignore", "values.yaml", "-o", "json").stdout)
    counts = {"otherKinds": 1, "noManifests": 2, "helmTemplates": 1, "ignored": 2}
    assert told == {"documents": 1, "objects": 1, "files": 5, "skipped": counts, "problems": []}


@pytest.mark.parametrize("command", ["validate", "plan"])
@pytest.mark.usefixtures("repository")
def test_nothing_to_check_is_told_and_an_error_for_who_requires_any(command: str) -> None:
    ran = run(command, "-R", "chart")
    assert ran.exit_code == 0
    assert "0 AIM objects in 3 files" in ran.stderr
    assert run(command, "-R", "chart", "--require-any").exit_code == 2
    assert run(command, "-R", ".", "--require-any").exit_code == 0
    assert run(command, "-R", ".", "--ignore", "*", "--require-any").exit_code == 2


@pytest.mark.parametrize("broken", [MODEL.replace("spec", "spce"), MODEL + "spec: {", MODEL.replace("kind", "knd")])
def test_one_broken_object_among_all_the_others_fails(repository: Path, broken: str) -> None:
    (repository / "apps" / "broken.yaml").write_text(broken)
    for command in ("validate", "plan"):
        ran = run(command, "-R", ".")
        assert ran.exit_code == 2
        assert "apps/broken.yaml:" in ran.output
