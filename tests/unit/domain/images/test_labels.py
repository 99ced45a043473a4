from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimcore.domain.images.labels import LabelProblem, ReadLabels, read_labels
from aimcore.domain.images.metadata import Deployment, ImageMetadata, ModelMetadata, OciMetadata
from aimcore.domain.values.profile import Metric, Precision
from tests.effort import lines_run

NEW = "com.amd.aim."
OLD = "org.amd.silogen."
OCI = "org.opencontainers.image."
NAME = NEW + "model.canonicalName"
DEPLOYMENTS = NEW + "model.deployments"
KEYS = ["model.canonicalName", "model.source", "model.tags", "model.versions", "model.variants", "title"]
KEYS += ["description.full", "release.notes", "hfToken.required", "model.deployments", "model.recommendedDeployments"]
KNOWN = [prefix + key for prefix in (NEW, OLD) for key in KEYS] + [
    OCI + field.name for field in dataclasses.fields(OciMetadata)
]

REAL = {
    NEW + "description.full": "Acme Chat is a family of instruction-tuned models. It's made for dialogue.",
    NEW + "hfToken.required": "True",
    NAME: "acme/Chat-8B-Instruct",
    NEW + "model.recommendedDeployments": (
        "{'gpuModel': 'MI300X', 'gpuCount': 1, 'precision': 'fp8', 'metric': 'latency', "
        "'description': \"The model's fastest on MI300X\"}, "
        "{'gpuModel': 'MI300X', 'gpuCount': 1, 'precision': 'fp8', 'metric': 'throughput', "
        "'description': 'Optimized for throughput on MI300X using fp8 precision'}"
    ),
    NEW + "model.source": "https://models.example/acme/Chat-8B-Instruct",
    NEW + "model.tags": "text-generation, chat, instruction",
    NEW + "model.variants": "acme/Chat-8B-Instruct-FP8, acme/Chat-8B-Instruct",
    NEW + "release.notes": "",
    NEW + "title": "Chat 8B Instruct",
    OCI + "created": "2025-11-11T10:45:11Z",
    OCI + "description": "Chat, tuned for instructions.",
    OCI + "licenses": "Apache-2.0, MIT",
    OCI + "ref.name": "ubuntu",
    OCI + "revision": "bdba5c8c0a6be5962f098fa4bbe0ecbce9fdc07a",
    OCI + "vendor": "Acme",
    OCI + "version": "",
}

hostile = st.text(st.characters() | st.sampled_from("\0\ud800\x01\"'\\[]{},:"), max_size=30)
grown = st.builds(lambda text, times: text * times, hostile, st.sampled_from([1, 10, 100, 1_000]))
mutations = st.dictionaries(st.sampled_from(KNOWN) | hostile, st.sampled_from(list(REAL.values())) | grown, max_size=12)


