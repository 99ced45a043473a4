from __future__ import annotations

from aimcore.entrypoints.present.answers import Inspected
from aimcore.entrypoints.present.image import image_data, image_outline
from aimcore.entrypoints.present.outline import plain_text

FOUND = Inspected(
    image="docker.io/library/nginx:latest",
    digest="sha256:0",
    metadata={"model": {"tags": ["a", "b"], "hfTokenRequired": True}},
    templates=({"metadata": {"name": "llama-1"}, "spec": {"hardware": {"gpu": {"requests": 0}}, "metric": "latency"}},),
    problems=("com.amd.aim.hfToken.required: 'perhaps' says neither yes nor no",),
    failure="Malformed: deployments cannot be read",
)


def test_what_an_image_says_is_told_with_what_of_it_cannot_be_read() -> None:
    assert plain_text(image_outline(FOUND), 80).splitlines() == [
        "Image",
        "docker.io/library/nginx:latest",
        "  sha256:0",
        "",
        "Model",
        "tags             a, b",
        "hfTokenRequired  true",
        "",
        "Templates",
        "llama-1",
        "  no GPU model latency",
        "",
        "Problems",
        "Malformed: deployments cannot be read",
        "com.amd.aim.hfToken.required: 'perhaps' says neither yes nor no",
    ]
    assert image_data(FOUND)["failure"] == FOUND.failure
