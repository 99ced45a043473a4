"""What one would write first: an operator on kopf that makes templates of models (`kopf run -n NAMESPACE tests/bench/peer.py`)."""

from __future__ import annotations

from typing import Any

import kopf
from kubernetes import client, config

GROUP, VERSION = "aim.silogen.ai", "v1alpha1"


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    config.load_kube_config()
    settings.posting.enabled = False
    settings.execution.max_workers = 16


@kopf.on.resume(GROUP, VERSION, "aimmodels")
@kopf.on.create(GROUP, VERSION, "aimmodels")
def make_templates(
    body: kopf.Body, spec: kopf.Spec, name: str, namespace: str | None, patch: kopf.Patch, **_: Any
) -> None:
    assert namespace is not None
    deployments = spec["imageMetadata"]["model"]["recommendedDeployments"]
    for number, deployment in enumerate(deployments):
        gpu = {"requests": deployment["gpuCount"], "models": [deployment["gpuModel"]]}
        template = {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": "AIMServiceTemplate",
            "metadata": {"name": f"{name}-{number}", "namespace": namespace},
            "spec": {"modelName": name, "metric": deployment["metric"], "hardware": {"gpu": gpu}},
        }
        kopf.adopt(template, owner=body)
        client.CustomObjectsApi().create_namespaced_custom_object(
            GROUP, VERSION, namespace, "aimservicetemplates", template
        )
    patch.status["status"] = "Ready"


@kopf.on.resume(GROUP, VERSION, "aimservicetemplates")
@kopf.on.create(GROUP, VERSION, "aimservicetemplates")
def tell(patch: kopf.Patch, **_: Any) -> None:
    patch.status["status"] = "Ready"
