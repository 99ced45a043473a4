"""One table of cases for the library and for an API server with our definitions: both refuse them, for the same reasons."""

from __future__ import annotations

from itertools import count
from typing import Any, NamedTuple

import pytest

from aimcore.adapters import wire
from aimcore.adapters.memory.kinds import KINDS
from aimcore.ports.errors import Invalid
from tests.integration.cluster.driver import RealCluster

_NAMES = count(1)
HF = {"modelId": "org/name", "sourceUri": "hf://org/name"}
GPU = {"gpu": {"requests": 1}}
TWO_TEMPLATES = "template.name and templateName name different templates; expected one of them"
NO_HARDWARE = (
    "the custom model has no hardware; expected custom.hardware, or custom.templates in which every entry has hardware"
)
NO_IMAGE = "the model has neither an image nor modelSources; expected an image, or at least one source"
ONE_ORIGIN = "expected exactly one of secretKeyRef, configMapKeyRef, fieldRef, resourceFieldRef"
ONE_MODEL = "expected exactly one of ref, image, custom"
OPERATORS = "has a key under aim.silogen.ai/, which are the operator's own; expected other keys"
ITS_OWN_ANNOTATIONS = "a service allows itself no annotations; expected allowedAnnotations in a runtime configuration"
STARTUP = "startupTimeout is out of range; expected 10s to 168h"
GRACE = "terminationGracePeriodSeconds leaves no time after drainSeconds; expected more than drainSeconds"
MANY = {f"field{number}": number for number in range(33)}
ENDS = "has a '.' or '-' at an end of its bucket, or '..' in it; expected a letter, a digit or '_' there"
FORM = "expected a match of ^[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+$"


class Case(NamedTuple):
    """A spec and where it is wrong. A message is None where the API server has its own words for a field's own shape."""

    id: str
    kind: str
    spec: Any
    faults: tuple[tuple[str, str | None], ...] = ()


def model(id: str, spec: Any, *faults: tuple[str, str | None]) -> Case:
    return Case(id, "AIMModel", spec, faults)


def source(id: str, uri: str, message: str | None) -> Case:
    spec = {"modelSources": [{**HF, "sourceUri": uri}], "custom": {"hardware": GPU}}
    where = "spec.modelSources[0].sourceUri"
    return model(id, spec, (where, f"source URI '{uri}' {message}")) if message else model(id, spec)


def image(id: str, fields: dict[str, Any], *faults: tuple[str, str | None]) -> Case:
    return model(id, {"image": "nginx", **fields}, *faults)


def service(id: str, spec: Any, *faults: tuple[str, str | None]) -> Case:
    return Case(id, "AIMService", spec, faults)


def config(id: str, spec: Any, *faults: tuple[str, str | None]) -> Case:
    return Case(id, "AIMRuntimeConfig", spec, faults)


def running(id: str, fields: dict[str, Any], *faults: tuple[str, str | None]) -> Case:
    return service(id, {"model": {"ref": "m"}, **fields}, *faults)


def pod(id: str, settings: dict[str, Any], *faults: tuple[str, str | None]) -> Case:
    return running(id, {"pod": settings}, *faults)


def env(*variables: Any) -> dict[str, Any]:
    return {"env": list(variables)}


def custom(**fields: Any) -> dict[str, Any]:
    return {"modelSources": [HF], **fields}


