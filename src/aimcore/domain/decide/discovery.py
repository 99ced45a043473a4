"""Whether to read an image, what is known of it, and the templates its metadata recommends (DISC, TMPL-1).

Metadata belongs to an image: what the status holds counts as long as it came from the reference the spec names now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import assert_never

from aimcore.domain.decide.conditions import METADATA_EXTRACTED, RECHECK_FAILED
from aimcore.domain.decide.credentials import Credentials
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged
from aimcore.domain.images.labels import read_labels
from aimcore.domain.images.metadata import Deployment, ImageMetadata, without_no_gpu
from aimcore.domain.kinds.conditions import Condition, ConditionStatus, find_condition
from aimcore.domain.kinds.naming import deployment_template_name
from aimcore.domain.kinds.records import Model, TemplateSpec
from aimcore.domain.kinds.statuses import ResolvedImage
from aimcore.domain.values.image import ImageReference, parse_image
from aimcore.domain.values.profile import TemplateType
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Inspect, Recheck
from aimcore.domain.weights.sources import EnvVar

__all__ = [
    "Knowledge",
    "creates_templates",
    "discover",
    "held",
    "is_enabled",
    "known",
    "recommended_templates",
]

EXTRACTED = "MetadataExtracted"
FAILED = "MetadataExtractionFailed"
PENDING = "InspectionPending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known of the image: metadata and where it came from, the condition that says so, and what to ask of it.

    `metadata` is None while nothing was read of this image. Without a `condition` nobody vouches for what is known.
    `recheck` is why the tag could not be looked at again, where it could not.
    """

    metadata: ImageMetadata | None = None
    resolved: ResolvedImage | None = None
    condition: Condition | None = None
    recheck: Condition | None = None
    questions: tuple[Inspect | Recheck, ...] = ()

    @property
    def read(self) -> bool:
        """Whether the image was read, and has what it must have (DISC-5)."""
        return self._is(ConditionStatus.TRUE)

    @property
    def failed(self) -> bool:
        """Whether reading the image went wrong (DISC-5)."""
        return self._is(ConditionStatus.FALSE)

    @property
    def pending(self) -> bool:
        """Whether there is no answer yet for this image (STAT-1)."""
        return self._is(ConditionStatus.UNKNOWN)

    def _is(self, status: ConditionStatus) -> bool:
        return self.condition is not None and self.condition.status is status


def is_enabled(model: Model) -> bool:
    """Whether the image is to be read: unless switched off (DISC-1)."""
    return model.spec.discovery.enabled is not False


def creates_templates(model: Model) -> bool:
    """Whether recommended deployments become templates: unless either switch is off (DISC-1)."""
    return is_enabled(model) and model.spec.discovery.auto_create_templates is not False


def discover(observed: Observed[Model], image: ImageReference, credentials: Credentials) -> Knowledge:
    """What is known of the model's image, and whether to read it."""
    model = observed.subject
    if model.spec.image_metadata is not None:
        return _given(model.spec.image_metadata)
    known = held(model)
    if not is_enabled(model):
        return replace(known, condition=None) if known.failed else known
    want = Inspect(image, credentials.namespace, credentials.pull_secrets)
    if known.condition is not None:
        return _rechecked(model, known, want, observed.answer(want))
    if credentials.missing:
        return _failure(Cause.SECRET_MISSING, _missing(credentials))
    match observed.answer(want):
        case Inspected() as answer:
            # Asked until the status holds it: a status that is refused must not cost another read.
            return replace(_read(model, answer), questions=(want,))
        case InspectionFailed() as answer:
            return _failure(answer.cause, answer.message, want)
        case Unchanged() | None:
            return Knowledge(condition=_unanswered(model, image), questions=(want,))
        case answer:
            assert_never(answer)


def known(model: Model) -> Knowledge:
    """What is known of the model's image by its spec and its status alone: nobody is asked, and no answer is looked at."""
    if model.spec.image is None:
        return held(model)
    if model.spec.image_metadata is not None:
        return _given(model.spec.image_metadata)
    found = held(model)
    if found.condition is not None or not is_enabled(model):
        return found
    return Knowledge(condition=_unanswered(model, parse_image(model.spec.image)))


def _unanswered(model: Model, image: ImageReference) -> Condition:
    """No answer yet; a failure that the status tells of this very spec is being retried, and stands (STAT-1)."""
    status = model.status
    told = find_condition(status.conditions, METADATA_EXTRACTED.name) if status else None
    current = status is not None and status.observed_generation == model.meta.generation
    if told is not None and current and told.status is ConditionStatus.FALSE and told.reason == FAILED:
        return told
    return METADATA_EXTRACTED(PENDING, f"{image} is yet to be read")


