"""Laws of what is said: a status is true at every step, a name tells identities apart, and no secret is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from aimcore.adapters import wire
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.hardware.devices import gpu_model, model_of_device
from aimcore.domain.values.kubenames import is_dns1123_label, is_label_value
from aimcore.domain.view.plan import Create
from aimcore.testing.violations import demand
from aimcore.testing.world import Run, World, address_of

__all__ = ["check_honest", "check_names", "check_secrets_stay_secret", "dishonesties", "malformed", "misnomers"]

MOST_STATUS_BYTES = 64 * 1024
REASON = re.compile(r"[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?")
"""What Kubernetes takes as the reason of a condition."""
ORIGIN = "aim.silogen.ai/origin"
STALE = "aim.silogen.ai/stale"


# Honest status --------------------------------------------------------------------------------------------------------


def check_honest(world: World) -> None:
    """Honest status: after every round, what a status says of its object and of others is so.

    `Ready` speaks of this generation, and every child it speaks of exists and matches.
    """
    run = world.start()
    for number in range(1, 20):
        writes = [write for plan in run.loop.decide() for write in plan.writes]
        made, _ = run.loop.write(writes)
        demand(f"Honest status, after round {number}", dishonesties(run, settled=not made))
        if not made:
            return


def dishonesties(run: Run, *, settled: bool) -> Iterator[str]:
    """What in the statuses of a run is not so; once it is settled, whatever is said of others has to hold too."""
    objects = run.ours()
    bearers = {one["metadata"]["uid"]: one for one in objects.values()}
    for address, manifest in objects.items():
        if "status" not in manifest or "deletionTimestamp" in manifest["metadata"]:
            if settled and "RuntimeConfig" not in address.kind and "deletionTimestamp" not in manifest["metadata"]:
                yield f"{address} has no status"
            continue
        for said in (*malformed(manifest), *_word(manifest, bearers, settled=settled)):
            yield f"{address}: {said}"
        if settled and manifest["status"].get("observedGeneration") != manifest["metadata"]["generation"]:
            yield f"{address}: its status is of another generation"


def malformed(manifest: Manifest) -> Iterator[str]:
    """What in the status of an object is not as a status has to be, whatever it says."""
    status = manifest["status"]
    for fault in wire.faults(manifest):
        if fault.path.startswith("$.status"):
            yield str(fault)
    size = len(json.dumps(status, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MOST_STATUS_BYTES:
        yield f"its status has {size} bytes"
    conditions = status.get("conditions", [])
    if len({one["type"] for one in conditions}) < len(conditions):
        yield "it has two conditions of one type"
    for one in conditions:
        if not REASON.fullmatch(one["reason"]) or not one["lastTransitionTime"]:
            yield f"condition {one['type']} has reason {one['reason']!r} and time {one['lastTransitionTime']!r}"
        if one.get("observedGeneration") != status.get("observedGeneration"):
            yield f"condition {one['type']} is of another generation than its status"
    ready = [one["status"] for one in conditions if one["type"] == "Ready"]
    if ready != ["True" if status["status"] in ("Ready", "Running") else "False"]:
        yield f"it is {status['status']}, and condition Ready says {ready}"


def _word(manifest: Manifest, bearers: Mapping[str, Manifest], *, settled: bool) -> Iterator[str]:
    word = manifest["status"]["status"]
    current = manifest["status"].get("observedGeneration") == manifest["metadata"]["generation"]
    if not current and not settled:
        return
    if manifest["kind"].endswith("Model"):
        yield from _model_word(manifest, bearers, settled=settled)
    elif manifest["kind"].endswith("Template"):
        yield from _resolved_hardware(manifest)
        if word == "Ready":
            yield from _template_word(manifest, bearers)
    elif manifest["kind"] == "AIMService" and word == "Starting":
        yield from _pointed(manifest, "resolvedModel", bearers)
        yield from _pointed(manifest, "resolvedTemplate", bearers)
        if settled:
            yield from _service_word(manifest, bearers)


def _template_word(manifest: Manifest, bearers: Mapping[str, Manifest]) -> Iterator[str]:
    yield from _pointed(manifest, "resolvedModel", bearers)
    if manifest["status"].get("resolvedModel", {}).get("name") != manifest["spec"]["modelName"]:
        yield "it is Ready without the model it names"


def _resolved_hardware(manifest: Manifest) -> Iterator[str]:
    """What of the resolved hardware is not what the template's own spec says (TMPL-6)."""
    wanted = manifest["spec"].get("hardware", {}).get("gpu", {})
    models = wanted.get("models", [])
    said = manifest["status"].get("resolvedHardware", {})
    count = said.get("gpu", {}).get("requests", 0)
    if count != wanted.get("requests", 1 if models else 0):
        yield f"it is said to run on {count} GPUs, and its spec says {wanted}"
    if ("nodeAffinity" in said) is not bool(models):
        yield f"its node affinity is {said.get('nodeAffinity')}, and its spec lists {models}"
    for value in _device_ids(said.get("nodeAffinity", {})):
        if model_of_device(value) not in {gpu_model(one) for one in models}:
            yield f"its nodes may have GPUs of {value}, and its spec lists {models}"


