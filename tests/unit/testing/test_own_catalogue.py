"""What tests a catalogue finds what is wrong with it, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from aimcore.adapters.manifests.lock import LockedInspector, read_lock
from aimcore.adapters.memory.outside import MemoryRegistry
from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.plan import Inspect
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.entrypoints.library.catalogue import load
from aimcore.entrypoints.library.planning import plan
from aimcore.ports.images import ImageInspector
from aimcore.testing import (
    FakeCluster,
    World,
    assert_fits,
    assert_nothing_failed,
    assert_resolves,
    assert_same_choice,
    check_image_inspector,
    check_size_prober,
    fates,
)
from aimcore.testing.expectations import differences, expected_text, holds_manifests

ROOT = Path(__file__).parents[3]
CATALOGUE = ROOT / "tests" / "strangers" / "catalogue"
QUICKSTART = ROOT / "examples" / "quickstart"
LLAMA = "ghcr.io/silogen/aim-meta-llama-llama-3-1-8b-instruct:0.7.0"
IMAGES = {
    "acme/chat:1": {
        "com.amd.aim.model.deployments": '[{"gpuModel": "MI300X", "gpuCount": 4, "metric": "latency", "precision": "fp8"}]'
    }
}
CHAT = World.read(CATALOGUE / "chat.yaml", CATALOGUE / "nodes.yaml", images=IMAGES)
AMBIGUOUS = World.read(CATALOGUE, images=IMAGES)


def test_a_sound_catalogue_passes_every_assertion() -> None:
    for source in (CHAT, CHAT.settle(), plan(load(CATALOGUE / "chat.yaml", CATALOGUE / "nodes.yaml"), images=IMAGES)):
        assert_nothing_failed(source)
        found = assert_resolves(source, "ml-team/chat", model="chat", template="chat-4x-mi300x-*")
        assert found.service.name == "chat"
        assert_fits(source)
        assert_same_choice(source, CHAT)


def test_a_failure_is_told_with_its_reason() -> None:
    with pytest.raises(AssertionError, match=r"AIMService ml-team/chat is Failed: several models have this image"):
        assert_nothing_failed(AMBIGUOUS)


def test_a_wrong_manifest_is_a_failure_too() -> None:
    with pytest.raises(AssertionError, match=r"manifest 0:1:1: \$"):
        assert_nothing_failed(load({"kind": "AIMModel"}))


def test_another_template_is_told_with_the_candidates_and_the_trace() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_resolves(plan(load(CATALOGUE / "chat.yaml"), images=IMAGES), "chat", template="*-mi325x-*")
    told = str(caught.value)
    assert "template: chat-4x-mi300x-lat-fp8-" in told
    assert "expected *-mi325x-*" in told
    assert "LOOK-4: model: AIMModel ml-team/chat" in told


def test_a_service_that_fits_nowhere_is_told_node_by_node() -> None:
    small = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "small"}, "status": {"allocatable": {"cpu": "4"}}}
    with pytest.raises(AssertionError, match=r"1 wanted of template .*, room for 0\n  node small: "):
        assert_fits(CHAT, [small])
    with pytest.raises(AssertionError, match="there are no nodes"):
        assert_fits(World.read(CATALOGUE / "chat.yaml", images=IMAGES))
    with pytest.raises(AssertionError, match="runs no template: several models"):
        assert_fits(AMBIGUOUS)


def test_replicas_need_room_for_all_of_them() -> None:
    manifests = tuple(
        {**one, "spec": {**one["spec"], "replicas": 3}} if one["kind"] == "AIMService" else one
        for one in CHAT.manifests
    )
    assert_fits(CHAT, CATALOGUE / "nodes.yaml")
    with pytest.raises(AssertionError, match=r"3 wanted of template .*, room for 2"):
        assert_fits(CHAT.having(manifests))


def test_a_change_of_choice_is_told() -> None:
    with pytest.raises(AssertionError, match=r"AIMService ml-team/chat: template AIMServiceTemplate .* becomes none"):
        assert_same_choice(CHAT, AMBIGUOUS)


def test_a_world_takes_lock_files_and_layouts() -> None:
    locked = World.read(QUICKSTART, images=ROOT / "examples" / "aim.lock.yaml")
    laid_out = World.read(QUICKSTART, images=QUICKSTART / "images")
    assert_same_choice(locked, laid_out)
    assert_resolves(locked, "research/chat", template="meta-llama-3-8b-instruct-1x-*")


def test_a_world_of_wrong_manifests_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: AIMModel\n")
    with pytest.raises(ValueError, match=r"a\.yaml:1:1"):
        World.read(tmp_path)


# A cluster where services run ---------------------------------------------------------------------------------------------


def test_what_a_script_says_happens() -> None:
    cluster = FakeCluster(CHAT)
    cluster.script.pods("*", fates.runs(loads=30))
    cluster.wait(10)
    assert cluster.status("ml-team/chat")["status"] == "Starting"
    cluster.wait(30)
    assert cluster.status("ml-team/chat")["status"] == "Running"
    assert [one["kind"] for one in cluster.objects("Deployment")] == ["Deployment"]


def test_people_apply_and_delete() -> None:
    cluster = FakeCluster(World(manifests=()))
    service = next(one for one in CHAT.manifests if one["kind"] == "AIMService")
    cluster.apply({**service, "metadata": {"name": "late", "namespace": "lab"}})
    cluster.settle()
    assert cluster.status("lab/late")["status"]
    cluster.delete("AIMService", "lab", "late")
    cluster.settle()
    assert cluster.get("AIMService", "lab", "late") is None


# A folder with an expectation ---------------------------------------------------------------------------------------------


def test_an_expectation_says_what_comes_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "chat.yaml").write_text((CATALOGUE / "chat.yaml").read_text())
    assert holds_manifests(tmp_path)
    text = expected_text(tmp_path)
    (tmp_path / "expected.yaml").write_text(f"# mine\n\n{text}")
    assert "ml-team/chat:" in text
    assert list(differences(tmp_path)) == []
    (tmp_path / "expected.yaml").write_text(text.replace("AIMModel ml-team/chat", "AIMModel ml-team/other"))
    assert any(line.startswith("-") and "ml-team/other" in line for line in differences(tmp_path))


def test_a_folder_of_others_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "expected.yaml").write_text("aim.silogen.ai: no\n")
    (tmp_path / "data.yaml").write_text("a: 1\n")
    assert not holds_manifests(tmp_path)


# Contracts ----------------------------------------------------------------------------------------------------------------

LOCK = ROOT / "examples" / "aim.lock.yaml"


@pytest.mark.parametrize(
    "inspector",
    [
        pytest.param(MemoryRegistry({LLAMA: {"a": "b"}}), id="in memory"),
        pytest.param(LayoutInspector([QUICKSTART / "images"]), id="layouts"),
        pytest.param(LockedInspector(read_lock(LOCK)[0], file=LOCK), id="a lock file"),
    ],
)
def test_our_own_inspectors_keep_the_contract(inspector: ImageInspector) -> None:
    check_image_inspector(inspector, there=LLAMA, missing="acme/none:1")


class Broken(MemoryRegistry):
    """Rechecks as if every image were unchanged."""

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        del want
        return Unchanged(digest=held)


class Raw:
    """Answers every image with the same digest, which is none."""

    def inspect(self, want: Inspect) -> Inspection:
        del want
        return Inspected(digest="1", labels={})

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        del want, held
        return InspectionFailed(cause=Cause.NOT_FOUND, message="")


@pytest.mark.parametrize(
    ("inspector", "broken"),
    [
        pytest.param(Broken({LLAMA: {}}), "with another digest is not what inspect answers", id="never changes"),
        pytest.param(Raw(), "expected sha256: and 64 hexadecimal digits", id="no digest"),
        pytest.param(Raw(), "fails without a message", id="no message"),
        pytest.param(MemoryRegistry({}), "expected Inspected", id="cannot read it"),
    ],
)
def test_the_contract_sees_what_it_should(inspector: ImageInspector, broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_image_inspector(inspector, there=LLAMA, missing="acme/none:1")


class Prober:
    """Knows s3://acme/there, and tells its token where a message is asked for."""

    def __init__(self, message: str) -> None:
        self._message = message

    def probe(self, source: object, _environment: object, *, by: object = None) -> ProbeAnswer:
        del by
        if "there" in str(source):
            return Sized(size=Quantity.of(1), files=1)
        return ProbeFailed(cause=ProbeCause.NOT_FOUND, message=self._message)


@pytest.mark.parametrize(
    ("message", "broken"),
    [("", "fails without a message"), ("HF_TOKEN canary is wrong", "shows a value of its environment")],
)
def test_the_contract_of_sizes_sees_what_it_should(message: str, broken: str) -> None:
    given = {"there": "s3://acme/there", "missing": "s3://acme/none"}
    check_size_prober(Prober("is not there"), **given, environment={"HF_TOKEN": "canary"})
    with pytest.raises(AssertionError, match=broken):
        check_size_prober(Prober(message), **given, environment={"HF_TOKEN": "canary"})
