from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.workload import (
    Caching,
    CachingMode,
    ExistingClaim,
    GatewayRef,
    PodSettings,
    Rollout,
    RolloutStrategy,
    RoutingSettings,
)
from aimcore.domain.serving.settings import (
    OLDER_WORDS,
    merge_caching,
    merge_pod_settings,
    merge_rollout,
    merge_routing,
)
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import parse_quantity

STRENGTH = (Layer.SERVICE, Layer.TEMPLATE, Layer.NAMESPACE_CONFIG, Layer.CLUSTER_CONFIG)
GPU, SPOT = Toleration(key="amd.com/gpu", operator="Exists"), Toleration(key="spot", value="true", effect="NoSchedule")

texts = st.none() | st.sampled_from(["x", "y", ""])
maps = st.none() | st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), max_size=2)
settings = st.builds(
    PodSettings,
    tolerations=st.none() | st.lists(st.sampled_from([GPU, SPOT]), max_size=2).map(tuple),
    node_selector=maps,
    labels=maps,
    priority_class_name=texts,
    drain_seconds=st.none() | st.integers(0, 3),
    affinity=st.none() | st.just({}) | st.just({"podAffinity": {}}),
    shared_memory_size=st.none() | st.sampled_from(["1Gi", "1024Mi"]).map(parse_quantity),
)
four = st.tuples(settings, settings, settings, settings).map(lambda each: tuple(zip(STRENGTH, each, strict=True)))


@pytest.mark.rule("RUN-8")
def test_each_setting_comes_from_the_strongest_layer_that_says_it() -> None:
    merged = merge_pod_settings(
        (
            (Layer.SERVICE, PodSettings(drain_seconds=0, node_selector={"pool": "a"}, tolerations=(SPOT,))),
            (Layer.TEMPLATE, PodSettings(startup_timeout=60, affinity={"podAffinity": {}})),
            (
                Layer.CLUSTER_CONFIG,
                PodSettings(
                    drain_seconds=9,
                    node_selector={"pool": "b", "zone": "z"},
                    tolerations=(GPU, SPOT),
                    scheduler_name="s",
                ),
            ),
        )
    )
    assert merged.settings == PodSettings(
        drain_seconds=0,
        startup_timeout=60,
        affinity={"podAffinity": {}},
        scheduler_name="s",
        node_selector={"pool": "a", "zone": "z"},
        tolerations=(SPOT, GPU),
    )
    assert {path: value.layer.value for path, value in merged.layers.items()} == {
        "affinity": "template",
        "schedulerName": "clusterConfig",
        "startupTimeout": "template",
        "drainSeconds": "service",
        "nodeSelector[pool]": "service",
        "nodeSelector[zone]": "clusterConfig",
        "tolerations[0]": "service",
        "tolerations[1]": "clusterConfig",
    }
    assert [beaten.value for beaten in merged.layers["drainSeconds"].passed_over] == [9]
    assert merged.problems == ()


@pytest.mark.rule("RUN-8")
@given(four, st.integers(0, 4))
def test_merging_in_two_steps_is_merging_at_once(layers: tuple[tuple[Layer, PodSettings], ...], place: int) -> None:
    near, far = layers[:place], layers[place:]
    step = merge_pod_settings(
        ((Layer.SERVICE, merge_pod_settings(near).settings), (Layer.CLUSTER_CONFIG, merge_pod_settings(far).settings))
    )
    assert step.settings == merge_pod_settings(layers).settings


@pytest.mark.rule("RUN-8")
@given(four, st.integers(0, 4))
def test_a_layer_that_says_nothing_changes_nothing(layers: tuple[tuple[Layer, PodSettings], ...], place: int) -> None:
    more = (*layers[:place], (Layer.MODEL, PodSettings()), *layers[place:])
    assert merge_pod_settings(more) == merge_pod_settings(layers)


@pytest.mark.rule("RUN-13")
@pytest.mark.parametrize(
    ("said", "problem"),
    [
        pytest.param(
            PodSettings(labels={"aim.silogen.ai/service": "x"}),
            "the service layer says pod.labels[aim.silogen.ai/service]; expected no key under aim.silogen.ai/, "
            "those are the operator's own",
            id="a label of the operator's",
        ),
        pytest.param(
            PodSettings(annotations={"aim.silogen.ai/revision": "x"}),
            "the service layer says pod.annotations[aim.silogen.ai/revision]; expected no key under aim.silogen.ai/, "
            "those are the operator's own",
            id="an annotation of the operator's",
        ),
        pytest.param(
            PodSettings(drain_seconds=30, termination_grace_period_seconds=30),
            "pod.terminationGracePeriodSeconds is 30; expected more than pod.drainSeconds, which is 30",
            id="no time left after draining",
        ),
        pytest.param(PodSettings(labels={"aim.silogen.ai.example.com/x": "y"}), None, id="a key that only looks so"),
        pytest.param(PodSettings(drain_seconds=30, termination_grace_period_seconds=31), None, id="a second left"),
    ],
)
def test_settings_that_cannot_be_are_named(said: PodSettings, problem: str | None) -> None:
    problems = merge_pod_settings(((Layer.SERVICE, said),)).problems
    assert problems == (() if problem is None else (problem,))


