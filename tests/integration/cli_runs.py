"""Runs commands as a person does, for the tests of the command line."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

from click.testing import CliRunner, Result

from aimcore.entrypoints.cli.commands import aimcore

__all__ = ["CLUSTER", "EXAMPLES", "IMAGES", "MODEL", "QUICKSTART", "SEALED", "SERVICE", "documents", "plan", "run"]


EXAMPLES = Path(__file__).parents[2] / "examples"
QUICKSTART = str(EXAMPLES / "quickstart")
CLUSTER = str(EXAMPLES / "cluster")
IMAGES = ("--images", str(EXAMPLES / "quickstart" / "images"))

MODEL = """
    apiVersion: aim.silogen.ai/v1alpha1
    kind: AIMModel
    metadata: {name: llama, namespace: ml}
    spec: {image: ghcr.io/example/my-model:v1.0.0}
"""
SERVICE = """
    apiVersion: aim.silogen.ai/v1alpha1
    kind: AIMService
    metadata: {name: chat, namespace: ml}
    spec: {model: {ref: llama}}
"""
SEALED = """
    apiVersion: v1
    kind: Secret
    metadata:
      name: token
      namespace: ml
      annotations: {kubectl.kubernetes.io/last-applied-configuration: canary}
    stringData: {key: canary}
    data: {other: Y2FuYXJ5}
"""


def run(*arguments: str, text: str = "") -> Result:
    given_text = "---\n".join(map(dedent, text.split("---\n")))
    return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, arguments, input=given_text, prog_name="aimcore")


def plan(*arguments: str, text: str = "") -> dict[str, Any]:
    ran = run("plan", *arguments, "-o", "json", text=text)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def documents(*texts: str) -> str:
    return "---\n".join(texts)
