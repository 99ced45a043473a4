"""What a template says of the sizes of its sources, and what it asks to know more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide import decide_template
from aimcore.domain.decide.sizing import LONGEST_MESSAGE
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.statuses import SourceStatus, Verdict
from aimcore.domain.values.quantity import Quantity, parse_quantity
from aimcore.domain.view.observed import Snapshot
from aimcore.domain.view.plan import Plan, Probe
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import ConfigMapKeyRef, EnvVar, ModelSource, SecretKeyRef
from tests.unit.domain.builders import (
    NS,
    condition_of,
    config,
    gpus,
    model,
    source,
    status_of,
    template,
    verdict_of,
    world,
)

URI = "s3://weights/chat"
NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
KEY = EnvVar(name="AWS_ACCESS_KEY_ID", value_from=SecretKeyRef(name="s3", key="id"))
SECRET = EnvVar(name="AWS_SECRET_ACCESS_KEY", value_from=SecretKeyRef(name="s3", key="key"))
BIG = Sized(size=parse_quantity("16Gi"), files=4)
REFUSED = ProbeFailed(cause=ProbeCause.UNAUTHORIZED, message="no")


def weights(*variables: EnvVar, uri: str = URI, size: str | None = None) -> ModelSource:
    return replace(source(size, uri=uri), env=variables)


def of(*sources: ModelSource, **said: Any) -> Template:
    return template(says=None, model_sources=sources, **said)


def judged(one: Template, answer: ProbeAnswer | None = None, *, now: str = NOW) -> Plan:
    """The decision on a template, with this answer to all it wants to know."""
    observed = Snapshot(view=world(model(), one), now=now).of(one)
    asked = decide_template(observed).questions
    answers = {} if answer is None else dict.fromkeys(asked, answer)
    return decide_template(replace(observed.snapshot, answers=answers).of(one))


def told(plan: Plan) -> tuple[SourceStatus, ...]:
    found: tuple[SourceStatus, ...] = status_of(plan).model_sources
    return found


def after(one: Template, plan: Plan) -> Template:
    return replace(one, status=status_of(plan))


def entry(**said: Any) -> SourceStatus:
    return SourceStatus(**{"model_id": "acme/weights", "source_uri": URI, **said})


@pytest.mark.rule("SIZE-3", "CUST-5")
def test_a_size_that_is_given_is_not_asked_for() -> None:
    plan = judged(of(weights(size="16Gi")))
    assert plan.questions == ()
    assert told(plan) == (entry(size=parse_quantity("16Gi")),)
    assert condition_of(plan, "SourcesSized") == ("True", "SourcesSized", "16Gi in all")


@pytest.mark.rule("SIZE-3")
def test_without_sources_nothing_is_said_of_them() -> None:
    plan = judged(of())
    assert (plan.questions, told(plan), condition_of(plan, "SourcesSized")) == ((), (), None)


@pytest.mark.rule("SIZE-3", "CUST-5")
def test_a_size_that_nobody_knows_yet_is_asked_for_and_fails_nothing() -> None:
    plan = judged(of(weights()))
    assert plan.questions == (Probe(URI),)
    assert told(plan) == (entry(),)
    assert condition_of(plan, "SourcesSized") == ("Unknown", "ProbePending", f"{URI} is yet to be sized")
    assert verdict_of(plan) is Verdict.READY


@pytest.mark.rule("SIZE-3")
def test_what_was_found_is_dated_and_not_asked_for_again() -> None:
    one = of(weights())
    first = judged(one, BIG)
    assert told(first) == (entry(size=BIG.size, discovered_at=NOW),)
    assert condition_of(first, "SourcesSized") == ("True", "SourcesSized", "16Gi in all")
    assert first.questions == (Probe(URI),), "until the status holds it"
    assert judged(after(one, first), now=LATER) == Plan()


@pytest.mark.rule("SIZE-3")
def test_what_was_found_stays_whatever_else_changes() -> None:
    one = after(of(weights()), judged(of(weights()), BIG))
    changed = replace(one, meta=replace(one.meta, generation=2), spec=replace(one.spec, model_sources=(weights(KEY),)))
    plan = judged(changed, REFUSED, now=LATER)
    assert plan.questions == ()
    assert told(plan) == (entry(size=BIG.size, discovered_at=NOW),)


@pytest.mark.rule("SIZE-3")
def test_a_source_that_names_something_else_is_asked_for_again() -> None:
    one = of(weights(uri="hf://acme/chat@v1"))
    moved = replace(
        after(one, judged(one, BIG)), spec=replace(one.spec, model_sources=(weights(uri="hf://acme/chat@v2"),))
    )
    plan = judged(moved)
    assert plan.questions == (Probe("hf://acme/chat@v2"),)
    assert told(plan) == (entry(source_uri="hf://acme/chat@v2"),)


@pytest.mark.rule("SIZE-3")
def test_a_size_of_the_spec_is_not_taken_for_one_that_was_found() -> None:
    given = after(of(weights(size="1Gi")), judged(of(weights(size="1Gi"))))
    plan = judged(replace(given, spec=of(weights()).spec))
    assert plan.questions == (Probe(URI),)
    assert told(plan) == (entry(),)


@pytest.mark.rule("SIZE-3", "CUST-5")
def test_a_failure_is_told_by_its_cause_and_fails_nothing() -> None:
    plan = judged(of(weights()), REFUSED)
    assert told(plan) == (entry(cause=ProbeCause.UNAUTHORIZED, message="no"),)
    assert condition_of(plan, "SourcesSized") == ("False", "ProbeFailed", "Unauthorized: no")
    assert verdict_of(plan) is Verdict.READY
    assert plan.questions == (Probe(URI),)


@pytest.mark.rule("SIZE-3", "STAT-4")
def test_a_failure_stands_while_it_is_being_retried_and_goes_with_its_spec() -> None:
    one = of(weights())
    failed = after(one, judged(one, REFUSED))
    assert judged(failed) == Plan(questions=(Probe(URI),))
    changed = replace(failed, meta=replace(failed.meta, generation=2))
    assert told(judged(changed)) == (entry(),)
    assert told(judged(failed, BIG)) == (entry(size=BIG.size, discovered_at=NOW),)


@pytest.mark.rule("SIZE-3")
def test_one_failure_among_sources_is_told_beside_the_sizes_of_the_others() -> None:
    plan = judged(of(weights(size="1Gi"), weights(uri="s3://b/k"), weights(uri="s3://b/k")), REFUSED)
    assert plan.questions == (Probe("s3://b/k"),)
    assert [one.size for one in told(plan)] == [parse_quantity("1Gi"), None, None]
    assert condition_of(plan, "SourcesSized") == ("False", "ProbeFailed", "Unauthorized: no")


@pytest.mark.rule("SIZE-3")
def test_a_long_story_is_cut() -> None:
    plan = judged(of(weights()), ProbeFailed(cause=ProbeCause.UNREACHABLE, message="x" * 10_000))
    assert told(plan)[0].message == "x" * LONGEST_MESSAGE


@pytest.mark.rule("SIZE-3", "SEC-5")
def test_a_source_is_asked_with_those_variables_that_are_of_its_scheme() -> None:
    other = EnvVar(name="PROMPT", value_from=ConfigMapKeyRef(name="c", key="k"))
    token = (EnvVar(name="HF_TOKEN", value="t"),)
    assert judged(of(weights(SECRET, other, *token, KEY))).questions == (Probe(URI, NS, (KEY, SECRET)),)
    assert judged(of(weights(SECRET, other, *token, uri="hf://a/b"))).questions == (Probe("hf://a/b", "", token),)
    assert judged(of(weights(*token, uri="gs://a/b"))).questions == (Probe("gs://a/b"),)


@pytest.mark.rule("SIZE-1", "CACHE-10")
def test_a_source_is_asked_with_what_a_download_of_it_would_be_given() -> None:
    mirror, other = (EnvVar(name="HF_ENDPOINT", value=f"https://{host}.test") for host in ("mirror", "other"))
    token = EnvVar(name="HF_TOKEN", value_from=SecretKeyRef(name="hf", key="token"))
    said = config(env=(mirror, EnvVar(name="HTTPS_PROXY", value="http://proxy.test")))

    def asked(one: Template) -> tuple[object, ...]:
        return decide_template(Snapshot(view=world(model(), one, said), now=NOW).of(one)).questions

    uri = "hf://a/b"
    assert asked(of(weights(token, uri=uri))) == (Probe(uri, NS, (mirror, token)),)
    assert asked(of(weights(uri=uri), env=(other,))) == (Probe(uri, "", (other,)),)
    assert asked(of(weights(mirror, uri=uri), env=(other,))) == (Probe(uri, "", (mirror,)),)
    assert asked(of(weights(uri=uri), runtime_config_name="none")) == (Probe(uri),)


@pytest.mark.rule("SIZE-3", "LOOK-3")
def test_the_secrets_of_a_cluster_template_are_the_operators() -> None:
    one = of(weights(KEY), namespace=None)
    assert judged(one).questions == (Probe(URI, "aim-system", (KEY,)),)


@pytest.mark.rule("CUST-6")
def test_a_size_that_was_found_counts_for_the_memory_of_the_gpus() -> None:
    plan = judged(of(weights(), hardware=gpus(1, "MI300X", vram="8Gi")), BIG)
    assert condition_of(plan, "CapacityInsufficient") == (
        "True",
        "SourcesExceedMemory",
        "1 x 8Gi of GPU memory is less than the 16Gi of the model sources",
    )


@pytest.mark.parametrize("cause", [pytest.param(cause, id=cause) for cause in ProbeCause])
def test_what_only_a_change_can_mend_is_known(cause: ProbeCause) -> None:
    assert cause.may_recover is (cause not in {ProbeCause.MALFORMED, ProbeCause.MOVED, ProbeCause.TOO_LARGE})


@pytest.mark.rule("SIZE-3")
def test_a_file_without_a_size_is_told_beside_the_size() -> None:
    plan = judged(of(weights()), Sized(size=parse_quantity("16Gi"), files=4, uncounted=2))
    missing = "2 of 6 files have no size in the listing and are not counted"
    assert condition_of(plan, "SourcesSized") == ("True", "SourcesSized", f"16Gi in all; of {URI}, {missing}")
    assert told(plan) == (entry(size=parse_quantity("16Gi"), discovered_at=NOW, message=missing),)
    assert judged(after(of(weights()), plan)) == Plan()


def test_nothing_at_all_is_a_size_too() -> None:
    plan = judged(of(weights()), Sized(size=Quantity.of(0), files=1))
    assert condition_of(plan, "SourcesSized") == ("True", "SourcesSized", "0 in all")
    assert judged(after(of(weights()), plan)) == Plan()


@pytest.mark.parametrize("cause", [pytest.param(cause, id=cause) for cause in ProbeCause])
def test_what_another_secret_may_mend_is_known(cause: ProbeCause) -> None:
    told = {"Unauthorized", "AccessDenied", "Gated", "NotFound", "SecretMissing"}
    assert cause.is_of_credentials is (cause.value in told)
