"""`aimcore doctor` on a real API server: each line is ok, or says what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cluster.driver import RealCluster

AIMCORE = str(Path(sys.executable).parent / "aimcore")


def checks(kubeconfig: Path, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    command = [AIMCORE, "doctor", "-o", "json", "--kubeconfig", str(kubeconfig), *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode in (0, 3), ran.stderr
    return ran.returncode, {one["check"]: one for one in json.loads(ran.stdout)["cluster"]}


def test_what_is_there_is_ok_and_what_is_not_says_what_to_do(real: RealCluster) -> None:
    code, told = checks(real.kubeconfig)
    states = {name: one["state"] for name, one in told.items()}
    assert states["access"] == states["clock"] == states["definitions"] == "ok", told
    assert told["definitions"]["found"] == "all 8 are served, as this version has them"
    assert {state for name, state in states.items() if name.startswith("rights")} == {"ok"}
    for name in ("operator", "storage"):
        assert states[name] == "wrong"
    assert code == 3
    assert all(bool(one["advice"]) == (one["state"] == "wrong") for one in told.values())


def test_who_may_read_nothing_is_told_what_is_lacking(real: RealCluster) -> None:
    code, told = checks(real.kubeconfig, "--context", "guest")
    assert code == 3
    assert told["access"]["state"] == "ok"
    reading = told["rights to read AIM objects"]
    assert reading["state"] == "wrong"
    assert "list aimservices" in reading["found"]
    assert told["rights to make services and caches"]["state"] == "unknown"


@pytest.mark.parametrize("words", [("--context", "none"), ()])
def test_a_cluster_that_does_not_answer_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    nowhere = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "x",
        "clusters": [{"name": "x", "cluster": {"server": "http://127.0.0.1:9"}}],
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "users": [{"name": "x", "user": {}}],
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(nowhere))
    code, told = checks(tmp_path / "kubeconfig", *words)
    assert (code, list(told)) == (3, ["access"])
    assert told["access"]["advice"]
