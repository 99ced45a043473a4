from __future__ import annotations

import pytest

from aimcore.domain.kinds.ownership import FieldClaim, Owner, claimants, controls


def owner(uid: str, *, controller: bool = True, name: str = "llama") -> Owner:
    return Owner(api_version="aim.silogen.ai/v1alpha1", kind="AIMModel", name=name, uid=uid, controller=controller)


@pytest.mark.rule("OWN-2")
@pytest.mark.parametrize(
    ("uid", "owners", "answer"),
    [
        pytest.param("u1", (owner("u1"),), True, id="the controller"),
        pytest.param("u1", (owner("u2"), owner("u1")), True, id="the controller beside another"),
        pytest.param("u1", (owner("u1", controller=False),), False, id="an owner that does not control"),
        pytest.param("u2", (owner("u1"),), False, id="the same name with another uid"),
        pytest.param("u1", (), False, id="nobody's object"),
        pytest.param("", (owner(""),), False, id="an object that was never created owns nothing"),
    ],
)
def test_ownership_goes_by_uid(uid: str, owners: tuple[Owner, ...], *, answer: bool) -> None:
    assert controls(uid, owners) is answer


CLAIMS = (
    FieldClaim(manager="aim-operator", fields={"f:spec": {"f:env": {'k:{"name":"A"}': {".": {}, "f:value": {}}}}}),
    FieldClaim(manager="kubectl", fields={"f:spec": {"f:type": {}, "f:env": {'k:{"name":"B"}': {}}}}),
    FieldClaim(manager="broken", fields={"f:spec": "not a tree"}),
)


@pytest.mark.rule("OWN-4")
@pytest.mark.parametrize(
    ("path", "managers"),
    [
        pytest.param(("f:spec", "f:type"), {"kubectl"}, id="a field"),
        pytest.param(("f:spec", "f:env"), {"aim-operator", "kubectl"}, id="a list whose entries two share"),
        pytest.param(("f:spec", "f:env", 'k:{"name":"A"}'), {"aim-operator"}, id="an entry of a list"),
        pytest.param(("f:spec", "f:env", 'k:{"name":"A"}', "f:value"), {"aim-operator"}, id="a field of an entry"),
        pytest.param(("f:spec", "f:type", "f:more"), set(), id="below a leaf"),
        pytest.param(("f:status",), set(), id="what nobody claims"),
        pytest.param(("f:spec",), {"aim-operator", "kubectl", "broken"}, id="the whole spec"),
    ],
)
def test_who_claims_a_field(path: tuple[str, ...], managers: set[str]) -> None:
    assert claimants(CLAIMS, path) == managers
