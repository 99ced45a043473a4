"""The contracts of hosts and volumes that are shipped, on stores and a hub that really answer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from aimcore.adapters.egress.session import Session
from aimcore.adapters.volume.volume import FolderVolume
from aimcore.domain.weights.marker import StoredFile
from aimcore.entrypoints.settings import Registries
from aimcore.entrypoints.wiring.downloading import SourceHosts
from aimcore.entrypoints.wiring.rules import rules_of
from aimcore.testing import check_hosts, check_volume
from tests.integration.downloads.file_hub import TOKEN, file_hub
from tests.integration.downloads.stores import Store

FILES = {"config.json": b"{}", "deep/model.safetensors": b"weights" * 100_000}
LOCAL = Registries(plain_http=frozenset({"127.0.0.1"}))


def test_stores_keep_the_contract(store: Store, tmp_path: Path) -> None:
    store.put({f"tiny/{name}": data for name, data in FILES.items()})
    with Session(rules_of(LOCAL)) as session:
        hosts = SourceHosts(session=session, scratch=tmp_path / "scratch")
        check_hosts(
            hosts,
            there="s3://weights/tiny",
            missing="s3://none-at-all/tiny",
            folder=tmp_path,
            environment=store.environment,
        )


def test_a_hub_keeps_the_contract(tmp_path: Path) -> None:
    with file_hub(files=dict(FILES), token=TOKEN) as hub, Session(rules_of(LOCAL)) as session:
        hosts = SourceHosts(session=session, scratch=tmp_path / "scratch")
        environment = {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN}
        given = {"there": "hf://org/model", "missing": "hf://org/none"}
        check_hosts(hosts, **given, folder=tmp_path, environment=environment)
        hub.digests["deep/model.safetensors"] = "0" * 64
        with pytest.raises(AssertionError, match="is not what its digest sha256:000"):
            check_hosts(hosts, **given, folder=tmp_path, environment=environment)


def test_a_folder_keeps_the_contract(tmp_path: Path) -> None:
    check_volume(FolderVolume(tmp_path))
    with pytest.raises(AssertionError, match="marker of an empty volume is a text"):
        check_volume(FolderVolume(tmp_path))


class Forgetful(FolderVolume):
    """Publishes nothing."""

    def publish(self, model_id: str, files: Iterable[StoredFile]) -> None:
        del model_id, files


def test_a_broken_promise_of_a_volume_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="files are not there after they were published"):
        check_volume(Forgetful(tmp_path))
