from __future__ import annotations

from pathlib import Path

import pytest

from aimcore.domain.errors import ParseError
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.serving.amounts import DEFAULT_RESOURCES
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.view.observed import CreationScopeFrom, Policy, Unseen
from aimcore.entrypoints.settings import Registries, Settings


def test_without_flags_and_environment_a_plan_assumes_what_is_not_given() -> None:
    assert Settings.of({}).policy == Policy(unseen=Unseen.ASSUMED, workloads=True, default_resources=DEFAULT_RESOURCES)


def test_the_environment_says_where_the_operator_is_and_what_its_base_image_is() -> None:
    settings = Settings.of(
        {"AIM_SYSTEM_NAMESPACE": "aim", "AIM_BASE_IMAGE": "example.com/base:1", "AIM_CREATION_SCOPE_FROM": "cluster"}
    )
    assert settings.policy == Policy(
        operator_namespace="aim",
        base_image="example.com/base:1",
        creation_scope_from=CreationScopeFrom.CLUSTER,
        unseen=Unseen.ASSUMED,
        workloads=True,
        default_resources=DEFAULT_RESOURCES,
    )


@pytest.mark.rule("RUN-7", "RUN-15")
def test_the_environment_says_what_services_bring_along_and_whether_they_run() -> None:
    settings = Settings.of(
        {"AIM_WORKLOADS": "off", "AIM_DEFAULT_RESOURCES": "2, 16Gi, 24Gi", "AIM_CRASH_TEXT": "false"}
    )
    assert (settings.policy.workloads, settings.policy.crash_text) == (False, False)
    expected = DefaultResources(
        cpu_request=parse_quantity("2"), memory_request=parse_quantity("16Gi"), memory_limit=parse_quantity("24Gi")
    )
    assert settings.policy.default_resources == expected


@pytest.mark.rule("RUN-7", "RUN-15")
def test_flags_say_what_services_bring_along_and_whether_they_run() -> None:
    environment = {"AIM_WORKLOADS": "off", "AIM_DEFAULT_RESOURCES": "2,16Gi,24Gi", "AIM_CRASH_TEXT": "off"}
    settings = Settings.of(environment, workloads="on", default_resources="none", crash_text="on")
    assert (settings.policy.workloads, settings.policy.crash_text) == (True, True)
    assert settings.policy.default_resources is None


@pytest.mark.rule("PROFILE-2")
def test_whether_logs_are_read_and_how_many_images_are_asked_is_a_setting() -> None:
    assert (Settings.of({}).policy.pod_logs, Settings.of({}).policy.dry_runs) == (True, 4)
    environment = {"AIM_POD_LOGS": "off", "AIM_DRY_RUNS": "2"}
    policy = Settings.of(environment).policy
    assert (policy.pod_logs, policy.dry_runs) == (False, 2)
    policy = Settings.of(environment, pod_logs="on", dry_runs=1).policy
    assert (policy.pod_logs, policy.dry_runs) == (True, 1)


@pytest.mark.rule("PROFILE-2")
@pytest.mark.parametrize("number", ["0", "-1", "few", "1000", "1.5"])
def test_a_number_of_dry_runs_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(ParseError, match=r"dry runs .* is no number of them; expected 1 to 999"):
        Settings.of({"AIM_DRY_RUNS": number})


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param({"AIM_WORKLOADS": "maybe"}, "workloads 'maybe' is unknown; expected on or off", id="no switch"),
        pytest.param(
            {"AIM_DEFAULT_RESOURCES": "4,32Gi"},
            "default resources '4,32Gi' cannot be read; expected none, or CPU, memory and memory limit",
            id="two amounts",
        ),
        pytest.param({"AIM_DEFAULT_RESOURCES": "4,much,48Gi"}, "quantity 'much'", id="no quantity"),
    ],
)
def test_what_cannot_be_right_of_workloads_is_refused(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ParseError, match=message):
        Settings.of(environment)


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


# Registries -------------------------------------------------------------------------------------------------------------

