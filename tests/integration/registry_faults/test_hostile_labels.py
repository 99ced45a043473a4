"""What the labels of an image can do to whoever reads them, A13 to A16: nothing but be read, be cut, or be a problem."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from aimcore.domain.images.inspection import Inspected
from aimcore.domain.images.labels import read_labels
from aimcore.entrypoints.cli.commands import aimcore
from tests.integration.registry.contents import image
from tests.integration.registry_faults.hostile import Stage, inspect

DEPLOYMENTS = "com.amd.aim.model.deployments"
NAME = "com.amd.aim.model.canonicalName"
STATUS_AT_MOST = 64 * 1024  # LABEL-2

# What moves a cursor, turns a line around, begins another one, or passes for something else.
TRICKS = (
    "\x1b[2J\x1b[H",
    "\r",
    "\nready: yes",
    "\x07",
    "\x9b31m",
    "\u202edetsurt",
    "\u2066",
    "\u200b",
    "\u0430mi",
    "\u2028",
)


def labelled(here: Stage, labels: Mapping[str, str]) -> None:
    here.registry.holds(image(labels))


def command(here: Stage, *arguments: str) -> str:
    """What `aimcore inspect` prints of the image, on a terminal or for a program."""
    address = here.registry.server.host
    asked = ["inspect", f"{address}/acme/chat:1", "--plain-http", address, *arguments]
    return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, asked, prog_name="aimcore").output


@pytest.mark.rule("LABEL-4", "LABEL-5")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("-" * 10**6, id="A13: a million signs"),
        pytest.param("[" * 10**6, id="A13: a million brackets"),
        pytest.param("[" + "{'a':" * 10_000, id="A13: dicts that never close"),
        pytest.param("'" + "\\'" * 500_000, id="A13: a text that never ends"),
        pytest.param('["' + "\\u0041" * 150_000, id="A13: escapes without end"),
        pytest.param("[" + "9" * 10**6 + "]", id="A13: a number of a million digits"),
        pytest.param("[1e999, NaN, -Infinity]", id="A13: numbers that are none"),
        pytest.param("__import__('os').system('true')", id="A13: a call"),
        pytest.param("[{'gpuModel': ().__class__}]", id="A13: an attribute"),
        pytest.param("{**{}}", id="A13: an unpacking"),
        pytest.param("lambda: 0", id="A13: a function"),
        pytest.param("(" * 200 + ")" * 200, id="A13: nesting"),
        pytest.param("[" + "{}," * 10_000 + "{}]", id="A14: 10,000 deployments"),
        pytest.param('[{"gpuModel": "' + "x" * 10**6 + '"}]', id="A14: a name of a megabyte"),
        pytest.param("\x00" * 10_000, id="A14: NUL"),
        pytest.param('[{"a": 1, "a": 2}]', id="A13: a field twice"),
    ],
)
def test_hostile_deployments_are_a_problem_in_few_words(here: Stage, text: str) -> None:
    labelled(here, {NAME: "acme/chat", DEPLOYMENTS: text})
    found = inspect(here)
    assert isinstance(found, Inspected)
    read = read_labels(found.labels)
    assert read.metadata.model.recommended_deployments == ()
    told = [read.failure or "", *map(str, read.problems)]
    assert any(told)
    assert all(len(each) < 1_000 for each in told)
    assert len(repr(read.metadata)) < 2 * STATUS_AT_MOST


@pytest.mark.rule("LABEL-2", "LABEL-5")
@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({f"x{at}": "y" * 90 for at in range(10_000)}, id="A14: 10,000 labels"),
        pytest.param({"x" * 10**6: "y"}, id="A14: a name of a megabyte"),
        pytest.param({"com.amd.aim.title": "\x01" * 600_000}, id="A14: 600,000 control characters"),
        pytest.param({"com.amd.aim.model.tags": "a," * 400_000}, id="A14: 400,000 tags"),
        pytest.param({"com.amd.aim.description.full": "\U0001f600" * 200_000}, id="A14: emojis"),
        pytest.param({"x": "y" * 2_000_000}, id="A14: more than a megabyte"),
    ],
)
def test_huge_labels_fit_into_a_status(here: Stage, labels: Mapping[str, str]) -> None:
    labelled(here, {NAME: "acme/chat", **labels})
    found = inspect(here)
    assert isinstance(found, Inspected)
    read = read_labels(found.labels)
    metadata = read.metadata
    kept = [metadata.original_labels, metadata.model.title, metadata.model.tags, metadata.model.description_full]
    assert len(json.dumps(kept, ensure_ascii=False).encode()) < STATUS_AT_MOST
    assert read.failure is None or read.failure.startswith("Malformed: ")


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: f"A15: {trick!a}")
@pytest.mark.parametrize("output", ["table", "json", "yaml"])
def test_no_label_moves_a_cursor_or_begins_a_line(here: Stage, trick: str, output: str) -> None:
    deployments = json.dumps([{"gpuModel": "MI300X", "description": trick}, {"gpuModel": trick}, {trick: 1}])
    labels = {
        NAME: f"acme/{trick}chat",
        "com.amd.aim.title": trick,
        "com.amd.aim.model.tags": f"a,{trick}",
        "com.amd.aim.hfToken.required": trick,
        f"com.amd.aim.{trick}": trick,
        "org.opencontainers.image.vendor": trick,
        DEPLOYMENTS: deployments,
    }
    labelled(here, labels)
    printed = command(here, "-o", output)
    assert "acme/" in printed
    assert printed.isascii()
    assert all(line.isprintable() for line in printed.split("\n"))
    assert not any(line.startswith("ready: ") for line in printed.split("\n"))


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: f"A15: {trick!a}")
def test_no_label_that_is_told_of_moves_a_cursor_or_begins_a_line(here: Stage, trick: str) -> None:
    content = image({})
    named = content.blobs[0].body.replace(b'"Labels":{}', f'"Labels":{{{json.dumps(trick)}:7}}'.encode())
    config = replace(content.blobs[0], body=named)
    document = {**json.loads(content.top.body), "config": config.descriptor()}
    top = replace(content.top, body=json.dumps(document).encode())
    here.registry.holds(replace(content, top=top, blobs=(config,)))
    found = inspect(here)
    assert isinstance(found, Inspected)
    [told] = found.problems
    assert "expected a text" in told
    assert told.isascii()
    assert told.isprintable()


GREEDY: Mapping[str, Any] = {
    "env": [{"name": "LD_PRELOAD", "value": "/tmp/evil.so"}],  # noqa: S108 - a text
    "serviceAccountName": "cluster-admin",
    "imagePullSecrets": ["theirs"],
    "runtimeConfigName": "theirs",
    "modelSources": [{"modelId": "evil/model", "sourceUri": "s3://evil/model"}],
    "resources": {"limits": {"cpu": "1000"}},
    "type": "preview",
    "modelName": "theirs",
    "namespace": "kube-system",
    "metadata": {"ownerReferences": [{"uid": "x"}]},
    "volumeMounts": [{"mountPath": "/"}],
    "command": ["sh", "-c", "true"],
    "../../etc/passwd": "x",
    "__class__": "x",
}


@pytest.mark.rule("TMPL-1")
def test_labels_propose_deployments_and_nothing_else(here: Stage) -> None:
    """A16: the templates are those of the same image without what it would like to have besides."""
    modest = {"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency", "precision": "fp8", "profileId": "p"}
    wishes = {f"com.amd.aim.{name}": json.dumps(value) for name, value in GREEDY.items()}
    printed = []
    for element, more in ((modest, {}), ({**modest, **GREEDY}, wishes)):
        labelled(here, {NAME: "acme/chat", DEPLOYMENTS: json.dumps([element]), **more})
        printed.append(json.loads(command(here, "-o", "json")))
    plain, greedy = printed
    assert len(plain["templates"]) == 1
    assert greedy["templates"] == plain["templates"]
    assert {**greedy["metadata"], "originalLabels": None} == {**plain["metadata"], "originalLabels": None}
