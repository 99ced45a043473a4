"""A stranger's program: which model and template a service gets, and for each value of its pod who said so."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from aimcore import Layered, Planned, Quantity, SeveralError, load, plan, resolve

LABELS = {
    "com.amd.aim.model.canonicalName": "acme/chat",
    "com.amd.aim.model.deployments": '[{"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency", "precision": "fp8"}]',
}


def lines(planned: Planned, service: str) -> Iterator[str]:
    """The answer, line by line."""
    found = resolve(planned, service)
    yield f"{found.service}: {found.status}"
    yield f"model {found.model}, template {found.template}"
    for name, value in found.requests.items():
        yield f"request {name} = {value.value}, said by {said_by(value)}"
    for name, variable in found.env.items():
        yield f"env {name} = {variable.value.value}, said by {variable.layer}"
    for step in found.trace:
        yield f"[{step.rule}] {step.message}"


def said_by(value: Layered[Quantity]) -> str:
    """The layer that won, and those it won over."""
    beaten = ", ".join(one.layer for one in value.passed_over)
    return f"{value.layer}{f' over {beaten}' if beaten else ''}"


if __name__ == "__main__":
    manifests, wanted = sys.argv[1:]
    try:
        print("\n".join(lines(plan(load(manifests), images={"acme/chat:1": LABELS}), wanted)))
    except SeveralError as error:
        sys.exit(f"which one? {error}")
