"""What a plan prints as YAML is what a real API server takes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

from tests.integration.cluster.driver import RealCluster
from tests.integration.cluster.programs import kubectl, no_kubectl, require

ROOT = Path(__file__).parents[3]
QUICKSTART = ROOT / "examples" / "quickstart"
PLAN = [str(Path(sys.executable).parent / "aimcore"), "plan", str(QUICKSTART), "--images", str(QUICKSTART / "images")]


def test_an_api_server_takes_what_a_plan_prints(real: RealCluster) -> None:
    require("kubectl", no_kubectl)
    planned = subprocess.run([*PLAN, "-o", "yaml"], capture_output=True, text=True, check=True, timeout=120).stdout
    # Other cases have the same examples on this server.
    planned = re.sub(r"^(  name(?:space)?: )(ml-team|research)$", r"\1planned-\2", planned, flags=re.MULTILINE)
    manifests = [one for one in yaml.safe_load_all(planned) if one]
    for manifest in manifests:
        if manifest["kind"] == "Namespace":  # a dry run makes none for what comes behind it
            real.create(manifest, manager="kubectl")
    command = [str(kubectl()), "--kubeconfig", str(real.kubeconfig), "apply", "--dry-run=server", "-f", "-"]
    said = subprocess.run(command, input=planned, capture_output=True, text=True, check=False, timeout=120)
    assert said.returncode == 0, said.stderr
    assert all(line.startswith("Warning: resource namespaces/") for line in said.stderr.splitlines())
    assert len(said.stdout.splitlines()) == len(manifests)
    assert {"Deployment", "Service", "AIMService", "AIMServiceTemplate"} <= {one["kind"] for one in manifests}
