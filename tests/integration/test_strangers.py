"""Programs of strangers, written from the pages alone: they run outside of the repository, with only the wheel installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.wheel import ROOT, ran, run, wheel_environment

PROGRAMS = sorted((ROOT / "tests" / "strangers").glob("*.py"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_environment(tmp_path_factory.mktemp("wheel"), "pytest")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder far from the repository, with the programs and their catalogue."""
    return Path(shutil.copytree(ROOT / "tests" / "strangers", tmp_path / "strangers"))


def test_there_are_four_programs() -> None:
    assert len(PROGRAMS) == 4


def test_a_catalogue_is_listed(python: Path, home: Path) -> None:
    assert run(python, "list_catalogue.py", "catalogue", cwd=home).splitlines() == [
        "AIMModel ml-team/chat\tReady\tacme/chat:1",
        "AIMModel ml-team/chat-copy\tReady\tacme/chat:1",
        "AIMService ml-team/chat\tFailed\t",
        "AIMServiceTemplate ml-team/chat-1x-mi300x-lat-fp8-dc810be980\tReady\t1 x MI300X, latency, fp8",
        "AIMServiceTemplate ml-team/chat-copy-1x-mi300x-lat-fp8-e479e188d9\tReady\t1 x MI300X, latency, fp8",
    ]


def test_a_wrong_manifest_is_told_with_its_place(python: Path, home: Path) -> None:
    (home / "catalogue" / "wrong.yaml").write_text("apiVersion: aim.silogen.ai/v1alpha1\nkind: AIMModel\n")
    code, printed = ran(python, "list_catalogue.py", "catalogue", cwd=home)
    assert code == 1
    assert "catalogue/wrong.yaml:1:" in printed


def test_a_service_is_resolved_and_each_value_knows_its_layer(python: Path, home: Path) -> None:
    printed = run(python, "resolve_with_provenance.py", "catalogue/chat.yaml", "chat", cwd=home)
    assert printed.splitlines()[1] == (
        "model AIMModel ml-team/chat, template AIMServiceTemplate ml-team/chat-1x-mi300x-lat-fp8-dc810be980"
    )
    assert "request amd.com/gpu = 1, said by profile" in printed
    assert "env LOG_LEVEL = debug, said by service" in printed
    assert "[LOOK-4] model: AIMModel ml-team/chat" in printed


def test_an_inspector_of_ones_own_is_asked(python: Path, home: Path) -> None:
    assert "-1x-mi300x-lat-fp8-" in run(python, "acme_images.py", cwd=home)


def test_tests_of_ones_own_catalogue_find_the_planted_ambiguity(python: Path, home: Path) -> None:
    code, printed = ran(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_own_catalogue.py", cwd=home)
    assert code == 1
    assert "2 failed, 2 passed" in printed
    assert (
        "AIMService ml-team/chat is Failed: several models have this image: AIMModel ml-team/chat, "
        "AIMModel ml-team/chat-copy; name one by spec.model.ref"
    ) in printed


def test_a_folder_with_an_expectation_is_a_test(python: Path, home: Path) -> None:
    pytest_ = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "catalogue")
    (home / "catalogue" / "expected.yaml").write_text("")
    assert "catalogue/expected.yaml::catalogue" in run(*pytest_, "--collect-only", cwd=home)
    run(*pytest_, "--aimcore-update", cwd=home)
    run(*pytest_, cwd=home)
    (home / "catalogue" / "copy.yaml").unlink()
    code, printed = ran(*pytest_, cwd=home)
    assert code == 1
    assert "-    status: 'Failed: several models have this image" in printed
    assert "do not come out as expected.yaml says" in printed


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: str(program.stem))
def test_a_program_is_clean_to_mypy_strict(python: Path, home: Path, program: Path) -> None:
    mypy = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "--python-executable", python)
    assert "no issues found" in run(*mypy, program.name, cwd=home)


def installed_plugin(packages: Path, factory: str) -> None:
    """Puts the stranger's module and what an installer would write beside it into a folder."""
    packages.mkdir()
    shutil.copy(ROOT / "tests" / "strangers" / "acme_images.py", packages)
    metadata = packages / "acme_images-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-images\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[aimcore.image_sources]\nacme = acme_images:{factory}\n")


def aimcore(packages: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command where the plug-in is installed."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "aimcore"), *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(packages)},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.rule("PLUG-1")
def test_an_installed_plugin_answers_on_the_command_line(tmp_path: Path) -> None:
    installed_plugin(tmp_path / "packages", "AcmeImages")
    image = aimcore(tmp_path / "packages", "inspect", "registry.acme.test/acme/chat:1", "-o", "json")
    assert image.returncode == 0, image.stderr
    assert json.loads(image.stdout)["digest"] == f"sha256:{'1' * 64}"
    assert (
        "loaded  acme\n        acme-images 1.0, aimcore.image_sources"
        in aimcore(tmp_path / "packages", "doctor").stdout
    )


@pytest.mark.rule("PLUG-2")
def test_a_plugin_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    installed_plugin(tmp_path / "packages", "NoSuchName")
    doctor = aimcore(tmp_path / "packages", "doctor")
    assert doctor.returncode == 3
    assert (
        "failed  acme\n        acme-images 1.0, aimcore.image_sources\n        cannot be loaded: AttributeError"
        in doctor.stdout
    )
