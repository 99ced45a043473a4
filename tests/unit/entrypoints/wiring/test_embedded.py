"""Where the kubeconfig of a cluster in memory is: the same place each time, and never one that another uses or may change."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from aimcore.entrypoints.wiring.embedded import kubeconfig_place


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def test_it_is_in_the_cache_of_the_user_each_time_and_goes_with_the_cluster(
    home: dict[str, str], tmp_path: Path
) -> None:
    for _ in range(2):
        with kubeconfig_place(home) as place:
            assert place == tmp_path / ".cache" / "aimcore" / "embedded" / "kubeconfig"
            place.write_text("")
        assert not place.exists()


def test_nobody_else_may_look_into_its_folder(home: dict[str, str]) -> None:
    with kubeconfig_place(home) as place:
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_a_second_cluster_at_the_same_time_has_a_place_of_its_own(home: dict[str, str]) -> None:
    with kubeconfig_place(home) as first:
        first.write_text("")
        with kubeconfig_place(home) as second:
            assert second.parent != first.parent
        assert first.exists()
        assert not second.parent.exists()


@pytest.mark.parametrize("environment", [{}, {"HOME": "relative"}, {"HOME": "/dev/null"}])
def test_who_has_no_cache_gets_a_temporary_folder(environment: dict[str, str]) -> None:
    with kubeconfig_place(environment) as place:
        place.write_text("")
    assert not place.parent.exists()


def test_a_folder_that_others_may_write_to_is_not_used(home: dict[str, str], tmp_path: Path) -> None:
    shared = tmp_path / ".cache" / "aimcore" / "embedded"
    shared.mkdir(parents=True)
    shared.chmod(0o777)
    with kubeconfig_place(home) as place:
        assert place.parent != shared


def test_a_lock_that_is_a_link_is_not_followed(home: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / ".cache" / "aimcore" / "embedded"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "lock").symlink_to(tmp_path / "elsewhere")
    with kubeconfig_place(home) as place:
        assert place.parent != folder
    assert not (tmp_path / "elsewhere").exists()
