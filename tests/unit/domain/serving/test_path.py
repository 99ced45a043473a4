from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.serving.path import PathProblem, ServiceMetadata, route_path
from aimcore.domain.values.kubenames import is_dns1123_label

CHAT = ServiceMetadata(
    namespace="ml",
    name="chat",
    labels={"team": "A-Team", "apps.example.com/workload-id": "w/17", "odd": "---"},
    annotations={"note": "Hello, World"},
)


@pytest.mark.rule("ROUTE-2")
@pytest.mark.parametrize(
    ("template", "path"),
    [
        pytest.param(None, "/ml/chat", id="nobody says one"),
        pytest.param("/{namespace}/{name}", "/ml/chat", id="the default"),
        pytest.param(
            "{.metadata.namespace}/{.metadata.labels['apps.example.com/workload-id']}",
            "/ml/w-17",
            id="a published chart's",
        ),
        pytest.param("/{labels.team}/v1", "/a-team/v1", id="a label by its dotted path"),
        pytest.param("/x-{metadata.name}-{.namespace}", "/x-chat-ml", id="text and values in one segment"),
        pytest.param("/{annotations.note}", "/hello-world", id="an annotation"),
        pytest.param("/My_Path/", "/my-path", id="literal text, and a slash at the end"),
        pytest.param("/", "/", id="all of the host"),
    ],
)
def test_paths(template: str | None, path: str) -> None:
    assert route_path(template, CHAT) == path


@pytest.mark.rule("ROUTE-2")
@pytest.mark.parametrize(
    ("template", "says"),
    [
        pytest.param("/{labels.none}", "speaks of labels['none'], which the service does not have", id="no such label"),
        pytest.param("/{spec.model}", "has '{spec.model}'; expected {name}, {namespace}", id="not of the metadata"),
        pytest.param("/{name", "cannot be read", id="a brace too few"),
        pytest.param("/name}", "cannot be read", id="a brace too many"),
        pytest.param("/{{name}}", "cannot be read", id="braces within braces"),
        pytest.param("//{name}", "makes an empty segment", id="an empty segment"),
        pytest.param("/../{name}", "makes an empty segment", id="dots"),
        pytest.param("/{labels.odd}", "makes an empty segment", id="a value without letters"),
        pytest.param("", "makes an empty segment", id="nothing"),
        pytest.param("/" + "a/" * 150, "makes a path of 300 characters; expected at most 200", id="too long a path"),
        pytest.param("a" * 2000, "cannot be read; expected at most 1024 characters", id="too long a template"),
    ],
)
def test_a_broken_template_says_what_is_wrong(template: str, says: str) -> None:
    answer = route_path(template, CHAT)
    assert isinstance(answer, PathProblem)
    assert answer.message.startswith("pathTemplate ")
    assert says in answer.message


@pytest.mark.rule("ROUTE-2")
@given(st.text("/{}.ab'[]nme", max_size=30) | st.sampled_from(["/{name}", "/{labels['odd']}x"]))
def test_any_template_ends_in_a_path_that_servers_take_or_in_a_problem(template: str) -> None:
    answer = route_path(template, CHAT)
    if isinstance(answer, str) and answer != "/":
        assert answer.startswith("/")
        assert len(answer) <= 200
        assert all(is_dns1123_label(segment) for segment in answer[1:].split("/"))


@pytest.mark.rule("ROUTE-2")
def test_a_long_segment_is_cut_to_a_label() -> None:
    answer = route_path("/" + "a" * 62 + "-b", CHAT)
    assert answer == "/" + "a" * 62
