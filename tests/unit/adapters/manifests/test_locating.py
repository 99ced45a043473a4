"""Where each `$.path` of a document stands."""

from __future__ import annotations

import io
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.manifests import Document, read_manifests
from aimcore.adapters.manifests.paths import Steps, path_of, steps_of

MODEL = """\
# a comment
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata:
  name: a
  labels: {app.kubernetes.io/name: x, "on": "y"}
spec:
  modelSources:
    - modelId: m/x
      sourceUri: gs://b/k
    -
      modelId: m/y
  env: &env
    - name: A
  again: *env
  custom:
    <<: {type: preview}
    hardware: null
"""


def only(text: str) -> Document:
    loaded = read_manifests(["-"], recursive=False, stdin=io.BytesIO(text.encode("utf-8", "surrogatepass")))
    assert not [problem for problem in loaded.problems if not problem.warning], loaded.problems
    (document,) = loaded.documents
    return document


def place(document: Document, path: str) -> tuple[int, int]:
    location = document.locate(path)
    return location.line, location.column


PLACES = {
    "$": (2, 1),
    "$.kind": (3, 1),
    "$.metadata.name": (5, 3),
    '$.metadata.labels["app.kubernetes.io/name"]': (6, 12),
    "$.metadata.labels['on']": (6, 39),
    "$.spec.modelSources[0]": (9, 7),
    "$.spec.modelSources[0].sourceUri": (10, 7),
    "$.spec.modelSources[1].modelId": (12, 7),
    "$.spec.modelSources[1].sourceUri": (12, 7),
    "$.spec.modelSources[7]": (8, 3),
    "$.spec.image": (7, 1),
    "$.spec.env[0].name": (14, 7),
    "$.spec.again": (15, 3),
    "$.spec.again[0].name": (14, 7),
    "$.spec.custom.type": (17, 10),
    "$.spec.custom.hardware": (18, 5),
    "$.status.x.y": (2, 1),
    "nonsense": (2, 1),
}


@pytest.mark.parametrize("path", PLACES)
def test_a_path_is_located_at_its_key_or_its_nearest_ancestor(path: str) -> None:
    assert place(only(MODEL), path) == PLACES[path]


@pytest.mark.parametrize("path", ["$.metadata.name", "$.spec.env[0].name"])
def test_lines_count_from_the_start_of_the_file(path: str) -> None:
    loaded = read_manifests(["-"], recursive=False, stdin=io.BytesIO(f"{MODEL}---\n{MODEL}---\n# end\n".encode()))
    line, column = PLACES[path]
    assert [place(document, path) for document in loaded.documents] == [
        (line, column),
        (line + MODEL.count("\n") + 1, column),
    ]


def test_windows_line_ends_and_a_byte_order_mark_change_no_place() -> None:
    document = only("\ufeff" + MODEL.replace("\n", "\r\n"))
    assert {path: place(document, path) for path in PLACES} == PLACES


def test_columns_count_characters_not_bytes() -> None:
    document = only('{apiVersion: v1, kind: "Ünïcode😀", metadata: {name: a}}')
    assert place(document, "$.metadata") == (1, 36)


def test_json_is_located_though_it_has_what_yaml_refuses() -> None:
    text = '{\t"apiVersion": "v1", "kind": "X\\ud83d\\ude00\x7f",\n\t"metadata": {"name": "a"},\n\t"spec": {"a": 1}}'
    document = only(text)
    assert document.manifest["kind"] == "X😀\x7f"
    assert [place(document, path) for path in ("$.kind", "$.metadata.name", "$.spec.a")] == [(1, 23), (2, 15), (3, 11)]


def test_json_documents_one_after_the_other_keep_their_places() -> None:
    one = '{"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}}'
    loaded = read_manifests(["-"], recursive=False, stdin=io.BytesIO(f"{one} {one}\n{one}".encode()))
    assert [place(document, "$.kind") for document in loaded.documents] == [(1, 22), (1, len(one) + 23), (2, 22)]


KEYS = st.text(min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def marks(node: yaml.Node | None, steps: Steps = ()) -> dict[Steps, int]:
    """Every path of a composed document and the line it stands on, from PyYAML's own marks."""
    found: dict[Steps, int] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found[(*steps, key.value)] = key.start_mark.index
            found |= marks(value, (*steps, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            found[(*steps, number)] = item.start_mark.index
            found |= marks(item, (*steps, number))
    return found


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.booleans())
def test_every_path_is_found_where_the_parser_marks_it(spec: dict[str, object], flow: bool) -> None:  # noqa: FBT001 - drawn
    manifest = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}, "spec": spec}
    text = yaml.safe_dump(manifest, default_style='"', default_flow_style=flow, allow_unicode=True)
    document = only(text)
    for steps, index in marks(yaml.compose(text, yaml.SafeLoader)).items():
        expected = (text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))
        assert place(document, path_of(steps)) == expected, steps


@given(st.lists(st.text() | st.integers(0, 10**6)).map(tuple))
def test_steps_come_back_from_their_path(steps: Steps) -> None:
    assert steps_of(path_of(steps)) == steps


@given(st.text())
def test_any_text_is_a_path_of_some_steps(path: str) -> None:
    assert isinstance(steps_of(path), tuple)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_json_and_yaml_of_one_manifest_know_the_same_paths(spec: dict[str, object]) -> None:
    manifest = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}, "spec": spec}
    text = json.dumps(manifest, indent=1)
    document = only(text)
    for key in spec:
        line, column = place(document, path_of(("spec", key)))
        assert text.splitlines()[line - 1][column - 1 :].startswith(json.dumps(key))
