"""A text ten times as long is ten times the work, for every parser that reads what strangers write (A1, A13, A14, A17, A23, A29)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from aimcore.adapters.manifests.lock import read_lock
from aimcore.adapters.oci.challenge import parse_challenges
from aimcore.adapters.oci.content import parse_config, parse_index, parse_manifest, possible_images
from aimcore.adapters.oci.keyring import parse_keyring
from aimcore.adapters.oci.platforms import Platform
from aimcore.adapters.oci.tokens import parse_token
from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.images.deployments import parse_deployments
from aimcore.domain.images.labels import read_labels
from aimcore.domain.values.globs import matches
from aimcore.domain.values.image import ImageReference, _parse, parse_image
from aimcore.domain.values.literals import parse_values
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.sources import parse_model_id, parse_source_uri
from aimcore.ports.secrets import PullSecret
from tests.effort import calls_made, lines_run
from tests.integration.registry_faults.patterns import ambiguities, patterns_of

DEPLOYMENTS = "com.amd.aim.model.deployments"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
AMD64 = Platform(os="linux", architecture="amd64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A reader, and a text of so many units for it; `smallest` is the first of three sizes, each ten times the last.

    All of them lie beyond the size up to which readers take labels as they are, which is less work.
    """

    read: Callable[[str], object]
    text: Callable[[int], str]
    smallest: int = 100


def _reference(text: str) -> object:
    _parse.cache_clear()  # a text that was read before costs nothing
    return parse_image(text)


def _labels(key: str, text: str) -> object:
    return read_labels({key: text})


def _many_labels(text: str) -> object:
    return read_labels({f"{at:x}": each for at, each in enumerate(text.split())})


def _glob(text: str) -> bool:
    glob, _, key = text.partition(" ")
    return matches(glob, key)


def _descriptor(at: int) -> dict[str, object]:
    platform = {"os": "linux", "architecture": f"none{at}"}
    return {"mediaType": MANIFEST, "digest": f"sha256:{at:064x}", "size": at, "platform": platform}


def _index(units: int) -> str:
    return json.dumps({"schemaVersion": 2, "manifests": [_descriptor(at) for at in range(units)]})


def _secret(text: str) -> object:
    secret = PullSecret(name="team/pull", type="kubernetes.io/dockerconfigjson", document=text.encode())
    return parse_keyring([secret]).find(ImageReference(registry="ghcr.io", repository="acme/chat", tag="1"))


def _auths(units: int) -> str:
    return json.dumps({"auths": {f"ghcr.io/acme/chat{at}": {"auth": "YWRhOng="} for at in range(units)}})


def _lock(text: str) -> object:
    with NamedTemporaryFile(suffix=".yaml") as file:
        Path(file.name).write_text(text)
        return read_lock(Path(file.name))


def _locked(units: int) -> str:
    image = f"digest: sha256:{'0' * 64}\n    labels: {{a: 'b'}}"
    images = "".join(f"  ghcr.io/acme/chat:{at}:\n    {image}\n" for at in range(units))
    return f"version: 1\nplatform: linux/amd64\nimages:\n{images}"


def _config(units: int) -> str:
    return json.dumps({"config": {"Labels": {f"label{at}": "x" for at in range(units)}}})


