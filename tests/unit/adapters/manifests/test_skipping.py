"""What is not wanted is skipped, whatever is wrong with it; what is wanted and wrong never is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from aimcore.adapters import wire
from aimcore.adapters.manifests import Loaded, Wanted, Why, read_manifests

OURS = Wanted(value=wire.concerns, text=wire.mentions)
MODEL = "apiVersion: aim.silogen.ai/v1alpha1\nkind: AIMModel\nmetadata: {name: a}\n"
CHART_TEMPLATE = "apiVersion: aim.silogen.ai/v1alpha1\nkind: AIMModel\nmetadata:\n  name: {{ .Release.Name }}\n"


def read(text: str) -> Loaded:
    return read_manifests(["-"], recursive=False, stdin=io.BytesIO(text.encode()), wanted=OURS)


def whys(loaded: Loaded) -> list[Why]:
    return [one.why for one in loaded.skipped]


@pytest.mark.rule("FILE-1")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", Why.OTHER_KIND, id="no name"
        ),
        pytest.param(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: x-}\n", Why.OTHER_KIND, id="a name to come"
        ),
        pytest.param("apiVersion: g/v1\nkind: X\nmetadata: {name: a}\nx: 1\nx: 2\n", Why.OTHER_KIND, id="a key twice"),
        pytest.param("apiVersion: v2\nname: chart\nversion: 1.0.0\n", Why.NO_MANIFEST, id="Chart.yaml"),
        pytest.param("image: x\nreplicas: 2\n", Why.NO_MANIFEST, id="values.yaml"),
        pytest.param('{"type": "object", "properties": {}}', Why.NO_MANIFEST, id="a schema"),
        pytest.param("- op: replace\n  path: /spec\n  value: x\n", Why.NO_MANIFEST, id="a patch of JSON"),
        pytest.param("key: !Ref x\n", Why.NO_MANIFEST, id="tags of others"),
        pytest.param("just words\n", Why.NO_MANIFEST, id="text"),
        pytest.param("kind: Secret\nname: {{ .Values.secret }}\n", Why.TEMPLATE, id="a template of others"),
    ],
)
def test_what_is_not_ours_is_skipped_with_all_that_is_wrong_with_it(text: str, why: Why) -> None:
    loaded = read(text)
    assert (loaded.documents, loaded.problems, whys(loaded)) == ((), (), [why])


@pytest.mark.rule("FILE-1")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(MODEL.replace("kind: AIMModel\n", ""), id="no kind"),
        pytest.param(MODEL.replace("apiVersion: aim.silogen.ai/v1alpha1\n", ""), id="no apiVersion"),
        pytest.param(MODEL.replace("apiVersion", "apiversion"), id="a misspelt field"),
        pytest.param(MODEL.replace("kind", "Kind"), id="another misspelt field"),
        pytest.param(MODEL.replace("silogen", "silogn").replace("{name: a}", "{}"), id="a misspelt group"),
        pytest.param(MODEL.replace("{name: a}", "{}"), id="no name"),
        pytest.param(MODEL.replace("AIMModel", "aimmodel").replace("{name: a}", "[]"), id="another case"),
        pytest.param("- apiVersion: aim.silogen.ai/v1alpha1\n  kind: AIMModel\n", id="a list of them"),
        pytest.param("kind: AIMModelList\nitems: nothing\n", id="a list that is none"),
        pytest.param("kind: AIMModelList\nitems: [1]\n", id="an item that is none"),
        pytest.param("apiVersion: v1\nkind: Secret\nmetadata: {}\n", id="a secret without a name"),
        pytest.param(MODEL + "spec: {image: x, image: y}\n", id="a key twice"),
        pytest.param(MODEL + "spec: [\n", id="no YAML"),
        pytest.param("a: [\n", id="no YAML, and nobody can say whose"),
        pytest.param(MODEL + 'spec: {image: "{{ x }}"\n', id="no YAML, with braces"),
        pytest.param(CHART_TEMPLATE, id="a template outside of any chart"),
        pytest.param(f"{MODEL}---\nname: {{{{ .Values.x }}}}\n", id="braces beside one of ours"),
    ],
)
def test_what_may_be_ours_and_is_wrong_is_a_problem(text: str) -> None:
    loaded = read(text)
    assert [problem for problem in loaded.problems if not problem.warning]
    assert loaded.skipped == ()


def test_of_a_list_only_what_is_not_ours_is_skipped() -> None:
    text = f"kind: List\nitems:\n- apiVersion: g/v1\n  kind: X\n- {MODEL.replace(chr(10), chr(10) + '  ')}\n"
    loaded = read(text)
    assert [document.manifest["kind"] for document in loaded.documents] == ["AIMModel"]
    assert (loaded.problems, whys(loaded)) == ((), [Why.OTHER_KIND])


def test_an_object_of_another_kind_that_is_sound_is_read_as_it_is() -> None:
    loaded = read("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {}\n")
    assert (len(loaded.documents), loaded.skipped) == (1, ())


# Charts -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    (tmp_path / "templates" / "deep").mkdir(parents=True)
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: chart\n")
    return tmp_path


def below(chart: Path) -> Loaded:
    return read_manifests([str(chart)], recursive=True, stdin=io.BytesIO(), wanted=OURS)


@pytest.mark.rule("FILE-1")
def test_a_template_of_a_chart_that_names_us_is_a_warning(chart: Path) -> None:
    (chart / "templates" / "deep" / "model.yaml").write_text(CHART_TEMPLATE)
    loaded = below(chart)
    assert sorted(whys(loaded)) == [Why.TEMPLATE, Why.NO_MANIFEST]
    [problem] = loaded.problems
    assert (problem.warning, problem.line, problem.column) == (True, 4, 9)
    assert "is a template of Helm and not checked" in problem.message


@pytest.mark.rule("FILE-1")
@pytest.mark.parametrize("name", ['"{{ .Release.Name }}"', "a {{- if .Values.x }} b {{- end }}"])
def test_a_template_of_a_chart_is_none_of_our_manifests_though_it_is_yaml(chart: Path, name: str) -> None:
    (chart / "templates" / "model.yaml").write_text(MODEL.replace("{name: a}", f"\n  name: {name}"))
    assert below(chart).documents == ()


def test_what_is_no_template_is_read_among_those_of_a_chart(chart: Path) -> None:
    (chart / "templates" / "model.yaml").write_text(MODEL)
    assert len(below(chart).documents) == 1
