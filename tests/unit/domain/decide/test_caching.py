"""What a cache needs to know before anything begins, and what it asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide import decide_cache
from aimcore.domain.kinds.caches import Cache, CacheSpec
from aimcore.domain.kinds.conditions import Condition, find_condition
from aimcore.domain.kinds.core import Absent, Child, Secret
from aimcore.domain.kinds.ownership import MANAGER, FieldClaim, Owner
from aimcore.domain.kinds.records import Meta, RuntimeConfigSpec
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.kinds.statuses import CacheStatus, SourceStatus, TemplateStatus, Verdict
from aimcore.domain.kinds.workload import CachingMode
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Apply, Create, Delete, Look, Plan, SetStatus
from aimcore.domain.weights.probing import ProbeCause
from aimcore.domain.weights.sources import EnvVar, ModelSource, SecretKeyRef
from tests.unit.domain.builders import NS, config, model, observe, service, source, template

RUNS = Policy(workloads=True, download_image="registry.test/aimcore:1")
TOKEN = EnvVar(name="HF_TOKEN", value_from=SecretKeyRef(name="hub", key="token"))
SIZED = source("1Gi")
MODEL = model(model_sources=(SIZED,))
TEMPLATE = template(model_sources=(SIZED,))


def cache(**said: Any) -> Cache:
    key = Key(Kind.CACHE, NS, "weights")
    return Cache(key=key, meta=Meta(uid="u-1"), spec=CacheSpec(**{"template_name": "llama-1", **said}))


def planned(one: Cache, *things: Any, policy: Policy = RUNS) -> Plan:
    return decide_cache(observe(one, *things, policy=policy))


def status(plan: Plan) -> CacheStatus:
    (write,) = [write for write in plan.writes if isinstance(write, SetStatus)]
    assert isinstance(write.status, CacheStatus)
    return write.status


def told(plan: Plan, kind: str) -> Condition:
    found = find_condition(status(plan).conditions, kind)
    assert found is not None, status(plan).conditions
    return found


def claim_made(plan: Plan) -> Child:
    (made,) = [write.thing for write in plan.writes if isinstance(write, Create) and write.key.kind is Kind.CLAIM]
    assert isinstance(made, Child)
    return made


def standing(one: Cache, *things: Any) -> Child:
    """The claim that the cache makes, as it stands then."""
    made = claim_made(planned(one, *things))
    owners = tuple(replace(owner, uid="u-1") for owner in made.meta.owners)
    return replace(made, meta=replace(made.meta, uid="k-1", resource_version="1", owners=owners))


def job_made(plan: Plan) -> Child:
    (made,) = [write.thing for write in plan.writes if isinstance(write, Create) and write.key.kind is Kind.JOB]
    assert isinstance(made, Child)
    return made


# What is to be on it --------------------------------------------------------------------------------------------------


@pytest.mark.rule("CACHE-7")
@pytest.mark.parametrize(
    ("one", "things", "reason"),
    [
        pytest.param(cache(), (template(),), "NoSources", id="a model that is gone"),
        pytest.param(cache(runtime_config_name="fast"), (TEMPLATE, MODEL), "RuntimeConfigMissing", id="no config"),
        pytest.param(cache(template_scope=Scope.CLUSTER), (TEMPLATE, MODEL), "TemplateMissing", id="of the cluster"),
    ],
)
def test_where_it_is_not_known_what_to_hold_it_is_pending(one: Cache, things: tuple[Any, ...], reason: str) -> None:
    plan = planned(one, *things)
    assert (status(plan).status, told(plan, "SourcesResolved").reason) == (Verdict.PENDING, reason)
    assert all(isinstance(write, SetStatus) for write in plan.writes)


@pytest.mark.rule("CACHE-4", "SIZE-4")
def test_nothing_is_made_of_a_size_that_is_not_known() -> None:
    unsized = source()
    plan = planned(cache(), template(model_sources=(unsized,)), MODEL)
    assert told(plan, "Sized").reason == "ProbePending"
    assert status(plan).status is Verdict.PENDING
    failed = SourceStatus(
        model_id=unsized.model_id, source_uri=unsized.source_uri, cause=ProbeCause.NOT_FOUND, message="no such thing"
    )
    said = TemplateStatus(status=Verdict.READY, observed_generation=1, model_sources=(failed,))
    plan = planned(cache(), replace(template(model_sources=(unsized,)), status=said), MODEL)
    assert told(plan, "Sized").reason == "ProbeFailed"
    assert "NotFound: no such thing" in told(plan, "Sized").message
    found = replace(said, model_sources=(replace(failed, cause=None, message=None, size=parse_quantity("3Gi")),))
    plan = planned(cache(), replace(template(model_sources=(unsized,)), status=found), MODEL)
    assert claim_made(plan).spec["resources"] == {"requests": {"storage": "4Gi"}}


@pytest.mark.rule("CACHE-4", "CACHE-5")
def test_what_the_cache_says_itself_counts_first() -> None:
    said = {"volume_size": parse_quantity("7Gi"), "access_mode": "ReadWriteOnce", "storage_class_name": "fast"}
    spec = claim_made(planned(cache(**said), TEMPLATE, MODEL, config())).spec
    assert spec == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "7Gi"}},
        "storageClassName": "fast",
    }


@pytest.mark.rule("CACHE-3", "FETCH-2")
def test_the_files_that_a_config_names_are_content() -> None:
    from aimcore.domain.kinds.records import DownloadFilter  # noqa: PLC0415 - for this case alone

    filtered = replace(config(), spec=RuntimeConfigSpec(download=DownloadFilter(exclude=("*.md",))))
    assert (
        claim_made(planned(cache(), TEMPLATE, MODEL, filtered)).key != claim_made(planned(cache(), TEMPLATE, MODEL)).key
    )


@pytest.mark.rule("CACHE-2", "CACHE-3")
def test_who_owns_the_content_follows_from_mode_and_model() -> None:
    names = {mode: claim_made(planned(cache(mode=mode), TEMPLATE, MODEL)).key.name for mode in (None, *CachingMode)}
    assert names[None] == names[CachingMode.DEDICATED] != names[CachingMode.SHARED]
    image = claim_made(planned(cache(), TEMPLATE, model())).key.name
    assert image == names[CachingMode.SHARED], "an image model's weights are shared"
    assert claim_made(planned(cache(), TEMPLATE)).key.name == image, "and those of a model that is gone"
    near = claim_made(planned(cache(), template(), MODEL)).key.name
    assert near == names[None], "a template without sources has those of its model"


@pytest.mark.rule("RUN-15")
def test_with_workloads_off_nothing_is_made() -> None:
    plan = planned(cache(), TEMPLATE, MODEL, policy=Policy())
    assert (status(plan).status, told(plan, "VolumeReady").reason) == (Verdict.PENDING, "WorkloadsOff")
    assert all(isinstance(write, SetStatus) for write in plan.writes)


# Secrets --------------------------------------------------------------------------------------------------------------

GATED = ModelSource(model_id="acme/weights", source_uri="hf://acme/weights", size=parse_quantity("1Gi"), env=(TOKEN,))
GIVEN = (template(model_sources=(GATED,)), model(model_sources=(GATED,)))
LOOK = Look("Secret", NS, "hub")


@pytest.mark.rule("CACHE-7", "CACHE-11", "SEC-5")
def test_a_secret_is_looked_for_by_name_before_a_job_is_made() -> None:
    asked = replace(RUNS, unseen=Unseen.ASKED)
    claim = standing(cache(), *GIVEN)
    plan = planned(cache(), *GIVEN, claim, policy=asked)
    assert plan.questions == (LOOK,)
    assert told(plan, "Downloaded").reason == "Pending"
    absent = Absent(kind="Secret", namespace=NS, name="hub")
    plan = planned(cache(), *GIVEN, claim, absent, policy=asked)
    assert (told(plan, "Downloaded").reason, plan.questions) == ("SecretMissing", (LOOK,))
    there = Secret(namespace=NS, name="hub", version="1")
    job = job_made(planned(cache(), *GIVEN, claim, there, policy=asked))
    changed = replace(there, version="2")
    other = job_made(planned(cache(), *GIVEN, claim, changed, policy=asked))
    assert job.meta.annotations != other.meta.annotations, "a secret that changed is another try"


@pytest.mark.rule("CACHE-7")
def test_a_refusal_waits_for_another_secret_and_is_tried_at_once_then() -> None:
    asked = replace(RUNS, unseen=Unseen.ASKED)
    claim, there = standing(cache(), *GIVEN), Secret(namespace=NS, name="hub", version="1")
    job = job_made(planned(cache(), *GIVEN, claim, there, policy=asked))
    ended = {"type": "Failed", "status": "True", "reason": "Unauthorized", "lastTransitionTime": "1970-01-01T00:00:00Z"}
    failed = replace(job, meta=replace(job.meta, uid="j-1"), status={"conditions": [ended]})
    plan = planned(cache(), *GIVEN, claim, failed, there, policy=asked)
    assert (status(plan).attempts, plan.questions) == (1, (LOOK,))
    assert not [write for write in plan.writes if isinstance(write, Create)]
    again = job_made(planned(cache(), *GIVEN, claim, failed, replace(there, version="2"), policy=asked))
    assert again.key.name == f"{job.key.name[:-1]}2"
    unseen = planned(cache(), *GIVEN, claim, failed, policy=asked)
    assert told(unseen, "Downloaded").reason == told(plan, "Downloaded").reason


@pytest.mark.rule("CACHE-11")
def test_a_plan_takes_secrets_for_given_and_says_so() -> None:
    plan = planned(cache(), *GIVEN, standing(cache(), *GIVEN), policy=replace(RUNS, unseen=Unseen.ASSUMED))
    assert plan.assumed == (f"Secret {NS}/hub",)
    assert job_made(plan).key.name.startswith("get-")


@pytest.mark.rule("CACHE-10")
def test_the_env_of_the_service_counts_for_its_own_inline_model_alone() -> None:
    owner = Owner(api_version="aim.silogen.ai/v1alpha1", kind="AIMService", name="chat", uid="s", controller=True)
    own = model(model_sources=(SIZED,), owners=(owner,))
    chat = service(env=(TOKEN,))
    for mode, expected in ((CachingMode.DEDICATED, ["HOME", "S0_HF_TOKEN"]), (CachingMode.SHARED, ["HOME"])):
        one = cache(mode=mode)
        claim = standing(one, TEMPLATE, own, chat)
        made = job_made(planned(one, TEMPLATE, own, chat, claim, Secret(namespace=NS, name="hub")))
        (container,) = made.spec["template"]["spec"]["containers"]
        assert [variable["name"] for variable in container["env"]] == expected


# Jobs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("CACHE-9")
def test_jobs_that_are_not_of_this_claim_do_not_count() -> None:
    claim = standing(cache(), TEMPLATE, MODEL)
    job = job_made(planned(cache(), TEMPLATE, MODEL, claim))
    strange = replace(job, key=replace(job.key, name="theirs"), meta=replace(job.meta, uid="j-2", annotations={}))
    assert job_made(planned(cache(), TEMPLATE, MODEL, claim, strange)).key == job.key
    begun = replace(job, meta=replace(job.meta, uid="j-1"))
    plan = planned(cache(), TEMPLATE, MODEL, claim, begun)
    assert told(plan, "Downloaded").reason == "Downloading"
    assert plan.requeue_after == 30, "by then its claim is asked why it has no volume"


@pytest.mark.rule("CACHE-8", "OWN-2")
def test_on_a_claim_that_goes_only_our_own_jobs_are_deleted() -> None:
    claim = standing(cache(), TEMPLATE, MODEL)
    job = job_made(planned(cache(), TEMPLATE, MODEL, claim))
    mine = replace(job, meta=replace(job.meta, uid="j-1", resource_version="3"))
    other = Owner(api_version="v1", kind="AIMTemplateCache", name="other", uid="u-2", controller=True)
    theirs = replace(job, key=replace(job.key, name="x"), meta=replace(mine.meta, uid="j-2", owners=(other,)))
    going = replace(claim, meta=replace(claim.meta, deleting=True))
    plan = planned(cache(), TEMPLATE, MODEL, going, mine, theirs)
    assert [write.key.name for write in plan.writes if write.key.kind is Kind.JOB] == [job.key.name]
    made = claim_made(plan)
    assert made.key.name == f"{claim.key.name}-2"
    stands = replace(made, meta=replace(claim.meta, uid="k-2"))
    again = planned(cache(), TEMPLATE, MODEL, going, stands, mine, theirs)
    deleted = [write.key.name for write in again.writes if isinstance(write, Delete)]
    assert deleted == [job.key.name], "the delete that failed is tried again, though the next claim is there"


@pytest.mark.rule("CACHE-3")
def test_a_claim_of_another_cache_is_joined_before_anything_else() -> None:
    claim = standing(cache(), TEMPLATE, MODEL)
    other = replace(claim.meta.owners[0], uid="u-2")
    claims = (FieldClaim(manager=MANAGER, fields={"f:spec": {"f:accessModes": {}}}),)
    plan = planned(cache(), TEMPLATE, MODEL, replace(claim, meta=replace(claim.meta, owners=(other,), claims=claims)))
    (joined,) = [write.thing for write in plan.writes if isinstance(write, Apply)]
    assert [one.uid for one in joined.meta.owners] == ["u-2", "u-1"]
    assert joined.meta.resource_version == "1"
    assert status(plan).status is Verdict.PROGRESSING