def as_json(metadata: ImageMetadata) -> bytes:
    """The metadata as a status holds it: what is absent is left out."""

    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(map(str.capitalize, rest))

    def document(value: Any) -> Any:
        if isinstance(value, dict):
            return {camel(name): document(each) for name, each in value.items() if each not in (None, ())}
        return [document(each) for each in value] if isinstance(value, tuple) else value

    record = dataclasses.asdict(metadata) | {"original_labels": ()}
    return json.dumps(
        document(record) | {"originalLabels": dict(metadata.original_labels)}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def problems(read: ReadLabels) -> list[str]:
    return [str(problem) for problem in read.problems]


@pytest.mark.rule("LABEL-2", "LABEL-3", "KIND-10")
def test_the_labels_of_a_real_image() -> None:
    assert read_labels(REAL) == ReadLabels(
        metadata=ImageMetadata(
            model=ModelMetadata(
                canonical_name="acme/Chat-8B-Instruct",
                source="https://models.example/acme/Chat-8B-Instruct",
                title="Chat 8B Instruct",
                description_full="Acme Chat is a family of instruction-tuned models. It's made for dialogue.",
                tags=("text-generation", "chat", "instruction"),
                variants=("acme/Chat-8B-Instruct-FP8", "acme/Chat-8B-Instruct"),
                hf_token_required=True,
                recommended_deployments=(
                    Deployment(
                        gpu_model="MI300X",
                        gpu_count=1,
                        metric=Metric.LATENCY,
                        precision=Precision.FP8,
                        description="The model's fastest on MI300X",
                    ),
                    Deployment(
                        gpu_model="MI300X",
                        gpu_count=1,
                        metric=Metric.THROUGHPUT,
                        precision=Precision.FP8,
                        description="Optimized for throughput on MI300X using fp8 precision",
                    ),
                ),
            ),
            oci=OciMetadata(
                description="Chat, tuned for instructions.",
                licenses="Apache-2.0, MIT",
                vendor="Acme",
                created="2025-11-11T10:45:11Z",
                revision="bdba5c8c0a6be5962f098fa4bbe0ecbce9fdc07a",
            ),
            original_labels=tuple(sorted(REAL.items())),
        )
    )


TEXTS = {
    "model.canonicalName": "canonical_name",
    "model.source": "source",
    "title": "title",
    "description.full": "description_full",
    "release.notes": "release_notes",
}


@pytest.mark.rule("LABEL-1", "LABEL-2")
@pytest.mark.parametrize(
    ("labels", "value"),
    [
        ({NEW: " new ", OLD: "old"}, "new"),
        ({NEW: " \n", OLD: "old"}, "old"),
        ({NEW: "", OLD: ""}, None),
        ({}, None),
    ],
    ids=["the new prefix wins", "a blank value counts as absent", "both empty", "neither"],
)
@pytest.mark.parametrize("key", TEXTS)
def test_each_text_is_looked_for_under_both_prefixes(key: str, labels: dict[str, str], value: str | None) -> None:
    read = read_labels({prefix + key: text for prefix, text in labels.items()})
    assert getattr(read.metadata.model, TEXTS[key]) == value


@pytest.mark.rule("LABEL-1")
def test_the_prefix_is_decided_for_each_key() -> None:
    model = read_labels({NEW + "title": "new", OLD + "title": "old", OLD + "model.source": "old"}).metadata.model
    assert (model.title, model.source) == ("new", "old")


@pytest.mark.rule("LABEL-2")
@pytest.mark.parametrize("field", ["tags", "versions", "variants"])
def test_lists_are_split_at_commas_trimmed_and_without_empty_items(field: str) -> None:
    read = read_labels({f"{OLD}model.{field}": " a, b c,, ,d ", f"{NEW}model.{field}": " "})
    assert getattr(read.metadata.model, field) == ("a", "b c", "d")


@pytest.mark.rule("LABEL-2")
@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(OciMetadata)])
def test_each_standard_label_has_its_field(field: str) -> None:
    assert read_labels({OCI + field: " text "}).metadata.oci == dataclasses.replace(OciMetadata(), **{field: "text"})


@pytest.mark.rule("LABEL-2")
@pytest.mark.parametrize(
    ("text", "required"),
    [
        *[(text, True) for text in ("1", "t", "T", "true", "True", "TRUE", "y", "yes", " Yes ", "on")],
        *[(text, False) for text in ("0", "f", "F", "false", "False", "FALSE", "n", "no", "NO", "off")],
        ("", None),
    ],
)
def test_whether_a_token_is_required(text: str, required: object) -> None:
    read = read_labels({NAME: "a/b", NEW + "hfToken.required": text})
    assert (read.metadata.model.hf_token_required, read.problems) == (required, ())


@pytest.mark.rule("LABEL-2")
def test_an_unreadable_flag_is_reported_and_not_guessed() -> None:
    read = read_labels({NAME: "a/b", NEW + "hfToken.required": "2"})
    assert read.metadata.model.hf_token_required is None
    assert problems(read) == [NEW + "hfToken.required: '2' says neither yes nor no"]
    assert read.failure is None


