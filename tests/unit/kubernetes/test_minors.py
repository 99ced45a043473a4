"""Which minors of Kubernetes are supported is said in one way everywhere, and each can be built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from aimcore.adapters.memory.minors import NEWEST, OLDEST
from tests.kubernetes import places
from tests.kubernetes.build import builds

ROOT = Path(__file__).parents[3]


def test_the_oldest_and_the_newest_can_be_built() -> None:
    assert (f"1.{OLDEST}", f"1.{NEWEST}") == places.MINORS
    assert all(places.version(minor).startswith(f"{minor}.") for minor in places.MINORS)


def test_the_chart_installs_on_these_and_no_others() -> None:
    chart = yaml.safe_load((ROOT / "deploy" / "chart" / "Chart.yaml").read_text())
    assert chart["kubeVersion"] == f">=1.{OLDEST}.0-0 <1.{NEWEST + 1}.0-0"
    assert f"--kube-version 1.{OLDEST}.0 " in (ROOT / "deploy" / "render.sh").read_text()


@pytest.mark.parametrize("page", ["install.md", "operator.md"])
def test_the_pages_say_them(page: str) -> None:
    assert f"Kubernetes 1.{OLDEST} to 1.{NEWEST}" in (ROOT / "docs" / page).read_text()


@pytest.mark.parametrize("minor", places.MINORS)
def test_every_module_of_kubernetes_is_of_the_same_release(minor: str) -> None:
    pins = (places.MODULES / minor / "go.mod").read_text()
    release = re.sub(r"^1", "0", places.version(minor))
    assert {found[1] for found in re.finditer(r"=> k8s\.io/\S+ v(\S+)", pins)} == {release}


@pytest.mark.parametrize("said", ["1.34", "oldest", "newest"])
def test_a_minor_is_chosen_by_its_number_or_its_place(said: str) -> None:
    assert places.chosen(said) in places.MINORS


def test_a_minor_that_is_not_there_is_told() -> None:
    with pytest.raises(ValueError, match=r"Kubernetes '1\.30' is not among 1\.34, 1\.37, oldest and newest"):
        places.chosen("1.30")


def test_the_environment_says_where_and_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(places.CACHE, str(tmp_path))
    monkeypatch.setenv(places.CHOICE, "oldest")
    assert places.assets(places.chosen()) == tmp_path / places.version(places.MINORS[0])
    monkeypatch.delenv(places.CACHE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert places.cache() == tmp_path / "cache" / "aimcore" / "kubernetes"


@pytest.mark.parametrize("target", ["control-plane", "node"])
def test_everything_that_is_built_is_named_in_a_file_of_its_module(target: str) -> None:
    for build in builds(target, places.MINORS[-1]):
        named = (places.MODULES / build.module / "tools.go").read_text()
        assert all(f'_ "{package}"' in named for package in build.packages)