CASES: Mapping[str, Hostile] = {
    "A1: an image reference of host parts": Hostile(read=_reference, text=lambda n: "a." * n + "io/x", smallest=5),
    "A1: an image reference of dashes": Hostile(read=_reference, text=lambda n: "a" + "-" * n + "/x", smallest=10),
    "A1: an image reference of path parts": Hostile(
        read=_reference, text=lambda n: "a.io" + "/a" * n + "_", smallest=4
    ),
    "A1: an image reference of underscores": Hostile(
        read=_reference, text=lambda n: "a.io/a" + "__a" * n + "!", smallest=3
    ),
    "A13: deployments in JSON": Hostile(read=parse_deployments, text=lambda n: "[" + '{"a": [1]},' * n + "{}]"),
    "A13: deployments that open and never close": Hostile(read=parse_deployments, text=lambda n: "[{" * n),
    "A13: deployments of open strings": Hostile(read=parse_deployments, text=lambda n: '["' * n),
    "A13: deployments of escapes": Hostile(read=parse_deployments, text=lambda n: '["' + "\\\\" * n),
    "A13: Python literals": Hostile(read=parse_values, text=lambda n: "[" + "{'a': (1, None)}, " * n + "]"),
    "A13: Python literals of signs": Hostile(read=parse_values, text=lambda n: "-" * n + "1"),
    "A13: Python literals of digits": Hostile(read=parse_values, text=lambda n: "{'a': " + "9" * n + "}"),
    "A13: Python literals of quotes": Hostile(read=parse_values, text=lambda n: "'\\'" * n),
    "A13: Python literals of octal escapes": Hostile(read=parse_values, text=lambda n: "'" + "\\777" * n + "'"),
    "A13: Python literals of blanks": Hostile(read=parse_values, text=lambda n: "['a'" + " " * n + "!"),
    "A13: one key again and again": Hostile(read=parse_values, text=lambda n: "{" + "'a': 1, " * n + "}"),
    "A14: a label with deployments": Hostile(
        read=partial(_labels, DEPLOYMENTS), text=lambda n: "[" + "{'gpuModel': 'x'}, " * n + "]"
    ),
    "A14: a label with commas": Hostile(
        read=partial(_labels, "com.amd.aim.model.tags"), text=lambda n: "\x01," * n, smallest=5_000
    ),
    "A14: a label of quotes": Hostile(
        read=partial(_labels, "com.amd.aim.title"), text=lambda n: '"\x01' * n, smallest=3_000
    ),
    "A14: a label of surrogates": Hostile(
        read=partial(_labels, "com.amd.aim.title"), text=lambda n: "\ud800\x01" * n, smallest=2_500
    ),
    "A14: many labels": Hostile(read=_many_labels, text=lambda n: "x " * n, smallest=4_000),
    "A10: an index of many images, none of them ours": Hostile(
        read=lambda text: possible_images(parse_index(text.encode()).manifests, AMD64), text=_index
    ),
    "A13: an index that opens and never closes": Hostile(
        read=lambda text: parse_manifest(text.encode()), text=lambda n: '{"manifests":[' * n
    ),
    "A13: a manifest of one key": Hostile(
        read=lambda text: parse_manifest(text.encode()), text=lambda n: "{" + '"a":1,' * n + '"b":1}'
    ),
    "A13: a manifest of one long number": Hostile(
        read=lambda text: parse_manifest(text.encode()), text=lambda n: '{"schemaVersion":' + "9" * n + "}"
    ),
    "A14: a config of many labels": Hostile(read=lambda text: parse_config(text.encode()), text=_config),
    "A17: a glob of stars": Hostile(read=_glob, text=lambda n: "*a" * n + "b " + "a" * n * 2),
    "A17: a glob of parts": Hostile(read=_glob, text=lambda n: "*/" * n + "b " + "a/" * n + "c"),
    "A17: a glob whose piece nearly stands everywhere": Hostile(
        read=_glob, text=lambda n: "*" + "a" * n + "b* " + "a" * n * 10
    ),
    "A29: a source URI for Hugging Face": Hostile(
        read=parse_source_uri, text=lambda n: "hf://a/" + "a-" * n + "!", smallest=5
    ),
    "A29: a source URI for S3": Hostile(read=parse_source_uri, text=lambda n: "s3://a" + ".a" * n + "/", smallest=5),
    "A29: a model id": Hostile(read=parse_model_id, text=lambda n: "-" * n + "/", smallest=2),
    "A23: a docker config of many hosts": Hostile(read=_secret, text=_auths, smallest=10),
    "A23: a docker config of more hosts than are read": Hostile(read=_secret, text=_auths, smallest=1_100),
    "A23: a docker config of one long host": Hostile(
        read=_secret, text=lambda n: json.dumps({"auths": {"/v2" * n: {"auth": "YWRhOng="}}})
    ),
    "A23: a docker config of one long password": Hostile(
        read=_secret, text=lambda n: json.dumps({"auths": {"ghcr.io": {"auth": "YWRh" * n + "="}}})
    ),
    "A4: challenges": Hostile(read=parse_challenges, text=lambda n: "Basic a=b, " * n, smallest=6),
    "A4: a challenge of quotes": Hostile(read=parse_challenges, text=lambda n: 'Basic a="' + '\\"' * n, smallest=40),
    "A4: a challenge of words": Hostile(read=parse_challenges, text=lambda n: "a" * n + "=", smallest=80),
    "A4: a challenge of commas": Hostile(read=parse_challenges, text=lambda n: ", \t" * n + "\x00", smallest=20),
    "A8: a token": Hostile(
        read=lambda text: parse_token(text.encode()), text=lambda n: json.dumps({"token": "=" + "a=" * n})
    ),
    "A35: a lock file": Hostile(read=_lock, text=_locked, smallest=5),
    "A17: a quantity": Hostile(read=parse_quantity, text=lambda n: "0" * n + "." + "0" * n + "x"),
    "A34: a text that is quoted": Hostile(read=quoted, text=lambda n: "\x1b" * n),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_ten_times_the_text_is_at_most_ten_times_the_lines(case: Hostile) -> None:
    once, ten, hundred = (lines_run(partial(case.read, case.text(case.smallest * size))) for size in (1, 10, 100))
    assert ten <= 11 * once
    assert hundred <= 11 * ten


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_ten_times_the_text_is_at_most_ten_times_the_calls(case: Hostile) -> None:
    once, ten, hundred = (calls_made(partial(case.read, case.text(case.smallest * size))) for size in (1, 10, 100))
    assert ten <= 11 * once
    assert hundred <= 11 * ten


@pytest.mark.parametrize(
    "unit", ["a", "a/", "a.", "a-", "a:", "@", "/", "_", ".", "[", "é", "\x00", "://", "sha256:", "\ud800"], ids=ascii
)
def test_a_megabyte_for_an_image_reference_is_refused_by_its_length_alone(unit: str) -> None:
    """A1: the text is not even looked at, so it costs what one of a character too many costs."""
    longest = 1024
    huge, barely = unit * (2**20 // len(unit)), ("a" * longest + "a")
    assert lines_run(partial(parse_image, huge)) == lines_run(partial(parse_image, barely))
    with pytest.raises(ParseError, match="is too long; expected at most 1024 characters") as refusal:
        parse_image(huge)
    assert len(str(refusal.value)) < 1_000


def test_no_regular_expression_can_match_one_text_in_two_ways() -> None:
    """A17: of all that read what strangers write. `aimcore.testing` judges only texts that aimcore itself wrote."""
    found = {name: pattern for name, pattern in patterns_of("aimcore") if not name.startswith("aimcore.testing.")}
    assert "aimcore.domain.values.image._REPOSITORY" in found
    ambiguous = {name: ambiguities(pattern) for name, pattern in found.items()}
    assert {name: why for name, why in ambiguous.items() if why} == {}


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "a*a*b", "(?:a|a?b)*c", r"\w+\d", "(?:a+|b)*ab", r"(.*),(.*),x", ".*?b", r"(a)\1"]
)
def test_a_pattern_that_could_is_caught(pattern: str) -> None:
    assert ambiguities(re.compile(pattern)) != []


@pytest.mark.parametrize("pattern", ["[a-z]+(?:-[a-z]+)*", "(?:a++)*+b", "(?:a+b)*c", "[^/]*/[^/]*", "(?:ab|cd)+e"])
def test_a_pattern_that_could_not_passes(pattern: str) -> None:
    assert ambiguities(re.compile(pattern)) == []


@pytest.mark.parametrize("measure", [lines_run, calls_made])
def test_a_reader_that_looks_back_over_all_it_read_is_caught(measure: Callable[[Callable[[], object]], int]) -> None:
    def read(text: str) -> int:
        seen = 0
        for at in range(len(text)):
            for one in text[:at]:
                seen += ord(one)
        return seen

    assert measure(partial(read, "a" * 400)) > 40 * measure(partial(read, "a" * 40))