CASES = (
    image("an image is enough", {}),
    model("neither image nor sources", {}, ("spec.image", NO_IMAGE)),
    model("an empty list of sources is none", {"modelSources": []}, ("spec.image", NO_IMAGE)),
    image("an empty image is no image", {"image": ""}, ("spec.image", None)),
    image("a number is no text", {"image": 5}, ("spec.image", None)),
    image("text is no boolean", {"discovery": {"enabled": "false"}}, ("spec.discovery.enabled", None)),
    image("text is no object", {"discovery": "yes"}, ("spec.discovery", None)),
    image("text is no list", {"env": "yes"}, ("spec.env", None)),
    image("a word of no enumeration", {"custom": {"type": "good"}}, ("spec.custom.type", None)),
    image("an unknown field", {"imagePullSecret": "x"}, ("spec.imagePullSecret", None)),
    image("an unknown field far inside", {"discovery": {"enable": True}}, ("spec.discovery.enable", None)),
    image("one environment variable twice", env({"name": "A"}, {"name": "A"}), ("spec.env[1]", None)),
    image(
        "one pull secret twice",
        {"imagePullSecrets": [{"name": "a"}, {"name": "a"}]},
        ("spec.imagePullSecrets[1]", None),
    ),
    image("a variable without a name", env({"value": "x"}), ("spec.env[0].name", None)),
    image("a variable with an equals sign", env({"name": "A=B"}), ("spec.env[0].name", None)),
    image(
        "value and valueFrom",
        env({"name": "A", "value": "x", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}),
        ("spec.env[0].valueFrom", "value and valueFrom exclude each other; expected one of them"),
    ),
    image(
        "an empty value beside valueFrom",
        env({"name": "A", "value": "", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}),
    ),
    image("an empty valueFrom", env({"name": "A", "valueFrom": {}}), ("spec.env[0].valueFrom", ONE_ORIGIN)),
    image(
        "two origins of a value",
        env(
            {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}, "resourceFieldRef": {"resource": "limits.cpu"}}}
        ),
        ("spec.env[0].valueFrom", ONE_ORIGIN),
    ),
    image("a quantity is a whole number or text", {"resources": {"limits": {"cpu": 4, "memory": "1.5Gi"}}}),
    image("a quantity with a space", {"resources": {"limits": {"cpu": "1 Gi"}}}, ("spec.resources.limits.cpu", None)),
    image(
        "a quantity with a fraction unquoted",
        {"resources": {"limits": {"cpu": 0.5}}},
        ("spec.resources.limits.cpu", None),
    ),
    image("a negative quantity", {"resources": {"limits": {"cpu": "-1"}}}, ("spec.resources.limits.cpu", None)),
    image("a negative number", {"resources": {"limits": {"cpu": -1}}}, ("spec.resources.limits.cpu", None)),
    image(
        "a request above its limit",
        {"resources": {"requests": {"cpu": 2}, "limits": {"cpu": "1500m"}}},
        ("spec.resources.requests", "a request is above the limit of the same resource; expected at most the limit"),
    ),
    image("a request at its limit", {"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1024Mi"}}}),
    model("a custom model without hardware", custom(), ("spec.custom", NO_HARDWARE)),
    model("hardware of its own", custom(custom={"hardware": GPU})),
    model(
        "hardware in every entry",
        custom(custom={"templates": [{"hardware": GPU}, {"hardware": {"cpu": {"requests": 4}}}]}),
    ),
    model(
        "an entry without hardware",
        custom(custom={"templates": [{"hardware": GPU}, {"name": "x"}]}),
        ("spec.custom", NO_HARDWARE),
    ),
    model("no entries", custom(custom={"templates": []}), ("spec.custom", NO_HARDWARE)),
    model(
        "hardware of nothing",
        custom(custom={"hardware": {}}),
        ("spec.custom.hardware", "hardware names neither gpu nor cpu; expected at least one"),
    ),
    model("a gpu of which nothing is said", custom(custom={"hardware": {"gpu": {}}})),
    model("zero GPUs", custom(custom={"hardware": {"gpu": {"requests": 0}}})),
    model(
        "less than no GPU",
        custom(custom={"hardware": {"gpu": {"requests": -1}}}),
        ("spec.custom.hardware.gpu.requests", None),
    ),
    model(
        "true is no number",
        custom(custom={"hardware": {"gpu": {"requests": True}}}),
        ("spec.custom.hardware.gpu.requests", None),
    ),
    model(
        "nine GPU models",
        custom(custom={"hardware": {"gpu": {"models": ["a"] * 9}}}),
        ("spec.custom.hardware.gpu.models", None),
    ),
    model(
        "a nameless GPU model",
        custom(custom={"hardware": {"gpu": {"models": [""]}}}),
        ("spec.custom.hardware.gpu.models[0]", None),
    ),
    model(
        "CPU limits without requests",
        custom(custom={"hardware": {"cpu": {"limits": 8}}}),
        ("spec.custom.hardware.cpu.requests", None),
    ),
    model(
        "CPU requests above limits",
        custom(custom={"hardware": {"cpu": {"requests": "9", "limits": 8}}}),
        ("spec.custom.hardware.cpu.requests", "cpu requests are above cpu limits; expected at most the limits"),
    ),
    model(
        "a model id without an organisation",
        custom(modelSources=[{**HF, "modelId": "name"}], custom={"hardware": GPU}),
        ("spec.modelSources[0].modelId", f"model id 'name' is not of the form org/name; {FORM}"),
    ),
    model(
        "a source of no size",
        custom(modelSources=[{**HF, "size": "0Gi"}], custom={"hardware": GPU}),
        ("spec.modelSources[0].size", None),
    ),
    model(
        "a source of zero bytes",
        custom(modelSources=[{**HF, "size": 0}], custom={"hardware": GPU}),
        ("spec.modelSources[0].size", None),
    ),
    model("a source of half a unit", custom(modelSources=[{**HF, "size": "0.5Gi"}], custom={"hardware": GPU})),
    model(
        "a source without a place",
        custom(modelSources=[{"modelId": "a/b"}], custom={"hardware": GPU}),
        ("spec.modelSources[0].sourceUri", None),
    ),
    source("a revision", "hf://org/name@refs/pr/1", None),
    source("a bucket and a key", "s3://my-bucket/models/llama-3-8b/", None),
    source("another scheme", "gs://bucket/key", "has scheme 'gs'; expected 'hf' or 's3'"),
    source("no scheme", "org/name", "has no scheme; expected hf://org/name or s3://bucket/key"),
    source("a hub without a name", "hf://org", "names no repository; expected hf://org/name or hf://org/name@revision"),
    source(
        "a hub and a way out",
        "hf://org/na..me",
        "names no repository; expected hf://org/name or hf://org/name@revision",
    ),
    source(
        "a hub and a file",
        "hf://org/name/model.gguf",
        "has a path behind its repository; expected hf://org/name or hf://org/name@revision, "
        "and files in download.include of a runtime config or in --include",
    ),
    source("a bucket in capitals", "s3://Bucket/key", None),
    source("a bucket with an underscore", "s3://team_models/key", None),
    source("no bucket", "s3:///key", "names no bucket; expected s3://bucket/key"),
    source("too short a bucket", "s3://b/chat", "has a bucket that is too short; expected 3 to 255 characters"),
    source(
        "a bucket with a colon",
        "s3://buc:ket/key",
        "has the character ':' in its bucket; expected letters, digits, '.', '_' and '-'",
    ),
    source("a bucket with two dots", "s3://buc..ket/key", ENDS),
    source("a bucket with a hyphen first", "s3://-bucket/key", ENDS),
    source(
        "a hub with a space",
        "hf://org/na me",
        "has the character ' ' in its repository or revision; expected letters, digits, '.', '_' and '-'",
    ),
    source("a bucket alone", "s3://bucket", "names no key in the bucket; expected s3://bucket/key"),
    source("an empty key", "s3://bucket/", "names no key in the bucket; expected s3://bucket/key"),
    source("a key with a space", "s3://bucket/a b", None),
    service("a model by name", {"model": {"ref": "llama"}}),
    service("no model", {}, ("spec.model", None)),
    service("an empty model", {"model": {}}, ("spec.model", ONE_MODEL)),
    service("two models", {"model": {"ref": "llama", "image": "nginx"}}, ("spec.model", ONE_MODEL)),
    service("an inline model", {"model": {"custom": {"modelSources": [HF], "hardware": GPU}}}),
    service(
        "an inline model of nothing",
        {"model": {"custom": {"modelSources": [], "hardware": GPU}}},
        ("spec.model.custom.modelSources", None),
    ),
    service(
        "an inline model without hardware",
        {"model": {"custom": {"modelSources": [HF]}}},
        ("spec.model.custom.hardware", None),
    ),
    service("both spellings, one template", {"model": {"ref": "m"}, "template": {"name": "t"}, "templateName": "t"}),
    service(
        "both spellings, two templates",
        {"model": {"ref": "m"}, "template": {"name": "t"}, "templateName": "u"},
        ("spec.templateName", TWO_TEMPLATES),
    ),
    service("less than no replica", {"model": {"ref": "m"}, "replicas": -1}, ("spec.replicas", None)),
    service(
        "an override of no precision",
        {"model": {"ref": "m"}, "overrides": {"precision": "fp12"}},
        ("spec.overrides.precision", None),
    ),
    config("settings of nothing", {}),
    config("a scope of no kind", {"model": {"creationScope": "Node"}}, ("spec.model.creationScope", None)),
    config("less than no headroom", {"storage": {"pvcHeadroomPercent": -1}}, ("spec.storage.pvcHeadroomPercent", None)),
    config("a duration of no unit", {"routing": {"requestTimeout": "30"}}, ("spec.routing.requestTimeout", None)),
    config(
        "a port beyond all ports",
        {"routing": {"gatewayRef": {"name": "g", "port": 65536}}},
        ("spec.routing.gatewayRef.port", None),
    ),
    config("a path without a slash in front", {"routing": {"pathTemplate": "{.metadata.namespace}/{name}"}}),
    config("a path of a book", {"routing": {"pathTemplate": "x" * 1025}}, ("spec.routing.pathTemplate", None)),
    config(
        "what a later release knows of routing", {"routing": {"cors": {"a": 1}, "gatewayRef": {"name": "g", "x": 1}}}
    ),
    config(
        "a claim for all services", {"caching": {"existingClaim": {"name": "c"}}}, ("spec.caching.existingClaim", None)
    ),
    config("an access mode of nobody", {"storage": {"accessMode": "ReadOnce"}}, ("spec.storage.accessMode", None)),
    running("no replica", {"replicas": 0, "caching": {"mode": "Always"}, "rollout": {"strategy": "Surge"}}),
    running("a caching word of nobody", {"caching": {"mode": "Sometimes"}}, ("spec.caching.mode", None)),
    running("a way to roll of nobody", {"rollout": {"strategy": "Recreate"}}, ("spec.rollout.strategy", None)),
    running(
        "a claim and a way out of it",
        {"caching": {"existingClaim": {"name": "c", "subPath": "a/../../b"}}},
        (
            "spec.caching.existingClaim.subPath",
            "subPath leads out of the volume; expected a relative path without '..'",
        ),
    ),
    running(
        "a service that allows itself annotations",
        {"routing": {"allowedAnnotations": ["*"]}},
        ("spec.routing.allowedAnnotations", ITS_OWN_ANNOTATIONS),
    ),
    running("a path for anybody", {"routing": {"hostnames": ["*.example.com"], "pathTemplate": "/", "later": [1]}}),
    running("a host name in capitals", {"routing": {"hostnames": ["Chat"]}}, ("spec.routing.hostnames[0]", None)),
    running(
        "an annotation of a route that is the operator's",
        {"routing": {"annotations": {"aim.silogen.ai/x": "y"}}},
        ("spec.routing.annotations", f"annotations {OPERATORS}"),
    ),
    pod("what Kubernetes defines", {"affinity": {"any": [{"deep": {}}]}, "securityContext": {"runAsUser": 1}}),
    pod("text is no affinity", {"affinity": "x"}, ("spec.pod.affinity", None)),
    pod("more than a security context has", {"securityContext": MANY}, ("spec.pod.securityContext", None)),
    pod("a field that pods have and this list has not", {"hostNetwork": True}, ("spec.pod.hostNetwork", None)),
    pod("a toleration of everything", {"tolerations": [{"operator": "Exists"}]}),
    pod("a toleration of nobody", {"tolerations": [{"operator": "In"}]}, ("spec.pod.tolerations[0].operator", None)),
    pod("a label that is no label", {"labels": {"a": "b c"}}, ("spec.pod.labels.a", None)),
    pod("a label of the operator", {"labels": {"aim.silogen.ai/x": "y"}}, ("spec.pod.labels", f"labels {OPERATORS}")),
    pod(
        "an annotation of the operator",
        {"annotations": {"note": "n", "aim.silogen.ai/x": "y"}},
        ("spec.pod.annotations", f"annotations {OPERATORS}"),
    ),
    pod("an hour and a half", {"startupTimeout": "1h30m", "drainSeconds": 0, "sharedMemorySize": "1Gi"}),
    pod("no time at all", {"startupTimeout": "0s"}, ("spec.pod.startupTimeout", STARTUP)),
    pod("a month", {"startupTimeout": "720h"}, ("spec.pod.startupTimeout", STARTUP)),
    pod("a start of no unit", {"startupTimeout": "30"}, ("spec.pod.startupTimeout", None)),
    pod(
        "no time to end",
        {"drainSeconds": 30, "terminationGracePeriodSeconds": 30},
        ("spec.pod.terminationGracePeriodSeconds", GRACE),
    ),
    Case("a template of no model", "AIMServiceTemplate", {}, (("spec.modelName", None),)),
    Case(
        "a template of a metric", "AIMServiceTemplate", {"modelName": "m", "metric": "speed"}, (("spec.metric", None),)
    ),
    Case("no spec", "AIMModel", None, (("spec", None),)),
)

