"""Short words for worlds: objects with telling defaults, a view of them, and what decisions make of it in the end.

Uids follow from kind and name, so that two objects are one exactly when they are called the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, TypeVar

from aimcore.domain.decide import decide_model, decide_service, decide_template
from aimcore.domain.decide.discovery import recommended_templates
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.images.inspection import Inspected, Inspection
from aimcore.domain.images.metadata import Deployment, ImageMetadata, ModelMetadata
from aimcore.domain.kinds.conditions import Condition, ConditionStatus, find_condition
from aimcore.domain.kinds.core import Secret
from aimcore.domain.kinds.naming import auto_model_name
from aimcore.domain.kinds.ownership import MANAGER, FieldClaim, Owner
from aimcore.domain.kinds.records import (
    AimObject,
    Meta,
    Model,
    ModelByImage,
    ModelByRef,
    ModelInline,
    ModelSpec,
    RuntimeConfig,
    RuntimeConfigSpec,
    Service,
    ServiceSpec,
    Template,
    TemplateSpec,
)
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ModelStatus, ServiceStatus, TemplateStatus, Verdict
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.profile import TemplateType
from aimcore.domain.values.quantity import Quantity, parse_quantity
from aimcore.domain.view.cache import CoreObject, ObjectCache
from aimcore.domain.view.observed import Observed, Policy, Snapshot
from aimcore.domain.view.plan import Answers, Apply, Create, Delete, Inspect, Plan, SetStatus, Write
from aimcore.domain.weights.sources import EnvVar, ModelSource

T = TypeVar("T")
Said = dict[str, Any]
"""Words for the fields of a record, as rows of tables have them."""

NS = "ml-team"
IMAGE = "ghcr.io/acme/chat:1.0"
DIGEST = "sha256:" + "a" * 64
OURS = {"aim.silogen.ai/origin": "auto-generated"}
STALE = {"aim.silogen.ai/stale": "true"}
DERIVED = {"aim.silogen.ai/derived-template": "true"}
NAMED = {"com.amd.aim.model.canonicalName": "acme/chat"}
BIG = Deployment(gpu_model="MI300X", gpu_count=8)
SMALL = Deployment(gpu_model="MI300X", gpu_count=1)


# Objects --------------------------------------------------------------------------------------------------------------


def amounts(**quantities: str) -> dict[str, Quantity]:
    """Quantities by resource name; `gpu` is the AMD one."""
    return {("amd.com/gpu" if name == "gpu" else name): parse_quantity(text) for name, text in quantities.items()}


def resources(*, requests: str | None = None, limits: str | None = None, name: str = "cpu") -> Resources:
    """One resource, requested and limited."""
    return Resources(
        requests={} if requests is None else {name: parse_quantity(requests)},
        limits={} if limits is None else {name: parse_quantity(limits)},
    )


def gpus(count: int | None = 1, *models: str, vram: str | None = None, resource_name: str | None = None) -> Hardware:
    """So many GPUs of these models."""
    memory = None if vram is None else parse_quantity(vram)
    return Hardware(gpu=Gpu(requests=count, models=models or None, min_vram=memory, resource_name=resource_name))


def cpus(requests: str, limits: str | None = None) -> Hardware:
    """So many CPUs, and no GPU."""
    most = None if limits is None else parse_quantity(limits)
    return Hardware(cpu=Cpu(requests=parse_quantity(requests), limits=most))


def source(size: str | None = None, *, uri: str = "hf://acme/weights") -> ModelSource:
    return ModelSource(model_id="acme/weights", source_uri=uri, size=None if size is None else parse_quantity(size))


def env(**values: str) -> tuple[EnvVar, ...]:
    return tuple(EnvVar(name=name, value=value) for name, value in values.items())


def meta(key: Key, **said: Any) -> Meta:
    return Meta(**{"uid": f"{key.api_kind}/{key.namespace or ''}/{key.name}", "resource_version": "1", **said})


_META = {field.name for field in fields(Meta)}


def _split(said: Said) -> tuple[Said, Said]:
    return {name: it for name, it in said.items() if name in _META}, {
        name: it for name, it in said.items() if name not in _META
    }


def model(name: str = "llama", *, namespace: str | None = NS, status: ModelStatus | None = None, **said: Any) -> Model:
    """A model of IMAGE, unless it has sources or is told otherwise; what Meta has no word for is of the spec."""
    about, spec = _split(said)
    key = Key(Kind.MODEL, namespace, name)
    given = spec if "model_sources" in spec else {"image": IMAGE, **spec}
    return Model(key=key, meta=meta(key, **about), spec=ModelSpec(**given), status=status)


def template(
    name: str = "llama-1", *, namespace: str | None = NS, says: Verdict | None = Verdict.READY, **said: Any
) -> Template:
    """A template of the model llama with one MI300X, optimized; its status `says` it is Ready."""
    about, spec = _split(said)
    key = Key(Kind.TEMPLATE, namespace, name)
    default = {"model_name": "llama", "hardware": gpus(1, "MI300X"), "type": TemplateType.OPTIMIZED}
    one = Template(key=key, meta=meta(key, **about), spec=TemplateSpec(**{**default, **spec}))
    return one if says is None else saying(one, says)


def saying(one: Template, word: Verdict, message: str = "") -> Template:
    """The template with a status of its generation."""
    found = Condition(type="ModelFound", status=ConditionStatus.TRUE, reason="ModelFound", message="as it should be")
    ready = Condition(type="Ready", status=ConditionStatus.FALSE, reason=word.value, message=message)
    status = TemplateStatus(status=word, observed_generation=one.meta.generation, conditions=(found, ready))
    return replace(one, status=status)


def service(name: str = "chat", *, status: ServiceStatus | None = None, **said: Any) -> Service:
    """A service of the model llama by name; `image`, `ref` and `inline` say otherwise."""
    about, spec = _split(said)
    key = Key(Kind.SERVICE, about.pop("namespace", spec.pop("namespace", NS)), name)
    wanted: Any = ModelByRef(ref=spec.pop("ref", "llama"))
    if "image" in spec:
        wanted = ModelByImage(image=spec.pop("image"))
    wanted = spec.pop("inline", wanted)
    return Service(key=key, meta=meta(key, **about), spec=ServiceSpec(model=wanted, **spec), status=status)


def inline(**said: Any) -> ModelInline:
    return ModelInline(**{"model_sources": (source(),), "hardware": gpus(1, "MI300X"), **said})


def config(name: str = "default", *, namespace: str | None = NS, **spec: Any) -> RuntimeConfig:
    key = Key(Kind.RUNTIME_CONFIG, namespace, name)
    return RuntimeConfig(key=key, meta=meta(key), spec=RuntimeConfigSpec(**spec))


def node(*models: str, vram: str | None = None, name: str = "node", count: int = 8, gpu: str = "amd.com/gpu") -> Node:
    """A node with so many GPUs of each model, given as `gpu`."""
    labels = {f"amd.com/gpu.product-name.{one}": f"{count}" for one in models}
    amount = Quantity.of(count * len(models))
    return Node(
        name=f"{name}-{'-'.join(models)}",
        labels=labels | ({"amd.com/gpu.vram": vram} if vram else {}),
        allocatable={gpu: amount} if models else {},
    )


def pull_secret(name: str, namespace: str = NS) -> Secret:
    return Secret(namespace=namespace, name=name, type="kubernetes.io/dockerconfigjson")


def owned_by(parent: Model | Service, *, controller: bool = True) -> tuple[Owner, ...]:
    uid, kind = parent.meta.uid, parent.key.api_kind
    return (
        Owner(api_version="aim.silogen.ai/v1alpha1", kind=kind, name=parent.key.name, uid=uid, controller=controller),
    )


def metadata(*deployments: Deployment) -> ImageMetadata:
    """What is known of an image that recommends these deployments."""
    return ImageMetadata(model=ModelMetadata(canonical_name="acme/chat", recommended_deployments=deployments))


def children(parent: Model, *deployments: Deployment, says: Verdict | None = Verdict.READY) -> tuple[Template, ...]:
    """The templates of these deployments as the operator makes them for the model, each with this word."""
    made = []
    for name, spec in recommended_templates(parent, metadata(*deployments)).items():
        labels = {
            **OURS,
            "aim.silogen.ai/model": parent.key.name,
            "app.kubernetes.io/managed-by": "aim-operator",
        }
        key = Key(Kind.TEMPLATE, parent.key.namespace, name)
        one = Template(key=key, meta=meta(key, labels=labels, owners=owned_by(parent)), spec=spec)
        made.append(one if says is None else saying(one, says))
    return tuple(made)


def auto_name(image: str = IMAGE) -> str:
    return auto_model_name(parse_image(image))


# Decisions ------------------------------------------------------------------------------------------------------------


def world(*things: AimObject | CoreObject, nodes_known: bool = True) -> ObjectCache:
    """A view of these, with a node that has MI300X GPUs unless there are others."""
    nodes = () if any(isinstance(thing, Node) for thing in things) else (node("MI300X"),)
    return ObjectCache.of([*nodes, *things], nodes_known=nodes_known)


def observe(
    subject: T, *things: AimObject | CoreObject, answers: Answers | None = None, policy: Policy | None = None
) -> Observed[T]:
    """The subject among these things."""
    among: list[Any] = [subject, *things]
    return Snapshot(view=world(*among), answers=answers or {}, policy=policy or Policy()).of(subject)


def decide(observed: Observed[Any]) -> Plan:
    """The decision that the subject is due."""
    match observed.subject:
        case Model():
            return decide_model(observed)
        case Template():
            return decide_template(observed)
        case Service():
            return decide_service(observed)
        case _:
            return Plan()


def inspects(plan: Plan) -> tuple[Inspect, ...]:
    """The images a plan asks for."""
    return tuple(question for question in plan.questions if isinstance(question, Inspect))


def status_of(plan: Plan) -> Any:
    """The status a plan writes; there must be one."""
    (status,) = [write.status for write in plan.writes if isinstance(write, SetStatus)]
    return status


def verdict_of(plan: Plan) -> Verdict:
    word: Verdict = status_of(plan).status
    return word


def condition_of(plan: Plan, kind: str) -> tuple[str, str, str] | None:
    """Status, reason and message of a condition of the status a plan writes."""
    found = find_condition(status_of(plan).conditions, kind)
    return None if found is None else (found.status.value, found.reason, found.message)


def reason_of(plan: Plan, kind: str) -> str | None:
    """Status and reason of a condition, as kubectl users write them: `False/NameConflict`."""
    found = condition_of(plan, kind)
    return None if found is None else f"{found[0]}/{found[1]}"


def changes(plan: Plan) -> list[tuple[str, str, str]]:
    """What a plan writes beside the status: the act, the name, the rule."""
    return [
        (type(write).__name__, write.key.name, write.rule) for write in plan.writes if not isinstance(write, SetStatus)
    ]


def read(*deployments: Deployment, **labels: str) -> Inspected:
    """The answer of an image with these deployments."""
    elements = [
        {"gpuModel": one.gpu_model, "gpuCount": one.gpu_count, "metric": one.metric, "precision": one.precision}
        for one in deployments
    ]
    listed = {"com.amd.aim.model.deployments": repr(elements).replace("<", "")} if elements else {}
    return Inspected(digest=DIGEST, labels={**NAMED, **listed, **labels})


def answering(subject: Model, *things: AimObject | CoreObject, answer: Inspection, **more: Any) -> Observed[Model]:
    """The model among these things, with this answer to what it wants to know."""
    observed = observe(subject, *things, **more)
    answers: Answers = dict.fromkeys(inspects(decide_model(observed)), answer)
    return replace(observed.snapshot, answers=answers).of(subject)


class Cluster:
    """The smallest thing that carries plans out: what a decision writes is there in the next round."""

    def __init__(self, view: ObjectCache, *, policy: Policy | None = None, answer: Inspection | None = None) -> None:
        self.view = view
        self.policy = policy or Policy()
        self.answer = answer
        self.writes: list[Write] = []

    def round(self) -> list[Write]:
        """Everything decided on one snapshot, then everything written; what was written."""
        answers: Answers = {}
        subjects = list(self.view)
        if self.answer is not None:
            asked = {want for one in subjects for want in inspects(decide(self._observed(one, answers)))}
            answers = dict.fromkeys(asked, self.answer)
        writes = [write for one in subjects for write in decide(self._observed(one, answers)).writes]
        for write in writes:
            self._apply(write)
        self.writes += writes
        return writes

    def settle(self, *, most: int = 8) -> int:
        """Rounds until one writes nothing; how many it took, that one included."""
        for count in range(1, most + 1):
            if not self.round():
                return count
        message = f"still writing after {most} rounds: {[(write.rule, str(write.key)) for write in self.round()]}"
        raise AssertionError(message)

    def _observed(self, subject: AimObject, answers: Answers) -> Observed[Any]:
        return Snapshot(view=self.view, answers=answers, policy=self.policy).of(subject)

    def _apply(self, write: Write) -> None:
        there: Any = self.view.find(write.key)
        match write:
            case Create(thing=thing) if there is None:
                self.view.put(replace(thing, meta=_stored(thing, meta(thing.key))))
            case Apply(thing=thing) if there is not None and there.meta.uid == thing.meta.uid:
                grown = there.meta.generation + (thing.spec != there.spec)
                self.view.put(
                    replace(thing, meta=replace(_stored(thing, there.meta), generation=grown), status=there.status)
                )
            case Delete(uid=uid) if there is not None and there.meta.uid == uid:
                self.collect(there)
            case SetStatus(uid=uid, status=status) if there is not None and there.meta.uid == uid:
                self.view.put(replace(there, status=status))
            case _:
                pass

    def collect(self, thing: AimObject) -> None:
        """Deletes a thing, and with it what it owns."""
        self.view.drop(thing)
        for child in self.view.owned_by(thing.meta.uid):
            self.collect(child)


def _stored(thing: AimObject, before: Meta) -> Meta:
    labels: Said = {f"f:{key}": {} for key in thing.meta.labels}
    spec: Said = {f"f:{_camel(field.name)}": {} for field in fields(thing.spec)}
    claim = FieldClaim(manager=MANAGER, fields={"f:metadata": {"f:labels": labels}, "f:spec": spec})
    return replace(before, labels=thing.meta.labels, owners=thing.meta.owners, claims=(claim,))


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(map(str.capitalize, tail))


def settled(*things: AimObject | CoreObject, **more: Any) -> ObjectCache:
    """What these things have become once nothing changes any more."""
    cluster = Cluster(world(*things), **more)
    cluster.settle()
    return cluster.view


def templates(things: Iterable[AimObject]) -> list[Template]:
    return [thing for thing in things if isinstance(thing, Template)]
