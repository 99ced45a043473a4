from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from hashlib import sha256
from itertools import permutations
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.children.expansion import expand
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware, inherit
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.kinds.naming import (
    auto_model_name,
    custom_template_name,
    deployment_template_name,
    derived_name,
    derived_template_name,
    inline_model_name,
    label_value,
)
from aimcore.domain.kinds.records import CustomSpec, CustomTemplate, Model, ModelInline, ModelSpec, Overrides
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.kubenames import is_dns1123_label, is_label_value
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.sources import EnvVar, ModelSource

T = TypeVar("T")
DIGEST = "0123456789"
LONG = "x" * 60

# Few words, so that identities repeat; long ones, so that names are cut; odd ones, so that nothing readable is left.
words = st.sampled_from(["llama", "llama-3.1", LONG, LONG + "a", LONG + "b", "模型", "", "A_b"])
anything = st.text(st.characters(exclude_categories=()), max_size=80)
either = words | anything
amounts = st.none() | st.sampled_from(["1Gi", "1024Mi", "1073741824", "1k", "1e3", "0"]).map(parse_quantity)
deployments = st.builds(
    Deployment,
    gpu_model=st.none() | words,
    gpu_count=st.none() | st.integers(0, 2),
    metric=st.none() | st.sampled_from(Metric),
    precision=st.none() | st.sampled_from(Precision),
    profile_id=st.none() | words,
    description=st.none() | st.just("d"),
)
gpus = st.builds(
    Gpu,
    requests=st.none() | st.integers(0, 2),
    models=st.none() | st.lists(st.sampled_from(["MI300X", LONG]), max_size=2).map(tuple),
    min_vram=amounts,
    resource_name=st.none() | st.just("amd.com/gpu"),
)
hardware = st.builds(Hardware, gpu=st.none() | gpus, cpu=st.none() | st.builds(Cpu, requests=amounts, limits=amounts))
entries = st.builds(
    CustomTemplate,
    name=st.none() | words,
    type=st.none() | st.sampled_from(TemplateType),
    metric=st.none() | st.sampled_from(Metric),
    precision=st.none() | st.sampled_from(Precision),
    env=st.just(()) | st.just((EnvVar(name="A", value="b"),)),
)
sources = st.builds(
    ModelSource,
    model_id=st.sampled_from(["a/b", "a/c"]),
    source_uri=st.sampled_from(["hf://a/b", "s3://abc/d"]),
    size=amounts,
    env=st.just(()) | st.just((EnvVar(name="HF_TOKEN", value="canary"),)),
)
inlines = st.builds(
    ModelInline,
    base_image=st.none() | st.sampled_from(["aim-base", "aim-base:1"]),
    model_sources=st.lists(sources, min_size=1, max_size=2).map(tuple),
    hardware=hardware,
    type=st.none() | st.sampled_from(TemplateType),
)
overrides = st.builds(
    Overrides,
    metric=st.none() | st.sampled_from(Metric),
    precision=st.none() | st.sampled_from(Precision),
    gpu_model=st.none() | words,
    gpu_count=st.none() | st.integers(0, 2),
)
bases = st.builds(Key, st.just(Kind.TEMPLATE), st.none() | st.sampled_from("ab"), words)


def pairs(records: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, T]]:
    """A record, and one that differs in some of its fields at most: equals must be common for a law about them."""

    def mixed(one: Any, other: Any, taken: int) -> tuple[T, T]:
        names = [field.name for place, field in enumerate(fields(one)) if taken >> place & 1]
        return one, replace(one, **{name: getattr(other, name) for name in names})

    return st.builds(mixed, records, records, st.integers(0, 255))


def digest(tag: str, digits: int = 10, **identity: object) -> str:
    """The digest as the rule states it, by the standard library's encoder."""
    present = {"identity": tag} | {name: value for name, value in identity.items() if value is not None}
    text = json.dumps(present, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:digits]


# NAME-1: identical identity, identical name ---------------------------------------------------------------------------


