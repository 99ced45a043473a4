"""A lock file is read strictly, and what is wrong with it is told with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aimcore.adapters.manifests.limits import BYTES_AT_MOST, PROBLEMS_AT_MOST
from aimcore.adapters.manifests.lock import LockError, read_lock

ZEROS = "0" * 64
SOUND = f"""\
version: 1
platform: linux/amd64
images:
  docker.io/library/nginx:latest:
    digest: sha256:{ZEROS}
    labels:
      a: x
  docker.io/library/nginx@sha256:{ZEROS}:
    digest: sha256:{ZEROS}
    labels: {{}}
"""


def problems(tmp_path: Path, text: str | bytes) -> list[str]:
    file = tmp_path / "aim.lock.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(LockError) as caught:
        read_lock(file)
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    assert str(caught.value).count("aim.lock.yaml:") == len(told)
    return told


def test_a_sound_file_may_be_spelt_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "aim.lock.yaml"
    file.write_text(SOUND)
    assert [one.labels for one in read_lock(file)[0].images.values()] == [{"a": "x"}, {}]


@pytest.mark.parametrize(
    ("was", "is_now", "told"),
    [
        pytest.param(
            "version: 1",
            "version: 2",
            "aim.lock.yaml:1:1: $.version: version 2 is unknown; expected 1, which aimcore lock writes [LOCK]",
            id="another version",
        ),
        pytest.param(
            "version: 1",
            "version: true",
            "aim.lock.yaml:1:1: $.version: version True is unknown; expected 1, which aimcore lock writes [LOCK]",
            id="a truth for a version",
        ),
        pytest.param(
            "version: 1",
            "version: one",
            "aim.lock.yaml:1:1: $.version: version 'one' is unknown; expected 1, which aimcore lock writes [LOCK]",
            id="a text for a version",
        ),
        pytest.param(
            "version: 1",
            "version: []",
            "aim.lock.yaml:1:1: $.version: version a list is unknown; expected 1, which aimcore lock writes [LOCK]",
            id="a list for a version",
        ),
        pytest.param(
            "version: 1\n",
            "",
            "aim.lock.yaml:1:1: $.version: is missing; expected what aimcore lock writes [LOCK]",
            id="no version",
        ),
        pytest.param(
            "platform: linux/amd64\n",
            "",
            "aim.lock.yaml:1:1: $.platform: is missing; expected what aimcore lock writes [LOCK]",
            id="no platform",
        ),
        pytest.param(
            "linux/amd64",
            "linux",
            "aim.lock.yaml:2:1: $.platform: platform 'linux' is malformed; expected OS/ARCH, such as 'linux/amd64' [LOCK]",
            id="half a platform",
        ),
        pytest.param(
            "linux/amd64",
            "7",
            "aim.lock.yaml:2:1: $.platform: is a number; expected text in quotes [LOCK]",
            id="a number for a platform",
        ),
        pytest.param(
            "images:",
            "more: 1\nimages:",
            "aim.lock.yaml:3:1: $.more: unknown field; expected one of version, platform, images [LOCK]",
            id="an unknown field",
        ),
        pytest.param(
            f"latest:\n    digest: sha256:{ZEROS}",
            "latest:\n    digest: sha256:0",
            "aim.lock.yaml:5:5: $.images[\"docker.io/library/nginx:latest\"].digest: digest 'sha256:0' is malformed; "
            "expected sha256:, sha384: or sha512: and the hexadecimal digits [LOCK]",
            id="half a digest",
        ),
        pytest.param(
            f"latest:\n    digest: sha256:{ZEROS}",
            "latest:\n    digest: null",
            'aim.lock.yaml:5:5: $.images["docker.io/library/nginx:latest"].digest: is null; expected text in quotes [LOCK]',
            id="no digest but null",
        ),
        pytest.param(
            f"latest:\n    digest: sha256:{ZEROS}\n",
            "latest:\n",
            'aim.lock.yaml:4:3: $.images["docker.io/library/nginx:latest"].digest: is missing; '
            "expected what aimcore lock writes [LOCK]",
            id="no digest",
        ),
        pytest.param(
            f"{ZEROS}:\n    digest: sha256:0",
            f"{ZEROS}:\n    digest: sha256:1",
            f'aim.lock.yaml:9:5: $.images["docker.io/library/nginx@sha256:{ZEROS}"].digest: is another than the image names; '
            f"expected sha256:{ZEROS} [LOCK]",
            id="another digest than the image names",
        ),
        pytest.param(
            "docker.io/library/nginx:latest:",
            "nginx:",
            "aim.lock.yaml:4:3: $.images.nginx: image 'nginx' is not spelt in full; "
            "expected 'docker.io/library/nginx:latest' [LOCK]",
            id="a short name",
        ),
        pytest.param(
            "docker.io/library/nginx:latest:",
            "UP CASE:",
            "aim.lock.yaml:4:3: $.images[\"UP CASE\"]: image reference 'UP CASE' has the repository 'library/UP CASE'; expected "
            "lower-case letters and digits, joined by '.', '_', '__', '-' and '/' [LOCK]",
            id="no image",
        ),
        pytest.param(
            "a: x",
            "a: 1",
            'aim.lock.yaml:7:7: $.images["docker.io/library/nginx:latest"].labels.a: is a number; '
            "expected text in quotes [LOCK]",
            id="a number for a label",
        ),
        pytest.param(
            "labels:\n      a: x",
            "labels: [a]",
            'aim.lock.yaml:6:5: $.images["docker.io/library/nginx:latest"].labels: is a list; expected a mapping [LOCK]',
            id="a list of labels",
        ),
        pytest.param(
            "      a: x\n",
            "      a: x\n      a: y\n",
            "aim.lock.yaml:8:7: $.images[\"docker.io/library/nginx:latest\"].labels.a: key 'a' stands twice, "
            "first on line 7, column 7; expected one of them [YAML]",
            id="a label that stands twice",
        ),
        pytest.param(
            "version: 1",
            "%TAG ! tag:a,2000:\n---\nversion: 1",
            "aim.lock.yaml:1:1: $: directive %TAG is not allowed; expected none [LOCK]",
            id="tags of its own",
        ),
    ],
)
def test_what_lock_would_not_have_written_is_told(tmp_path: Path, was: str, is_now: str, told: str) -> None:
    assert was in SOUND
    assert problems(tmp_path, SOUND.replace(was, is_now, 1)) == [told]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("# a remark\n", "$: is empty; expected what aimcore lock writes", id="nothing"),
        pytest.param("[]", "$: is a list; expected a mapping", id="a list"),
        pytest.param(b"\xff", "$: is not UTF-8; expected what aimcore lock writes", id="no text"),
        pytest.param("a: [", "$.a: did not find expected node content", id="no YAML"),
        pytest.param("a: 1\n---\nb: 1\n", "$: a second document begins here", id="two documents"),
    ],
)
def test_what_is_no_lock_file_at_all_is_told(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert any(message in told for told in problems(tmp_path, text))


def test_problems_are_told_in_the_order_of_lines_and_not_without_end(tmp_path: Path) -> None:
    many = "".join(f"  x{number}: 1\n" for number in range(2 * PROBLEMS_AT_MOST))
    told = problems(tmp_path, f"images:\n{many}platform: 1\nversion: 1\n")
    assert len(told) == PROBLEMS_AT_MOST
    assert told[0].startswith("aim.lock.yaml:2:3:")


def test_a_file_that_is_not_there_or_too_large_is_told(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="cannot be read: no such file or directory"):
        read_lock(tmp_path / "none")
    large = tmp_path / "large"
    with large.open("wb") as stream:
        os.truncate(stream.fileno(), BYTES_AT_MOST + 1)
    with pytest.raises(LockError, match=f"is larger than the {BYTES_AT_MOST} bytes"):
        read_lock(large)


def test_five_hundred_images_are_read(tmp_path: Path) -> None:
    labels = "".join(f'      "label.{number}": "{"x" * 50}"\n' for number in range(30))
    images = "".join(
        f'  "ghcr.io/acme/x:{number}":\n    digest: "sha256:{ZEROS}"\n    labels:\n{labels}' for number in range(500)
    )
    file = tmp_path / "aim.lock.yaml"
    file.write_text(f'version: 1\nplatform: "linux/amd64"\nimages:\n{images}')
    assert len(read_lock(file)[0].images) == 500
