"""The laws have teeth: each known bug, put into the code by hand, breaks the law that forbids it in some world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings

from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.children import diff as children
from aimcore.domain.decide import choice, discovery, health, progress, resolution, sizing, status
from aimcore.domain.decide import model as models
from aimcore.domain.decide import service as services
from aimcore.domain.decide import template as templates
from aimcore.domain.decide.selection import FILTERS, Selection
from aimcore.domain.kinds import naming
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.scope import Kind, Reference
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.view import lookup as precedence
from aimcore.domain.view.cache import ObjectCache, ReadView
from aimcore.domain.view.keys import IndexKey, key_of, news, placed
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Create, SetStatus
from aimcore.domain.weights import sources
from aimcore.engine import engine
from aimcore.testing import LAWS, World, worlds

Patch = pytest.MonkeyPatch
Bug = Callable[[Patch], None]

SEARCH = settings(max_examples=300, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))


def manifest(kind: str, name: str, namespace: str | None = None, **spec: Any) -> dict[str, Any]:
    place = {} if namespace is None else {"namespace": namespace}
    metadata = {"name": name, **place, "labels": {"team": "red"}}
    return {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


DEPLOYMENTS = [{"gpuModel": "MI300X", "profileId": "a"}, {"gpuModel": "MI300X", "profileId": "b"}, {"gpuModel": "H100"}]
PULL = [{"name": "pull"}]
RICH = World(
    manifests=(
        manifest("AIMClusterRuntimeConfig", "default", labelPropagation={"enabled": True, "match": ["*"]}),
        manifest("AIMClusterRuntimeConfig", "shared", model={"creationScope": "Cluster"}),
        manifest("AIMModel", "chat", "alpha", image="acme/chat:1", env=[{"name": "TOKEN", "value": "1"}]),
        manifest(
            "AIMServiceTemplate",
            "by-hand",
            "alpha",
            modelName="chat",
            type="optimized",
            hardware={"cpu": {"requests": "1"}},
        ),
        manifest("AIMService", "front", "alpha", model={"ref": "chat"}),
        manifest(
            "AIMService",
            "back",
            "beta",
            model={"image": "acme/code:1"},
            runtimeConfigName="shared",
            imagePullSecrets=PULL,
        ),
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": "node", "labels": {"amd.com/gpu.device-id": "74a1"}},
            "status": {"allocatable": {"amd.com/gpu": "8"}},
        },
    ),
    images={image: {"com.amd.aim.model.deployments": repr(DEPLOYMENTS)} for image in ("acme/chat:1", "acme/code:1")},
    policy=Policy(unseen=Unseen.ASSUMED),
)
"""A world in which much is going on: most bugs show in it, and the others are searched for."""

CHOICE = [
    {"gpuModel": "MI300X", "gpuCount": 2, "metric": "throughput"},
    {"gpuModel": "MI300X", "metric": "latency"},
    {"gpuModel": "MI325X", "metric": "latency"},
]


def gpu_node(model: str) -> dict[str, Any]:
    labels = {"amd.com/gpu.product-name": model}
    metadata = {"name": model.lower(), "labels": labels}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": {"allocatable": {"amd.com/gpu": "8"}}}


CHOOSING = World(
    manifests=(
        manifest("AIMModel", "chat", "alpha", image="acme/chat:1"),
        manifest("AIMService", "front", "alpha", model={"ref": "chat"}),
        gpu_node("MI300X"),
        gpu_node("MI325X"),
    ),
    images={"acme/chat:1": {"com.amd.aim.model.deployments": repr(CHOICE)}},
    policy=Policy(unseen=Unseen.ASSUMED),
)
"""A world in which the best template can be run only once the last node is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A bug by its name, the law it breaks, and how to put it in."""

    name: str
    law: str
    plant: Bug


def bug(name: str, law: str) -> Callable[[Bug], Known]:
    """Names the decorated function as a known bug."""
    return lambda plant: Known(name=name, law=law, plant=plant)


def after(patch: Patch, home: Any, name: str, change: Callable[..., Any]) -> None:
    """Puts `change(result, *args, **kwargs)` in place of what a function returns."""
    real = getattr(home, name)
    patch.setattr(home, name, lambda *args, **kwargs: change(real(*args, **kwargs), *args, **kwargs))


def on_status(patch: Patch, change: Callable[..., Any]) -> None:
    """Changes what `set_status` returns to every decision."""
    for decision in (models, templates, services):
        after(patch, decision, "set_status", change)


# What is written ------------------------------------------------------------------------------------------------------


def planted() -> Iterator[Known]:
    @bug("the status guard is dropped", "convergence")
    def no_guard(patch: Patch) -> None:
        for decision in (models, templates, services):
            real = decision.set_status
            patch.setattr(
                decision,
                "set_status",
                lambda observed, decided, real=real, **rule: real(
                    replace(observed, subject=replace(observed.subject, status=None)), decided, **rule
                ),
            )

    yield no_guard

    @bug("a condition is dated anew whenever it is decided", "convergence")
    def restless_times(patch: Patch) -> None:
        real: Any = vars(status)["since"]
        patch.setattr(status, "since", lambda now, generation, decided, _held: real(now, generation, decided, ()))

    yield restless_times

    @bug("a size that was found is found again", "convergence")
    def restless_sizes(patch: Patch) -> None:
        patch.setattr(sizing, "_known", lambda _template: {})

    yield restless_sizes

    @bug("every new status is written twice", "minimality")
    def twice(patch: Patch) -> None:
        def first_pending(writes: tuple[SetStatus, ...], observed: Any, *_: object, **__: object) -> Any:
            new = observed.subject.status is None
            return tuple(
                replace(write, status=replace(write.status, status=Verdict.PENDING)) if new else write
                for write in writes
            )

        on_status(patch, first_pending)

    yield twice

    @bug("a template is made first and labelled later", "minimality")
    def two_steps(patch: Patch) -> None:
        def bare(**said: Any) -> Create:
            thing = said["thing"]
            return Create(
                thing=replace(thing, spec=replace(thing.spec, profile_id=None, env=(), type=None)), rule=said["rule"]
            )

        patch.setattr(models, "Create", bare)

    yield two_steps

    @bug("what was posted is not folded into what is applied", "forgetting")
    def no_fold(patch: Patch) -> None:
        patch.setattr(MemoryCluster, "_fold", lambda *_: None)

    yield no_fold

    @bug("the cache keeps an index of what is gone", "forgetting")
    def stale_index(patch: Patch) -> None:
        def forgetful(cache: ObjectCache, thing: Any) -> Iterator[IndexKey]:
            key = key_of(thing)
            return news(placed(cache._objects[key.kind].pop((key.namespace, key.name), None)), placed(None))

        patch.setattr(ObjectCache, "drop", forgetful)

    yield stale_index

    @bug("the merged configs are remembered for ever", "confluence")
    def stale_configs(patch: Patch) -> None:
        real = ReadView.config
        remembered: dict[tuple[object, str | None, str], Any] = {}

        def sticky(view: ReadView, namespace: str | None, name: str) -> Any:
            found = real(view, namespace, name)
            return remembered.setdefault((getattr(view, "_behind", view), namespace, name), found)

        patch.setattr(ReadView, "config", sticky)

    yield stale_configs


# Whose it is ----------------------------------------------------------------------------------------------------------


def planted_in_ownership() -> Iterator[Known]:
    @bug("a template is owned by its label", "hands off")
    def own_by_label(patch: Patch) -> None:
        patch.setattr(models, "controls", lambda _uid, _owners: True)

    yield own_by_label

    @bug("a service adopts the model of its name", "hands off")
    def adopt(patch: Patch) -> None:
        patch.setattr(resolution, "controls", lambda _uid, _owners: True)

    yield adopt

    @bug("an apply takes by force", "hands off")
    def by_force(patch: Patch) -> None:
        real = MemoryStore.apply
        patch.setattr(
            MemoryStore, "apply", lambda store, manifest, **how: real(store, manifest, **{**how, "force": True})
        )
        patch.setattr(children, "_others", lambda *_: False)

    yield by_force

    @bug("a status is written to what is on its way out", "hands off")
    def dead_letters(patch: Patch) -> None:
        real: Any = vars(engine)["decide"]
        patch.setattr(
            engine,
            "decide",
            lambda thing, seen: real(replace(thing, meta=replace(thing.meta, deleting=False)), seen),
        )

    yield dead_letters

    @bug("a model made for an image is owned by the service", "legal ownership")
    def owned_by_service(patch: Patch) -> None:
        def owned(creation: Any, observed: Any, *_: object) -> Any:
            service = observed.subject
            kind, uid = service.key.api_kind, service.meta.uid
            owner = Owner(api_version="v1", kind=kind, name=service.key.name, uid=uid, controller=True)
            return replace(creation, model=replace(creation.model, meta=replace(creation.model.meta, owners=(owner,))))

        after(patch, resolution, "auto_model", owned)

    yield owned_by_service

    @bug("a cluster model takes the pull secrets of a namespace", "isolation")
    def tenants_secrets(patch: Patch) -> None:
        def lent(creation: Any, observed: Any, *_: object) -> Any:
            lent = observed.subject.spec.image_pull_secrets
            spec = replace(creation.model.spec, image_pull_secrets=lent)
            return replace(creation, model=replace(creation.model, spec=spec))

        after(patch, resolution, "auto_model", lent)

    yield tenants_secrets

    @bug("a secret is found in any namespace", "isolation")
    def any_secret(patch: Patch) -> None:
        def strayed(view: Any, _: str, name: str) -> Any:
            secrets = getattr(view, "_behind", view)._objects[Kind.SECRET]
            return next((one for (_, called), one in secrets.items() if called == name), None)

        patch.setattr(ReadView, "secret", strayed)

    yield any_secret

    @bug("a runtime config is found in any namespace", "isolation")
    def any_config(patch: Patch) -> None:
        real = ReadView.config

        def strayed(cache: ObjectCache, namespace: str | None, name: str) -> Any:
            homes = [
                namespace,
                *sorted(
                    home
                    for home, called in getattr(cache, "_behind", cache)._objects[Kind.RUNTIME_CONFIG]
                    if home and called == name
                ),
            ]
            found = [real(cache, home, name) for home in homes]
            return next((one for one in found if one.reference), found[0])

        patch.setattr(ReadView, "config", strayed)

    yield any_config


# What is said ---------------------------------------------------------------------------------------------------------


def planted_in_words() -> Iterator[Known]:
    @bug("a status does not say which generation it is of", "honest status")
    def no_generation(patch: Patch) -> None:
        on_status(
            patch,
            lambda writes, *_, **__: tuple(
                replace(one, status=replace(one.status, observed_generation=None)) for one in writes
            ),
        )

    yield no_generation

    @bug("a model is Ready before its templates are there", "honest status")
    def too_early(patch: Patch) -> None:
        after(patch, models, "_children", lambda children, *_: replace(children, absent=False, changing=False))

    yield too_early

    @bug("a model does not wait for its templates to be looked at", "honest status")
    def too_sure(patch: Patch) -> None:
        def made(children: Any, *_: object) -> Any:
            return replace(children, absent=any(isinstance(write, Create) for write in children.writes))

        after(patch, models, "_children", made)
        patch.setattr(models, "is_observed", lambda _: True)

    yield too_sure

    @bug("deployments that differ in profileId share a template", "honest status")
    def no_profile(patch: Patch) -> None:
        real = naming.deployment_template_name
        patch.setattr(discovery, "_recommended", discovery._recommended.__wrapped__)
        patch.setattr(
            discovery,
            "deployment_template_name",
            lambda model, deployment: real(model, replace(deployment, profile_id=None)),
        )

    yield no_profile

    @bug("a template is Ready whatever its model", "honest status")
    def no_model(patch: Patch) -> None:
        real = precedence.find_model_reference

        def everything(live: Any) -> Any:
            return getattr(live, "_behind", live)

        patch.setattr(
            health,
            "find_model_reference",
            lambda cache, namespace, name: next(
                (
                    precedence.Found(thing=Reference.to(one.key, one.meta.uid))
                    for one in everything(cache)
                    if one.key.kind is Kind.MODEL and one.key.namespace == namespace
                ),
                real(cache, namespace, name),
            ),
        )

    yield no_model

    @bug("a template may run on any GPU, whatever it lists", "honest status")
    def anywhere(patch: Patch) -> None:
        after(patch, templates, "resolved_hardware", lambda told, _: told and replace(told, nodes=None))

    yield anywhere

    @bug("a digest has four digits", "names")
    def short_digest(patch: Patch) -> None:
        after(patch, naming, "_digest", lambda digest, *_, **__: digest[:4])

    yield short_digest

    @bug("the place of an entry is part of its name", "names")
    def by_place(patch: Patch) -> None:
        def numbered(expansion: Any, *_: object) -> Any:
            renamed = {
                f"{name[:-2]}{place:02x}": spec for place, (name, spec) in enumerate(expansion.templates.items())
            }
            return replace(expansion, templates=renamed)

        after(patch, progress, "expand", numbered)

    yield by_place

    @bug("an environment variable shows its value", "secrets stay secret")
    def shown_value(patch: Patch) -> None:
        patch.setattr(sources.EnvVar, "__repr__", lambda one: f"EnvVar({one.name}={one.value})")

    yield shown_value

    @bug("a message quotes the environment", "secrets stay secret")
    def quoted_value(patch: Patch) -> None:
        def quoting(told: tuple[Verdict, str], live: Any) -> tuple[Verdict, str]:
            return told[0], f"{told[1]} {[one.value for template in live for one in template.spec.env]}"

        after(patch, models, "_children_verdict", quoting)

    yield quoted_value


# What is chosen -------------------------------------------------------------------------------------------------------


def planted_in_choices() -> Iterator[Known]:
    @bug("the first choice is kept, though another ranks before it by now", "same choice")
    def sticky(patch: Patch) -> None:
        def kept(selection: Selection, observed: Any, *_: object) -> Selection:
            ran = observed.subject.status and observed.subject.status.resolved_template
            there = ran and observed.view.template(ran.namespace, ran.name)
            passed_over = {one.name for one in selection.candidates if one.stage in (*FILTERS, "scope", "waiting")}
            keeps = there is not None and there.meta.uid == ran.uid and there.key.name not in passed_over
            return replace(selection, chosen=there, tied=()) if keeps else selection

        after(patch, choice, "_select", kept)

    yield sticky

    @bug("a candidate is judged by what its status said last", "same choice")
    def by_status(patch: Patch) -> None:
        patch.setattr(choice, "template_healths", lambda all_, *_: [(one, health._said(one)) for one in all_])

    yield by_status

    @bug("a choice does not wait for the templates that the model is still making", "same choice")
    def early(patch: Patch) -> None:
        after(patch, choice, "template_progress", lambda known, *_: replace(known, coming=False))

    yield early


KNOWN = [*planted(), *planted_in_ownership(), *planted_in_words(), *planted_in_choices()]


@pytest.mark.parametrize("known", [pytest.param(known, id=known.name) for known in KNOWN])
def test_the_law_catches(known: Known, monkeypatch: Patch) -> None:
    known.plant(monkeypatch)

    def broken(world: World) -> bool:
        try:
            LAWS[known.law](world)
        except AssertionError:
            return True
        return False

    if not broken(RICH) and not broken(CHOOSING):
        find(worlds(), broken, settings=SEARCH, random=Random(0))  # noqa: S311  (the same search each time)


@pytest.mark.parametrize("law", LAWS)
def test_without_a_bug_no_law_is_broken(law: str) -> None:
    LAWS[law](RICH)
    LAWS[law](CHOOSING)