def _device_ids(affinity: Mapping[str, Any]) -> Iterator[str]:
    terms = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", ())
    for label in (label for term in terms for label in term.get("matchExpressions", ())):
        yield from label["values"] if label["key"].endswith("device-id") else ()


def _pointed(manifest: Manifest, field: str, bearers: Mapping[str, Manifest]) -> Iterator[str]:
    reference = manifest["status"].get(field)
    there = bearers.get(reference["uid"]) if reference else None
    if there is None:
        yield f"its {field} is {reference}, which does not stand"
    elif (there["kind"], there["metadata"].get("namespace"), there["metadata"]["name"]) != (
        reference["kind"],
        reference.get("namespace"),
        reference["name"],
    ):
        yield f"its {field} is called {reference}, and is {address_of(there)}"


def _service_word(manifest: Manifest, bearers: Mapping[str, Manifest]) -> Iterator[str]:
    status = manifest["status"]
    template = bearers.get(status["resolvedTemplate"]["uid"])
    model = bearers.get(status["resolvedModel"]["uid"])
    if template is None or model is None:
        return
    if template.get("status", {}).get("status") != "Ready":
        yield f"it is Starting with {address_of(template)}, which is {template.get('status', {}).get('status')}"
    if template["spec"]["modelName"] != model["metadata"]["name"]:
        yield f"it runs {address_of(template)}, which is of model {template['spec']['modelName']}"
    chosen = status["templateSelection"]["chosen"]
    if chosen != template["metadata"]["name"]:
        yield f"it has chosen {chosen}, and resolved {template['metadata']['name']}"


def _model_word(manifest: Manifest, bearers: Mapping[str, Manifest], *, settled: bool) -> Iterator[str]:
    status = manifest["status"]
    children = list(_children(manifest, bearers))
    live = [one for one in children if STALE not in one["metadata"].get("labels", {})]
    words = [one.get("status", {}).get("status") for one in live]
    claims = {one["type"]: one["status"] == "True" for one in status["conditions"]}
    if status["status"] == "Ready":
        fit = not words or "Ready" in words
        if not fit or not set(words) <= {"Ready", "NotAvailable"}:
            yield f"it is Ready, and its templates are {words}"
        late = [one for one in live if not _is_current(one)]
        yield from (f"it is Ready, and {address_of(one)} was not looked at as it is" for one in late)
        yield from _unmade(manifest, live)
    if settled and claims.get("TemplatesAutoGenerated", False) != bool(live) and "NameConflict" not in str(status):
        yield f"TemplatesAutoGenerated is {claims.get('TemplatesAutoGenerated')} with {len(live)} templates"


def _is_current(manifest: Manifest) -> bool:
    observed = manifest.get("status", {}).get("observedGeneration")
    return bool(observed == manifest["metadata"]["generation"])


def _children(manifest: Manifest, bearers: Mapping[str, Manifest]) -> Iterator[Manifest]:
    uid = manifest["metadata"]["uid"]
    for one in bearers.values():
        owners = one["metadata"].get("ownerReferences", [])
        home = one["metadata"].get("namespace") == manifest["metadata"].get("namespace")
        auto = home and one["metadata"].get("labels", {}).get(ORIGIN) == "auto-generated"
        if auto and one["kind"].endswith("Template") and any(owner["uid"] == uid for owner in owners):
            yield one


def _unmade(manifest: Manifest, templates: list[Manifest]) -> Iterator[str]:
    """The deployments and entries that a Ready model has no template for, by their content and not by its name."""
    spec = manifest["spec"]
    discovery = spec.get("discovery", {})
    said = spec.get("imageMetadata") or manifest["status"].get("imageMetadata") or {}
    have = [_profile(template["spec"]) for template in templates]
    creates = discovery.get("enabled") is not False and discovery.get("autoCreateTemplates") is not False
    if creates and not spec.get("modelSources"):
        for deployment in said.get("model", {}).get("recommendedDeployments", []):
            wanted = _wanted(deployment)
            if wanted not in have:
                yield f"it is Ready, and no template is of {deployment}"
    entries = len(spec.get("custom", {}).get("templates", []))
    if len(templates) < entries:
        yield f"it is Ready with {len(templates)} templates for {entries} entries"
    for template in templates:
        if spec.get("modelSources") and _sources(template["spec"]) != _sources(spec):
            yield f"{address_of(template)} has other sources than the model"


