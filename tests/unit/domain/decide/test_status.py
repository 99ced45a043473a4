from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.decide import conditions
from aimcore.domain.decide.conditions import RUNTIME_RESOLVED
from aimcore.domain.decide.credentials import Credentials
from aimcore.domain.decide.status import children_verdict, config_condition, set_status
from aimcore.domain.kinds.conditions import (
    Condition,
    ConditionStatus,
    ConditionType,
    Event,
    EventType,
    when_false,
    when_true,
)
from aimcore.domain.kinds.config import ConfigMissing, merge_configs
from aimcore.domain.kinds.records import Model
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ConfigReference, ModelStatus, Verdict
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.observed import Policy, Snapshot, Unseen
from aimcore.domain.view.plan import Apply, Create, Inspect, Plan
from tests.unit.domain.builders import (
    IMAGE,
    NS,
    Said,
    config,
    model,
    template,
    world,
)

READY, DEGRADED, FAILED = Verdict.READY, Verdict.DEGRADED, Verdict.FAILED
AWAY, PENDING, PROGRESSING = Verdict.NOT_AVAILABLE, Verdict.PENDING, Verdict.PROGRESSING


@pytest.mark.rule("STAT-1")
@pytest.mark.parametrize(
    ("words", "word"),
    [
        pytest.param([], READY, id="no templates, no fault"),
        pytest.param([READY], READY, id="all Ready"),
        pytest.param([READY, AWAY], READY, id="NotAvailable beside an available one is no ill health"),
        pytest.param([AWAY, AWAY], DEGRADED, id="none available"),
        pytest.param([AWAY, FAILED], FAILED, id="none available, one Failed"),
        pytest.param([FAILED], FAILED, id="all Failed"),
        pytest.param([READY, FAILED], DEGRADED, id="some Failed"),
        pytest.param([READY, DEGRADED], DEGRADED, id="some Degraded"),
        pytest.param([FAILED, DEGRADED], DEGRADED, id="all ill, none of them dead"),
        pytest.param([READY, PENDING], PROGRESSING, id="one that cannot say yet"),
        pytest.param([READY, PROGRESSING], PROGRESSING, id="one on its way"),
        pytest.param([PENDING, FAILED], DEGRADED, id="one that cannot say yet beside a Failed one"),
        pytest.param([PENDING, AWAY], PROGRESSING, id="one that cannot say yet beside one not available"),
    ],
)
def test_a_models_word_follows_from_its_templates(words: list[Verdict], word: Verdict) -> None:
    assert children_verdict(words) is word
    assert children_verdict(reversed(words)) is word


WORSE = {READY: 0, PROGRESSING: 1, DEGRADED: 2, FAILED: 3}


@pytest.mark.rule("STAT-3")
@given(st.lists(st.sampled_from([READY, AWAY, DEGRADED, FAILED]), min_size=1, max_size=5), st.data())
def test_a_template_that_fails_never_improves_the_word(words: list[Verdict], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words) - 1))
    ill = [*words[:at], FAILED, *words[at + 1 :]]
    assert WORSE[children_verdict(ill)] >= WORSE[children_verdict(words)]


@pytest.mark.rule("STAT-1")
def test_ready_follows_the_word() -> None:
    ready = {word: conditions.READY(word) for word in Verdict}
    assert [word for word, one in ready.items() if one.status is ConditionStatus.TRUE] == [READY]
    assert ready[FAILED].reason == "Failed"


MISSING = ConfigMissing(
    name="big", named=True, looked=(Key(Kind.RUNTIME_CONFIG, NS, "big"), Key(Kind.RUNTIME_CONFIG, None, "big"))
)


@pytest.mark.rule("CONF-2", "LOOK-2")
@pytest.mark.parametrize(
    ("found", "condition"),
    [
        pytest.param(
            merge_configs(config(), None),
            RUNTIME_RESOLVED("RuntimeResolved", f"AIMRuntimeConfig {NS}/default, scope Namespace"),
            id="found",
        ),
        pytest.param(
            MISSING,
            RUNTIME_RESOLVED(
                "RuntimeConfigMissing",
                f"runtime config big is missing; looked for AIMRuntimeConfig {NS}/big, AIMClusterRuntimeConfig big",
            ),
            id="missing though named",
        ),
        pytest.param(
            replace(MISSING, named=False),
            RUNTIME_RESOLVED(
                "DefaultRuntimeConfigMissing",
                f"runtime config big is missing; looked for AIMRuntimeConfig {NS}/big, AIMClusterRuntimeConfig big",
            ),
            id="missing, and nobody asked",
        ),
    ],
)
def test_a_configuration_is_resolved_or_says_why_not(found: ConfigMissing, condition: Condition) -> None:
    assert config_condition(found) == condition
    assert config_condition(found, Credentials(namespace=NS, pull_secrets=("s",))) == condition


