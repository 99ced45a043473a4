from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide.conditions import RECHECK_FAILED
from aimcore.domain.decide.credentials import Credentials
from aimcore.domain.decide.discovery import (
    Knowledge,
    creates_templates,
    discover,
    held,
    is_enabled,
    recommended_templates,
)
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged
from aimcore.domain.images.metadata import Deployment, ImageMetadata
from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.records import Discovery, Meta, Model, TemplateSpec
from aimcore.domain.kinds.statuses import ModelStatus, ResolvedImage, Verdict
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Observed, Snapshot
from aimcore.domain.view.plan import Inspect, Recheck
from tests.unit.domain.builders import BIG, DIGEST, IMAGE, NS, SMALL, env, metadata, model, observe, read

CREDENTIALS = Credentials(namespace=NS, pull_secrets=("s",))
WANT = Inspect(parse_image(IMAGE), NS, ("s",))
OFF = Discovery(enabled=False)
CREATE_IT = "create it there, of type kubernetes.io/dockerconfigjson"


@pytest.mark.rule("DISC-1")
@pytest.mark.parametrize(
    ("said", "enabled", "creates"),
    [
        pytest.param(Discovery(), True, True, id="nothing said"),
        pytest.param(Discovery(enabled=True), True, True, id="on"),
        pytest.param(Discovery(enabled=False), False, False, id="off"),
        pytest.param(Discovery(enabled=False, auto_create_templates=True), False, False, id="nothing without enabled"),
        pytest.param(Discovery(auto_create_templates=False), True, False, id="read, and make nothing of it"),
    ],
)
def test_discovery_is_on_unless_switched_off(said: Discovery, *, enabled: bool, creates: bool) -> None:
    assert is_enabled(model(discovery=said)) is enabled
    assert creates_templates(model(discovery=said)) is creates


def knowing(
    answer: Inspection | Unchanged | None = None, *, credentials: Credentials = CREDENTIALS, **said: Any
) -> Knowledge:
    one = model(**said)
    observed: Observed[Model] = observe(one, answers={} if answer is None else {WANT: answer})
    return discover(observed, parse_image(IMAGE), credentials)


def told(knowledge: Knowledge) -> tuple[str, str, str]:
    assert knowledge.condition is not None
    return knowledge.condition.status.value, knowledge.condition.reason, knowledge.condition.message


def holding(
    status: ConditionStatus | None, *, reference: str = IMAGE, known: ImageMetadata | None = None
) -> ModelStatus:
    """A status with metadata of an image, and a condition about it."""
    condition = (
        None if status is None else Condition(type="MetadataExtracted", status=status, reason="X", message="old")
    )
    return ModelStatus(
        status=Verdict.READY,
        conditions=() if condition is None else (condition,),
        resolved_image=ResolvedImage(reference=reference, digest=DIGEST),
        image_metadata=known or metadata(BIG),
    )


@pytest.mark.rule("STAT-1")
def test_what_is_not_known_is_wanted_with_the_credentials_of_the_object() -> None:
    knowledge = knowing()
    assert knowledge.questions == (WANT,)
    assert told(knowledge) == ("Unknown", "InspectionPending", f"{IMAGE} is yet to be read")
    assert (knowledge.pending, knowledge.read, knowledge.failed) == (True, False, False)


@pytest.mark.rule("DISC-5", "DISC-3")
def test_an_image_that_was_read_is_known_with_where_it_came_from() -> None:
    knowledge = knowing(read(BIG, SMALL))
    assert told(knowledge) == ("True", "MetadataExtracted", f"read from {DIGEST}")
    assert knowledge.resolved == ResolvedImage(reference=IMAGE, digest=DIGEST)
    assert knowledge.metadata is not None
    assert knowledge.metadata.model.recommended_deployments == (BIG, SMALL)
    assert (knowledge.pending, knowledge.read, knowledge.failed, knowledge.questions) == (False, True, False, (WANT,))


@pytest.mark.rule("DISC-5")
def test_an_image_without_the_labels_is_a_failure_with_minimal_metadata() -> None:
    knowledge = knowing(Inspected(digest=DIGEST, labels={"org.opencontainers.image.title": "nginx"}))
    assert told(knowledge)[:2] == ("False", "MetadataExtractionFailed")
    assert told(knowledge)[2].startswith("required labels missing: ")
    assert knowledge.metadata is not None
    assert knowledge.metadata.oci.title == "nginx"
    assert knowledge.resolved == ResolvedImage(reference=IMAGE, digest=DIGEST)
    assert (knowledge.pending, knowledge.read, knowledge.failed) == (False, False, True)


@pytest.mark.rule("DISC-5", "LABEL-4")
def test_what_could_not_be_read_of_an_image_is_told_beside_what_could() -> None:
    knowledge = knowing(read(**{"com.amd.aim.hfToken.required": "perhaps"}))
    assert told(knowledge)[2] == f"read from {DIGEST}; com.amd.aim.hfToken.required: 'perhaps' says neither yes nor no"


