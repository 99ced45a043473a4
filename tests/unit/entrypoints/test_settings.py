from __future__ import annotations

import pytest

from aimcore.domain.errors import ParseError
from aimcore.domain.observed import CreationScopeFrom, Policy, Unseen
from aimcore.entrypoints.settings import Settings


def test_without_flags_and_environment_a_plan_assumes_what_is_not_given() -> None:
    assert Settings.of({}).policy == Policy(unseen=Unseen.ASSUMED)


def test_the_environment_says_where_the_operator_is_and_what_its_base_image_is() -> None:
    settings = Settings.of(
        {"AIM_SYSTEM_NAMESPACE": "aim", "AIM_BASE_IMAGE": "example.com/base:1", "AIM_CREATION_SCOPE_FROM": "cluster"}
    )
    assert settings.policy == Policy(
        operator_namespace="aim",
        base_image="example.com/base:1",
        creation_scope_from=CreationScopeFrom.CLUSTER,
        unseen=Unseen.ASSUMED,
    )


def test_a_flag_wins_over_the_environment() -> None:
    settings = Settings.of({"AIM_CREATION_SCOPE_FROM": "cluster"}, creation_scope_from="merged")
    assert settings.creation_scope_from is CreationScopeFrom.MERGED


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.of({"AIM_SYSTEM_NAMESPACE": "", "AIM_BASE_IMAGE": ""}) == Settings()


def test_strict_assumes_nothing() -> None:
    assert Settings.of({}, strict=True).policy.unseen is Unseen.ABSENT


@pytest.mark.parametrize(
    ("environment", "namespace", "message"),
    [
        pytest.param({"AIM_SYSTEM_NAMESPACE": "Aim"}, None, "AIM_SYSTEM_NAMESPACE 'Aim' names no namespace", id="case"),
        pytest.param({"AIM_BASE_IMAGE": "UPPER"}, None, "image reference 'UPPER'", id="no image"),
        pytest.param({"AIM_CREATION_SCOPE_FROM": "all"}, None, "expected merged or cluster", id="no such scope"),
        pytest.param({}, "a/b", "namespace 'a/b' names no namespace", id="no namespace"),
    ],
)
def test_what_cannot_be_right_is_refused(environment: dict[str, str], namespace: str | None, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        Settings.of(environment, namespace=namespace)
