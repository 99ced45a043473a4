"""Plug-ins answer before what is built in; one that fails is named, and costs its own answers alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from aimcore.adapters.memory.outside import MemoryRegistry
from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed, Unchanged
from aimcore.domain.values.image import ImageReference, parse_image
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.plan import Inspect
from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import S3Uri, SourceUri, parse_source_uri
from aimcore.entrypoints.wiring.plugins import Group, PluggedInspector, PluggedProber, Plugin, installed_plugins

PLUGIN = Plugin(group=Group.IMAGE_SOURCES, name="acme", package="acme-images", version="1.0")
BUILT_IN = MemoryRegistry({"acme.test/chat:1": {"who": "built in"}, "ghcr.io/other:1": {"who": "built in"}})
SECRET = "hunter2"  # noqa: S105 - a canary


class Images:
    """A plug-in for one registry, whose answers a test chooses."""

    def __init__(self, answer: Callable[[], Any], *, handles: Callable[[], bool] = lambda: True) -> None:
        self._answer = answer
        self._handles = handles

    def handles(self, image: ImageReference) -> bool:
        return image.registry == "acme.test" and self._handles()

    def inspect(self, _want: Inspect) -> Any:
        return self._answer()

    def recheck(self, _want: Inspect, _held: str) -> Any:
        return self._answer()


def inspected(source: Images, image: str) -> Any:
    return PluggedInspector(BUILT_IN, ((PLUGIN, source),)).inspect(Inspect(parse_image(image)))


def fails() -> Any:
    raise RuntimeError(SECRET)


OWN = Inspected(digest="sha256:" + "1" * 64, labels={"who": "plug-in"})


@pytest.mark.rule("PLUG-1")
def test_a_plugin_answers_for_what_it_handles_and_for_nothing_else() -> None:
    source = Images(lambda: OWN)
    assert inspected(source, "acme.test/chat:1") == OWN
    assert inspected(source, "ghcr.io/other:1").labels == {"who": "built in"}


@pytest.mark.rule("PLUG-2", "SEC-1")
def test_a_plugin_that_raises_is_named_and_costs_its_own_answers(caplog: pytest.LogCaptureFixture) -> None:
    source = Images(fails)
    answer = inspected(source, "acme.test/chat:1")
    assert isinstance(answer, InspectionFailed)
    assert answer.cause is Cause.UNREACHABLE
    assert (
        answer.message.startswith(
            "plug-in 'acme' of acme-images 1.0 (aimcore.image_sources) failed: RuntimeError at test_plugins"
        )
        or "failed: RuntimeError at " in answer.message
    )
    assert inspected(source, "ghcr.io/other:1").labels == {"who": "built in"}
    assert SECRET not in answer.message + caplog.text


@pytest.mark.rule("PLUG-2")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="nothing"),
        pytest.param({"labels": {}}, id="a mapping"),
        pytest.param(Inspected(digest="sha256:1", labels={"a": 1}), id="a label that is no text"),  # type: ignore[dict-item]  # as a plug-in may
        pytest.param(Unchanged(digest="sha256:1"), id="unchanged, where nothing is held"),
    ],
)
def test_an_answer_that_the_port_does_not_know_is_a_failure(answer: object) -> None:
    found = inspected(Images(lambda: answer), "acme.test/chat:1")
    assert isinstance(found, InspectionFailed)
    assert "expected what docs/plugins.md says" in found.message


@pytest.mark.rule("PLUG-2")
def test_a_plugin_that_cannot_say_what_it_handles_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    source = Images(lambda: OWN, handles=fails)
    with caplog.at_level(logging.WARNING, "aimcore.plugins"):
        assert inspected(source, "acme.test/chat:1").labels == {"who": "built in"}
    assert SECRET not in caplog.text


@pytest.mark.rule("PLUG-1")
def test_a_recheck_goes_to_whoever_handles_the_image() -> None:
    unchanged = Unchanged(digest="sha256:1")
    plugged = PluggedInspector(BUILT_IN, ((PLUGIN, Images(lambda: unchanged)),))
    assert plugged.recheck(Inspect(parse_image("acme.test/chat:1")), "sha256:1") == unchanged
    other = Inspect(parse_image("ghcr.io/other:1"))
    assert plugged.recheck(other, "sha256:1") == BUILT_IN.inspect(other)
    assert isinstance(
        PluggedInspector(BUILT_IN, ((PLUGIN, Images(fails)),)).recheck(Inspect(parse_image("acme.test/a")), "sha256:1"),
        InspectionFailed,
    )


class Sizes:
    """A plug-in for S3, or what is built in for everything."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self._answer = answer

    def handles(self, source: SourceUri) -> bool:
        return isinstance(source, S3Uri)

    def probe(
        self, _source: SourceUri, _environment: Mapping[str, str], *, by: FileFilter = ALL_BUT_DUPLICATES
    ) -> ProbeAnswer:
        assert by == ALL_BUT_DUPLICATES
        answer: ProbeAnswer = self._answer()
        return answer


SMALL, LARGE = Sized(size=Quantity.of(1), files=1), Sized(size=Quantity.of(2), files=1)


@pytest.mark.rule("PLUG-1", "PLUG-2")
@pytest.mark.parametrize(
    ("uri", "plugged", "found"),
    [
        pytest.param("s3://acme/chat", lambda: LARGE, LARGE, id="handled"),
        pytest.param("hf://acme/chat", lambda: LARGE, SMALL, id="not handled"),
        pytest.param("s3://acme/chat", fails, ProbeCause.UNREACHABLE, id="raises"),
        pytest.param("s3://acme/chat", lambda: 7, ProbeCause.UNREACHABLE, id="answers with something else"),
    ],
)
def test_a_source_is_sized_by_whoever_handles_it(uri: str, plugged: Callable[[], Any], found: object) -> None:
    prober = PluggedProber(Sizes(lambda: SMALL), ((PLUGIN, Sizes(plugged)),))
    answer = prober.probe(parse_source_uri(uri), {})
    assert (answer.cause if isinstance(answer, ProbeFailed) else answer) == found


@pytest.mark.rule("PLUG-2")
@pytest.mark.parametrize(
    ("code", "problem"),
    [
        pytest.param("raise RuntimeError('hunter2')", "cannot be loaded: RuntimeError", id="its module raises"),
        pytest.param("", "cannot be loaded: AttributeError", id="its class is not there"),
        pytest.param("class Source: pass", "without handles, probe; expected", id="its class lacks methods"),
    ],
)
def test_a_plugin_that_cannot_be_made_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: str, problem: str
) -> None:
    module = f"broken_{abs(hash(code))}"
    (tmp_path / f"{module}.py").write_text(code)
    metadata = tmp_path / "broken-2.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 2.0\n")
    (metadata / "entry_points.txt").write_text(f"[aimcore.size_probers]\nbroken = {module}:Source\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    installed_plugins.cache_clear()
    assert [point.name for point in entry_points(group="aimcore.size_probers")] == ["broken"]
    (plugin,) = installed_plugins(Group.SIZE_PROBERS)
    installed_plugins.cache_clear()
    assert problem in plugin.problem
    assert str(plugin) in caplog.text
    assert SECRET not in caplog.text