@pytest.mark.rule("RUN-12")
def test_pods_are_replaced_in_place_unless_somebody_says_otherwise() -> None:
    assert merge_rollout(()).value is RolloutStrategy.IN_PLACE
    assert merge_rollout(((Layer.SERVICE, Rollout()),)).layer is Layer.DEFAULT
    surge = merge_rollout(
        (
            (Layer.SERVICE, Rollout(strategy=RolloutStrategy.SURGE)),
            (Layer.CLUSTER_CONFIG, Rollout(strategy=RolloutStrategy.IN_PLACE)),
        )
    )
    assert (surge.value, surge.layer) == (RolloutStrategy.SURGE, Layer.SERVICE)


@pytest.mark.rule("CACHE-2")
@pytest.mark.parametrize(
    ("service", "config", "mode", "layer"),
    [
        pytest.param(None, None, CachingMode.NONE, Layer.DEFAULT, id="nobody says"),
        pytest.param(None, CachingMode.SHARED, CachingMode.SHARED, Layer.CLUSTER_CONFIG, id="the config says Shared"),
        pytest.param(
            CachingMode.AUTO, CachingMode.SHARED, CachingMode.NONE, Layer.SERVICE, id="Auto wins like any word"
        ),
        pytest.param(OLDER_WORDS["Always"], None, CachingMode.SHARED, Layer.SERVICE, id="the older word Always"),
        pytest.param(OLDER_WORDS["Never"], None, CachingMode.DEDICATED, Layer.SERVICE, id="the older word Never"),
    ],
)
def test_who_shares_a_volume(
    service: CachingMode | None, config: CachingMode | None, mode: CachingMode, layer: Layer
) -> None:
    claim = ExistingClaim(name="c")
    layers = (
        (Layer.SERVICE, Caching(mode=service, existing_claim=claim)),
        (Layer.CLUSTER_CONFIG, Caching(mode=config)),
    )
    merged = merge_caching(layers)
    assert (merged.mode.value, merged.mode.layer) == (mode, layer)
    assert merged.existing_claim is not None
    assert merged.existing_claim.value == claim


@pytest.mark.rule("ROUTE-1")
def test_a_service_says_of_its_route_what_the_config_leaves_open() -> None:
    near, far = GatewayRef(name="near"), GatewayRef(name="far", port=443)
    merged = merge_routing(
        (
            (Layer.SERVICE, RoutingSettings(gateway_ref=near, hostnames=("a.example",), request_timeout="0s")),
            (Layer.CLUSTER_CONFIG, RoutingSettings(enabled=True, gateway_ref=far, path_template="/x")),
        )
    )
    assert (merged.enabled, merged.gateway_ref, merged.hostnames) == (True, near, ("a.example",))
    assert (merged.path_template, merged.request_timeout) == ("/x", "0s")
    assert merged.values["gatewayRef"].layer is Layer.SERVICE
    nothing = merge_routing(())
    assert (nothing.enabled, nothing.gateway_ref, nothing.hostnames) == (False, None, ())
    assert (nothing.path_template, nothing.request_timeout) == (None, None)
    off = ((Layer.SERVICE, RoutingSettings(enabled=False)), (Layer.CLUSTER_CONFIG, RoutingSettings(enabled=True)))
    assert not merge_routing(off).enabled


@pytest.mark.rule("ROUTE-3")
def test_a_service_sets_only_the_annotations_that_a_config_allows() -> None:
    service = RoutingSettings(
        annotations={"x.example/a": "mine", "y.example/b": "mine"}, allowed_annotations=("y.example/*",)
    )
    config = RoutingSettings(annotations={"x.example/a": "theirs", "z": "theirs"}, allowed_annotations=("x.example/*",))
    merged = merge_routing(((Layer.SERVICE, service), (Layer.NAMESPACE_CONFIG, config)))
    assert {key: value.value for key, value in merged.annotations.items()} == {"x.example/a": "mine", "z": "theirs"}
    assert merged.refused == ("y.example/b",)
    alone = merge_routing(((Layer.SERVICE, service),))
    assert (alone.annotations, alone.refused) == ({}, ("x.example/a", "y.example/b"))
