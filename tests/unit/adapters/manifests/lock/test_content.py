from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.manifests.lock import Lock, LockedInspector, lock_text, read_lock
from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed, Unchanged
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from aimcore.testing import image_references

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
digests = st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format)
inspected = st.builds(
    Inspected,
    digest=digests,
    labels=st.dictionaries(texts, texts, max_size=4),
    problems=st.lists(texts, max_size=2).map(tuple),
)
locks = st.builds(
    Lock,
    platform=st.sampled_from(["linux/amd64", "linux/arm64"]),
    images=st.dictionaries(
        image_references().map(parse_image).map(str).filter(lambda text: "@" not in text), inspected, max_size=4
    ),
)
NGINX = "docker.io/library/nginx:latest"


def lock(**labels: str) -> Lock:
    return Lock(platform="linux/amd64", images={NGINX: Inspected(digest=f"sha256:{'0' * 64}", labels=labels)})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("locks") / "aim.lock.yaml"


@given(locks)
def test_law_what_is_written_is_what_is_read(file: Path, given_lock: Lock) -> None:
    file.write_text(lock_text(given_lock), encoding="ascii")
    found, text = read_lock(file)
    assert found == given_lock
    assert lock_text(found) == text


@given(locks)
def test_law_the_order_of_images_and_labels_changes_no_byte(given_lock: Lock) -> None:
    backwards = {
        name: replace(one, labels=dict(reversed(list(one.labels.items()))))
        for name, one in reversed(list(given_lock.images.items()))
    }
    assert lock_text(Lock(platform=given_lock.platform, images=backwards)) == lock_text(given_lock)


@given(locks)
def test_law_nothing_in_it_can_move_a_cursor_or_pass_for_another_letter(given_lock: Lock) -> None:
    assert all(line.isascii() and line.isprintable() for line in lock_text(given_lock).split("\n"))


def test_a_label_that_changes_is_one_line_that_changes() -> None:
    before, after = (lock_text(lock(a="1", b=value, c="3")).splitlines() for value in ("2", "2\n2"))
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        ('      "b": "2"', '      "b": "2\\n2"')
    ]


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("k" * 5000, id="longer than YAML lets a key be"),
        pytest.param("<<", id="the merge key"),
        pytest.param("", id="an empty one"),
        pytest.param("\x7f\x00\x85\u2028\ufeff", id="control characters and breaks"),
        pytest.param("\U0001f600\U0010ffff", id="beyond the basic plane"),
        pytest.param("\\ud83d\\ude00", id="what looks like an escape"),
    ],
)
def test_any_label_can_be_locked(file: Path, label: str) -> None:
    file.write_text(lock_text(lock(**{label: label})), encoding="ascii")
    assert read_lock(file)[0].images[NGINX].labels == {label: label}


READ = Inspected(digest=f"sha256:{'0' * 64}", labels={"a": "x"})
INSPECTOR = LockedInspector(
    Lock(platform="linux/amd64", images={"docker.io/library/nginx:latest": READ}), file=Path("dir/aim.lock.yaml")
)


@pytest.mark.parametrize("spelling", ["nginx", "docker.io/nginx:latest"])
def test_a_locked_image_is_answered_whatever_the_spelling_and_the_secrets(spelling: str) -> None:
    assert INSPECTOR.inspect(Inspect(parse_image(spelling), "ml", ("registry",))) == READ


def test_an_image_that_is_not_locked_is_not_found_and_it_is_said_what_to_do() -> None:
    assert INSPECTOR.inspect(Inspect(parse_image("nginx:1"))) == InspectionFailed(
        cause=Cause.NOT_FOUND,
        message="image docker.io/library/nginx:1 is not in dir/aim.lock.yaml: run aimcore lock",
    )


def test_a_recheck_compares_digests() -> None:
    want = Inspect(parse_image("nginx"))
    assert INSPECTOR.recheck(want, READ.digest) == Unchanged(digest=READ.digest)
    assert INSPECTOR.recheck(want, "sha256:1") == READ