@pytest.mark.rule("CONF-4", "DISC-7")
@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        pytest.param({"account_missing": "sa"}, "service account sa", id="an account"),
        pytest.param({"missing": ("a", "b")}, "pull secret a, pull secret b", id="two secrets"),
        pytest.param({"account_missing": "sa", "missing": ("a",)}, "service account sa, pull secret a", id="both"),
    ],
)
def test_what_the_credentials_lack_is_named(lacking: Said, told: str) -> None:
    credentials = Credentials(namespace=NS, **lacking)
    for found in (merge_configs(config(), None), MISSING):
        bare, full = config_condition(found), config_condition(found, credentials)
        assert full == replace(bare, message=f"{bare.message}; not in namespace {NS}: {told}")


# Writing --------------------------------------------------------------------------------------------------------------


def told(one: Model, status: ModelStatus, *, at: str = "2026-01-01T00:00:00Z") -> Plan:
    observed = Snapshot(view=world(one), now=at).of(one)
    return Plan(writes=set_status(observed, status, rule="STAT-1"))


def written(one: Model, status: ModelStatus, *, at: str = "2026-01-01T00:00:00Z") -> Model:
    (write,) = told(one, status, at=at).writes
    return replace(one, status=write.status)  # type: ignore[union-attr, arg-type]  # it writes a status


A, B = ConditionType("A", when_true("R", "")), ConditionType("B", when_false("R", ""))
SAID = ModelStatus(status=FAILED, conditions=(B("R"), A("R")))


@pytest.mark.rule("KIND-9")
def test_a_status_tells_its_generation_and_dates_its_conditions_in_order() -> None:
    status = written(model(generation=3), SAID).status
    assert status is not None
    assert status.observed_generation == 3
    assert [(one.type, one.last_transition_time, one.observed_generation) for one in status.conditions] == [
        ("A", "2026-01-01T00:00:00Z", 3),
        ("B", "2026-01-01T00:00:00Z", 3),
    ]


@pytest.mark.rule("KIND-9", "STAT-4")
def test_a_status_that_stands_is_not_written_again() -> None:
    assert told(written(model(), SAID), SAID, at="2026-02-02T00:00:00Z") == Plan()


@pytest.mark.rule("KIND-9")
def test_another_generation_is_news_and_the_dates_stay() -> None:
    later = replace(written(model(), SAID), meta=model(generation=2).meta)
    status = written(later, SAID, at="2026-02-02T00:00:00Z").status
    assert status is not None
    assert {one.last_transition_time for one in status.conditions} == {"2026-01-01T00:00:00Z"}


@pytest.mark.rule("STAT-4", "STAT-3")
def test_each_change_is_one_event_and_what_is_gone_is_gone() -> None:
    before = written(model(), SAID)
    (write,) = told(before, replace(SAID, conditions=(A("R", "news"),))).writes
    assert (write.key, write.uid, write.rule) == (before.key, before.meta.uid, "STAT-1")  # type: ignore[union-attr]
    assert write.events == (Event(type=EventType.NORMAL, reason="R", message="A: news"),)  # type: ignore[union-attr]
    assert [one.type for one in write.status.conditions] == ["A"]  # type: ignore[union-attr]  # a status, again


# The small records ----------------------------------------------------------------------------------------------------


def test_a_write_is_of_its_things_key() -> None:
    one = template()
    assert [write(thing=one, rule="TMPL-1").key for write in (Create, Apply)] == [one.key, one.key]


def test_a_wish_is_one_wish_however_often_it_is_had() -> None:
    images, secrets = [parse_image(IMAGE), parse_image("nginx")], [(), ("s",)]
    wants = {Inspect(image, NS, names) for image, names in product(images, secrets) for _ in range(2)}
    assert len(wants) == 4


@pytest.mark.rule("LOOK-3")
def test_the_operator_is_at_home_in_aim_system() -> None:
    assert (Policy().operator_namespace, Policy().unseen) == ("aim-system", Unseen.ABSENT)


@pytest.mark.rule("CONF-3")
def test_a_configuration_is_told_with_its_scope() -> None:
    near = ConfigReference(kind="AIMRuntimeConfig", name="big", namespace=NS, scope="Merged", uid="1")
    assert str(near) == f"AIMRuntimeConfig {NS}/big, scope Merged"
    assert str(replace(near, kind="AIMClusterRuntimeConfig", namespace=None, scope="Cluster")) == (
        "AIMClusterRuntimeConfig big, scope Cluster"
    )
