"""The commands against real registries: what they print, how they end, and that no password is ever among it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from aimcore.entrypoints.cli.output import Exit
from tests.integration.registry.contents import Content, image, index
from tests.integration.registry.registries import (
    PASSWORDS,
    Registry,
    basic,
    htpasswd_registry,
    missing,
    open_registry,
    tls_registry,
)

COMMAND = str(Path(sys.executable).parent / "aimcore")
WRONG = "canary-of-a-wrong-password"
LABELS = {
    "com.amd.aim.model.canonicalName": "acme/chat",
    "com.amd.aim.model.deployments": '[{"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency", "precision": "fp8"}]',
    "com.amd.aim.title": "one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registries:
    """One of each kind."""

    open: Registry
    guarded: Registry
    private: Registry

    @property
    def plain(self) -> tuple[str, ...]:
        return ("--plain-http", self.open.address, "--plain-http", self.guarded.address)


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registries]:
    reason = missing()
    if reason and os.environ.get("AIMCORE_SKIP_NOTHING"):
        pytest.fail(f"real registries must be tried here, and cannot be: {reason}")
    if reason:
        pytest.skip(f"not run on real registries: {reason}")
    with ExitStack() as stack:
        started = [
            stack.enter_context(start(tmp_path_factory.mktemp("registry")))
            for start in (open_registry, htpasswd_registry, tls_registry)
        ]
        for registry in started:
            put(registry, image(LABELS), "ann/chat", "1")
            put(registry, index([image(LABELS, platform="linux/arm64"), image(LABELS)]), "ann/both", "1")
        yield Registries(open=started[0], guarded=started[1], private=started[2])


def put(registry: Registry, content: Content, repository: str, tag: str) -> str:
    with registry.pusher() as pusher:
        return pusher.push(content, repository, tag)


def ran(
    *arguments: object, text: str = "", cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "80", **environment}
    answer = subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=plain,
        cwd=cwd,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = answer.stdout + answer.stderr
    secret = [
        *PASSWORDS.values(),
        WRONG,
        *(basic(name, word) for name in PASSWORDS for word in (PASSWORDS[name], WRONG)),
    ]
    assert [word for word in secret if word in said] == []
    assert "Traceback" not in said
    assert "fault of aimcore" not in said
    return answer


def config(registry: Registry, password: str = PASSWORDS["ann"]) -> str:
    return json.dumps({"auths": {registry.address: {"username": "ann", "password": password}}})


def model(name: str, reference: str, secret: str = "") -> dict[str, Any]:
    spec = {"image": reference, "imagePullSecrets": [{"name": secret}] if secret else []}
    return {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMModel",
        "metadata": {"name": name, "namespace": "ml"},
        "spec": spec,
    }


def stream(*manifests: dict[str, Any]) -> str:
    return "\n---\n".join(map(json.dumps, manifests))


def verdicts(plan: str) -> dict[str, str]:
    return {
        one["metadata"]["name"]: one["status"]["status"]
        for one in json.loads(plan)["objects"]
        if one["kind"] == "AIMModel"
    }


# inspect --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("DISC-4")
def test_an_inspection_tells_the_digest_and_what_it_cost(registries: Registries) -> None:
    reference = f"{registries.open.address}/ann/both:1"
    answer = ran("inspect", reference, *registries.plain, "-o", "json")
    found = json.loads(answer.stdout)
    digest = index([image(LABELS, platform="linux/arm64"), image(LABELS)]).digest
    assert (answer.returncode, answer.stderr, found["digest"]) == (Exit.WELL, "", digest)
    assert found["cost"]["requests"] == 3
    assert found["cost"]["bytes"] > 0
    told = ran("inspect", reference, *registries.plain).stdout
    assert f"  cost: 3 requests, {found['cost']['bytes']} bytes\n" in told
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.rule("SEC-2")
def test_a_private_image_is_read_with_the_credentials_that_were_named_and_no_others(
    registries: Registries, tmp_path: Path
) -> None:
    (tmp_path / ".docker").mkdir()
    for name in ("config.json", ".docker/config.json"):
        (tmp_path / name).write_text(config(registries.guarded))
    asking = ("inspect", f"{registries.guarded.address}/ann/chat:1", *registries.plain)
    ambient = ran(*asking, HOME=str(tmp_path), DOCKER_CONFIG=str(tmp_path / ".docker"))
    assert (ambient.returncode, ambient.stdout) == (Exit.NOT_DONE, "")
    assert ambient.stderr.startswith("Error: Unauthorized: ")
    assert "--registry-config" in ambient.stderr
    assert ran(*asking, "--registry-config", tmp_path / "config.json").returncode == Exit.WELL
    assert ran(*asking, AIM_REGISTRY_CONFIG=str(tmp_path / "config.json")).returncode == Exit.WELL


@pytest.mark.rule("SEC-1")
def test_a_wrong_password_is_refused_and_not_shown(registries: Registries, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config(registries.guarded, WRONG))
    asking = ("inspect", f"{registries.guarded.address}/ann/chat:1", *registries.plain)
    answer = ran(*asking, "--registry-config", tmp_path / "config.json")
    assert answer.returncode == Exit.NOT_DONE
    assert answer.stderr.startswith("Error: Unauthorized: ")


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    ("kind", "flags", "advice"),
    [
        pytest.param("open", (), "--allow-host", id="loopback that no setting allows"),
        pytest.param("open", ("--allow-host", "127.0.0.1"), "--plain-http", id="plain HTTP that no setting allows"),
        pytest.param("private", ("--allow-host", "127.0.0.1"), "--ca FILE", id="an authority that nobody knows"),
    ],
)
def test_what_is_not_trusted_is_told_with_the_flag_that_would_allow_it(
    registries: Registries, kind: str, flags: tuple[str, ...], advice: str
) -> None:
    answer = ran("inspect", f"{getattr(registries, kind).address}/ann/chat:1", *flags)
    assert (answer.returncode, answer.stdout) == (Exit.NOT_DONE, "")
    assert answer.stderr.startswith("Error: Untrusted: ")
    assert advice in answer.stderr


def test_an_authority_of_ones_own_is_trusted_when_named(registries: Registries) -> None:
    asking = ("inspect", f"{registries.private.address}/ann/chat:1")
    host = registries.private.address
    assert ran(*asking, "--allow-host", host, "--ca", registries.private.ca).returncode == Exit.WELL
    assert ran(*asking, AIM_ALLOW_HOSTS=host, AIM_CA_FILE=str(registries.private.ca)).returncode == Exit.WELL


def test_a_platform_is_chosen(registries: Registries) -> None:
    asking = ("inspect", f"{registries.open.address}/ann/both:1", *registries.plain, "--platform")
    assert ran(*asking, "linux/arm64").returncode == Exit.WELL
    assert ran(*asking, "linux/riscv64").stderr.startswith("Error: NoMatchingPlatform: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(f"{{{WRONG}", "is no docker config", id="no JSON"),
        pytest.param("x" * (2**20 + 1), "has more than 1048576 bytes", id="too much of it"),
    ],
)
@pytest.mark.rule("SEC-1")
def test_a_registry_config_that_is_none_is_a_wrong_call(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "config.json").write_text(content)
    answer = ran("inspect", "nginx", "--registry-config", tmp_path / "config.json")
    assert (answer.returncode, message in answer.stderr) == (Exit.WRONG_INPUT, True)
    assert ran("inspect", "nginx", AIM_REGISTRY_CONFIG=str(tmp_path / "none")).returncode == Exit.WRONG_INPUT


def test_an_authority_that_is_none_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    assert ran("inspect", "nginx", "--ca", tmp_path / "ca.pem").returncode == Exit.WRONG_INPUT


# plan and explain -----------------------------------------------------------------------------------------------------


def test_a_plan_pulls_with_the_secrets_among_the_manifests_and_then_with_the_callers_own(
    registries: Registries, tmp_path: Path
) -> None:
    private = f"{registries.guarded.address}/ann/chat:1"
    metadata = {"name": "pull", "namespace": "ml"}
    document = {".dockerconfigjson": config(registries.guarded)}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/dockerconfigjson"}
    manifests = (
        model("open", f"{registries.open.address}/ann/both:1"),
        model("opened", private, "pull"),
        model("assumed", private, "elsewhere"),
        {**secret, "stringData": document},
    )
    asking = ("plan", "-", "--online", *registries.plain, "-o", "json")
    answer = ran(*asking, text=stream(*manifests))
    assert answer.returncode == Exit.ILL
    assert verdicts(answer.stdout) == {"open": "Ready", "opened": "Ready", "assumed": "Failed"}
    (tmp_path / "config.json").write_text(config(registries.guarded))
    answer = ran(*asking, "--registry-config", tmp_path / "config.json", text=stream(*manifests))
    assert verdicts(answer.stdout) == {"open": "Ready", "opened": "Ready", "assumed": "Ready"}


def test_an_explanation_takes_the_same_flags(registries: Registries) -> None:
    text = stream(model("chat", f"{registries.open.address}/ann/chat:1"))
    answer = ran("explain", "model/chat", "-n", "ml", "-", "--online", *registries.plain, "-o", "json", text=text)
    assert json.loads(answer.stdout)["metadata"]["canonicalName"] == "acme/chat"


@pytest.mark.parametrize("command", [["plan", "-", "--online"], ["lock", "-"], ["inspect"]], ids=" ".join)
def test_ctrl_c_ends_at_once(command: list[str], tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        named = [f"{host}/x:1"] if command == ["inspect"] else []
        # Whoever runs the tests in the background has Ctrl-C ignored, and so would have all they start.
        asking = ["env", "--default-signal=INT", COMMAND, *command, *named, "--plain-http", host]
        with subprocess.Popen(asking, cwd=tmp_path, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
            if process.stdin is None or process.stderr is None:
                pytest.fail("the process has no pipes")
            process.stdin.write(stream(*(model(f"m{n}", f"{host}/x:{n}") for n in range(40))).encode())
            process.stdin.close()
            silent.settimeout(60)
            with silent.accept()[0]:
                process.send_signal(signal.SIGINT)
                assert process.wait(timeout=60) == 130
            assert process.stderr.read() == b""
    assert list(tmp_path.iterdir()) == []


# lock -----------------------------------------------------------------------------------------------------------------


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_lock_file_goes_round(registries: Registries, tmp_path: Path) -> None:
    """Written, found as it should be, planned with offline, and changed by nothing but what changed."""
    host, file = registries.open.address, tmp_path / "aim.lock.yaml"
    put(registries.open, image(LABELS), "ann/round", "1")
    manifests = stream(model("a", f"{host}/ann/round:1"), model("b", f"{host}/ann/both:1"))
    (tmp_path / "models.yaml").write_text(manifests)

    first = ran("lock", "models.yaml", *registries.plain, "-o", "json", cwd=tmp_path)
    assert first.returncode == Exit.WELL
    assert [one["outcome"] for one in json.loads(first.stdout)["images"]] == ["added", "added"]
    before = file.read_text()
    live = file.stat()

    again = ran("lock", ".", *registries.plain, "-o", "json", cwd=tmp_path)
    assert json.loads(again.stdout)["cost"] == {"requests": 2, "bytes": 0}
    assert (file.read_text(), file.stat().st_ino) == (before, live.st_ino)
    assert ran("lock", ".", *registries.plain, "--check", cwd=tmp_path).returncode == Exit.WELL

    online = ran("plan", ".", "--online", *registries.plain, "-o", "json", cwd=tmp_path)
    offline = ran("plan", ".", "--locked", "aim.lock.yaml", "-o", "json", cwd=tmp_path)
    assert (offline.returncode, offline.stdout) == (Exit.WELL, online.stdout)

    digest = put(registries.open, image({**LABELS, "com.amd.aim.title": "two"}), "ann/round", "1")
    assert ran("lock", ".", *registries.plain, "--check", cwd=tmp_path).returncode == Exit.ILL
    assert file.read_text() == before
    assert ran("lock", ".", *registries.plain, cwd=tmp_path).returncode == Exit.WELL
    assert changed(before, file.read_text())[1] == [f'    digest: "{digest}"', '      "com.amd.aim.title": "two"']

    (tmp_path / "models.yaml").write_text(stream(model("b", f"{host}/ann/both:1")))
    last = ran("lock", ".", *registries.plain, cwd=tmp_path).stdout
    assert f"dropped    {host}/ann/round:1" in last
    assert "ann/round" not in file.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aim.lock.yaml", "models.yaml"]


@pytest.mark.rule("SEC-1")
def test_what_cannot_be_read_stays_locked_and_no_secret_gets_in(registries: Registries, tmp_path: Path) -> None:
    file, pull = tmp_path / "my.lock.yaml", tmp_path / "pull"
    text = stream(model("a", f"{registries.guarded.address}/ann/chat:1"))
    locking = ("lock", "-", *registries.plain, "--lock-file", file)
    refused = ran(*locking, text=text)
    assert refused.returncode == Exit.NOT_DONE
    assert "nothing is locked" in refused.stdout
    pull.write_text(config(registries.guarded))
    assert ran(*locking, "--registry-config", pull, text=text).returncode == Exit.WELL
    locked = file.read_text()
    assert not [word for word in (*PASSWORDS.values(), basic("ann", PASSWORDS["ann"])) if word in locked]
    pull.write_text(config(registries.guarded, WRONG))
    refused = ran(*locking, "--registry-config", pull, text=text)
    assert (refused.returncode, file.read_text()) == (Exit.NOT_DONE, locked)
    assert "stays" in refused.stdout


def test_labels_of_another_platform_are_not_kept(registries: Registries, tmp_path: Path) -> None:
    text = stream(model("a", f"{registries.open.address}/ann/both:1"))
    locking = ("lock", "-", *registries.plain, "--lock-file", tmp_path / "aim.lock.yaml", "-o", "json")
    costs = [
        json.loads(ran(*locking, "--platform", platform, text=text).stdout)["cost"]["requests"]
        for platform in ("linux/amd64", "linux/arm64", "linux/arm64")
    ]
    assert costs == [3, 3, 1]
    assert 'platform: "linux/arm64"\n' in (tmp_path / "aim.lock.yaml").read_text()
