from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.errors import ParseError
from aimcore.domain.values.image import TEXT_AT_MOST, ImageReference, parse_image

VECTORS = Path(__file__).parents[3] / "vectors" / "image-references.json"
CASES = {case["in"]: case for case in json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]}
VALID = [case for case in CASES.values() if case["ok"]]
SHA256 = "sha256:" + "0123456789abcdef" * 4

parts = st.from_regex(r"[a-z0-9]{1,5}((\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}", fullmatch=True)
registries = st.sampled_from(
    ["docker.io", "ghcr.io", "localhost", "localhost:5000", "127.0.0.1:80", "[::1]", "[2001:db8::1]:443", "REG"]
)
references = st.builds(
    ImageReference,
    registry=registries,
    repository=st.lists(parts, min_size=2, max_size=4).map("/".join),
    tag=st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    digest=st.none() | st.just(SHA256),
)


@pytest.mark.rule("LOOK-4")
@pytest.mark.parametrize("case", VALID, ids=lambda case: case["in"])
def test_an_image_is_taken_apart_and_normalised_as_the_runtimes_do(case: dict[str, Any]) -> None:
    image, written = parse_image(case["in"]), case["domain"]
    host = written.lower() if "." in written or ":" in written else written
    assert (image.registry, image.repository) == (host, case["path"])
    assert (image.tag, image.digest) == (case.get("tag"), case.get("digest"))
    assert str(image) == host + case["normalized"].removeprefix(written)


@pytest.mark.rule("LOOK-4")
@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("DOCKER.IO/acme/llm", "docker.io/acme/llm:latest", id="Docker Hub"),
        pytest.param("Docker.io/nginx", "docker.io/library/nginx:latest", id="an official image"),
        pytest.param("INDEX.docker.io/acme/llm", "docker.io/acme/llm:latest", id="Docker Hub of old"),
        pytest.param("GHCR.IO:443/acme/llm:V1", "ghcr.io:443/acme/llm:V1", id="a port, and a tag that keeps its case"),
        pytest.param("LOCALHOST/llm", "localhost/llm:latest", id="this machine"),
        pytest.param("[2001:DB8::1]/llm", "[2001:db8::1]/llm:latest", id="an address"),
        pytest.param("REG/llm", "REG/llm:latest", id="a host that its capitals alone tell from a path"),
    ],
)
def test_a_host_has_no_case(text: str, normal: str) -> None:
    assert str(parse_image(text)) == normal
    assert parse_image(normal) == parse_image(text)


@pytest.mark.rule("LOOK-4")
@pytest.mark.parametrize(
    "case",
    [case for case in VALID if CASES.get(case["familiar"], case)["ok"]],  # one short form reads as a bare image id
    ids=lambda case: case["in"],
)
def test_all_spellings_of_one_image_are_equal(case: dict[str, Any]) -> None:
    image = parse_image(case["in"])
    assert image == parse_image(case["normalized"]) == parse_image(case["familiar"])
    assert hash(image) == hash(parse_image(case["familiar"]))


@pytest.mark.parametrize("text", [text for text, case in CASES.items() if not case["ok"]])
def test_what_the_runtimes_refuse_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="image reference"):
        parse_image(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "image reference '' is empty; expected a name such as ghcr.io/org/name:tag", id="nothing"),
        pytest.param("https://ghcr.io/a/b", "'https://ghcr.io/a/b' has a scheme; expected a name such as", id="a URL"),
        pytest.param("0" * 64, "is a bare image id; expected a name, or name@sha256:...", id="an image id"),
        pytest.param("a_b.io/x", "has the registry 'a_b.io'; expected a host name or [IPv6 address]", id="a bad host"),
        pytest.param("/x", "image reference '/x' has the repository '/x'; expected lower-case letters", id="no host"),
        pytest.param("h.io:/x", "has the registry 'h.io:'; expected a host name", id="a port without a number"),
        pytest.param(
            "ghcr.io/", "'ghcr.io/' has an empty repository; expected lower-case letters and digits", id="no path"
        ),
        pytest.param(
            "org/Name", "has the repository 'org/Name'; expected lower-case letters and digits", id="upper case"
        ),
        pytest.param("h.io/" + "a" * 256, "expected at most 255 characters", id="a path too long"),
        pytest.param("nginx:", "'nginx:' has an empty tag; expected 1 to 128 letters, digits", id="no tag"),
        pytest.param(
            "nginx:-a", "has the tag '-a'; expected 1 to 128 letters, digits, '_', '.' or '-'", id="a bad tag"
        ),
        pytest.param("nginx:a:b", "has the tag 'a:b'; expected 1 to 128 letters", id="two tags"),
        pytest.param("nginx@", "'nginx@' has an empty digest; expected sha256, sha384 or sha512", id="no digest"),
        pytest.param("nginx@md5:00", "has the digest 'md5:00'; expected sha256, sha384 or sha512", id="another digest"),
        pytest.param("nginx\n", r"has the repository 'library/nginx\n'; expected lower-case letters", id="a line end"),
        pytest.param(
            "a" * 1025, "... (1025 characters) is too long; expected at most 1024 characters", id="1025 characters"
        ),
    ],
)
def test_a_bad_reference_says_which_part_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_image(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("image reference ")


@pytest.mark.parametrize(("algorithm", "digits"), [("sha256", 64), ("sha384", 96), ("sha512", 128)])
def test_a_digest_has_the_length_of_its_algorithm(algorithm: str, digits: int) -> None:
    assert parse_image(f"nginx@{algorithm}:{'0' * digits}").digest == f"{algorithm}:{'0' * digits}"
    with pytest.raises(ParseError, match="digest"):
        parse_image(f"nginx@{algorithm}:{'0' * (digits + 1)}")


def test_a_long_reference_within_the_bound_is_read() -> None:
    host = "a" * (TEXT_AT_MOST - 2)
    assert parse_image(f"{host.upper()}/x").registry == host.upper()


@pytest.mark.rule("LOOK-4")
@given(image=references)
def test_parsing_the_normal_form_gives_the_same_reference(image: ImageReference) -> None:
    assert parse_image(str(image)) == image


@given(images=st.lists(references, max_size=5))
def test_references_sort_as_their_texts_do(images: list[ImageReference]) -> None:
    assert [str(image) for image in sorted(images)] == sorted(map(str, images))


@given(text=st.text() | st.text(alphabet="aA0.:/@_-[] é", max_size=24))
def test_any_text_is_a_reference_or_a_parse_error(text: str) -> None:
    try:
        image = parse_image(text)
    except ParseError as error:
        assert error.text == text  # noqa: PT017  (either outcome is lawful; this one carries the text)
    else:
        assert parse_image(str(image)) == image


@pytest.mark.parametrize(
    "shape", ["a", "a/", "a.", "a-", "-", "__", "a:", "@", "[", ":", "sha256:", "\x00", "é", "a--"]
)
def test_a_megabyte_of_anything_is_refused_unread(shape: str) -> None:
    with pytest.raises(ParseError, match="too long"):
        parse_image(shape * (10**6 // len(shape)))