@pytest.mark.rule("LABEL-2")
@pytest.mark.parametrize("first", range(4))
def test_prefix_order_dominates_the_order_of_the_deployments_keys(first: int) -> None:
    names = [prefix + key for prefix in (NEW, OLD) for key in ("model.deployments", "model.recommendedDeployments")]
    labels = {name: " " if index < first else f'{{"profileId": "{name}"}}' for index, name in enumerate(names)}
    (deployment,) = read_labels(labels).metadata.model.recommended_deployments
    assert deployment.profile_id == names[first]


@pytest.mark.rule("DISC-5", "LABEL-1")
@pytest.mark.parametrize(
    "labels",
    [{}, {NAME: " ", OLD + "model.recommendedDeployments": ""}, {NEW + "title": "a", OCI + "version": "1"}],
    ids=["no labels", "empty ones", "only others"],
)
def test_without_a_name_and_deployments_the_required_labels_are_missing(labels: dict[str, str]) -> None:
    read = read_labels(labels)
    assert read.failure == (
        "required labels missing: neither model.canonicalName nor model.deployments under com.amd.aim. or org.amd.silogen."
    )
    assert read.metadata.original_labels == tuple(sorted(labels.items()))


@pytest.mark.rule("DISC-5")
@pytest.mark.parametrize(
    "labels",
    [
        {NAME: "a/b"},
        {OLD + "model.canonicalName": "a/b"},
        {DEPLOYMENTS: "[]"},
        {OLD + "model.recommendedDeployments": "{}"},
    ],
    ids=["a name", "a name under the old prefix", "an empty list of deployments", "a deployment under the old prefix"],
)
def test_a_name_or_deployments_are_enough(labels: dict[str, str]) -> None:
    assert read_labels(labels).failure is None


@pytest.mark.rule("LABEL-4")
def test_a_bad_element_is_named_and_the_rest_stands() -> None:
    read = read_labels({DEPLOYMENTS: '[{"gpuModel": "MI300X"}, {"metric": "speed"}, 5, {"precision": "FP8"}]'})
    assert read.metadata.model.recommended_deployments == (
        Deployment(gpu_model="MI300X"),
        Deployment(precision=Precision.FP8),
    )
    assert problems(read) == [
        f"{DEPLOYMENTS}: element 1: metric 'speed' is unknown; expected one of latency, throughput",
        f"{DEPLOYMENTS}: element 2: element '5' is not an object; expected an object",
    ]
    assert read.failure is None


@pytest.mark.rule("LABEL-4", "DISC-5")
def test_an_unreadable_value_is_a_failure_that_keeps_the_other_fields() -> None:
    read = read_labels({DEPLOYMENTS: "[{", NAME: "a/b", OCI + "vendor": "Acme", OLD + "model.deployments": "[{}]"})
    assert read.failure == f"Malformed: {DEPLOYMENTS}: value '[{{' ends too early; expected JSON or Python literals"
    assert read.metadata.model == ModelMetadata(canonical_name="a/b")
    assert read.metadata.oci.vendor == "Acme"


MODEL = '{"gpuModel": "MI300X"}'
GOOD = (Deployment(gpu_model="MI300X"),)


def deep(levels: int) -> str:
    return '[{"x": ' + "[" * levels + "]" * levels + "}]"


