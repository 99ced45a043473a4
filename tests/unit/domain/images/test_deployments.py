from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.errors import ParseError
from aimcore.domain.images.deployments import MOST_DEPLOYMENTS, parse_deployments
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.values.profile import Metric, Precision

words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
elements: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "gpuModel": st.none() | words,
        "gpuCount": st.none() | st.integers(1, 8),
        "metric": st.none() | st.sampled_from(Metric).map(str),
        "precision": st.none() | st.sampled_from(Precision).map(str.upper),
        "profileId": st.none() | words,
        "description": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        "env": st.lists(st.integers(), max_size=2),
    },
)

FIELDS = "gpuModel, gpuCount, metric, precision, profileId, description"


def reasons(text: str) -> list[tuple[int, str]]:
    return [(element.index, element.reason) for element in parse_deployments(text)[1]]


@pytest.mark.rule("LABEL-3")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param('[{"gpuModel": "MI300X"}, {"gpuCount": 2}]', id="a JSON array"),
        pytest.param('{"gpuModel": "MI300X"}, {"gpuCount": 2}', id="JSON objects side by side"),
        pytest.param("[{'gpuModel': 'MI300X'}, {'gpuCount': 2}]", id="a Python list"),
        pytest.param("({'gpuModel': 'MI300X'}, {'gpuCount': 2})", id="a Python tuple"),
        pytest.param("{'gpuModel': 'MI300X'}, {'gpuCount': 2}", id="Python dicts side by side"),
        pytest.param(
            " {'gpuModel': \"MI300X\"},\n{'gpuCount': 2, 'metric': None},", id="with space and commas to spare"
        ),
    ],
)
def test_deployments_may_be_spelled_in_many_ways(text: str) -> None:
    assert parse_deployments(text) == ((Deployment(gpu_model="MI300X"), Deployment(gpu_count=2)), ())


@pytest.mark.rule("LABEL-3")
@pytest.mark.parametrize("text", ['{"profileId": "p"}', "{'profileId': 'p'}"], ids=["JSON", "Python"])
def test_one_object_is_one_deployment(text: str) -> None:
    assert parse_deployments(text) == ((Deployment(profile_id="p"),), ())


@pytest.mark.rule("LABEL-3")
def test_every_field_is_read() -> None:
    text = (
        '{"gpuModel": " MI300X ", "gpuCount": 8, "metric": "Throughput", "precision": "FP8", "profileId": "tp8-fp8", '
        '"description": "it\'s fast"}'
    )
    assert parse_deployments(text)[0] == (
        Deployment(
            gpu_model="MI300X",
            gpu_count=8,
            metric=Metric.THROUGHPUT,
            precision=Precision.FP8,
            profile_id="tp8-fp8",
            description="it's fast",
        ),
    )


@pytest.mark.rule("LABEL-3")
@given(st.lists(elements, max_size=5))
def test_json_and_python_spellings_of_one_value_read_the_same(value: list[dict[str, Any]]) -> None:
    read = parse_deployments(json.dumps(value))
    assert parse_deployments(repr(value)) == read
    assert parse_deployments(ascii(value)) == read
    assert not value or parse_deployments(repr(value)[1:-1]) == read
    nothing = [at for at, element in enumerate(value) if not element.keys() - {"env"}]
    assert [element.index for element in read[1] if element.dropped] == nothing


@pytest.mark.rule("LABEL-3")
@pytest.mark.parametrize("value", [None, "", "  "], ids=["null", "empty", "blank"])
@pytest.mark.parametrize("field", ["gpuModel", "metric", "precision", "profileId", "description"])
def test_null_and_blank_fields_are_absent(field: str, value: str | None) -> None:
    assert parse_deployments(json.dumps([{field: value, "gpuCount": None}])) == ((Deployment(),), ())


@pytest.mark.rule("LABEL-4", "TMPL-1")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param('[{"gpuModel": null}]', id="nothing said"),
        pytest.param('[{"gpuCount": 0}]', id="no GPUs"),
        pytest.param('[{"gpuModel": "NONE", "gpuCount": 0}]', id="NONE, as builders write it"),
        pytest.param("[{'gpuModel': ' none '}]", id="none, and no count"),
        pytest.param('[{"gpuModel": "cpu", "gpuCount": 0}]', id="a CPU"),
    ],
)
def test_an_element_without_a_gpu_is_legal(text: str) -> None:
    (deployment,), bad = parse_deployments(text)
    assert (deployment.gpu_model, deployment.gpus, bad) == (None, 0, ())


