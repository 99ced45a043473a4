"""What a cache does while it does not know what its image would load, at the moments that no scenario shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.caching.dryrun import CONTAINER
from aimcore.domain.decide import decide_cache
from aimcore.domain.kinds.caches import Cache, CacheSpec
from aimcore.domain.kinds.conditions import Condition, ConditionStatus, find_condition
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.diagnostics import LogCause, LogFailed, PodLog
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import (
    CacheProfile,
    CacheStatus,
    DiscoveredSource,
    ModelStatus,
    ResolvedImage,
    Verdict,
)
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pods import Ended, ObservedPod
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.plan import Create, Plan, Probe, ReadLog, SetStatus
from aimcore.domain.weights.sources import EnvVar, SecretKeyRef
from tests.unit.domain.builders import DIGEST, IMAGE, NS, model, observe, template

RUNS = Policy(workloads=True)
MODEL, TEMPLATE = model(), template()
SINCE = "1970-01-01T00:00:00Z"
DONE = {"type": "Complete", "status": "True", "lastTransitionTime": SINCE}
SOURCE = DiscoveredSource(model_id="acme/chat", source_uri="hf://acme/chat")
PRINTED = '[{"models": [{"name": "acme/chat", "source": "hf://acme/chat"}]}]'


def cache(name: str = "weights", *, reason: str = "", since: str = SINCE, **said: Any) -> Cache:
    """A cache of the template, which says so far that it is `Queued`, or whatever else."""
    key = Key(Kind.CACHE, NS, name)
    told = Condition(type="Discovered", status=ConditionStatus.UNKNOWN, reason=reason, last_transition_time=since)
    status = CacheStatus(status=Verdict.PROGRESSING, conditions=(told,)) if reason else None
    return Cache(key=key, meta=Meta(uid=f"u-{name}"), spec=CacheSpec(template_name="llama-1", **said), status=status)


def planned(one: Cache, *things: Any, policy: Policy = RUNS, answers: Any = None) -> Plan:
    return decide_cache(observe(one, TEMPLATE, MODEL, *things, policy=policy, answers=answers or {}))


def status(plan: Plan) -> CacheStatus:
    (write,) = [write for write in plan.writes if isinstance(write, SetStatus)]
    assert isinstance(write.status, CacheStatus)
    return write.status


def reason(plan: Plan) -> str:
    found = find_condition(status(plan).conditions, "Discovered")
    return found.reason if found else ""


def made(plan: Plan) -> list[Child]:
    return [write.thing for write in plan.writes if isinstance(write, Create) and isinstance(write.thing, Child)]


def job(**status_said: Any) -> Child:
    [one] = made(planned(cache(reason="Queued")))
    return replace(one, meta=replace(one.meta, uid="j-1"), status=status_said, created=SINCE)


def pod(**said: Any) -> PodRecord:
    owner = Owner(api_version="batch/v1", kind="Job", name="j", uid="j-1", controller=True)
    return PodRecord(
        key=Key(Kind.POD, NS, "p"), meta=Meta(uid="p-1", owners=(owner,)), spec=ObservedPod(name="p", **said)
    )


ENDED = pod(phase="Succeeded", ended=Ended(reason="Completed", exit_code=0, seconds=1))
QUESTION = ReadLog(NS, "p", CONTAINER, 10_000)


# Turns ----------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("PROFILE-2")
def test_it_waits_in_the_queue_before_anything_is_made() -> None:
    plan = planned(cache())
    assert (reason(plan), made(plan), plan.requeue_after) == ("Queued", [], 60)
    plan = planned(cache(reason="Queued"))
    assert (reason(plan), [one.key.kind for one in made(plan)]) == ("DryRunBeginning", [Kind.JOB])


@pytest.mark.rule("PROFILE-2")
@pytest.mark.parametrize(
    ("others", "begins"),
    [
        ((), True),
        ((cache("a", reason="Queued"),), False),
        ((cache("x", reason="Queued"),), True),
        ((cache("x", reason="Queued", since="1969-12-31T23:59:59Z"),), False),
        ((cache("x", reason="DryRunBeginning"),), False),
        ((cache("x", reason="DryRunBeginning", since="1969-12-31T23:00:00Z"),), True),
        ((cache("x", reason="DryRunBeginning", since="some day"),), True),
        ((cache("a", reason="DryRunRunning"),), True),
    ],
    ids=["alone", "behind", "ahead", "later", "with one", "long stuck", "out of time", "with none"],
)
def test_who_comes_first_is_a_matter_of_time_and_then_of_names(others: tuple[Cache, ...], *, begins: bool) -> None:
    plan = planned(cache("m", reason="Queued"), *others, policy=replace(RUNS, dry_runs=1))
    assert bool(made(plan)) is begins


@pytest.mark.rule("PROFILE-2")
def test_jobs_of_all_namespaces_count_until_they_have_ended() -> None:
    other = replace(job(), key=Key(Kind.JOB, "elsewhere", "discover-x"))
    one = replace(RUNS, dry_runs=1)
    assert not made(planned(cache(reason="Queued"), other, policy=one))
    assert made(planned(cache(reason="Queued"), replace(other, created="1969-12-31T23:50:00Z"), policy=one))
    assert made(planned(cache(reason="Queued"), replace(other, status={"conditions": [DONE]}), policy=one))


# The log --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("PROFILE-3")
def test_a_job_whose_pod_is_not_seen_yet_is_read_a_moment_later() -> None:
    plan = planned(cache(), job(conditions=[DONE]))
    assert (reason(plan), plan.questions) == ("DryRunRunning", ())
    plan = planned(cache(), job(conditions=[DONE]), ENDED)
    assert (reason(plan), plan.questions) == ("DryRunRunning", (QUESTION,))


@pytest.mark.rule("PROFILE-3")
@pytest.mark.parametrize(
    ("answer", "word", "expected"),
    [
        (PodLog(text=PRINTED), Verdict.PROGRESSING, "Discovered"),
        (PodLog(text="[]"), Verdict.FAILED, "NoProfile"),
        (LogFailed(cause=LogCause.GONE), Verdict.FAILED, "NoProfile"),
        (LogFailed(cause=LogCause.FORBIDDEN, message="no"), Verdict.FAILED, "LogsForbidden"),
        (LogFailed(cause=LogCause.UNREACHABLE, message="no"), Verdict.PROGRESSING, "LogUnreachable"),
    ],
)
def test_what_became_of_reading_its_log_is_told_and_asked_for_as_long_as_it_counts(
    answer: Any, word: Verdict, expected: str
) -> None:
    plan = planned(cache(), job(conditions=[DONE]), ENDED, answers={QUESTION: answer})
    assert (status(plan).status, reason(plan), plan.questions) == (word, expected, (QUESTION,))
    assert (status(plan).profile is not None) is (expected == "Discovered")


# What was said --------------------------------------------------------------------------------------------------------


def knowing(*, image: str = IMAGE, sources: tuple[DiscoveredSource, ...] = (SOURCE,)) -> Cache:
    """A cache that the image told once."""
    said = status(planned(cache(), job(conditions=[DONE]), ENDED, answers={QUESTION: PodLog(text=PRINTED)})).profile
    assert isinstance(said, CacheProfile)
    profile = replace(said, image=image, model_sources=sources)
    return replace(cache(), status=CacheStatus(status=Verdict.PROGRESSING, profile=profile))


@pytest.mark.rule("PROFILE-3", "SIZE-3", "CACHE-10")
def test_the_sources_are_sized_with_what_template_model_and_config_say() -> None:
    token = EnvVar(name="HF_TOKEN", value_from=SecretKeyRef(name="hub", key="token"))
    plan = decide_cache(observe(knowing(), TEMPLATE, model(env=(token,)), policy=RUNS))
    assert plan.questions == (Probe("hf://acme/chat", NS, (token,)),)
    assert not made(plan)
    assert status(plan).profile == knowing().status.profile  # type: ignore[union-attr]  # it has one


@pytest.mark.rule("PROFILE-3")
def test_a_tag_that_moved_is_no_reason_to_ask_again_and_another_reference_is() -> None:
    read = ModelStatus(status=Verdict.READY, resolved_image=ResolvedImage(reference=IMAGE, digest=DIGEST))
    plan = decide_cache(observe(knowing(), TEMPLATE, model(status=read), policy=RUNS))
    assert isinstance(plan.questions[0], Probe)
    assert reason(planned(knowing(image="ghcr.io/acme/chat:0.9"))) == "Queued"
    other = template(profile_id="another")
    assert reason(decide_cache(observe(knowing(), other, MODEL, policy=RUNS))) == "Queued"


@pytest.mark.rule("PROFILE-2", "RUN-3")
def test_a_model_of_the_namespace_is_pulled_with_what_it_was_read_with() -> None:
    read = ModelStatus(status=Verdict.READY, effective_pull_secrets=("listed", "of-the-account"))
    own = model(status=read, image_pull_secrets=("listed",))
    [one] = made(decide_cache(observe(cache(reason="Queued"), TEMPLATE, own, policy=RUNS)))
    assert pulled(one) == ["listed", "of-the-account"]
    shared = model(namespace=None, status=read, image_pull_secrets=("listed",))
    [one] = made(decide_cache(observe(cache(reason="Queued"), TEMPLATE, shared, policy=RUNS)))
    assert pulled(one) == ["listed"], "those of the operator's namespace are not here"


def pulled(one: Child) -> list[str]:
    return [secret["name"] for secret in one.spec["template"]["spec"]["imagePullSecrets"]]


@pytest.mark.rule("PROFILE-2")
def test_an_image_that_was_read_is_asked_by_its_digest() -> None:
    read = ModelStatus(status=Verdict.READY, resolved_image=ResolvedImage(reference=IMAGE, digest=DIGEST))
    [by_tag] = made(planned(cache(reason="Queued")))
    [by_digest] = made(decide_cache(observe(cache(reason="Queued"), TEMPLATE, model(status=read), policy=RUNS)))
    stale = ModelStatus(status=Verdict.READY, resolved_image=ResolvedImage(reference="old", digest=DIGEST))
    [by_other] = made(decide_cache(observe(cache(reason="Queued"), TEMPLATE, model(status=stale), policy=RUNS)))
    assert by_tag.key == by_other.key != by_digest.key
    assert by_digest.spec["template"]["spec"]["containers"][0]["image"] == IMAGE
