"""What an image in a layout folder or a registry says, and what a model of it would make of that."""

from __future__ import annotations

from aimcore.adapters import wire
from aimcore.domain.decide.discovery import recommended_templates
from aimcore.domain.images.inspection import Inspection, InspectionFailed
from aimcore.domain.images.labels import read_labels
from aimcore.domain.kinds.naming import auto_model_name
from aimcore.domain.kinds.records import Model, ModelSpec, Template
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from aimcore.entrypoints.present.answers import Cost, Inspected, Unread
from aimcore.entrypoints.wiring.crowd import all_at_once
from aimcore.entrypoints.wiring.sources import Folders, Meter, Online, opened

__all__ = ["inspect"]


def inspect(image: str, *, source: Folders | Online, model: str | None) -> Inspected | Unread:
    """The metadata of an image, and the templates of a cluster model called `model`, or as one that a service creates.

    Raises `ParseError` for what is no image reference, and `SetupError`.
    """
    reference = parse_image(image)
    answer, cost = _read(Inspect(reference), source)
    if isinstance(answer, InspectionFailed):
        return Unread(cause=answer.cause, message=answer.message)
    read = read_labels(answer.labels)
    name = model or auto_model_name(reference)
    subject = Model(key=Key(Kind.MODEL, None, name), spec=ModelSpec(image=str(reference)))
    templates = recommended_templates(subject, read.metadata)
    status = wire.encode_status(Kind.MODEL, ModelStatus(status=Verdict.READY, image_metadata=read.metadata))
    return Inspected(
        image=str(reference),
        digest=answer.digest,
        metadata=status.get("imageMetadata", {}),
        templates=tuple(
            _manifest(Template(key=Key(Kind.TEMPLATE, None, called), spec=spec)) for called, spec in templates.items()
        ),
        problems=(*answer.problems, *map(str, read.problems)),
        failure=read.failure,
        cost=cost,
    )


def _read(want: Inspect, source: Folders | Online) -> tuple[Inspection, Cost | None]:
    meter = Meter()
    with opened(source, (), meter) as inspector:
        answer = all_at_once(inspector.inspect, [want], _silent)[0]  # so that Ctrl-C need not wait for the registry
    return answer, meter.cost if isinstance(source, Online) else None


def _silent(_count: int) -> None:
    """One image is no progress worth telling."""


def _manifest(template: Template) -> dict[str, object]:
    manifest = wire.encode(template)
    return {**manifest, "metadata": {"name": template.key.name}}