# What the labels are, how many deployments are read, how many elements are told of, and how the failure begins.
FAULTS: dict[str, tuple[Mapping[str, str], int, int, str | None]] = {
    "no labels at all": ({}, 0, 0, "required labels missing"),
    "labels of others only": ({"maintainer": "x"}, 0, 0, "required labels missing"),
    "empty values": ({NAME: "", DEPLOYMENTS: " "}, 0, 0, "required labels missing"),
    "conflicting prefixes": ({DEPLOYMENTS: MODEL, OLD + "model.deployments": "{}, [}"}, 1, 0, None),
    "the preferred prefix is the broken one": ({DEPLOYMENTS: "{", OLD + "model.deployments": MODEL}, 0, 0, "Malformed"),
    "invalid JSON": ({DEPLOYMENTS: '[{"gpuModel": "MI300X",,}]'}, 0, 0, "Malformed"),
    "truncated JSON": ({DEPLOYMENTS: '[{"gpuModel": "MI3'}, 0, 0, "Malformed"),
    "text after the JSON": ({DEPLOYMENTS: f"[{MODEL}] and more"}, 0, 0, "Malformed"),
    "a scalar": ({DEPLOYMENTS: "8"}, 0, 0, "Malformed"),
    "Python literals": ({DEPLOYMENTS: "{'gpuModel': 'MI300X', 'profileId': None}"}, 1, 0, None),
    "an apostrophe in JSON": ({DEPLOYMENTS: '[{"gpuModel": "MI300X", "description": "it\'s"}]'}, 1, 0, None),
    "an apostrophe in Python": ({DEPLOYMENTS: "{'gpuModel': 'MI300X', 'description': \"it's\"}"}, 1, 0, None),
    "depth 16": ({DEPLOYMENTS: deep(14)}, 0, 1, None),
    "depth 17": ({DEPLOYMENTS: deep(15)}, 0, 0, "Malformed"),
    "depth 100,000": ({DEPLOYMENTS: deep(100_000)}, 0, 0, "Malformed"),
    "a million signs": ({DEPLOYMENTS: "-" * 10**6}, 0, 0, "Malformed"),
    "an int of 5,000 digits": ({DEPLOYMENTS: f'[{MODEL}, {{"gpuCount": {"9" * 5000}}}]'}, 1, 1, None),
    "not a number": ({DEPLOYMENTS: f'[{MODEL}, {{"gpuCount": NaN}}, {{"gpuCount": Infinity}}]'}, 1, 2, None),
    "lone surrogates": ({DEPLOYMENTS: f'[{MODEL}, {{"gpuModel": "\\ud800"}}]', NAME: "a/\udfff"}, 1, 2, None),
    "NUL": ({DEPLOYMENTS: f'[{MODEL}, {{"profileId": "\\u0000"}}]', "x\0": "\0"}, 1, 2, None),
    "duplicate keys": ({DEPLOYMENTS: f'[{MODEL}, {{"gpuCount": 1, "gpuCount": 8}}]'}, 1, 1, None),
    "wrong types": ({DEPLOYMENTS: f'[{MODEL}, {{"gpuModel": 3}}, {{"gpuCount": "8"}}, [], null]'}, 1, 4, None),
    "values outside the words": ({DEPLOYMENTS: f'[{MODEL}, {{"metric": "x"}}, {{"precision": "int3"}}]'}, 1, 2, None),
    "negative and zero counts": ({DEPLOYMENTS: '{"gpuCount": -1}, {"gpuModel": "a", "gpuCount": 0}'}, 0, 2, None),
    "10,000 deployments": ({DEPLOYMENTS: json.dumps([{}] * 10_000)}, 0, 0, "Malformed"),
    "labels of 1 MiB and more": ({DEPLOYMENTS: MODEL, "x": "x" * 2**20}, 0, 0, "Malformed"),
    "env, accounts and paths": ({DEPLOYMENTS: f'[{MODEL[:-1]}, "env": [{{"name": "X"}}], "path": "/"}}]'}, 1, 1, None),
}


STEPS_AT_MOST = 200_000
"""Lines of Python, twice what reading and refusing 10,000 deployments takes."""


@pytest.mark.rule("LABEL-3", "LABEL-4", "LABEL-5")
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_labels(fault: str) -> None:
    labels, deployments, told, failure = FAULTS[fault]
    read = read_labels(labels)
    assert lines_run(partial(read_labels, labels)) < STEPS_AT_MOST
    assert len(read.metadata.model.recommended_deployments) == deployments
    assert len([problem for problem in read.problems if problem.label != "originalLabels"]) == told
    assert (read.failure or "").split(":")[0] == (failure or "")
    assert len(as_json(read.metadata)) < 64 * 1024


