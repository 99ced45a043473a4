from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.children.creation import Creation, auto_model, inline_model
from aimcore.domain.children.diff import created_meta
from aimcore.domain.kinds.config import ResolvedConfig
from aimcore.domain.kinds.records import (
    CustomSpec,
    Discovery,
    LabelPropagation,
    Model,
    ModelCreation,
    ModelSpec,
    RuntimeConfig,
    RuntimeConfigSpec,
    Service,
)
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.profile import TemplateType
from aimcore.domain.view.observed import CreationScopeFrom, Policy
from tests.unit.domain.builders import (
    IMAGE,
    NS,
    OURS,
    auto_name,
    config,
    env,
    gpus,
    inline,
    observe,
    owned_by,
    service,
    source,
)

TENANT = service(
    image=IMAGE,
    image_pull_secrets=("tenants",),
    service_account_name="tenants",
    env=env(OWNER="tenants"),
    labels={"team": "tenants"},
)
NARROW = Policy(creation_scope_from=CreationScopeFrom.CLUSTER)


def asking(one: Service, *configs: RuntimeConfig, policy: Policy | None = None, image: str = IMAGE) -> Creation:
    observed = observe(one, *configs, policy=policy)
    name = one.spec.runtime_config_name or "default"
    return auto_model(observed, parse_image(image), observed.view.config(NS, name))


def said(namespace: str | None, scope: Scope | None = None, *, discovers: bool | None = None) -> RuntimeConfig:
    return config(namespace=namespace, model=ModelCreation(creation_scope=scope, auto_discovery=discovers))


@pytest.mark.rule("AUTO-1")
def test_by_default_the_model_is_the_namespaces_and_brings_what_the_service_brings() -> None:
    made = asking(TENANT).model
    assert (made.key.namespace, made.key.name[:5], len(made.key.name)) == (NS, "auto-", 21)
    assert made.meta.owners == ()
    assert made.meta.labels == {**OURS, "app.kubernetes.io/managed-by": "aim-operator"}
    assert made.spec.image == IMAGE
    assert made.spec.image_pull_secrets == ("tenants",)
    assert made.spec.service_account_name == "tenants"
    assert made.spec.env == ()


@pytest.mark.rule("AUTO-1", "NAME-5")
def test_all_spellings_of_an_image_make_one_model() -> None:
    one, other = (
        asking(service(image="nginx"), image="nginx"),
        asking(service(image="x"), image="docker.io/nginx:latest"),
    )
    assert one == other
    assert one.model.spec.image == "docker.io/library/nginx:latest"


@pytest.mark.rule("AUTO-1")
def test_the_namespaces_model_keeps_the_name_of_the_configuration() -> None:
    assert asking(service(image=IMAGE, runtime_config_name="big")).model.spec.runtime_config_name == "big"
    assert asking(service(image=IMAGE)).model.spec.runtime_config_name is None


@pytest.mark.rule("AUTO-1", "AUTO-3")
@pytest.mark.parametrize(
    ("configs", "policy", "scope", "narrowed"),
    [
        pytest.param([], None, Scope.NAMESPACE, False, id="nobody says"),
        pytest.param([said(None, Scope.CLUSTER)], None, Scope.CLUSTER, False, id="the cluster's config says so"),
        pytest.param([said(NS, Scope.CLUSTER)], None, Scope.CLUSTER, False, id="the namespace's config says so"),
        pytest.param(
            [said(NS, Scope.NAMESPACE), said(None, Scope.CLUSTER)],
            None,
            Scope.NAMESPACE,
            False,
            id="the namespace's config says otherwise",
        ),
        pytest.param([said(NS, Scope.CLUSTER)], NARROW, Scope.NAMESPACE, True, id="narrowed: the namespace has no say"),
        pytest.param(
            [said(None, Scope.CLUSTER)], NARROW, Scope.CLUSTER, False, id="narrowed: the cluster's config has"
        ),
        pytest.param(
            [said(NS, Scope.NAMESPACE), said(None, Scope.CLUSTER)],
            NARROW,
            Scope.CLUSTER,
            False,
            id="narrowed: it alone counts",
        ),
        pytest.param([said(NS)], NARROW, Scope.NAMESPACE, False, id="narrowed: nobody asked for more"),
    ],
)
def test_the_configuration_says_where(
    configs: list[RuntimeConfig], policy: Policy | None, scope: Scope, *, narrowed: bool
) -> None:
    creation = asking(TENANT, *configs, policy=policy)
    assert (creation.model.key.scope, bool(creation.narrowed)) == (scope, narrowed)


@pytest.mark.rule("AUTO-2")
@pytest.mark.parametrize(
    ("configs", "discovers"),
    [
        pytest.param([], True, id="unless told otherwise"),
        pytest.param([said(NS, discovers=False)], False, id="told by the namespace"),
        pytest.param([said(None, discovers=False)], False, id="told by the cluster"),
        pytest.param(
            [said(NS, discovers=True), said(None, discovers=False)], True, id="the namespace over the cluster"
        ),
        pytest.param([said(None, Scope.CLUSTER, discovers=False)], False, id="for a cluster model"),
        pytest.param(
            [said(None, Scope.CLUSTER), said(NS, discovers=False)], True, id="not by a tenant for the cluster"
        ),
    ],
)
def test_auto_discovery_decides_both_switches(configs: list[RuntimeConfig], *, discovers: bool) -> None:
    assert asking(TENANT, *configs).model.spec.discovery == Discovery(
        enabled=discovers, auto_create_templates=discovers
    )


