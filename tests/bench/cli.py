"""B9: a plan of a thousand manifests against what reading them costs anybody, and how soon help is there."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from click.testing import CliRunner

from aimcore.entrypoints.cli.commands import aimcore
from tests.bench.measure import RUNS, Row, ratio

TEAMS = 20
MANIFESTS = 1_000
SLOWEST_HELP = 0.120


def rows() -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "cache.yaml"
        text = "---\n".join(_cache())
        file.write_text(text, encoding="utf-8")
        yield ratio(
            "plan of 1,000 manifests as JSON, over CSafeLoader",
            lambda: CliRunner().invoke(aimcore, ["plan", str(file), "-o", "json"], catch_exceptions=False),
            lambda: list(yaml.load_all(text, yaml.CSafeLoader)),
            bar=1.5,
        )
        yield ratio(
            "validation of 1,000 manifests, over CSafeLoader",
            lambda: CliRunner().invoke(aimcore, ["validate", str(file)], catch_exceptions=False),
            lambda: list(yaml.load_all(text, yaml.CSafeLoader)),
            bar=1.5,
        )
    command = str(Path(sys.executable).parent / "aimcore")
    help_time = min(_elapsed([command, "--help"]) for _ in range(RUNS))
    yield Row(
        "start of --help", f"{help_time * 1000:.0f} ms", f"<= {SLOWEST_HELP * 1000:.0f} ms", help_time <= SLOWEST_HELP
    )


def _elapsed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def _cache() -> Iterator[str]:
    """A thousand manifests of about 25 lines: a config for each team, then custom and image models, templates, services."""
    for team in range(TEAMS):
        yield CONFIG.format(team=team)
    for number in range((MANIFESTS - TEAMS) // 4):
        for manifest in (CUSTOM_MODEL, IMAGE_MODEL, TEMPLATE, SERVICE):
            yield manifest.format(number=number, team=number % TEAMS, few=number % 4 + 1)


CONFIG = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMRuntimeConfig
metadata:
  name: platform
  namespace: team-{team}
spec:
  serviceAccountName: aim-runtime
  imagePullSecrets:
    - name: private-registry
  model:
    autoDiscovery: true
    creationScope: Namespace
  env:
    - name: VLLM_LOGGING_LEVEL
      value: INFO
"""
CUSTOM_MODEL = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata:
  name: custom-{number}
  namespace: team-{team}
  labels:
    app.kubernetes.io/part-of: cache
    team: team-{team}
spec:
  modelSources:
    - modelId: org-{few}/model-{number}
      sourceUri: s3://bucket-{few}/models/model-{number}
      size: 16Gi
      env:
        - name: AWS_ENDPOINT_URL
          value: "https://s3.example.com"
  custom:
    hardware:
      gpu:
        requests: {few}
        models:
          - MI300X
      cpu:
        requests: "4"
        limits: "8"
  resources:
    limits:
      memory: 64Gi
"""
IMAGE_MODEL = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata:
  name: image-{number}
  namespace: team-{team}
  labels:
    app.kubernetes.io/part-of: cache
    team: team-{team}
spec:
  image: registry.example.com/models/model-{number}:v{few}.0.0
  runtimeConfigName: platform
  discovery:
    enabled: true
    autoCreateTemplates: true
  imagePullSecrets:
    - name: private-registry
  resources:
    limits:
      cpu: "8"
      memory: 64Gi
    requests:
      cpu: "4"
      memory: 32Gi
"""
TEMPLATE = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMServiceTemplate
metadata:
  name: by-hand-{number}
  namespace: team-{team}
  labels:
    app.kubernetes.io/part-of: cache
spec:
  modelName: image-{number}
  metric: latency
  precision: fp16
  type: optimized
  hardware:
    gpu:
      requests: {few}
      models:
        - MI300X
  resources:
    limits:
      cpu: "16"
  env:
    - name: HF_TOKEN
      valueFrom:
        secretKeyRef:
          name: hub
          key: token
"""
SERVICE = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMService
metadata:
  name: chat-{number}
  namespace: team-{team}
  labels:
    app: chat
  annotations:
    contact: team-{team}@example.com
spec:
  model:
    ref: image-{number}
  runtimeConfigName: platform
  replicas: {few}
  resources:
    limits:
      memory: 128Gi
    requests:
      cpu: "6"
      memory: 96Gi
  env:
    - name: LOG_LEVEL
      value: debug
    - name: CACHE_DIR
      value: /var/cache
"""