@pytest.mark.rule("DISC-5")
@pytest.mark.parametrize("cause", [pytest.param(cause, id=cause.value) for cause in Cause])
def test_a_refusal_begins_with_its_cause_and_is_asked_again(cause: Cause) -> None:
    knowledge = knowing(InspectionFailed(cause=cause, message="of the registry"))
    assert told(knowledge) == ("False", "MetadataExtractionFailed", f"{cause.value}: of the registry")
    assert (knowledge.metadata, knowledge.resolved, knowledge.questions) == (None, None, (WANT,))


@pytest.mark.rule("DISC-5")
def test_what_the_image_itself_got_wrong_waits_for_a_change() -> None:
    final = [cause.value for cause in Cause if not cause.may_recover]
    assert final == ["TooLarge", "Malformed", "NoMatchingPlatform"]


@pytest.mark.rule("DISC-7")
def test_a_pull_secret_that_is_not_there_is_a_failure_and_nothing_is_asked() -> None:
    knowledge = knowing(read(BIG), credentials=replace(CREDENTIALS, missing=("s", "t")))
    assert told(knowledge) == (
        "False",
        "MetadataExtractionFailed",
        f"SecretMissing: pull secret s, t is not in namespace {NS}; {CREATE_IT}",
    )
    assert knowledge.questions == ()


@pytest.mark.rule("DISC-2", "KIND-4")
@pytest.mark.parametrize("switch", [pytest.param(Discovery(), id="on"), pytest.param(OFF, id="off")])
def test_given_metadata_takes_the_place_of_reading(switch: Discovery) -> None:
    knowledge = knowing(read(SMALL), image_metadata=metadata(BIG), discovery=switch)
    assert told(knowledge) == ("True", "MetadataExtracted", "given by spec.imageMetadata")
    assert (knowledge.metadata, knowledge.resolved, knowledge.questions) == (metadata(BIG), None, ())


@pytest.mark.rule("DISC-3")
@pytest.mark.parametrize(
    "said", [pytest.param(ConditionStatus.TRUE, id="read"), pytest.param(ConditionStatus.FALSE, id="bad")]
)
def test_what_the_status_holds_of_this_image_is_not_read_again(said: ConditionStatus) -> None:
    knowledge = knowing(status=holding(said))
    assert replace(knowledge, questions=()) == held(model(status=holding(said)))
    assert (knowledge.metadata, told(knowledge)) == (metadata(BIG), (said.value, "X", "old"))
    assert knowledge.questions == (Recheck(WANT, DIGEST),)


@pytest.mark.rule("STAT-1")
def test_a_failure_told_of_this_spec_stands_while_it_is_retried() -> None:
    refused = Condition(type="MetadataExtracted", status=ConditionStatus.FALSE, reason="MetadataExtractionFailed")
    for generation, told_now in ((1, "False"), (2, "Unknown")):
        status = ModelStatus(status=Verdict.FAILED, observed_generation=1, conditions=(refused,))
        subject = replace(model(status=status), meta=Meta(generation=generation))
        knowledge = discover(Snapshot(view=ObjectCache()).of(subject), parse_image(IMAGE), CREDENTIALS)
        assert (told(knowledge)[0], knowledge.questions) == (told_now, (WANT,))


@pytest.mark.rule("DISC-3")
def test_a_tag_that_was_read_may_be_looked_at_again_and_a_digest_need_not() -> None:
    assert knowing(status=holding(ConditionStatus.TRUE)).questions == (Recheck(WANT, DIGEST),)
    pinned = f"{IMAGE}@{DIGEST}"
    status = holding(ConditionStatus.TRUE, reference=pinned)
    subject = model(status=status, image=pinned)
    assert discover(Snapshot(view=ObjectCache()).of(subject), parse_image(pinned), CREDENTIALS).questions == ()


@pytest.mark.rule("DISC-3")
def test_a_tag_that_moved_is_read_as_the_image_it_names_now() -> None:
    moved = Inspected(digest="sha256:" + "b" * 64, labels=read(SMALL).labels)
    knowledge = knowing(moved, status=holding(ConditionStatus.TRUE))
    assert knowledge.resolved == ResolvedImage(reference=IMAGE, digest=moved.digest)
    assert knowledge.metadata is not None
    assert knowledge.metadata.model.recommended_deployments == (SMALL,)


