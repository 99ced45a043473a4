from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.kinds.config import ResolvedConfig, config_name, merge_configs
from aimcore.domain.kinds.records import (
    LabelPropagation,
    Meta,
    ModelCreation,
    RuntimeConfig,
    RuntimeConfigSpec,
    Storage,
)
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.kinds.statuses import ConfigReference, MergedWith
from aimcore.domain.kinds.workload import GatewayRef, RoutingSettings
from aimcore.domain.values.layering import Layer, Layered, PassedOver
from aimcore.domain.weights.sources import EnvVar

FULL = RuntimeConfigSpec(
    service_account_name="runtime",
    image_pull_secrets=("far", "both"),
    env=(EnvVar(name="A", value="far"), EnvVar(name="B", value="far")),
    model=ModelCreation(auto_discovery=True, creation_scope=Scope.CLUSTER),
    label_propagation=LabelPropagation(enabled=True, match=("team", "org/*")),
    storage=Storage(default_storage_class_name="fast", pvc_headroom_percent=20),
    routing=RoutingSettings(
        enabled=True,
        gateway_ref=GatewayRef(name="edge", namespace="net", port=80),
        path_template="/{name}",
        request_timeout="30s",
        annotations={"a": "far", "b": "far"},
    ),
)
SAID = {
    "serviceAccountName": "runtime",
    "model.autoDiscovery": True,
    "model.creationScope": Scope.CLUSTER,
    "labelPropagation.enabled": True,
    "labelPropagation.match": ("team", "org/*"),
    "storage.defaultStorageClassName": "fast",
    "storage.pvcHeadroomPercent": 20,
    "routing.enabled": True,
    "routing.gatewayRef": GatewayRef(name="edge", namespace="net", port=80),
    "routing.pathTemplate": "/{name}",
    "routing.requestTimeout": "30s",
    "routing.annotations[a]": "far",
    "routing.annotations[b]": "far",
}


def near(spec: RuntimeConfigSpec | None = None, uid: str = "near") -> RuntimeConfig:
    return RuntimeConfig(
        key=Key(Kind.RUNTIME_CONFIG, "ml", "default"), meta=Meta(uid=uid), spec=spec or RuntimeConfigSpec()
    )


def far(spec: RuntimeConfigSpec | None = None) -> RuntimeConfig:
    return RuntimeConfig(
        key=Key(Kind.RUNTIME_CONFIG, None, "default"), meta=Meta(uid="far"), spec=spec or RuntimeConfigSpec()
    )


def said(config: ResolvedConfig) -> dict[str, object]:
    return {path: value.value for path, value in config.values.items()}


@pytest.mark.rule("CONF-1")
@pytest.mark.parametrize(
    ("asked", "name"),
    [
        pytest.param("ml-team", "ml-team", id="the one asked for"),
        pytest.param(None, "default", id="none asked for"),
        pytest.param("", "default", id="an empty name asks for none"),
    ],
)
def test_the_name_of_a_config(asked: str | None, name: str) -> None:
    assert config_name(asked) == name


@pytest.mark.rule("CONF-1", "KIND-8")
def test_every_field_that_the_cluster_says_reaches_the_namespace() -> None:
    merged = merge_configs(near(), far(FULL))
    assert said(merged) == SAID
    assert {value.layer for value in merged.values.values()} == {Layer.CLUSTER_CONFIG}
    assert [*merged.env] == ["A", "B"]
    assert [*merged.pull_secrets] == ["far", "both"]


@pytest.mark.rule("CONF-1")
@pytest.mark.parametrize(
    ("spec", "path", "value"),
    [
        pytest.param(RuntimeConfigSpec(service_account_name=""), "serviceAccountName", "", id="an empty text"),
        pytest.param(
            RuntimeConfigSpec(model=ModelCreation(auto_discovery=False)), "model.autoDiscovery", False, id="false"
        ),
        pytest.param(
            RuntimeConfigSpec(model=ModelCreation(creation_scope=Scope.NAMESPACE)),
            "model.creationScope",
            Scope.NAMESPACE,
            id="the default, said",
        ),
        pytest.param(
            RuntimeConfigSpec(label_propagation=LabelPropagation(enabled=False)),
            "labelPropagation.enabled",
            False,
            id="a switch off",
        ),
        pytest.param(
            RuntimeConfigSpec(label_propagation=LabelPropagation(match=())),
            "labelPropagation.match",
            (),
            id="an empty list replaces a list",
        ),
        pytest.param(
            RuntimeConfigSpec(storage=Storage(pvc_headroom_percent=0)), "storage.pvcHeadroomPercent", 0, id="zero"
        ),
        pytest.param(
            RuntimeConfigSpec(routing=RoutingSettings(gateway_ref=GatewayRef(name="own"))),
            "routing.gatewayRef",
            GatewayRef(name="own"),
            id="a gateway is one unit",
        ),
        pytest.param(
            RuntimeConfigSpec(routing=RoutingSettings(annotations={"b": ""})),
            "routing.annotations[b]",
            "",
            id="an annotation by its key",
        ),
    ],
)
def test_presence_decides_and_not_what_is_said(spec: RuntimeConfigSpec, path: str, value: object) -> None:
    merged = merge_configs(near(spec), far(FULL))
    assert said(merged) == SAID | {path: value}
    assert merged.values[path] == Layered(
        value=value,
        layer=Layer.NAMESPACE_CONFIG,
        passed_over=(PassedOver(layer=Layer.CLUSTER_CONFIG, value=SAID[path]),),
    )