@pytest.mark.rule("NAME-1", "NAME-3")
@given(either, deployments, anything)
def test_the_digest_is_that_of_the_canonical_json(model: str, deployment: Deployment, text: str) -> None:
    for one in (deployment, Deployment(gpu_model=text, profile_id=text)):
        assert deployment_template_name(model, one)[-10:] == digest(
            "deployment-template/1",
            model=model,
            gpuModel=one.gpu_model,
            gpuCount=one.gpus,
            metric=one.metric,
            precision=one.precision,
            profileId=one.profile_id,
        )


@pytest.mark.rule("NAME-1", "NAME-3", "TMPL-1")
@given(words, words, pairs(deployments))
def test_templates_of_deployments_share_a_name_exactly_when_they_share_an_identity(
    model: str, other: str, two: tuple[Deployment, Deployment]
) -> None:
    one, changed = two
    same = one.identity == changed.identity
    assert (deployment_template_name(model, one) == deployment_template_name(model, changed)) is same
    assert (deployment_template_name(model, one) == deployment_template_name(other, changed)) is (
        same and model == other
    )


@pytest.mark.rule("NAME-1", "NAME-4", "TMPL-7")
@given(words, pairs(entries), pairs(hardware))
def test_custom_templates_share_a_name_exactly_when_they_share_an_identity(
    model: str, two: tuple[CustomTemplate, CustomTemplate], machines: tuple[Hardware, Hardware]
) -> None:
    first, second = (
        (
            custom_template_name(model, entry, machine),
            (entry.name, entry.metric, entry.precision),
            inherit(machine, None),
        )
        for entry, machine in zip(two, machines, strict=True)
    )
    assert (first[0] == second[0]) is (first[1:] == second[1:])


@pytest.mark.rule("NAME-1", "NAME-6")
@given(words, pairs(inlines))
def test_inline_models_share_a_name_exactly_when_they_share_an_identity(
    service: str, two: tuple[ModelInline, ModelInline]
) -> None:
    def identity(inline: ModelInline) -> object:
        places = [(source.model_id, source.source_uri) for source in inline.model_sources]
        return inline.base_image, places, inherit(inline.hardware, None), inline.type

    one, changed = two
    same = identity(one) == identity(changed)
    assert (inline_model_name(service, one) == inline_model_name(service, changed)) is same


@pytest.mark.rule("NAME-1", "NAME-7")
@given(words, pairs(bases), pairs(overrides))
def test_derived_templates_share_a_name_exactly_when_they_share_an_identity(
    service: str, two: tuple[Key, Key], wishes: tuple[Overrides, Overrides]
) -> None:
    first, second = (
        (derived_template_name(service, base, wish), (base.api_kind, base.name, wish))
        for base, wish in zip(two, wishes, strict=True)
    )
    assert (first[0] == second[0]) is (first[1] == second[1])


@pytest.mark.rule("NAME-1")
@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(Deployment(profile_id=""), Deployment(), id="an empty text is not absent"),
        pytest.param(Deployment(gpu_count=1), Deployment(), id="one GPU is not none"),
        pytest.param(Deployment(gpu_model="a"), Deployment(profile_id="a"), id="fields are told apart"),
        pytest.param(Deployment(gpu_model="é"), Deployment(gpu_model="e\u0301"), id="two spellings of one letter"),
        pytest.param(Deployment(gpu_model="模型"), Deployment(gpu_model="型模"), id="what cannot be read"),
        pytest.param(Deployment(gpu_model=LONG + "a"), Deployment(gpu_model=LONG + "b"), id="what was cut off"),
        pytest.param(Deployment(gpu_model="MI300X"), Deployment(gpu_model="mi300x"), id="what sanitising makes equal"),
        pytest.param(
            Deployment(profile_id='a","precision":"fp8'),
            Deployment(profile_id="a", precision=Precision.FP8),
            id="a text that looks like another field",
        ),
    ],
)
def test_identities_that_look_alike_are_told_apart(one: Deployment, two: Deployment) -> None:
    assert deployment_template_name("llama", one) != deployment_template_name("llama", two)


@pytest.mark.rule("NAME-1")
def test_half_a_surrogate_pair_has_a_name_of_its_own() -> None:
    halves = ["\ud800", "\udfff", "\ufffd", "?"]
    assert len({deployment_template_name("llama", Deployment(profile_id=half)) for half in halves}) == len(halves)