def _sources(spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(one["modelId"], one["sourceUri"]) for one in spec.get("modelSources", ())]


def _profile(spec: Mapping[str, Any]) -> tuple[Any, ...]:
    gpu = spec.get("hardware", {}).get("gpu", {})
    models = tuple(gpu.get("models", ()))
    return models, gpu.get("requests"), spec.get("metric"), spec.get("precision"), spec.get("profileId")


def _wanted(deployment: Mapping[str, Any]) -> tuple[Any, ...]:
    gpu = deployment.get("gpuModel")
    count = deployment.get("gpuCount", 0 if gpu is None else 1)
    said = (deployment.get("metric"), deployment.get("precision"), deployment.get("profileId"))
    return (() if gpu is None else (gpu,), count, *said)


# Names ----------------------------------------------------------------------------------------------------------------

DERIVED = re.compile(r".*-[0-9a-f]{10}|auto-[0-9a-f]{16}")


def check_names(world: World) -> None:
    """Names: what the operator makes is named by a DNS label of at most 63 characters that ends in a whole digest; equal
    names are equal identities; and neither the place of an entry nor the tag of an image is part of one.
    """
    run = world.start()
    named: dict[Address, set[str]] = {}
    while writes := [write for plan in run.loop.decide() for write in plan.writes]:
        for write in writes:
            if isinstance(write, Create):
                address = Address(write.key.api_kind, write.key.namespace, write.key.name)
                named.setdefault(address, set()).add(_identity(wire.encode(write.thing)))
        if not run.loop.write(writes)[0]:
            break
    demand("Names: one name, one identity", (f"{one}: {said}" for one, said in named.items() if len(said) > 1))
    demand("Names: every derived name is a DNS label that ends in its digest", misnomers(run))
    turned = replace(world, manifests=tuple(map(_turned, world.manifests)))
    other = turned.settle()
    lost = {one for one in run.made() if one not in other.given} ^ {one for one in other.made() if one not in run.given}
    demand("Names: the place of an entry is not part of a name", map(str, sorted(lost, key=str)))


def _identity(manifest: Manifest) -> str:
    spec = manifest["spec"]
    said = ("modelName", "metric", "precision", "hardware", "profileId", "image")
    return json.dumps([{name: spec.get(name) for name in said}, _sources(spec)], sort_keys=True)


def misnomers(run: Run) -> Iterator[str]:
    """Names and labels of what the operator made that are not as they have to be."""
    for address, manifest in run.made().items():
        if not is_dns1123_label(address.name) or not DERIVED.fullmatch(address.name):
            yield str(address)
        for key, value in manifest["metadata"].get("labels", {}).items():
            if not is_label_value(value):
                yield f"{address}: label {key}={value!r}"


def _turned(manifest: Manifest) -> Manifest:
    """The same with the entries of its custom templates, and its recommended deployments, in the opposite order."""
    spec = dict(manifest.get("spec", {}))
    if manifest["kind"].endswith("Model") and spec.get("custom", {}).get("templates"):
        spec["custom"] = {**spec["custom"], "templates": spec["custom"]["templates"][::-1]}
    return {**manifest, "spec": spec} if spec else manifest


# Secrets stay secret --------------------------------------------------------------------------------------------------

CANARY = "canary"


def check_secrets_stay_secret(world: World) -> None:
    """Secrets stay secret: no value of an environment variable, and nothing in a Secret, is told by a name, a label, a status,
    an event, a refusal, or by anything that code may print: records, observations and plans.
    """
    planted = replace(world, manifests=tuple(_planted(manifest) for manifest in world.manifests))
    run = planted.start()
    told = [f"plan {plan!r}" for plan in run.loop.decide()]
    run.settle()
    settled = run.settled
    told += [f"{one!r}" for one in (*settled.changes, *settled.events, *settled.refusals, *run.loop.cache)]
    for address, manifest in run.ours().items():
        told.append(f"{address}: status {manifest.get('status')}")
        told.append(f"{address}: {_unowned(manifest['metadata'])}")
    demand("Secrets stay secret", (_around(text) for text in told if CANARY in text))


def _unowned(metadata: Mapping[str, Any]) -> str:
    return str({key: value for key, value in metadata.items() if key != "managedFields"})


def _around(text: str) -> str:
    at = text.index(CANARY)
    return f"...{text[max(at - 200, 0) : at + 40]}..."


def _planted(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        if value.get("kind") == "Secret":
            return {**value, "data": {".dockerconfigjson": "e30=", CANARY: CANARY}, "stringData": {"x": CANARY}}
        named = {"name", "value"} <= value.keys() and key == "env"
        return {
            name: f"{CANARY}-{member}" if named and name == "value" else _planted(member, name)
            for name, member in value.items()
        }
    return [_planted(one, key) for one in value] if isinstance(value, list) else value