IMMUTABLE = (
    pytest.param({"modelName": "other"}, ("modelName",), id="another model"),
    pytest.param({"metric": "throughput"}, ("metric",), id="another metric"),
    pytest.param({"metric": None, "hardware": None}, ("metric", "hardware"), id="metric and hardware removed"),
    pytest.param({"precision": "fp8"}, ("precision",), id="a precision added"),
    pytest.param({"hardware": {"gpu": {"requests": 2}}}, ("hardware",), id="another GPU count"),
    pytest.param({"profileId": "p", "resources": {"limits": {"cpu": 1}}}, (), id="what is no identity"),
)


def manifest(kind: str, spec: Any, namespace: str = "default") -> dict[str, Any]:
    named = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": kind,
        "metadata": {"name": "case", "namespace": namespace},
    }
    return named if spec is None else {**named, "spec": spec}


def template(**changes: Any) -> dict[str, Any]:
    spec = {"modelName": "m", "metric": "latency", "hardware": GPU} | changes
    return manifest("AIMServiceTemplate", {name: value for name, value in spec.items() if value is not None})


def immutable(names: tuple[str, ...]) -> list[tuple[str, str]]:
    said = "is immutable; expected a template of another name instead of a change"
    return [(f"$.spec.{name}", f"{name} {said}") for name in sorted(names)]