@pytest.mark.rule("NAME-1")
def test_no_two_kinds_of_name_share_an_identity() -> None:
    name = "llama"
    digests = [
        deployment_template_name(name, Deployment())[-10:],
        custom_template_name(name, CustomTemplate(), None)[-10:],
        inline_model_name(name, ModelInline(model_sources=(), hardware=Hardware()))[-10:],
        derived_template_name(name, Key(Kind.TEMPLATE, None, name), Overrides())[-10:],
        auto_model_name(parse_image(name))[-16:][:10],
    ]
    assert len(set(digests)) == len(digests)


# NAME-2: valid, at most 63, the digest whole ------------------------------------------------------------------------


def names(text: str) -> Iterator[tuple[str, int]]:
    """Every kind of name with `text` wherever one may stand, and the length of its digest."""
    machine = Hardware(gpu=Gpu(models=(text,)))
    source = ModelSource(model_id=text, source_uri=text)
    yield deployment_template_name(text, Deployment(gpu_model=text, metric=Metric.LATENCY, profile_id=text)), 10
    yield custom_template_name(text, CustomTemplate(name=text, precision=Precision.BF16), machine), 10
    yield inline_model_name(text, ModelInline(base_image=text, model_sources=(source,), hardware=machine)), 10
    yield derived_template_name(text, Key(Kind.TEMPLATE, text, text), Overrides(gpu_model=text)), 10
    yield derived_name([text, None, text], DIGEST), 10


@pytest.mark.rule("NAME-2")
@given(either)
def test_a_name_is_a_dns_label_whatever_it_is_made_of(text: str) -> None:
    for name, digits in names(text):
        assert is_dns1123_label(name)
        assert set(name[-digits:]) <= set("0123456789abcdef")


readable = st.from_regex(r"[a-z0-9]{1,70}", fullmatch=True)


@pytest.mark.rule("NAME-2")
@given(st.lists(readable, min_size=1, max_size=5))
def test_the_longest_part_gives_way_first_and_nothing_in_vain(parts: list[str]) -> None:
    *kept, last = derived_name(parts, DIGEST).split("-")
    assert last == DIGEST
    assert all(part.startswith(word) for part, word in zip(parts, kept, strict=True))
    cut = [word for part, word in zip(parts, kept, strict=True) if word != part]
    assert len("-".join((*kept, last))) == min(63, len("-".join((*parts, DIGEST))))
    assert all(len(other) <= len(word) + 1 for word in cut for other in kept)


@pytest.mark.rule("NAME-2")
@pytest.mark.parametrize(
    ("parts", "name"),
    [
        pytest.param(["a" * 52], "a" * 52 + f"-{DIGEST}", id="the longest part that fits"),
        pytest.param(["a" * 53], "a" * 52 + f"-{DIGEST}", id="a letter too many"),
        pytest.param(["a" * 26, "b" * 26], f"{'a' * 25}-{'b' * 26}-{DIGEST}", id="of equals the first gives way"),
        pytest.param(["a" * 26, "b" * 27], f"{'a' * 25}-{'b' * 26}-{DIGEST}", id="the longest, then the first"),
        pytest.param(
            ["a" * 20, "b" * 20, "c" * 20], f"{'a' * 16}-{'b' * 17}-{'c' * 17}-{DIGEST}", id="three share what there is"
        ),
        pytest.param(["a" * 40, "b", "c" * 40], f"{'a' * 24}-b-{'c' * 25}-{DIGEST}", id="a short one keeps all it has"),
        pytest.param(
            ["a" * 40, "b" * 40, "c" * 40, "d" * 12],
            f"{'a' * 12}-{'b' * 12}-{'c' * 13}-{'d' * 12}-{DIGEST}",
            id="what is spare goes to one that was cut",
        ),
        pytest.param(["a" * 51 + "-b"], "a" * 51 + f"-{DIGEST}", id="no hyphen is left where a part is cut"),
        pytest.param(
            ["a" * 60, "lat", "fp8"], f"{'a' * 44}-lat-fp8-{DIGEST}", id="a long model gives way to what tells it apart"
        ),
    ],
)
def test_how_parts_are_cut(parts: list[str], name: str) -> None:
    assert derived_name(parts, DIGEST) == name