@pytest.mark.rule("LABEL-5")
def test_a_mebibyte_of_labels_is_read_and_not_a_byte_more() -> None:
    labels = {NAME: "a/b", "é": ""}
    labels["é"] = "x" * (2**20 - len("".join((*labels, *labels.values())).encode()))
    assert read_labels(labels).failure is None
    labels["é"] += "x"
    assert read_labels(labels) == ReadLabels(
        metadata=ImageMetadata(), failure="Malformed: labels of 1048577 bytes together; expected at most 1048576"
    )


@pytest.mark.rule("LABEL-2")
def test_what_cannot_be_stored_is_replaced_and_told() -> None:
    read = read_labels({NAME: "a/b", "ok": "fine", "bad\ud800": "x\x01", NEW + "title": "t\0"})
    assert read.metadata.model.title == "t\ufffd"
    assert read.metadata.original_labels == (
        ("bad\ufffd", "x\x01"),
        (NAME, "a/b"),
        (NEW + "title", "t\ufffd"),
        ("ok", "fine"),
    )
    told = "holds NUL or half of a surrogate pair, replaced by U+FFFD"
    assert problems(read) == [f"'bad\\ud800': {told} (so do 1 more labels)"]
    assert read_labels({NAME: "a\0"}).problems == (LabelProblem(label=NAME, message=told),)


@pytest.mark.rule("LABEL-2")
def test_control_characters_stay() -> None:
    assert read_labels({NAME: "a\x1b[31m\u202eb"}).metadata.model.canonical_name == "a\x1b[31m\u202eb"


def padded(size: int) -> dict[str, str]:
    """Labels of `size` bytes together, one of them nobody's."""
    labels = {NAME: "a/b", OCI + "vendor": "Acme", "other": ""}
    labels["other"] = "x" * (size - len("".join((*labels, *labels.values()))))
    return labels


@pytest.mark.rule("LABEL-2")
def test_original_labels_are_kept_while_they_fit() -> None:
    read = read_labels(padded(32 * 1024))
    assert (read.metadata.original_labels, read.problems) == (tuple(sorted(padded(32 * 1024).items())), ())


@pytest.mark.rule("LABEL-2")
def test_of_too_many_labels_only_the_known_are_kept_and_it_is_told() -> None:
    read = read_labels(padded(32 * 1024 + 1))
    assert read.metadata.original_labels == ((NAME, "a/b"), (OCI + "vendor", "Acme"))
    assert problems(read) == ["originalLabels: 1 of 3 labels are left out; expected at most 32768 bytes"]
    assert read.failure is None


@pytest.mark.rule("LABEL-2")
def test_of_too_much_known_text_the_biggest_is_left_out() -> None:
    labels = {NAME: "a/b", NEW + "description.full": "d" * 30_000, NEW + "release.notes": "r" * 3_000}
    read = read_labels(labels)
    assert read.metadata.original_labels == ((NAME, "a/b"), (NEW + "release.notes", "r" * 3_000))
    assert "originalLabels: 1 of 3 labels are left out; expected at most 32768 bytes" in problems(read)


@pytest.mark.rule("LABEL-2")
def test_original_labels_are_measured_as_they_are_written() -> None:
    read = read_labels({NAME: "a/b", "other": "\x01" * 7_000})
    assert read.metadata.original_labels == ((NAME, "a/b"),)
    read = read_labels({NAME: "a/b"} | {f"{number:x}": "" for number in range(8_000)})
    assert read.metadata.original_labels == ((NAME, "a/b"),)