@pytest.fixture(scope="session")
def place(real: RealCluster) -> str:
    """Where cases are tried on the API server; nothing of them stays."""
    name = f"admission-{next(_NAMES)}"
    real.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kubectl")
    return name


def refusal(real: RealCluster, method: str, path: str, document: Any) -> str:
    """What the API server says against a document, empty if nothing: as strict as it is to kubectl, and without effect."""
    try:
        real.send(method, f"{path}?dryRun=All&fieldValidation=Strict", document)
    except Invalid as error:
        return str(error)
    return ""


@pytest.mark.rule("KIND-3", "KIND-4", "KIND-5", "KIND-6", "KIND-7", "KIND-8", "RES-3", "RUN-8", "ROUTE-3", "CACHE-6")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_library_refuses_it_for_these_reasons(case: Case) -> None:
    document = manifest(case.kind, case.spec)
    found = {fault.path: fault.message for fault in wire.admit(None, document)}
    assert set(found) == {f"$.{path}" for path, _ in case.faults}
    for path, message in case.faults:
        assert message in (None, found[f"$.{path}"])


@pytest.mark.rule("KIND-3")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_api_server_refuses_it_for_the_same_reasons(case: Case, real: RealCluster, place: str) -> None:
    path = f"/apis/aim.silogen.ai/v1alpha1/namespaces/{place}/{KINDS[case.kind].plural}"
    said = refusal(real, "POST", path, manifest(case.kind, case.spec, place))
    assert bool(said) == bool(case.faults), said
    for where, message in case.faults:
        assert where in said
        assert message is None or message in said


