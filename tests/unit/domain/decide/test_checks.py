from __future__ import annotations

import pytest

from aimcore.domain.decide.checks import spec_faults
from aimcore.domain.kinds.records import AimObject, CustomSpec, CustomTemplate
from aimcore.domain.kinds.resources import Resources
from tests.unit.domain.builders import (
    amounts,
    config,
    gpus,
    inline,
    model,
    resources,
    service,
    source,
    template,
)

ABOVE = resources(requests="2", limits="1")
TWO_COUNTS = Resources(requests=amounts(gpu="1"), limits=amounts(gpu="2"))


@pytest.mark.parametrize(
    "thing",
    [
        pytest.param(model(), id="a model"),
        pytest.param(model(image=None), id="a model without an image, which has its own fault"),
        pytest.param(template(), id="a template"),
        pytest.param(service(), id="a service by name"),
        pytest.param(service(image="nginx"), id="a service by image"),
        pytest.param(service(inline=inline()), id="a service with a model of its own"),
        pytest.param(config(), id="a configuration"),
        pytest.param(model(resources=resources(requests="1", limits="1")), id="a request at its limit"),
        pytest.param(model(resources=resources(requests="1")), id="a request alone"),
        pytest.param(model(resources=resources(limits="1")), id="a limit alone"),
        pytest.param(
            model(resources=Resources(requests=amounts(gpu="2"), limits=amounts(gpu="2"))), id="one GPU count"
        ),
    ],
)
def test_nothing_is_wrong(thing: AimObject) -> None:
    assert spec_faults(thing) == ()


@pytest.mark.rule("LOOK-4", "STAT-1")
@pytest.mark.parametrize(
    ("thing", "path"),
    [
        pytest.param(model(image="Not An Image"), "$.spec.image", id="a model"),
        pytest.param(service(image="Not An Image"), "$.spec.model.image", id="a service"),
        pytest.param(
            service(inline=inline(base_image="Not An Image")), "$.spec.model.custom.baseImage", id="an inline model"
        ),
    ],
)
def test_an_image_must_be_one(thing: AimObject, path: str) -> None:
    (fault,) = spec_faults(thing)
    assert (fault.path, fault.rule) == (path, "LOOK-4")
    assert fault.message.startswith("image reference 'Not An Image' has the repository")


@pytest.mark.rule("RES-3")
@pytest.mark.parametrize(
    ("thing", "layer"),
    [
        pytest.param(model(resources=ABOVE), "model", id="a model"),
        pytest.param(template(resources=ABOVE), "template", id="a template"),
        pytest.param(service(resources=ABOVE), "service", id="a service"),
    ],
)
def test_a_layer_may_not_request_above_its_own_limit(thing: AimObject, layer: str) -> None:
    (fault,) = spec_faults(thing)
    assert (fault.path, fault.rule) == ("$.spec.resources", "RES-3")
    assert fault.message.startswith(f"the {layer} layer requests cpu=2, above its limit 1")


@pytest.mark.rule("RES-2")
@pytest.mark.parametrize(
    "thing",
    [
        pytest.param(model(resources=TWO_COUNTS), id="request and limit"),
        pytest.param(
            model(resources=Resources(requests=amounts(gpu="2"), limits=amounts(gpu="1"))),
            id="a request above the limit",
        ),
        pytest.param(
            model(resources=Resources(requests=amounts(cpu="1", gpu="1"), limits=amounts(cpu="1", gpu="2"))),
            id="beside a request at its limit",
        ),
        pytest.param(
            template(
                hardware=gpus(1, resource_name="acme.com/chip"),
                resources=resources(requests="2", limits="1", name="acme.com/chip"),
            ),
            id="the name the template gives them, above the limit",
        ),
        pytest.param(
            model(
                resources=Resources(requests={**amounts(gpu="1"), "nvidia.com/gpu": amounts(gpu="2")["amd.com/gpu"]})
            ),
            id="two names",
        ),
        pytest.param(
            template(
                hardware=gpus(1, resource_name="acme.com/chip"),
                resources=resources(requests="1", limits="2", name="acme.com/chip"),
            ),
            id="the name the template gives them",
        ),
    ],
)
def test_a_layer_may_name_one_gpu_count(thing: AimObject) -> None:
    (fault,) = spec_faults(thing)
    assert (fault.path, fault.rule) == ("$.spec.resources", "RES-2")
    assert "names several GPU counts" in fault.message


@pytest.mark.rule("RES-2", "RES-3")
def test_all_faults_are_told_at_once_each_with_its_rule() -> None:
    both = Resources(requests=amounts(gpu="1", cpu="2"), limits=amounts(gpu="2", cpu="1"))
    assert [fault.rule for fault in spec_faults(service(resources=both, image="?"))] == ["LOOK-4", "RES-3", "RES-2"]


@pytest.mark.rule("NAME-4")
def test_two_entries_that_are_one_template_are_a_fault() -> None:
    entries = (CustomTemplate(name="fast"), CustomTemplate(), CustomTemplate(name="fast"))
    twice = model(model_sources=(source(),), custom=CustomSpec(hardware=gpus(1), templates=entries))
    (fault,) = spec_faults(twice)
    assert (fault.path, fault.rule) == ("$.spec.custom.templates[2]", "NAME-4")
    assert fault.message == (
        "templates[2] (fast) is the same template as templates[0] (fast); expected names or settings that differ"
    )