@pytest.mark.rule("CONF-1")
def test_env_merges_by_name_and_pull_secrets_are_a_union() -> None:
    own, other = EnvVar(name="A", value="near"), EnvVar(name="B", value="far")
    merged = merge_configs(near(RuntimeConfigSpec(env=(own,), image_pull_secrets=("near", "both"))), far(FULL))
    assert {name: value.value for name, value in merged.env.items()} == {"A": own, "B": other}
    assert {name: value.layer for name, value in merged.env.items()} == {
        "A": Layer.NAMESPACE_CONFIG,
        "B": Layer.CLUSTER_CONFIG,
    }
    assert [(name, value.value) for name, value in merged.pull_secrets.items()] == [
        ("near", "near"),
        ("both", "both"),
        ("far", "far"),
    ]


@pytest.mark.rule("CONF-3")
@pytest.mark.parametrize(
    ("namespaced", "cluster", "reference"),
    [
        pytest.param(None, None, None, id="none"),
        pytest.param(
            near(),
            None,
            ConfigReference(kind="AIMRuntimeConfig", name="default", namespace="ml", scope="Namespace", uid="near"),
            id="the namespace's",
        ),
        pytest.param(
            None,
            far(),
            ConfigReference(kind="AIMClusterRuntimeConfig", name="default", scope="Cluster", uid="far"),
            id="the cluster's",
        ),
        pytest.param(
            near(),
            far(),
            ConfigReference(
                kind="AIMRuntimeConfig",
                name="default",
                namespace="ml",
                scope="Merged",
                uid="near",
                merged_with=MergedWith(kind="AIMClusterRuntimeConfig", name="default", uid="far"),
            ),
            id="both",
        ),
    ],
)
def test_a_reference_says_which_objects_it_is_made_of(
    namespaced: RuntimeConfig | None, cluster: RuntimeConfig | None, reference: ConfigReference | None
) -> None:
    assert merge_configs(namespaced, cluster).reference == reference


@pytest.mark.rule("CONF-2")
def test_without_any_config_nothing_is_said() -> None:
    assert merge_configs(None, None) == ResolvedConfig()


NOTHING, ALL = merge_configs(None, None), merge_configs(near(FULL), None)


@pytest.mark.rule("CONF-4", "CONF-5", "AUTO-1", "AUTO-2")
def test_what_a_config_means_where_it_says_nothing_and_where_it_does() -> None:
    assert (NOTHING.service_account_name, ALL.service_account_name) == (None, "runtime")
    assert (NOTHING.auto_discovery, ALL.auto_discovery) == (True, True)
    assert (NOTHING.creation_scope, ALL.creation_scope) == (Scope.NAMESPACE, Scope.CLUSTER)
    assert (NOTHING.propagated, ALL.propagated) == ((), ("team", "org/*"))


@pytest.mark.rule("AUTO-2", "CONF-5")
def test_only_false_switches_discovery_off_and_only_true_switches_propagation_on() -> None:
    off = merge_configs(near(RuntimeConfigSpec(model=ModelCreation(auto_discovery=False))), far(FULL))
    assert off.auto_discovery is False
    for propagation in (LabelPropagation(enabled=False, match=("team",)), LabelPropagation(match=("team",))):
        assert merge_configs(near(RuntimeConfigSpec(label_propagation=propagation)), None).propagated == ()
    bare = RuntimeConfigSpec(label_propagation=LabelPropagation(enabled=True))
    assert merge_configs(near(bare), None).propagated == ()


specs = st.builds(
    RuntimeConfigSpec,
    service_account_name=st.none() | st.sampled_from(["", "a"]),
    image_pull_secrets=st.none() | st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    env=st.none()
    | st.lists(st.builds(EnvVar, name=st.sampled_from("AB"), value=st.just("v")), unique_by=lambda one: one.name).map(
        tuple
    ),
    model=st.builds(ModelCreation, auto_discovery=st.none() | st.booleans()),
    storage=st.builds(Storage, pvc_headroom_percent=st.none() | st.integers(0, 2)),
)


@pytest.mark.rule("CONF-1")
@given(specs, specs)
def test_merging_invents_nothing_and_loses_nothing(mine: RuntimeConfigSpec, theirs: RuntimeConfigSpec) -> None:
    alone = {
        Layer.NAMESPACE_CONFIG: merge_configs(near(mine), None),
        Layer.CLUSTER_CONFIG: merge_configs(None, far(theirs)),
    }
    merged = merge_configs(near(mine), far(theirs))
    for part in ("values", "env", "pull_secrets"):
        voices = {
            (path, voice.layer, voice.value)
            for path, value in getattr(merged, part).items()
            for voice in (value, *value.passed_over)
        }
        assert voices == {
            (path, layer, value.value)
            for layer, config in alone.items()
            for path, value in getattr(config, part).items()
        }


@pytest.mark.rule("CONF-1")
@given(specs)
def test_a_config_that_says_nothing_is_neutral(spec: RuntimeConfigSpec) -> None:
    alone = merge_configs(near(spec), None)
    both = merge_configs(near(spec), far())
    assert replace(both, reference=None, layers=()) == replace(alone, reference=None, layers=())