ENVIRONMENT = {
    "AIM_PLAIN_HTTP": "localhost:5000, [::1]:5000,",
    "AIM_ALLOW_HOSTS": "Registry.Example",
    "AIM_REFUSE_PRIVATE": "True",
    "AIM_CA_FILE": "ca.pem",
    "AIM_REGISTRY_CONFIG": "pull.json",
    "AIM_TOKEN_SERVICES": "Registry.Example:5000=auth.example, ghcr.io = auth.example:8443",
    "AIM_PLATFORM": "linux/arm64",
}


def test_the_environment_says_how_registries_are_spoken_to() -> None:
    assert Registries.of(ENVIRONMENT) == Registries(
        plain_http=frozenset({"localhost:5000", "[::1]:5000"}),
        allow_hosts=frozenset({"registry.example"}),
        refuse_private=True,
        ca_file=Path("ca.pem"),
        config_file=Path("pull.json"),
        token_services=frozenset({"registry.example:5000=auth.example", "ghcr.io=auth.example:8443"}),
        platform="linux/arm64",
    )


def test_what_is_said_of_hosts_can_be_said_again_to_another_process() -> None:
    said = dict(Registries.of(ENVIRONMENT).of_hosts)
    assert said == {
        "AIM_ALLOW_HOSTS": "registry.example",
        "AIM_PLAIN_HTTP": "[::1]:5000,localhost:5000",
        "AIM_REFUSE_PRIVATE": "true",
    }
    again = Registries.of(said)
    assert again.of_hosts == tuple(said.items())
    assert Registries.of({}).of_hosts == ()


def test_flags_for_registries_win_over_the_environment() -> None:
    said = Registries.of(
        ENVIRONMENT,
        plain_http=("a",),
        allow_hosts=("b:1",),
        ca_file=Path("c"),
        config_file=Path("d"),
        token_services=("a=b",),
        platform="linux/amd64",
    )
    assert said == Registries(
        plain_http=frozenset({"a"}),
        allow_hosts=frozenset({"b:1"}),
        refuse_private=True,
        ca_file=Path("c"),
        config_file=Path("d"),
        token_services=("a=b",),
    )


@pytest.mark.rule("SEC-3", "DISC-4")
def test_without_a_word_nothing_is_allowed_and_the_platform_is_the_usual_one() -> None:
    assert Registries.of(dict.fromkeys(ENVIRONMENT, "")) == Registries()
    assert Registries().platform == "linux/amd64"


def test_private_addresses_are_refused_by_flag_or_environment() -> None:
    assert Registries.of({}, refuse_private=True).refuse_private
    assert not Registries.of({"AIM_REFUSE_PRIVATE": "0"}).refuse_private


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param({"AIM_PLAIN_HTTP": "http://a"}, "host 'http://a' names no registry", id="a scheme"),
        pytest.param({"AIM_ALLOW_HOSTS": "a/b"}, "host 'a/b' names no registry", id="a path"),
        pytest.param({"AIM_ALLOW_HOSTS": "a:0"}, "host 'a:0' names no registry", id="no port"),
        pytest.param({"AIM_ALLOW_HOSTS": "a:65536"}, "host 'a:65536' names no registry", id="a port beyond all"),
        pytest.param({"AIM_ALLOW_HOSTS": "u@a"}, "host 'u@a' names no registry", id="a user"),
        pytest.param({"AIM_TOKEN_SERVICES": "ghcr.io"}, "token service 'ghcr.io' names no pair", id="half a pair"),
        pytest.param(
            {"AIM_TOKEN_SERVICES": "a=https://b"}, "host 'https://b' names no registry", id="a pair with a URL"
        ),
        pytest.param({"AIM_REFUSE_PRIVATE": "maybe"}, "AIM_REFUSE_PRIVATE 'maybe' is not a boolean", id="no boolean"),
        pytest.param({"AIM_PLATFORM": "linux"}, "platform 'linux' is malformed", id="half a platform"),
    ],
)
def test_what_cannot_be_right_of_registries_is_refused(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ParseError, match=message):
        Registries.of(environment)
