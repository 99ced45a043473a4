from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware, inherit, required_gpu, summary
from aimcore.domain.values.quantity import Quantity, parse_quantity

amounts = st.none() | st.sampled_from(["0", "4", "64Gi", "65536Mi"]).map(parse_quantity)
gpus = st.builds(
    Gpu,
    requests=st.none() | st.integers(0, 8),
    models=st.none() | st.lists(st.sampled_from(["MI300X", "MI210"]), max_size=2).map(tuple),
    min_vram=amounts,
    resource_name=st.none() | st.sampled_from(["amd.com/gpu", "example.com/card"]),
)
cpus = st.builds(Cpu, requests=amounts, limits=amounts)
hardware = st.none() | st.builds(Hardware, gpu=st.none() | gpus, cpu=st.none() | cpus)

FIELDS = [
    *(("gpu", name) for name in ("requests", "models", "min_vram", "resource_name")),
    *(("cpu", name) for name in ("requests", "limits")),
]


def field(thing: Hardware | None, section: str, name: str) -> object:
    return getattr(getattr(thing, section, None), name, None)


@pytest.mark.rule("CUST-3")
@given(hardware, hardware)
def test_every_field_is_the_entrys_where_it_says_one_else_the_models(
    entry: Hardware | None, base: Hardware | None
) -> None:
    for section, name in FIELDS:
        own = field(entry, section, name)
        assert field(inherit(entry, base), section, name) == (field(base, section, name) if own is None else own)


@pytest.mark.rule("CUST-3")
@given(hardware, hardware, hardware)
def test_inheriting_is_associative(a: Hardware | None, b: Hardware | None, c: Hardware | None) -> None:
    assert inherit(inherit(a, b), c) == inherit(a, inherit(b, c))


@pytest.mark.rule("CUST-3")
@given(hardware)
def test_saying_nothing_inherits_everything_and_needs_saying_once(one: Hardware | None) -> None:
    whole = inherit(one, None)
    assert inherit(None, one) == inherit(Hardware(), one) == inherit(one, one) == inherit(whole, None) == whole


@pytest.mark.rule("CUST-3", "TMPL-7")
@given(hardware, hardware)
def test_hardware_that_says_the_same_is_the_same(entry: Hardware | None, base: Hardware | None) -> None:
    merged = inherit(entry, base)
    if all(field(merged, section, name) is None for section, name in FIELDS):
        assert merged is None
    else:
        assert merged is not None
        assert merged.gpu != Gpu()
        assert merged.cpu != Cpu()


@pytest.mark.rule("CUST-3")
@pytest.mark.parametrize(
    ("entry", "merged"),
    [
        pytest.param(Gpu(requests=0), Gpu(requests=0, models=("MI300X", "MI210")), id="an explicit zero overrides"),
        pytest.param(Gpu(models=()), Gpu(requests=2, models=()), id="an empty list is said: any GPU will do"),
        pytest.param(Gpu(models=("MI210",)), Gpu(requests=2, models=("MI210",)), id="a list is one field"),
    ],
)
def test_what_counts_as_said(entry: Gpu, merged: Gpu) -> None:
    base = Hardware(gpu=Gpu(requests=2, models=("MI300X", "MI210")))
    assert inherit(Hardware(gpu=entry), base) == Hardware(gpu=merged)


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize(
    ("hardware", "required", "words"),
    [
        pytest.param(None, False, None, id="nothing said"),
        pytest.param(Hardware(cpu=Cpu(requests=Quantity.of(4))), False, "CPU", id="only CPUs"),
        pytest.param(Hardware(gpu=Gpu(requests=0)), False, "CPU", id="zero GPUs"),
        pytest.param(Hardware(gpu=Gpu(requests=0, models=())), False, "CPU", id="zero GPUs of no model"),
        pytest.param(Hardware(gpu=Gpu(min_vram=Quantity.of(1))), False, "CPU", id="only a memory"),
        pytest.param(Hardware(gpu=Gpu(requests=1)), True, "1 x GPU", id="a GPU of any model"),
        pytest.param(Hardware(gpu=Gpu(models=("MI300X",))), True, "1 x MI300X", id="a model without a count"),
        pytest.param(
            Hardware(gpu=Gpu(requests=8, models=("MI300X", "MI325X"))),
            True,
            "8 x MI300X/MI325X",
            id="one of two models",
        ),
        pytest.param(
            Hardware(gpu=Gpu(requests=0, models=("MI300X",))), True, "0 x MI300X", id="a model, and a count of zero"
        ),
    ],
)
def test_whether_a_gpu_is_required_and_how_a_table_says_it(
    hardware: Hardware | None, words: str | None, *, required: bool
) -> None:
    assert required_gpu(hardware) == (hardware.gpu if hardware and required else None)
    assert summary(hardware) == words