@pytest.mark.rule("LABEL-2")
def test_fields_are_whole_while_all_fit_together() -> None:
    # With much else in the labels everything is measured; what fits is as it would be without.
    assert read_labels(REAL | {"other": "x" * 20_000}).metadata.model == read_labels(REAL).metadata.model
    bare = {DEPLOYMENTS: MODEL, "other": "x" * 20_000}
    assert read_labels(bare).metadata.model.recommended_deployments == GOOD
    text = "d" * (16 * 1024 - len("a/b"))
    labels = {NAME: "a/b", NEW + "description.full": text}
    assert read_labels(labels).metadata.model.description_full == text
    assert read_labels(labels).problems == ()
    labels[NEW + "description.full"] += "d"
    read = read_labels(labels)
    assert read.metadata.model.description_full == text[:-3] + "…"
    assert problems(read) == [
        NEW + "description.full: is cut, a status has room for 16384 bytes of metadata",
    ]
    labels[NEW + "release.notes"] = "never"
    assert read_labels(labels).metadata.model.release_notes == "…"


@pytest.mark.rule("LABEL-2")
def test_of_a_list_too_long_the_first_items_are_kept() -> None:
    labels = {NAME: "a/b", NEW + "model.tags": "tag," * 6_000, NEW + "model.versions": "1,2"}
    read = read_labels(labels)
    kept = (16 * 1024 - len("a/b")) // len('"tag",')
    assert read.metadata.model.tags == ("tag",) * kept
    room = (16 * 1024 - len("a/b")) % len('"tag",')
    assert read.metadata.model.versions == ("1",) * (room // len('"1",'))
    assert problems(read)[0] == (
        f"{NEW}model.tags: {6_000 - kept} of 6000 items are left out, a status has room for 16384 bytes of metadata"
    )


@pytest.mark.rule("LABEL-2")
def test_deployments_too_many_to_store_lose_their_words_before_their_identities() -> None:
    long = [{"profileId": f"{number}", "description": "d" * 1_000} for number in range(40)]
    read = read_labels({DEPLOYMENTS: json.dumps(long), NAME: "a/b"})
    deployments = read.metadata.model.recommended_deployments
    assert [deployment.profile_id for deployment in deployments] == [f"{number}" for number in range(len(deployments))]
    assert deployments[0].description == "d" * 1_000
    assert len(deployments) < 40
    assert f"{DEPLOYMENTS}: is cut, a status has room for 16384 bytes of metadata" in problems(read)
    assert (
        f"{DEPLOYMENTS}: {40 - len(deployments)} of 40 deployments are left out, a status has room for 16384 bytes of metadata"
        in problems(read)
    )


@pytest.mark.rule("LABEL-2")
def test_of_deployments_too_many_to_store_the_first_are_kept() -> None:
    ids = [f"{number:0253}" for number in range(60)]
    read = read_labels({DEPLOYMENTS: json.dumps([{"profileId": id} for id in ids])})
    kept = 16 * 1024 // (128 + 253)
    assert [deployment.profile_id for deployment in read.metadata.model.recommended_deployments] == ids[:kept]


@pytest.mark.rule("LABEL-2", "LABEL-5")
@settings(max_examples=150)
@given(st.dictionaries(hostile, hostile, max_size=6) | mutations | mutations.map(lambda labels: REAL | labels))
def test_any_labels_give_metadata_that_a_status_can_hold(labels: dict[str, str]) -> None:
    read = read_labels(labels)
    written = as_json(read.metadata)
    assert len(written) < 60 * 1024
    assert "\\u0000" not in written.decode()
    assert sum(len(f"{problem}".encode()) for problem in read.problems) + len((read.failure or "").encode()) < 24 * 1024


@pytest.mark.rule("LABEL-2")
@given(mutations, st.randoms(use_true_random=False))
def test_the_order_of_labels_means_nothing(labels: dict[str, str], random: Any) -> None:
    names = list(labels)
    random.shuffle(names)
    assert read_labels({name: labels[name] for name in names}).metadata == read_labels(labels).metadata


@pytest.mark.rule("LABEL-1")
@given(mutations)
def test_what_is_kept_of_the_labels_reads_as_they_did(labels: dict[str, str]) -> None:
    first = read_labels(labels)
    if not first.problems and first.failure is None:
        assert read_labels(dict(first.metadata.original_labels)) == first