@pytest.mark.rule("NAME-2")
@pytest.mark.parametrize(
    ("parts", "name"),
    [
        pytest.param(["Llama", "MI300X"], "llama-mi300x", id="capitals"),
        pytest.param(["llama-3.1_8b"], "llama-3-1-8b", id="dots and underscores"),
        pytest.param(["a--b"], "a-b", id="runs of hyphens"),
        pytest.param(["-a-", ".b."], "a-b", id="ends that are no letters"),
        pytest.param(["modèle"], "mod-le", id="a letter that is not ASCII"),
        pytest.param(["a", "模型", "b"], "a-b", id="a part of which nothing is left"),
        pytest.param(["a", None, "", "b"], "a-b", id="a part that is absent or empty"),
        pytest.param(["a\0b\nc/d"], "a-b-c-d", id="control characters and slashes"),
    ],
)
def test_what_sanitising_leaves(parts: list[str | None], name: str) -> None:
    assert derived_name(parts, DIGEST) == f"{name}-{DIGEST}"


@pytest.mark.rule("NAME-2")
@pytest.mark.parametrize("parts", [[], [None], ["模型", "---"]], ids=["no parts", "an absent part", "nothing readable"])
def test_a_name_may_be_the_digest_alone(parts: list[str | None]) -> None:
    assert derived_name(parts, DIGEST) == DIGEST


# NAME-3 to NAME-7: shapes ---------------------------------------------------------------------------------------------


@pytest.mark.rule("NAME-3")
@pytest.mark.parametrize(
    ("deployment", "shape"),
    [
        pytest.param(Deployment(), "llama", id="nothing said"),
        pytest.param(
            Deployment(gpu_model="MI300X", gpu_count=8, metric=Metric.LATENCY, precision=Precision.FP8),
            "llama-8x-mi300x-lat-fp8",
            id="everything said",
        ),
        pytest.param(Deployment(gpu_model="MI300X"), "llama-1x-mi300x", id="a model without a count means one"),
        pytest.param(Deployment(gpu_count=8), "llama", id="a count without a model"),
        pytest.param(Deployment(metric=Metric.THROUGHPUT), "llama-thr", id="throughput"),
        pytest.param(Deployment(precision=Precision.AUTO, profile_id="p1"), "llama-auto", id="a profile is not shown"),
    ],
)
def test_the_name_of_a_deployments_template(deployment: Deployment, shape: str) -> None:
    assert deployment_template_name("llama", deployment)[:-11] == shape


@pytest.mark.rule("NAME-4")
@pytest.mark.parametrize(
    ("entry", "machine", "shape"),
    [
        pytest.param(CustomTemplate(), None, "llama-custom", id="no entry"),
        pytest.param(
            CustomTemplate(name="high-memory", metric=Metric.LATENCY, precision=Precision.FP16),
            Hardware(gpu=Gpu(models=("MI300X", "MI210"))),
            "llama-custom-high-memory-fp16-mi300x",
            id="the first GPU model is shown",
        ),
        pytest.param(CustomTemplate(name="s"), Hardware(gpu=Gpu(models=())), "llama-custom-s", id="no GPU model"),
        pytest.param(CustomTemplate(), Hardware(cpu=Cpu(requests=parse_quantity("4"))), "llama-custom", id="only CPUs"),
    ],
)
def test_the_name_of_a_custom_template(entry: CustomTemplate, machine: Hardware | None, shape: str) -> None:
    assert custom_template_name("llama", entry, machine)[:-11] == shape


@pytest.mark.rule("NAME-4")
def test_every_field_of_the_merged_hardware_is_part_of_a_custom_name() -> None:
    machine = Hardware(
        gpu=Gpu(requests=0, models=("MI300X",), min_vram=parse_quantity("64Gi"), resource_name="amd.com/gpu"),
        cpu=Cpu(requests=parse_quantity("4"), limits=parse_quantity("8")),
    )
    entry = CustomTemplate(name="a", metric=Metric.LATENCY, precision=Precision.FP8)
    assert custom_template_name("llama", entry, machine)[-10:] == digest(
        "custom-template/1",
        model="llama",
        name="a",
        metric="latency",
        precision="fp8",
        hardware={
            "gpu.requests": 0,
            "gpu.models": ["MI300X"],
            "gpu.minVram": "68719476736",
            "gpu.resourceName": "amd.com/gpu",
            "cpu.requests": "4",
            "cpu.limits": "8",
        },
    )