@pytest.mark.rule("LABEL-4")
@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ("5", "element '5' is not an object; expected an object"),
        ("null", "element 'None' is not an object; expected an object"),
        ('["gpuModel"]', "element \"['gpuModel']\" is not an object; expected an object"),
        ('{"gpuModel": "a", "gpuModel": "b"}', "field 'gpuModel' is given twice; expected each field once"),
        ('{"gpuCount": "8"}', "gpuCount '8' is not a whole number; expected one from 0 to 2147483647"),
        ('{"gpuCount": 8.0}', "gpuCount '8.0' is not a whole number; expected one from 0 to 2147483647"),
        ('{"gpuCount": true}', "gpuCount 'True' is not a whole number; expected one from 0 to 2147483647"),
        ('{"gpuCount": NaN}', "gpuCount 'nan' is not a whole number; expected one from 0 to 2147483647"),
        ('{"gpuCount": -1}', "gpuCount '-1' is out of range; expected one from 0 to 2147483647"),
        ('{"gpuCount": 2147483648}', "gpuCount '2147483648' is out of range; expected one from 0 to 2147483647"),
        (
            '{"gpuCount": %s}' % ("9" * 5000),
            "gpuCount 'inf' is not a whole number; expected one from 0 to 2147483647",
        ),
        (
            '{"gpuModel": "MI300X", "gpuCount": 0}',
            "gpuModel 'MI300X' comes with gpuCount 0; expected a count, or no GPU model",
        ),
        (
            '{"gpuModel": "NONE", "gpuCount": 1}',
            "gpuModel 'NONE' comes with gpuCount 1; expected a GPU model, or gpuCount 0",
        ),
        (
            '{"gpuModel": "cpu", "gpuCount": "1"}',
            "gpuCount '1' is not a whole number; expected one from 0 to 2147483647",
        ),
        ("{}", f"element '{{}}' has no known field; expected one of {FIELDS}"),
        (
            '{"gpu": "a", "count": 2}',
            (
                f"element \"{{'gpu': 'a', 'count': 2}}\" has no known field; expected one of {FIELDS}; "
                "'count' (is gpuCount meant?); 'gpu' (is gpuModel meant?)"
            ),
        ),
        ('{"gpuModel": 300}', "gpuModel '300' is not a string; expected a string"),
        (
            '{"gpuModel": "%s"}' % ("m" * 65),
            f"gpuModel '{'m' * 60}'... (65 characters) is too long; expected at most 64 characters",
        ),
        (r'{"gpuModel": "a\u0000b"}', r"gpuModel 'a\x00b' holds control characters; expected printable characters"),
        (r'{"profileId": "\ud800"}', r"profileId '\ud800' holds control characters; expected printable characters"),
        (r'{"profileId": "a\u202eb"}', r"profileId 'a\u202eb' holds control characters; expected printable characters"),
        (
            '{"profileId": "%s"}' % ("p" * 254),
            f"profileId '{'p' * 60}'... (254 characters) is too long; expected at most 253 characters",
        ),
        ('{"profileId": {}}', "profileId '{}' is not a string; expected a string"),
        ('{"metric": "speed"}', "metric 'speed' is unknown; expected one of latency, throughput"),
        ('{"metric": 1}', "metric '1' is not a string; expected a string"),
        (
            '{"precision": "fp7"}',
            "precision 'fp7' is unknown; expected one of auto, fp4, fp8, fp16, fp32, bf16, int4, int8",
        ),
        ('{"precision": ["fp8"]}', "precision \"['fp8']\" is not a string; expected a string"),
        ('{"description": 5}', "description '5' is not a string; expected a string"),
    ],
    ids=[
        *("a number", "null", "a list", "a key given twice", "count as text", "count as float", "count as bool"),
        *("count not a number", "count below zero", "count beyond the API", "count of thousands of digits"),
        *("a GPU model and no GPUs", "no GPU model and a GPU", "a CPU and a count in words"),
        *(
            "nothing at all",
            "nothing that is known",
            "model as number",
            "long model",
            "NUL in the model",
            "surrogate in the profile",
        ),
        *("direction mark in the profile", "long profile", "profile as object", "unknown metric", "metric as number"),
        *("unknown precision", "precision as list", "description as number"),
    ],
)
def test_a_bad_element_costs_itself_and_says_why(element: str, reason: str) -> None:
    good = '{"gpuModel": "MI300X"}'
    assert parse_deployments(f"[{good}, {element}, {good}]")[0] == (Deployment(gpu_model="MI300X"),)
    assert reasons(f"[{good}, {element}, {good}]") == [(1, reason)]


