"""Files, documents and lists become manifests; all that is wrong is said at once, each with its place."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from textwrap import dedent

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.manifests import Loaded, Problem, read_manifests
from aimcore.adapters.manifests.scalars import is_plain_text
from aimcore.domain.errors import Fault


def read(text: str | bytes) -> Loaded:
    data = text if isinstance(text, bytes) else text.encode()
    return read_manifests(["-"], recursive=False, stdin=io.BytesIO(data))


def names(loaded: Loaded) -> list[object]:
    return [document.manifest["metadata"]["name"] for document in loaded.documents]  # type: ignore[index]


def lines(loaded: Loaded) -> list[str]:
    return [str(problem) for problem in loaded.problems]


def thing(name: str, extra: str = "") -> str:
    return f"apiVersion: v1\nkind: X\nmetadata: {{name: {name}}}\n{extra}"


# --- documents ---------------------------------------------------------------------------------------------------------

STREAMS = {
    "one": (thing("a"), ["a"]),
    "two": (f"{thing('a')}---\n{thing('b')}", ["a", "b"]),
    "empty ones between": (f"---\n---\n# note\n---\n{thing('a')}---\n\n---\nnull\n---\n~\n", ["a"]),
    "a comment after the separator": (f"--- # one\n{thing('a')}--- # two\n{thing('b')}", ["a", "b"]),
    "content after the separator": ("--- {apiVersion: v1, kind: X, metadata: {name: a}}\n", ["a"]),
    "an end and a bare document": (f"{thing('a')}...\n{thing('b')}...\n", ["a", "b"]),
    "a directive": (f"# note\n%YAML 1.1\n---\n{thing('a')}---\n{thing('b')}", ["a", "b"]),
    "a directive after an end": (f"{thing('a')}...\n%YAML 1.1\n---\n{thing('b')}", ["a", "b"]),
    "dashes inside a text": (thing("a", 'x: |\n  ---\n  b\nw: "--- c"\n---d: 1\n'), ["a"]),
    "windows line ends": (f"{thing('a')}---\n{thing('b')}".replace("\n", "\r\n"), ["a", "b"]),
    "nothing at all": ("", []),
    "only comments": ("# a\n# b", []),
    "json with tabs": ('{\t"apiVersion": "v1",\n\t"kind": "X",\n\t"metadata": {"name": "a"}}\n', ["a"]),
    "json, then yaml": (
        f'{{"apiVersion": "v1", "kind": "X", "metadata": {{"name": "a"}}}}\n---\n{thing("b")}',
        ["a", "b"],
    ),
    "flow that is not json": ("{apiVersion: v1, kind: X, metadata: {name: a},}", ["a"]),
}


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_holds_these_documents(stream: str) -> None:
    text, expected = STREAMS[stream]
    loaded = read(text)
    assert (names(loaded), lines(loaded)) == (expected, [])


def test_a_broken_document_hides_no_other() -> None:
    loaded = read(f"{thing('a')}---\nkind: [\n---\n{thing('b')}---\nx: *y\n---\n{thing('c')}")
    assert names(loaded) == ["a", "b", "c"]
    assert [(problem.line, problem.rule) for problem in loaded.problems] == [
        (6, "YAML"),
        (11, "YAML"),
        (11, "KIND"),
        (11, "KIND"),
        (11, "KIND"),
    ]


# --- lists -------------------------------------------------------------------------------------------------------------

LISTED = dedent("""\
    apiVersion: v1
    kind: List
    items:
      - {apiVersion: v1, kind: X, metadata: {name: a}}
      - apiVersion: v1
        kind: X
        metadata: {name: b}
        spec: {x: 1}
