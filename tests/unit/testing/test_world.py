"""A world settles as the operator's loop does, reads from files, and compares by what counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from aimcore.domain.images.inspection import Cause, InspectionFailed
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from aimcore.testing import World
from aimcore.testing.endings import differences, outcome
from aimcore.testing.world import address_of

MODEL = {
    "apiVersion": "aim.silogen.ai/v1alpha1",
    "kind": "AIMModel",
    "metadata": {"name": "chat", "namespace": "alpha"},
    "spec": {"image": "acme/chat:1"},
}
LABELS = {"com.amd.aim.model.deployments": '{"gpuModel": "MI300X"}'}
WORLD = World(manifests=(MODEL,), images={"acme/chat:1": LABELS}, nodes_known=False)


def test_it_settles_and_tells_what_was_made() -> None:
    run = WORLD.settle()
    ((address, template),) = run.made().items()
    assert (address.kind, address.namespace) == ("AIMServiceTemplate", "alpha")
    assert template["status"]["status"] == "Ready"
    assert [change.action for change in run.settled.changes] == ["create", "status", "status", "status"]


def test_two_runs_agree_on_uids_and_a_new_object_has_a_new_one() -> None:
    run = WORLD.settle()
    (address,) = run.made()
    (again,) = WORLD.settle().made().values()
    before = run.made()[address]["metadata"]["uid"]
    assert again["metadata"]["uid"] == before
    run.store.delete(address)
    run.settle()
    assert run.made()[address]["metadata"]["uid"] != before


def test_an_image_that_is_not_listed_is_not_there() -> None:
    answer = WORLD.start().registry.inspect(Inspect(parse_image("acme/none")))
    assert isinstance(answer, InspectionFailed)
    assert answer.cause is Cause.NOT_FOUND


def test_a_write_that_the_definitions_refuse_is_refused() -> None:
    run = WORLD.settle()
    (template,) = run.made().values()
    with pytest.raises(Exception, match="modelName is immutable"):
        run.store.replace({**template, "spec": {**template["spec"], "modelName": "other"}}, manager="kubectl")


def test_it_is_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "chat.yaml").write_text(
        "apiVersion: aim.silogen.ai/v1alpha1\nkind: AIMModel\n"
        "metadata: {name: chat, namespace: alpha}\nspec: {image: 'acme/chat:1'}\n"
    )
    assert World.read(str(tmp_path), images=WORLD.images).manifests == (MODEL,)


def test_all_problems_of_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("apiVersion: aim.silogen.ai/v1alpha1\nkind: AIMModel\nmetadata: {name: a}\n")
    (tmp_path / "two.yaml").write_text("{")
    with pytest.raises(ValueError, match=r"(?s)two\.yaml:.*one\.yaml:|one\.yaml:.*two\.yaml:"):
        World.read(str(tmp_path))


def test_a_failing_example_shows_as_python_that_makes_it_again() -> None:
    text: list[str] = []

    class Printer:
        def text(self, part: str) -> None:
            text.append(part)

    WORLD._repr_pretty_(Printer(), None)
    shown = "".join(text)
    assert shown.startswith("World(manifests=(\n    {'apiVersion'")
    assert "images={'acme/chat:1':" in shown


def test_ends_compare_by_what_counts() -> None:
    one, other = WORLD.settle(), WORLD.settle()
    assert differences(outcome(one.objects()), outcome(other.objects())) == []
    (address,) = other.made()
    other.store.delete(address)
    other.store.patch(address_of(MODEL), {"spec": {"image": "acme/chat:2"}}, manager="kubectl")
    assert differences(outcome(one.objects()), outcome(other.objects())) == [
        "AIMModel alpha/chat $.spec.image: 'acme/chat:1' or 'acme/chat:2'",
        *(
            f"AIMModel alpha/chat $.status.{path}: 'current' or 'old'"
            for path in (*(f"conditions[{n}].observedGeneration" for n in range(4)), "observedGeneration")
        ),
        f"{address}: stands in the first only",
    ]