@pytest.mark.rule("DISC-5")
def test_looking_again_in_vain_is_told_and_changes_no_word_and_is_forgotten_when_it_succeeds() -> None:
    failed = InspectionFailed(cause=Cause.UNREACHABLE, message="no answer")
    before = holding(ConditionStatus.TRUE)
    knowledge = knowing(failed, status=before)
    assert told(knowledge) == ("True", "X", "old")
    assert knowledge.recheck == RECHECK_FAILED("RecheckFailed", "Unreachable: no answer")
    status = replace(before, conditions=(*before.conditions, knowledge.recheck))
    for answer in (failed, None):
        assert knowing(answer, status=status).recheck == knowledge.recheck
    for well in (Unchanged(digest=DIGEST), Inspected(digest=DIGEST, labels={})):
        assert told(knowing(well, status=status)) == ("True", "X", "old")
        assert knowing(well, status=status).recheck is None


@pytest.mark.rule("DISC-3", "DISC-7")
def test_what_is_held_stays_when_a_pull_secret_goes() -> None:
    knowledge = knowing(status=holding(ConditionStatus.TRUE), credentials=replace(CREDENTIALS, missing=("s",)))
    assert knowledge.read


@pytest.mark.rule("DISC-3")
@pytest.mark.parametrize(
    "status",
    [
        pytest.param(None, id="no status"),
        pytest.param(ModelStatus(status=Verdict.PROGRESSING), id="no metadata"),
        pytest.param(holding(ConditionStatus.TRUE, reference="ghcr.io/acme/chat:0.9"), id="of another image"),
        pytest.param(replace(holding(ConditionStatus.TRUE), resolved_image=None), id="of no known image"),
        pytest.param(holding(ConditionStatus.UNKNOWN), id="yet to be read, it says"),
        pytest.param(holding(None), id="nobody vouches for it"),
    ],
)
def test_what_the_status_does_not_hold_of_this_image_is_read(status: ModelStatus | None) -> None:
    assert knowing(status=status).questions == (WANT,)
    assert knowing(read(BIG), status=status).read


@pytest.mark.rule("DISC-6")
@pytest.mark.parametrize(
    ("status", "knowledge"),
    [
        pytest.param(None, Knowledge(), id="nothing held"),
        pytest.param(holding(ConditionStatus.TRUE, reference="nginx"), Knowledge(), id="another image held"),
        pytest.param(
            holding(ConditionStatus.TRUE), held(model(status=holding(ConditionStatus.TRUE))), id="this image held"
        ),
        pytest.param(
            holding(ConditionStatus.FALSE),
            Knowledge(metadata=metadata(BIG), resolved=ResolvedImage(reference=IMAGE, digest=DIGEST)),
            id="a failure is of the past",
        ),
        pytest.param(
            holding(None),
            Knowledge(metadata=metadata(BIG), resolved=ResolvedImage(reference=IMAGE, digest=DIGEST)),
            id="and stays there",
        ),
    ],
)
def test_switched_off_nothing_is_read_and_nothing_forgotten(status: ModelStatus | None, knowledge: Knowledge) -> None:
    assert knowing(status=status, discovery=OFF) == knowledge


# Templates ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("TMPL-1")
def test_a_template_carries_the_deployment_and_what_the_model_gives() -> None:
    one = model(env=env(A="1"), image_pull_secrets=("s",), service_account_name="sa", runtime_config_name="big")
    deployment = Deployment(
        gpu_model="MI300X",
        gpu_count=2,
        metric=Metric.LATENCY,
        precision=Precision.FP8,
        profile_id="p",
        description="fast",
    )
    ((name, spec),) = recommended_templates(one, metadata(deployment)).items()
    assert name.startswith("llama-2x-mi300x-lat-fp8-")
    assert spec == TemplateSpec(
        model_name="llama",
        metric=Metric.LATENCY,
        precision=Precision.FP8,
        hardware=Hardware(gpu=Gpu(requests=2, models=("MI300X",))),
        type=TemplateType.OPTIMIZED,
        profile_id="p",
        env=env(A="1"),
        image_pull_secrets=("s",),
        service_account_name="sa",
        runtime_config_name="big",
    )


@pytest.mark.rule("TMPL-1")
@pytest.mark.parametrize(
    ("deployment", "gpu"),
    [
        pytest.param(Deployment(gpu_model="MI300X"), Gpu(requests=1, models=("MI300X",)), id="no count means one"),
        pytest.param(Deployment(gpu_count=4), Gpu(requests=4), id="a count of any GPU"),
        pytest.param(Deployment(), Gpu(requests=0), id="CPU only"),
    ],
)
def test_the_gpu_of_a_deployment(deployment: Deployment, gpu: Gpu) -> None:
    (spec,) = recommended_templates(model(), metadata(deployment)).values()
    assert spec.hardware == Hardware(gpu=gpu)


@pytest.mark.rule("TMPL-1", "NAME-3")
def test_every_deployment_has_its_template_and_a_new_image_keeps_the_names() -> None:
    known = metadata(BIG, SMALL, Deployment())
    assert len(recommended_templates(model(), known)) == 3
    assert recommended_templates(model(), known) == recommended_templates(model(image="nginx:2"), known)
    assert recommended_templates(model("mistral"), known).keys().isdisjoint(recommended_templates(model(), known))