""")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("kind: A\nmetadata:\n  name: {{ .Release.Name }}-model\n", "3:9", id="a value"),
        pytest.param(
            "{{- if .Values.on }}\nkind: A\nlabels: {{ .Values.labels | quote }}\n{{- end }}\n", "1:1", id="a condition"
        ),
        pytest.param("a:\n{{ toYaml .Values.env | indent 4 }}\n", "2:1", id="a block"),
        pytest.param(
            "{{- range .Values.models }}\n---\nname: {{ .name }}\n{{- end }}\n", "1:1", id="several documents"
        ),
        pytest.param("a: b\n  c: {{ .Values.x }}\n", "2:6", id="another fault before it"),
        pytest.param('apiVersion: v1\nkind: A\nmetadata: {name: "{{ .x }}"}\n', "3:19", id="a name in quotes"),
        pytest.param(
            'apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  namespace: "{{ .x }}"\n---\nkind: "{{ .y }}"\n',
            "5:15",
            id="a namespace in quotes, and another document",
        ),
    ],
)
def test_a_template_of_helm_is_told_once(text: str, place: str) -> None:
    loaded = read(text)
    assert loaded.documents == ()
    told = "$: is a template of Helm; expected manifests: run helm template, and give what it prints [YAML]"
    assert [str(problem) for problem in loaded.problems] == [f"stdin:{place}: {told}"]


def test_an_expression_for_somebody_else_makes_no_template() -> None:
    chat = 'apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: {chat: "{{ messages }}"}\n'
    assert names(read(chat)) == ["a"]


def test_a_key_that_is_nearly_the_one_that_is_missing_is_told() -> None:
    (problem,) = read("apiVersion: v1\nkind: A\nmetadat: {name: a}\n").problems
    assert problem.message.endswith("; is 'metadat' meant to be metadata?")


@pytest.mark.parametrize("text", ['a: "{{ .Values.x }}"\n- b\n', "a: {b: {c: d}}\n- b\n", "a: {{b\n"])
def test_what_is_no_template_keeps_its_own_faults(text: str) -> None:
    told = [problem.message for problem in read(text).problems]
    assert told
    assert ("}}" in text and "{{" in text) == ("is a template of Helm" in told[0])


def test_the_items_of_a_list_are_documents_of_their_own() -> None:
    loaded = read(LISTED)
    assert names(loaded) == ["a", "b"]
    assert [str(document.locate("$")) for document in loaded.documents] == ["stdin:4:5", "stdin:5:5"]
    assert str(loaded.documents[1].locate("$.spec.x")) == "stdin:8:12"


def test_lists_in_lists_unfold_as_deep_as_they_go() -> None:
    inner = '{"kind": "List", "items": [{"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}}]}'
    assert names(read(f'{{"kind": "List", "items": [{inner}, {inner}]}}')) == ["a", "a"]


def test_a_typed_list_says_what_its_items_are() -> None:
    (document,) = read("apiVersion: g/v1\nkind: AIMModelList\nitems:\n- metadata: {name: a}\n").documents
    assert (document.manifest["apiVersion"], document.manifest["kind"]) == ("g/v1", "AIMModel")


@pytest.mark.parametrize("items", ["items: null", "items: []", "items:"])
def test_a_list_may_be_empty(items: str) -> None:
    assert read(f"apiVersion: v1\nkind: List\n{items}\n") == Loaded(documents=(), problems=(), files=("stdin",))


def test_a_broken_item_hides_no_other() -> None:
    text = "kind: List\nitems:\n- {apiVersion: v1, kind: X, metadata: {name: a}, x: 1, x: 2}\n- {apiVersion: v1, kind: X, metadata: {name: b}}\n- 5\n"
    loaded = read(text)
    assert names(loaded) == ["b"]
    assert lines(loaded) == [
        "stdin:3:56: $.items[0].x: key 'x' stands twice, first on line 3, column 50; expected one of them [YAML]",
        "stdin:5:3: $: 5 is no object; expected a mapping with apiVersion, kind and metadata [KIND]",
    ]


def test_items_that_are_no_list_are_reported() -> None:
    assert lines(read("kind: List\nitems: 5\n")) == [
        "stdin:2:1: $: 5 is no object; expected a mapping with apiVersion, kind and metadata [KIND]"
    ]


# --- shape -------------------------------------------------------------------------------------------------------------

SHAPES = {
    "a list": ("- a\n", ["1:1: $: a list is no object"]),
    "a text": ("hello\n", ["1:1: $: 'hello' is no object"]),
    "a boolean": ("yes\n", ["1:1: $: true is no object"]),
    "everything missing": (
        "spec: {}\n",
        ["1:1: $.apiVersion: is missing", "1:1: $.kind: is missing", "1:1: $.metadata.name: is missing"],
    ),
    "no name": ("apiVersion: v1\nkind: X\nmetadata: {labels: {}}\n", ["3:1: $.metadata.name: is missing"]),
    "an empty name": ("apiVersion: v1\nkind: X\nmetadata: {name: }\n", ["3:12: $.metadata.name: is empty"]),
    "a name that is a number": (
        "apiVersion: v1\nkind: X\nmetadata: {name: 5}\n",
        ["3:12: $.metadata.name: 5 is no text"],
    ),
    "a kind that is a boolean": ("apiVersion: v1\nkind: on\nmetadata: {name: a}\n", ["2:1: $.kind: true is no text"]),
    "metadata that is a list": ("apiVersion: v1\nkind: X\nmetadata: [a]\n", ["3:1: $.metadata: a list is no mapping"]),
    "a namespace that is a number": (
        "apiVersion: v1\nkind: X\nmetadata: {name: a, namespace: 5}\n",
        ["3:21: $.metadata.namespace: 5 is no text"],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_object_has_kind_and_name(shape: str) -> None:
    text, expected = SHAPES[shape]
    loaded = read(text)
    assert not loaded.documents
    assert [str(problem).removeprefix("stdin:").split(";")[0] for problem in loaded.problems] == expected
    assert {problem.rule for problem in loaded.problems} == {"KIND"}


# --- values ------------------------------------------------------------------------------------------------------------

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029")


def values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    return st.recursive(
        SCALARS | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=20,
    )


def spec_of(text: str) -> object:
    (document,) = read(text).documents
    return document.manifest["spec"]


@given(values(st.text(CHARACTERS)))
def test_json_is_read_back_as_it_was(spec: object) -> None:
    manifest = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}, "spec": spec}
    assert spec_of(json.dumps(manifest)) == spec
    assert spec_of(json.dumps(manifest, ensure_ascii=False, indent="\t")) == spec


# PyYAML leaves some texts unquoted that kubectl takes for something else: 'y', '1e3', '0o14'.
UNMISTAKABLE = st.text(CHARACTERS).filter(is_plain_text)


@given(values(UNMISTAKABLE), st.booleans(), st.booleans())
def test_yaml_is_read_back_as_it_was(spec: object, flow: bool, unicode: bool) -> None:  # noqa: FBT001 - drawn
    manifest = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}, "spec": spec}
    assert spec_of(yaml.safe_dump(manifest, default_flow_style=flow, allow_unicode=unicode)) == spec


@given(values(st.text(CHARACTERS)))
def test_quoted_and_tagged_yaml_is_read_back_as_it_was(spec: object) -> None:
    manifest = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}, "spec": spec}
    assert spec_of(yaml.safe_dump(manifest, default_style='"')) == spec


MERGES = {
    "a merge, then a key": ("x: &x {a: 1, b: 1}\nspec: {<<: *x, a: 2}\n", {"a": 2, "b": 1}),
    "a key, then a merge": ("spec: {a: 2, <<: {a: 1}}\n", {"a": 1}),
    "several, the first the strongest": ("spec: {<<: [{a: 1}, {a: 2, b: 2}]}\n", {"a": 1, "b": 2}),
    "two merges": ("spec: {<<: {a: 1}, <<: {b: 2}}\n", {"a": 1, "b": 2}),
    "none": ("spec: {<<: []}\n", {}),
    "in quotes it is a key": ('spec: {"<<": {a: 1}}\n', {"<<": {"a": 1}}),
    "as a value it is text": ("spec: <<\n", "<<"),
}


@pytest.mark.parametrize("merge", MERGES)
def test_merge_keys_do_what_they_do_in_kubectl(merge: str) -> None:
    extra, expected = MERGES[merge]
    assert spec_of(thing("a", extra)) == expected


def test_an_alias_is_a_copy() -> None:
    (document,) = read(thing("a", "x: &x {k: [1]}\nu: *x\nz: &w w\nv: *w\n")).documents
    manifest = document.manifest
    assert manifest["x"] == manifest["u"] == {"k": [1]}
    assert manifest["x"] is not manifest["u"]
    assert manifest["v"] == "w"


def test_a_key_that_looks_like_something_else_is_read_as_kubectl_does_with_a_warning() -> None:
    loaded = read(thing("a", "spec: {on: 1, 8080: 2, 0x10: 3}\n"))
    assert loaded.documents[0].manifest["spec"] == {"true": 1, "8080": 2, "16": 3}
    assert [(problem.column, problem.warning) for problem in loaded.problems] == [(8, True), (15, True), (24, True)]
    assert lines(loaded)[0] == "stdin:4:8: $.spec: a key is a boolean and is read as 'true'; quote it to say so [YAML]"
    assert str(loaded.documents[0].locate("$.spec.true")) == "stdin:4:8"


# --- what is told ------------------------------------------------------------------------------------------------------


def test_a_fault_of_a_document_becomes_a_problem_with_a_place() -> None:
    (document,) = read(thing("a", "spec:\n  image: x\n")).documents
    fault = Fault(path="$.spec.image", message="is odd", rule="KIND-4", warning=True)
    assert document.problem(fault) == Problem(
        file="stdin", line=5, column=3, path="$.spec.image", message="is odd", rule="KIND-4", warning=True
    )


def test_no_input_can_forge_a_line() -> None:
    forged = Problem(file="a\nb", line=1, column=1, path='$["\u202e"]', message="x\x1b[31m", rule="KIND")
    assert str(forged) == 'a\\nb:1:1: $["\\u202e"]: x\\x1b[31m [KIND]'


def test_without_libyaml_the_same_is_read() -> None:
    texts = [text for text, _ in STREAMS.values() if "\t" not in text] + [
        thing("a", extra) for extra, _ in MERGES.values()
    ]
    texts += [
        thing("a", "x: ! 5\ny: &y [1, on]\nz: *y\n"),
        LISTED,
        "kind: [\n",
        thing("a", "x: 1\nx: 2\n"),
        thing("a", "x: !y z\n"),
    ]
    program = dedent("""\
        import io, json, sys, yaml
        if sys.argv[1] == "pure":
            del yaml.CSafeLoader
        from aimcore.adapters.manifests import read_manifests
        for text in json.load(sys.stdin):
            found = read_manifests(["-"], recursive=False, stdin=io.BytesIO(text.encode()))
            print([document.manifest for document in found.documents], [(p.line, p.column, p.rule) for p in found.problems])
    """)
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program, which], input=json.dumps(texts), capture_output=True, text=True, check=True
        ).stdout
        for which in ("libyaml", "pure")
    ]
    assert outputs[0].splitlines() == outputs[1].splitlines()
    assert len(outputs[0].splitlines()) == len(texts)


def test_pyyaml_is_loaded_by_the_first_reading_only() -> None:
    program = (
        "import sys; from aimcore.adapters.manifests import Problem, read_manifests; sys.exit('yaml' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