@pytest.mark.rule("NAME-4")
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_reordering_entries_renames_nothing(order: tuple[int, ...]) -> None:
    entries = [
        CustomTemplate(name="a"),
        CustomTemplate(name="a", precision=Precision.FP8),
        CustomTemplate(hardware=Hardware(gpu=Gpu(requests=2))),
    ]

    def templates(custom: list[CustomTemplate]) -> object:
        spec = ModelSpec(
            model_sources=(ModelSource(model_id="a/b", source_uri="hf://a/b"),),
            custom=CustomSpec(hardware=Hardware(gpu=Gpu(requests=1)), templates=tuple(custom)),
        )
        return expand(Model(key=Key(Kind.MODEL, "ml", "llama"), spec=spec)).templates

    assert templates([entries[place] for place in order]) == templates(entries)


@pytest.mark.rule("NAME-5", "LOOK-4")
def test_the_name_of_an_auto_created_model_is_that_of_its_normalised_image() -> None:
    spellings = ["nginx", "docker.io/nginx", "index.docker.io/library/nginx:latest"]
    assert {auto_model_name(parse_image(text)) for text in spellings} == {
        f"auto-{digest('auto-model/1', 16, image='docker.io/library/nginx:latest')}"
    }
    assert auto_model_name(parse_image("nginx:1")) != auto_model_name(parse_image("nginx:2"))


@pytest.mark.rule("NAME-6")
def test_the_name_of_an_inline_model() -> None:
    inline = ModelInline(
        base_image="aim-base",
        model_sources=(ModelSource(model_id="a/b", source_uri="hf://a/b"),),
        hardware=Hardware(gpu=Gpu(requests=1)),
        type=TemplateType.PREVIEW,
    )
    expected = digest(
        "inline-model/1",
        service="chat",
        baseImage="aim-base",
        sources=[["a/b", "hf://a/b"]],
        hardware={"gpu.requests": 1},
        type="preview",
    )
    assert inline_model_name("chat", inline) == f"chat-custom-{expected}"


@pytest.mark.rule("NAME-6", "SEC-1")
def test_a_name_tells_nothing_of_a_secret() -> None:
    def named(token: str | None, size: str | None) -> str:
        source = ModelSource(
            model_id="a/b",
            source_uri="hf://a/b",
            size=None if size is None else parse_quantity(size),
            env=(EnvVar(name="HF_TOKEN", value=token),),
        )
        return inline_model_name("chat", ModelInline(model_sources=(source,), hardware=Hardware()))

    assert len({named(None, None), named("canary", None), named("other", "16Gi")}) == 1


@pytest.mark.rule("NAME-7")
def test_the_name_of_a_derived_template() -> None:
    wish = Overrides(metric=Metric.LATENCY, precision=Precision.FP8, gpu_model="MI300X", gpu_count=0)
    expected = digest(
        "derived-template/1",
        service="chat",
        base=["AIMClusterServiceTemplate", "base"],
        overrides={"metric": "latency", "precision": "fp8", "gpuModel": "MI300X", "gpuCount": 0},
    )
    assert derived_template_name("chat", Key(Kind.TEMPLATE, None, "base"), wish) == f"base-ovr-{expected}"


@pytest.mark.rule("TMPL-2")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("llama-3.1", "llama-3.1", id="a short name"),
        pytest.param("m" * 63, "m" * 63, id="the longest value"),
        pytest.param("m" * 64, "m" * 52 + "-" + digest("label-value/1", name="m" * 64), id="a letter too many"),
    ],
)
def test_a_model_is_labelled_by_its_name_while_it_fits(name: str, value: str) -> None:
    assert label_value(name) == value


@pytest.mark.rule("TMPL-2")
@given(st.from_regex(r"[a-z0-9]{1,120}(\.[a-z0-9]{1,120})?", fullmatch=True))
def test_a_label_value_is_valid_and_tells_names_apart(name: str) -> None:
    assert is_label_value(label_value(name))
    assert label_value(name) != label_value(name + "x")