NAMES = st.sampled_from([None, "a", "b"])
TENANTS = st.builds(
    lambda name, account, secrets, labels, own: (
        service(name or "chat", image=IMAGE, service_account_name=account, image_pull_secrets=secrets, labels=labels),
        own,
    ),
    NAMES,
    NAMES,
    st.lists(st.sampled_from("ab"), unique=True).map(tuple),
    st.dictionaries(st.sampled_from(["team", "aim.silogen.ai/stale"]), st.sampled_from("ab")),
    st.builds(
        RuntimeConfigSpec,
        service_account_name=NAMES,
        image_pull_secrets=st.sampled_from([None, ("own",)]),
        env=st.sampled_from([None, env(A="own")]),
        model=st.builds(
            ModelCreation, auto_discovery=st.sampled_from([None, True, False]), creation_scope=st.just(Scope.CLUSTER)
        ),
        label_propagation=st.just(LabelPropagation(enabled=True, match=("*",))),
    ),
)


@pytest.mark.rule("AUTO-6")
@given(TENANTS, st.sampled_from([None, True, False]))
def test_nothing_of_the_tenant_is_in_a_cluster_model(
    tenant: tuple[Service, RuntimeConfigSpec],
    discovers: bool | None,  # noqa: FBT001  # hypothesis passes it by place
) -> None:
    one, spec = tenant
    own = RuntimeConfig(key=config().key, meta=config().meta, spec=spec)
    admin = said(None, discovers=discovers)
    made = asking(one, own, admin).model
    assert made.key.scope is Scope.CLUSTER
    assert made == asking(service("nobody", image=IMAGE), said(None, Scope.CLUSTER, discovers=discovers)).model


@pytest.mark.rule("AUTO-6", "AUTO-2")
def test_a_cluster_model_is_its_image_and_the_word_of_the_cluster_config_of_the_asked_name() -> None:
    big = config("big", namespace=None, model=ModelCreation(creation_scope=Scope.CLUSTER, auto_discovery=False))
    made = asking(service(image=IMAGE, runtime_config_name="big"), big, said(None, discovers=True)).model
    assert made == Model(
        key=Key(Kind.MODEL, None, auto_name()),
        meta=created_meta(),
        spec=ModelSpec(image=IMAGE, discovery=Discovery(enabled=False, auto_create_templates=False)),
    )


@pytest.mark.rule("AUTO-4", "OWN-1")
def test_an_inline_model_is_the_services_own() -> None:
    one = service(
        inline=inline(type=TemplateType.PREVIEW),
        runtime_config_name="big",
        image_pull_secrets=("s",),
        service_account_name="sa",
    )
    made = inline_model(observe(one), inline(type=TemplateType.PREVIEW), ResolvedConfig())
    assert made.key.namespace == NS
    assert made.key.name.startswith("chat-custom-")
    assert made.meta.owners == owned_by(one)
    assert made.meta.labels == {**OURS, "app.kubernetes.io/managed-by": "aim-operator"}
    assert made.spec.model_sources == (source(),)
    assert made.spec.custom == CustomSpec(type=TemplateType.PREVIEW, hardware=gpus(1, "MI300X"))
    assert (made.spec.runtime_config_name, made.spec.image_pull_secrets, made.spec.service_account_name) == (
        "big",
        ("s",),
        "sa",
    )


@pytest.mark.rule("AUTO-4", "KIND-4")
def test_the_image_of_an_inline_model_is_written_out() -> None:
    policy = Policy(base_image="mirror.example.com/base:1")
    observed = observe(service(inline=inline()), policy=policy)
    assert inline_model(observed, inline(), ResolvedConfig()).spec.image == "mirror.example.com/base:1"
    assert inline_model(observed, inline(base_image=IMAGE), ResolvedConfig()).spec.image == IMAGE
    assert Policy().base_image == "amdenterpriseai/aim-base:latest"


@pytest.mark.rule("CONF-5", "AUTO-4")
def test_an_inline_model_inherits_labels() -> None:
    observed = observe(
        service(inline=inline(), labels={"team": "a"}),
        config(label_propagation=LabelPropagation(enabled=True, match=("team",))),
    )
    made = inline_model(observed, inline(), observed.view.config(NS, "default"))
    assert made.meta.labels["team"] == "a"


@pytest.mark.rule("NAME-6", "AUTO-4")
def test_a_changed_block_is_another_model_and_what_may_hold_a_secret_is_no_part_of_its_name() -> None:
    observed = observe(service(inline=inline()))

    def name(**changed: Any) -> str:
        return inline_model(observed, inline(**changed), ResolvedConfig()).key.name

    assert name(hardware=gpus(2)) != name()
    assert name(model_sources=(source("9Gi"),)) == name()