def _rechecked(model: Model, known: Knowledge, want: Inspect, answer: Inspection | Unchanged | None) -> Knowledge:
    """What is known of a tag that was read, after it was looked at again; a failure to do so changes no word (DISC-3, DISC-5)."""
    held, condition = known.resolved, known.condition
    if held is None or condition is None or want.image.digest is not None:
        return known
    recheck = Recheck(want, held.digest)
    known = replace(known, questions=(recheck,))
    match answer:
        case None:
            return replace(known, recheck=_held_recheck(model))
        case Inspected() if answer.digest != held.digest:
            return replace(_read(model, answer), questions=(recheck,))  # until the status holds it
        case InspectionFailed():
            return replace(known, recheck=RECHECK_FAILED("RecheckFailed", f"{answer.cause}: {answer.message}"))
        case _:
            return known


def _held_recheck(model: Model) -> Condition | None:
    """What the status says of the last look at the tag: it stands until there is another answer."""
    return find_condition(model.status.conditions, RECHECK_FAILED.name) if model.status else None


def _given(metadata: ImageMetadata) -> Knowledge:
    message = "given by spec.imageMetadata"
    return Knowledge(metadata=metadata, condition=METADATA_EXTRACTED(EXTRACTED, message))


def held(model: Model) -> Knowledge:
    """What the status holds of the image that the spec names now; nothing of any other (DISC-3)."""
    status = model.status
    if status is None or status.image_metadata is None or status.resolved_image is None:
        return Knowledge()
    if status.resolved_image.reference != model.spec.image:
        return Knowledge()
    condition = find_condition(status.conditions, METADATA_EXTRACTED.name)
    if condition is not None and condition.status is ConditionStatus.UNKNOWN:
        condition = None  # it speaks of an image that is yet to be read, not of this one
    return Knowledge(metadata=status.image_metadata, resolved=status.resolved_image, condition=condition)


def _missing(credentials: Credentials) -> str:
    names = ", ".join(credentials.absent)
    create = f"pull secret {names} is not in namespace {credentials.namespace}; create it there, of type kubernetes.io/dockerconfigjson"
    return "; ".join(((create,) if names else ()) + credentials.wrong)


def _failure(cause: Cause, message: str, *questions: Inspect) -> Knowledge:
    return Knowledge(condition=METADATA_EXTRACTED(FAILED, f"{cause}: {message}"), questions=questions)


def _read(model: Model, answer: Inspected) -> Knowledge:
    read = read_labels(answer.labels)
    told = [read.failure or f"read from {answer.digest}", *answer.problems, *map(str, read.problems)]
    return Knowledge(
        metadata=read.metadata,
        resolved=ResolvedImage(reference=model.spec.image or "", digest=answer.digest),
        condition=METADATA_EXTRACTED(FAILED if read.failure else EXTRACTED, "; ".join(told)),
    )


def recommended_templates(model: Model, metadata: ImageMetadata) -> Mapping[str, TemplateSpec]:
    """One template for each deployment the image recommends, by name (TMPL-1)."""
    spec = model.spec
    recipe = _Recipe(
        model=model.key.name,
        deployments=tuple(map(without_no_gpu, metadata.model.recommended_deployments)),
        env=spec.env,
        pull_secrets=spec.image_pull_secrets,
        account=spec.service_account_name,
        config=spec.runtime_config_name,
    )
    return _recommended(recipe)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    """All that the recommended templates of a model are made of."""

    model: str
    deployments: tuple[Deployment, ...]
    env: tuple[EnvVar, ...]
    pull_secrets: tuple[str, ...]
    account: str | None
    config: str | None

    def __hash__(self) -> int:
        return hash((self.model, self.config))  # few models share a name, and a hash of all deployments takes longest


@lru_cache(maxsize=1024)  # each of its templates brings the model round again, with the same recipe
def _recommended(recipe: _Recipe) -> Mapping[str, TemplateSpec]:
    templates = {
        deployment_template_name(recipe.model, deployment): _template(recipe, deployment)
        for deployment in recipe.deployments
    }
    return MappingProxyType(templates)


def _template(recipe: _Recipe, deployment: Deployment) -> TemplateSpec:
    models = (deployment.gpu_model,) if deployment.gpu_model else None
    return TemplateSpec(
        model_name=recipe.model,
        metric=deployment.metric,
        precision=deployment.precision,
        hardware=Hardware(gpu=Gpu(requests=deployment.gpus, models=models)),
        type=TemplateType.OPTIMIZED,
        profile_id=deployment.profile_id,
        env=recipe.env,
        image_pull_secrets=recipe.pull_secrets,
        service_account_name=recipe.account,
        runtime_config_name=recipe.config,
    )