@pytest.mark.rule("TMPL-7", "KIND-3")
@pytest.mark.parametrize(("changes", "refused"), IMMUTABLE)
def test_the_library_refuses_a_change_of_identity(changes: dict[str, Any], refused: tuple[str, ...]) -> None:
    found = wire.admit(template(), template(**changes))
    assert sorted((fault.path, fault.message) for fault in found) == immutable(refused)


@pytest.mark.rule("TMPL-7", "KIND-3")
@pytest.mark.parametrize(("changes", "refused"), IMMUTABLE)
def test_an_api_server_refuses_a_change_of_identity(
    changes: dict[str, Any], refused: tuple[str, ...], real: RealCluster, place: str
) -> None:
    name = f"case-{next(_NAMES)}"
    old = template()
    made = real.create({**old, "metadata": {"name": name, "namespace": place}}, manager="kubectl")
    path = f"/apis/aim.silogen.ai/v1alpha1/namespaces/{place}/aimservicetemplates/{name}"
    said = refusal(real, "PUT", path, {**template(**changes), "metadata": made["metadata"]})
    assert bool(said) == bool(refused), said
    for _, message in immutable(refused):
        assert message in said


CACHE_CHANGES = (
    pytest.param({"templateName": "other"}, ("templateName",), id="another template"),
    pytest.param(
        {"templateScope": "Cluster", "accessMode": "ReadWriteOnce"}, ("accessMode", "templateScope"), id="added"
    ),
    pytest.param({"mode": None, "existingClaim": None}, ("existingClaim", "mode"), id="removed"),
    pytest.param({"volumeSize": "2Gi", "storageClassName": "b"}, ("storageClassName", "volumeSize"), id="a larger one"),
    pytest.param({"retry": "again", "suspend": True, "runtimeConfigName": "c"}, (), id="what may change"),
)


