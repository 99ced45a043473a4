"""Where an object is found, by its name or by a declared index, and what of it is shown there.

A declaration is used three ways: the cache keeps the index, a decision reads through it, and the dependency tracker compares
what it shows before and after a change. So an index that can be read is an index whose changes enqueue its readers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from aimcore.domain.errors import ParseError
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.conditions import find_condition
from aimcore.domain.kinds.core import Absent, Child, Namespace, Secret, ServiceAccount, Unserved
from aimcore.domain.kinds.ownership import CLAIM_LABEL, CONTENT_LABEL, DRY_RUN_LABEL, MADE_FROM, PAUSED, SERVICE_LABEL
from aimcore.domain.kinds.records import AimObject, Meta, Model, Resource, Service
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.scope import Key, Kind, Reference
from aimcore.domain.values.image import parse_image

__all__ = [
    "BEGINNING",
    "CLAIMS_OF_CONTENT",
    "DEPLOYMENTS",
    "DISCOVERED",
    "DRY_RUNS",
    "DRY_RUNS_QUEUED",
    "DRY_RUNS_UNFINISHED",
    "INDEXES",
    "JOBS_OF_CLAIM",
    "MENTIONING",
    "MODELS_NAMED",
    "MODELS_OF_IMAGE",
    "OWNED_BY",
    "PODS_OF_JOB",
    "PODS_OF_SERVICE",
    "QUEUED",
    "ROUTES",
    "TEMPLATES_OF_MODEL",
    "CoreObject",
    "IndexDef",
    "IndexKey",
    "Mention",
    "Placed",
    "QueuedDryRun",
    "key_of",
    "name_key",
    "news",
    "placed",
]

CoreObject = Namespace | Secret | ServiceAccount | Absent | Unserved | Node
"""What Kubernetes has and decisions look at: never decided itself."""

DISCOVERED = "Discovered"
"""The condition of a cache that says what became of asking the image."""
QUEUED, BEGINNING = "Queued", "DryRunBeginning"
"""Its reasons while the dry run waits for its turn, and from its turn until its Job is seen."""

IndexKey = tuple[str, str | None, str]
"""What is looked for: the plural of a kind or the name of an index, a namespace (None: the cluster's, or all), and a name or a word."""

Words = Iterable[tuple[str | None, str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndexDef:
    """One way to find objects beside their names: the `words` an object is found by, each in a namespace or (None) in all,
    and what of the object is `shown` there; by default all of it.
    """

    name: str
    words: Callable[[Any], Words]
    shown: Callable[[Any], Any] | None = None

    def show(self, thing: Any) -> Any:
        """What a reader of this index gets of the object."""
        return thing if self.shown is None else self.shown(thing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """That a model or service in `namespace` names a template in its spec (`template`), or runs the one of uid `runs`.

    `by_default` tells that it is a model's default, which speaks for the services of the model.
    """

    by: Key
    template: str | None = None
    runs: str | None = None
    by_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class QueuedDryRun:
    """A cache that waits for its turn to ask an image, or whose turn it is (`begins`); in the order of their turns."""

    since: str
    by: tuple[str, str, str]
    begins: bool = False


def _owners(thing: AimObject) -> Words:
    return dict.fromkeys([(None, owner.uid) for owner in thing.meta.owners if owner.controller])


def _reference(model: Model) -> tuple[Reference, Resources]:
    return Reference.to(model.key, model.meta.uid), model.spec.resources


def _image(model: Model) -> Words:
    """The image the model answers to: none for a custom model, or for text that is no reference (LOOK-4)."""
    if model.spec.image is None or model.spec.model_sources:
        return
    try:
        image = parse_image(model.spec.image)
    except ParseError:
        return
    yield model.key.namespace, image.identity


def _labelled(label: str) -> Callable[[AimObject], Words]:
    """The value of that label, in the object's namespace; none for an object without it."""

    def words(thing: AimObject) -> Words:
        value = thing.meta.labels.get(label)
        return () if value is None else ((thing.key.namespace, value),)

    return words


def _job_of_pod(pod: AimObject) -> Words:
    """The uid of the Job that made the pod; none for a pod of something else."""
    return ((None, owner.uid) for owner in pod.meta.owners if owner.controller and owner.kind == Kind.JOB.api_name)


def _templates_named(thing: Model | Service | Child) -> Words:
    mention = _mention(thing)
    return ((None, name) for name in {mention.template, _name_run(thing)} if name)


def _name_run(thing: Model | Service | Child) -> str | None:
    if isinstance(thing, Child):
        made_from = _made_from(thing)
        return made_from[0] if made_from else None
    resolved = thing.status.resolved_template if isinstance(thing, Service) and thing.status else None
    return resolved.name if resolved else None


def _mention(thing: Model | Service | Child) -> Mention:
    if isinstance(thing, Model):
        return Mention(by=thing.key, template=thing.spec.default_service_template, by_default=True)
    if isinstance(thing, Child):
        made_from = _made_from(thing)
        return Mention(by=thing.key, runs=made_from[1] if made_from else None)
    resolved = thing.status.resolved_template if thing.status else None
    return Mention(by=thing.key, template=thing.spec.template_name, runs=resolved.uid if resolved else None)


def _made_from(deployment: Child) -> tuple[str, str] | None:
    """The name and uid of the template that a Deployment says it was made from (RUN-16); None where it does not say."""
    try:
        template = json.loads(deployment.meta.annotations[MADE_FROM])["template"]
        return str(template["name"]), str(template["uid"])
    except (KeyError, TypeError, ValueError):
        return None


def _unfinished_dry_run(job: Child) -> Words:
    """One word for all of the cluster, until the Job has ended."""
    conditions = (job.status or {}).get("conditions") or ()
    ended = any(one.get("type") in ("Complete", "Failed") and one.get("status") == "True" for one in conditions)
    return ((None, ""),) if DRY_RUN_LABEL in job.meta.labels and not ended else ()


def _queued(cache: Any) -> QueuedDryRun | None:
    """That a cache waits for its turn to ask an image; nobody waits behind one that is paused or on its way out."""
    told = find_condition(cache.status.conditions, DISCOVERED) if cache.status else None
    if told is None or told.reason not in (QUEUED, BEGINNING):
        return None
    if cache.meta.deleting or cache.meta.annotations.get(PAUSED) == "true":
        return None
    return QueuedDryRun(since=told.last_transition_time, by=cache.key.sort_key, begins=told.reason == BEGINNING)


def _without_status(route: Child) -> Child:
    return replace(route, status=None, meta=Meta(owners=route.meta.owners))


OWNED_BY = IndexDef(name="owned by", words=_owners)
MODELS_NAMED = IndexDef(
    name="models named", words=lambda model: ((model.key.namespace, model.key.name),), shown=_reference
)
MODELS_OF_IMAGE = IndexDef(name="models of image", words=_image)
TEMPLATES_OF_MODEL = IndexDef(
    name="templates of model", words=lambda template: ((template.key.namespace, template.spec.model_name),)
)
PODS_OF_SERVICE = IndexDef(name="pods of service", words=_labelled(SERVICE_LABEL), shown=lambda pod: pod.spec)
PODS_OF_JOB = IndexDef(name="pods of job", words=_job_of_pod, shown=lambda pod: pod.spec)
JOBS_OF_CLAIM = IndexDef(name="jobs of claim", words=_labelled(CLAIM_LABEL))
CLAIMS_OF_CONTENT = IndexDef(name="claims of content", words=_labelled(CONTENT_LABEL))
MENTIONING = IndexDef(name="mentioning", words=_templates_named, shown=_mention)
DEPLOYMENTS = IndexDef(name="deployments", words=lambda one: ((one.key.namespace, ""),))
ROUTES = IndexDef(name="routes", words=lambda _: ((None, ""),), shown=_without_status)

DRY_RUNS = IndexDef(name="dry runs", words=_labelled(DRY_RUN_LABEL))
DRY_RUNS_UNFINISHED = IndexDef(
    name="unfinished dry runs", words=_unfinished_dry_run, shown=lambda job: (job.key, job.created)
)
DRY_RUNS_QUEUED = IndexDef(
    name="queued dry runs",
    words=lambda cache: () if _queued(cache) is None else ((None, ""),),
    shown=_queued,
)

INDEXES: Mapping[Kind, tuple[IndexDef, ...]] = {
    **{kind: (OWNED_BY,) for kind in Kind if kind.is_aim or kind.is_manifest},
    Kind.MODEL: (OWNED_BY, MODELS_NAMED, MODELS_OF_IMAGE, MENTIONING),
    Kind.TEMPLATE: (OWNED_BY, TEMPLATES_OF_MODEL),
    Kind.SERVICE: (OWNED_BY, MENTIONING),
    Kind.RUNTIME_CONFIG: (),
    Kind.POD: (PODS_OF_SERVICE, PODS_OF_JOB),
    Kind.CLAIM: (OWNED_BY, CLAIMS_OF_CONTENT),
    Kind.JOB: (OWNED_BY, JOBS_OF_CLAIM, DRY_RUNS, DRY_RUNS_UNFINISHED),
    Kind.CACHE: (OWNED_BY, DRY_RUNS_QUEUED),
    Kind.DEPLOYMENT: (OWNED_BY, MENTIONING, DEPLOYMENTS),
    Kind.HTTP_ROUTE: (OWNED_BY, ROUTES),
}
"""The indexes of each kind: by its owners, where nothing else is said."""

_SHOWN_BY_NAME: Mapping[Kind, Callable[[Any], object]] = {
    Kind.RUNTIME_CONFIG: lambda config: (config.meta.uid, config.spec),
    Kind.NAMESPACE: lambda namespace: namespace.deleting or None,  # one that stands is like one nobody told of
}
"""What a reader by name gets to know, of the kinds of which it is not all."""


_NOWHERE: Mapping[IndexKey, IndexDef] = {}


def key_of(thing: AimObject | CoreObject) -> Key:
    """Which object it is; the word that one is absent has the key of that one."""
    return Key(Kind.NODE, None, thing.name) if isinstance(thing, Node) else thing.key


def name_key(key: Key) -> IndexKey:
    """Where the object of this key is found by its name."""
    return key.kind.plural, key.namespace, key.name  # of plain texts: the collector need not look into these


class Placed(NamedTuple):
    """A thing, and where it is found beside its name; nodes are seen all together and nowhere else."""

    thing: AimObject | CoreObject | None
    at: Mapping[IndexKey, IndexDef]


def placed(thing: AimObject | CoreObject | None) -> Placed:
    """The thing with every place that the indexes of its kind have for it."""
    if not isinstance(thing, Resource):
        return Placed(thing, _NOWHERE)
    indexes = INDEXES[thing.key.kind]
    return Placed(thing, {(index.name, *place): index for index in indexes for place in index.words(thing)})


def news(before: Placed, after: Placed) -> Iterator[IndexKey]:
    """The keys at which the thing shows differently now."""
    thing = before.thing or after.thing
    if thing is None or isinstance(thing, Node) or before.thing == after.thing:
        return
    key = key_of(thing)
    if _shown_by_name(key.kind, before.thing) != _shown_by_name(key.kind, after.thing):
        yield name_key(key)
    for at in before.at.keys() - after.at.keys():
        yield at
    for at, index in after.at.items():
        if at not in before.at or index.show(before.thing) != index.show(after.thing):
            yield at


def _shown_by_name(kind: Kind, thing: Any) -> object:
    shown = _SHOWN_BY_NAME.get(kind)
    return thing if shown is None or thing is None else shown(thing)
