from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.kinds.scope import Key, Kind, Reference, Scope

namespaces = st.none() | st.sampled_from(["a", "ml-team"])
keys = st.builds(Key, st.sampled_from(Kind), namespaces, st.sampled_from(["a", "b", "llama"]))


@pytest.mark.rule("KIND-2")
@pytest.mark.parametrize(
    ("key", "scope", "text"),
    [
        pytest.param(Key(Kind.MODEL, "ml", "a"), Scope.NAMESPACE, "AIMModel ml/a", id="a model"),
        pytest.param(Key(Kind.MODEL, None, "a"), Scope.CLUSTER, "AIMClusterModel a", id="a cluster model"),
        pytest.param(Key(Kind.TEMPLATE, "ml", "a"), Scope.NAMESPACE, "AIMServiceTemplate ml/a", id="a template"),
        pytest.param(
            Key(Kind.TEMPLATE, None, "a"), Scope.CLUSTER, "AIMClusterServiceTemplate a", id="a cluster template"
        ),
        pytest.param(Key(Kind.RUNTIME_CONFIG, "ml", "a"), Scope.NAMESPACE, "AIMRuntimeConfig ml/a", id="a config"),
        pytest.param(
            Key(Kind.RUNTIME_CONFIG, None, "a"), Scope.CLUSTER, "AIMClusterRuntimeConfig a", id="a cluster config"
        ),
        pytest.param(Key(Kind.SERVICE, "ml", "a"), Scope.NAMESPACE, "AIMService ml/a", id="a service"),
    ],
)
def test_a_key_knows_its_scope_and_its_kind_in_the_api(key: Key, scope: Scope, text: str) -> None:
    assert key.scope is scope
    assert str(key) == text


@given(st.lists(keys, unique=True))
def test_keys_are_listed_by_kind_then_namespace_then_name(several: list[Key]) -> None:
    assert sorted(several) == sorted(several, key=lambda key: (key.api_kind, key.namespace or "", key.name))


@pytest.mark.rule("KIND-10")
@given(keys)
def test_a_reference_points_at_one_object(key: Key) -> None:
    assert Reference.to(key, "u1") == Reference(
        kind=key.api_kind, name=key.name, namespace=key.namespace, scope=key.scope, uid="u1"
    )


@pytest.mark.rule("KIND-2")
@pytest.mark.parametrize(
    ("kind", "version", "spelt"),
    [
        (
            Kind.MODEL,
            "aim.silogen.ai/v1alpha1",
            ["AIMModel aimmodels aimmdl", "AIMClusterModel aimclustermodels aimclmdl"],
        ),
        (Kind.SERVICE, "aim.silogen.ai/v1alpha1", ["AIMService aimservices aimsvc"]),
        (Kind.NODE, "v1", ["Node nodes no"]),
        (Kind.NETWORK_SERVICE, "v1", ["Service services svc"]),
        (Kind.DEPLOYMENT, "apps/v1", ["Deployment deployments deploy"]),
    ],
)
def test_a_kind_knows_how_the_api_spells_it(kind: Kind, version: str, spelt: list[str]) -> None:
    assert kind.api_version == version
    assert [" ".join(spelling) for _, spelling in kind.spellings] == spelt
    assert kind.is_manifest is (kind in (Kind.NETWORK_SERVICE, Kind.DEPLOYMENT))