def cache(**changes: Any) -> dict[str, Any]:
    fixed = {"mode": "Shared", "volumeSize": "1Gi", "storageClassName": "a", "existingClaim": {"name": "c"}}
    spec = {"templateName": "t", **fixed, **changes}
    return manifest("AIMTemplateCache", {name: value for name, value in spec.items() if value is not None})


def fixed_in_a_cache(names: tuple[str, ...]) -> list[tuple[str, str]]:
    said = "is immutable; expected a cache of another name instead of a change"
    return [(f"$.spec.{name}", f"{name} {said}") for name in names]


@pytest.mark.rule("CACHE-1", "KIND-3")
@pytest.mark.parametrize(("changes", "refused"), CACHE_CHANGES)
def test_the_library_refuses_a_change_of_a_cache(changes: dict[str, Any], refused: tuple[str, ...]) -> None:
    found = wire.admit(cache(), cache(**changes))
    assert sorted((fault.path, fault.message) for fault in found) == fixed_in_a_cache(refused)


@pytest.mark.rule("CACHE-1", "KIND-3")
@pytest.mark.parametrize(("changes", "refused"), CACHE_CHANGES)
def test_an_api_server_refuses_a_change_of_a_cache(
    changes: dict[str, Any], refused: tuple[str, ...], real: RealCluster, place: str
) -> None:
    name = f"case-{next(_NAMES)}"
    made = real.create({**cache(), "metadata": {"name": name, "namespace": place}}, manager="kubectl")
    path = f"/apis/aim.silogen.ai/v1alpha1/namespaces/{place}/aimtemplatecaches/{name}"
    said = refusal(real, "PUT", path, {**cache(**changes), "metadata": made["metadata"]})
    assert bool(said) == bool(refused), said
    for _, message in fixed_in_a_cache(refused):
        assert message in said
