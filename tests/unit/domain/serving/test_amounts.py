from __future__ import annotations

import pytest

from aimcore.domain.kinds.resources import ResourceClaim, Resources
from aimcore.domain.serving.amounts import (
    DEFAULT_RESOURCES,
    gpus_of,
    pod_resources,
    resources_body,
    shared_memory_default,
    shared_memory_warning,
)
from aimcore.domain.serving.inputs import AskedResources
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import parse_quantity
from tests.unit.domain.serving.builders import asked, quantities

GIB_16 = parse_quantity("16Gi")


@pytest.mark.rule("RUN-7")
@pytest.mark.parametrize(
    ("wanted", "requests", "limits"),
    [
        pytest.param(
            asked(1),
            {"amd.com/gpu": "1 profile", "cpu": "4 default", "memory": "32Gi default"},
            {"amd.com/gpu": "1 profile", "memory": "64Gi default"},
            id="one GPU",
        ),
        pytest.param(
            asked(8),
            {"amd.com/gpu": "8 profile", "cpu": "32 default", "memory": "256Gi default"},
            {"amd.com/gpu": "8 profile", "memory": "400Gi default"},
            id="eight GPUs, shared memory once",
        ),
        pytest.param(
            asked(1, (Layer.SERVICE, Resources(requests=quantities(cpu="1"), limits=quantities(memory="16Gi")))),
            {"amd.com/gpu": "1 profile", "cpu": "1 service", "memory": "16Gi service"},
            {"amd.com/gpu": "1 profile", "memory": "16Gi service"},
            id="whoever speaks wins, and the default's request yields to a limit",
        ),
        pytest.param(
            asked(None, (Layer.HARDWARE, Resources(requests=quantities(cpu="2")))),
            {"cpu": "2 hardware"},
            {},
            id="CPU only",
        ),
    ],
)
def test_the_resources_of_the_container(
    wanted: AskedResources, requests: dict[str, str], limits: dict[str, str]
) -> None:
    merged = pod_resources(wanted, DEFAULT_RESOURCES, shared_memory=GIB_16)
    assert {name: f"{one.value} {one.layer}" for name, one in merged.requests.items()} == requests
    assert {name: f"{one.value} {one.layer}" for name, one in merged.limits.items()} == limits
    assert merged.problems == ()


@pytest.mark.rule("RUN-7")
@pytest.mark.parametrize(
    ("resource", "brought"),
    [
        ("amd.com/gpu", {"cpu", "memory"}),
        ("nvidia.com/gpu", {"cpu", "memory"}),
        ("amd.com/spx_nps1", {"cpu", "memory"}),
        ("amd.com/cpx_nps4", set()),
        ("nvidia.com/mig-3g.40gb", set()),
        ("nvidia.com/gpu.shared", set()),
        ("amd.com/gpu_vf", set()),
    ],
)
def test_a_part_of_a_gpu_brings_nothing_along(resource: str, brought: set[str]) -> None:
    one = AskedResources(layers=(), gpu_count=1, resource_name=resource)
    merged = pod_resources(one, DEFAULT_RESOURCES, shared_memory=GIB_16)
    assert merged.requests.keys() == {resource, *brought}
    assert merged.limits.keys() == {resource, *(brought - {"cpu"})}
    assert gpus_of(one) == 1


@pytest.mark.rule("RUN-7")
def test_defaults_can_be_switched_off() -> None:
    assert pod_resources(asked(2), None, shared_memory=GIB_16).requests.keys() == {"amd.com/gpu"}


@pytest.mark.rule("RUN-6")
def test_more_gpus_get_more_shared_memory() -> None:
    assert [str(shared_memory_default(gpus)) for gpus in (0, 1, 2, 8)] == ["16Gi", "16Gi", "32Gi", "32Gi"]


@pytest.mark.rule("RES-2")
def test_gpus_are_counted_once_under_whatever_name() -> None:
    two_names = Resources(limits={**quantities(gpu="2"), "nvidia.com/gpu": parse_quantity("2")})
    assert gpus_of(asked(8, (Layer.MODEL, two_names))) == 2
    card = AskedResources(layers=((Layer.SERVICE, Resources(limits=quantities(card="3"))),), resource_name="card")
    assert gpus_of(card) == 3
    assert gpus_of(asked(None)) == 0


@pytest.mark.rule("RUN-6")
@pytest.mark.parametrize(
    ("limit", "warns"),
    [
        pytest.param("8Gi", True, id="above the limit"),
        pytest.param("16384Mi", True, id="all of the limit"),
        pytest.param("17Gi", False, id="below it"),
        pytest.param(None, False, id="no limit"),
    ],
)
def test_shared_memory_that_does_not_fit_is_warned_of(limit: str | None, *, warns: bool) -> None:
    limits = quantities(memory=limit) if limit else {}
    merged = pod_resources(asked(None, (Layer.MODEL, Resources(limits=limits))), None, shared_memory=GIB_16)
    warning = shared_memory_warning(merged, GIB_16)
    assert (warning is not None) is warns
    if warning and limit:
        shown = parse_quantity(limit)
        assert warning.startswith(
            f"pod.sharedMemorySize is 16Gi and the memory limit {shown} (model): shared memory counts"
        )


@pytest.mark.rule("RES-4")
def test_amounts_are_written_canonically_and_in_order() -> None:
    said = Resources(
        requests=quantities(memory="0.5Gi", cpu="0.5"),
        limits=quantities(cpu="1500m"),
        claims=(ResourceClaim(name="b"), ResourceClaim(name="a", request="r")),
    )
    body = resources_body(pod_resources(asked(None, (Layer.MODEL, said)), None, shared_memory=GIB_16))
    assert body == {
        "requests": {"cpu": "500m", "memory": "512Mi"},
        "limits": {"cpu": "1500m"},
        "claims": [{"name": "a", "request": "r"}, {"name": "b"}],
    }
    assert list(body["requests"]) == ["cpu", "memory"]
    assert resources_body(pod_resources(asked(None), None, shared_memory=GIB_16)) == {}