@pytest.mark.rule("LABEL-4")
@pytest.mark.parametrize(
    ("more", "told"),
    [
        pytest.param({"gpu": "MI300X"}, "unknown field 'gpu' (is gpuModel meant?)", id="one"),
        pytest.param(
            {"gpu_count": 2, "gpu_model": "MI300X", "note": ""},
            "unknown fields 'gpu_count' (is gpuCount meant?), 'gpu_model' (is gpuModel meant?), 'note'",
            id="several",
        ),
        pytest.param(
            {"GPUMODEL": 1, "Profile-ID": 1},
            "unknown fields 'GPUMODEL' (is gpuModel meant?), 'Profile-ID' (is profileId meant?)",
            id="in other letters",
        ),
        pytest.param(
            {f"x{at}": at for at in range(9)}, "unknown fields 'x0', 'x1', 'x2', 'x3', 'x4', 'x5' and 3 more", id="many"
        ),
    ],
)
def test_what_nobody_reads_of_an_element_is_told_and_costs_nothing(more: dict[str, Any], told: str) -> None:
    good, bad = parse_deployments(json.dumps([{"precision": "fp8", **more}]))
    assert good == (Deployment(precision=Precision.FP8),)
    assert [(one.index, one.reason, one.dropped) for one in bad] == [(0, f"{told} left out; expected {FIELDS}", False)]


@pytest.mark.rule("LABEL-4", "KIND-5")
@pytest.mark.parametrize(
    "field",
    [{"gpuModel": "m" * 64}, {"profileId": "p" * 253}, {"gpuCount": 2**31 - 1}],
    ids=["model", "profile", "count"],
)
def test_the_longest_that_is_allowed_is_kept(field: dict[str, Any]) -> None:
    assert parse_deployments(json.dumps([field]))[1] == ()


@pytest.mark.rule("LABEL-2")
def test_what_cannot_be_stored_in_a_description_is_replaced() -> None:
    (deployment,), bad = parse_deployments(r'{"description": "a\u0000b\ud800\u0007"}')
    assert (deployment.description, bad) == ("a\ufffdb\ufffd\x07", ())


@pytest.mark.rule("LABEL-4")
def test_elements_of_one_identity_collapse_into_the_first() -> None:
    text = json.dumps(
        [
            {"gpuModel": "MI300X", "metric": "latency", "description": "first"},
            {"gpuModel": "MI300X", "gpuCount": 2, "metric": "latency"},
            {"gpuModel": "MI300X", "gpuCount": 1, "metric": "LATENCY", "description": "said again"},
            {"metric": None},
            {"gpuCount": 0},
            {"gpuModel": "NONE", "gpuCount": 0},
        ]
    )
    assert parse_deployments(text) == (
        (
            Deployment(gpu_model="MI300X", metric=Metric.LATENCY, description="first"),
            Deployment(gpu_model="MI300X", gpu_count=2, metric=Metric.LATENCY),
            Deployment(),
        ),
        (),
    )


@pytest.mark.rule("LABEL-4")
@pytest.mark.parametrize(
    "other",
    [{"gpuModel": "b"}, {"gpuCount": 2}, {"metric": "throughput"}, {"precision": "fp8"}, {"profileId": "q"}],
    ids=lambda other: next(iter(other)),
)
def test_elements_that_differ_in_one_field_of_their_identity_both_stay(other: dict[str, Any]) -> None:
    element = {"gpuModel": "a", "gpuCount": 1, "metric": "latency", "precision": "fp16", "profileId": "p"}
    assert len(parse_deployments(json.dumps([element, element | other]))[0]) == 2


@pytest.mark.rule("LABEL-4")
@given(st.lists(elements, max_size=5))
def test_saying_everything_twice_changes_nothing(value: list[dict[str, Any]]) -> None:
    once = parse_deployments(json.dumps(value))
    assert parse_deployments(json.dumps(value * 2))[0] == once[0]
    identities = [deployment.identity for deployment in once[0]]
    assert len(set(identities)) == len(identities)


@pytest.mark.rule("LABEL-5")
def test_sixty_four_elements_are_read_and_no_more() -> None:
    many = [{"profileId": f"p{number}"} for number in range(MOST_DEPLOYMENTS + 1)]
    assert len(parse_deployments(json.dumps(many[:-1]))[0]) == 64
    with pytest.raises(ParseError, match="has 65 elements; expected at most 64"):
        parse_deployments(json.dumps(many))


@pytest.mark.rule("LABEL-4")
@pytest.mark.parametrize("text", ["[]", "()"], ids=["JSON", "Python"])
def test_an_empty_list_is_readable(text: str) -> None:
    assert parse_deployments(text) == ((), ())


@pytest.mark.rule("LABEL-4")
@pytest.mark.parametrize(
    "text",
    ["5", "null", '"MI300X"', "'MI300X'", "MI300X", "[{}], [{}]", "[{}], {}", "5, {}", "[{", "{'gpuModel': MI300X}"],
)
def test_a_value_that_holds_no_deployments_cannot_be_read(text: str) -> None:
    with pytest.raises(ParseError):
        parse_deployments(text)
