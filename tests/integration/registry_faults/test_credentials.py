"""Attacks on credentials, A21 to A23, A31 and A32 of the list in docs/security.md: from secrets and surroundings."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aimcore.adapters.oci.keyring import KeyringError, parse_keyring
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.images.inspection import Cause
from aimcore.entrypoints.wiring.secrets import ManifestSecrets
from aimcore.ports.secrets import PullSecret
from tests.effort import lines_run
from tests.integration.egress.server import Authority, answer
from tests.integration.registry_faults.canaries import docker_config
from tests.integration.registry_faults.hostile import (
    CHAT,
    PLANTED,
    Stage,
    inspect,
    manifest_path,
    said,
    stage,
)
from tests.integration.registry_faults.verdicts import assert_no_leak, refusal

DOCKER_CONFIG = "kubernetes.io/dockerconfigjson"
AIMCORE = (sys.executable, "-c", "from aimcore.entrypoints.cli import main; main()")


def base64_of(document: bytes) -> str:
    return base64.b64encode(document).decode()


# --- A21: the wrong secret -------------------------------------------------------------------------------------------


@pytest.mark.rule("SEC-1", "DISC-7")
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"type": "Opaque"}, id="A21: of another type"),
        pytest.param({"type": "kubernetes.io/basic-auth"}, id="A21: a login of something else"),
        pytest.param({"type": None}, id="A21: of no type"),
        pytest.param({"data": {}}, id="A21: without its document"),
        pytest.param({"data": {"other": base64_of(PLANTED.encode())}}, id="A21: under another key"),
        pytest.param({"data": {".dockerconfigjson": f"!{PLANTED}!"}}, id="A21: in no base64"),
        pytest.param({"stringData": {".dockerconfigjson": PLANTED}}, id="A21: no JSON"),
        pytest.param({"stringData": {".dockerconfigjson": f'{{"auths": "{PLANTED}"}}'}}, id="A21: no list of hosts"),
        pytest.param(
            {"stringData": {".dockerconfigjson": f'{{"{PLANTED}": 1, "{PLANTED}": 2}}'}}, id="A21: a key twice"
        ),
    ],
)
def test_a_secret_that_is_none_is_missing_and_not_echoed(
    here: Stage, wrong: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    document = base64_of(docker_config(here.canary).document)
    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": "team", "name": "pull"},
        "type": DOCKER_CONFIG,
        "data": {".dockerconfigjson": document},
    }
    inspector = RegistryInspector(here.session, secrets=ManifestSecrets([{**manifest, **wrong}]))
    found = inspector.inspect(here.want())
    assert "team/pull" in refusal(found, Cause.SECRET_MISSING)
    assert here.requests == 0
    assert_no_leak(here, repr(found), caplog.text)


@pytest.mark.rule("DISC-7")
def test_a_secret_of_another_namespace_is_missing(here: Stage) -> None:
    """A21: what `team` asks for by name is looked for in `team`."""
    here.secrets.held["other", "pull"] = here.secrets.held.pop(("team", "pull"))
    assert "'team/pull' is missing" in refusal(inspect(here), Cause.SECRET_MISSING)
    assert here.requests == 0


# --- A22, A23: the document in it ------------------------------------------------------------------------------------


@pytest.mark.rule("SEC-2")
def test_no_helper_that_a_docker_config_names_is_run(
    here: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A22: a program of that name stands in the path, ready to leave a mark."""
    mark = tmp_path / "mark"
    program = tmp_path / "docker-credential-planted"
    program.write_text(f'#!/bin/sh\ntouch {mark}\necho \'{{"Username": "a", "Secret": "b"}}\'\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert subprocess.run(["docker-credential-planted"], check=True, capture_output=True).stdout
    mark.unlink()
    document = {
        "credsStore": "planted",
        "credHelpers": {here.registry.address: "planted"},
        "auths": {here.registry.address: {}},
    }
    here.secrets.held["team", "pull"] = PullSecret(
        name="team/pull", type=DOCKER_CONFIG, document=json.dumps(document).encode()
    )
    here.registry.on(manifest_path(), answer(401, b"{}", www_authenticate="Basic"))
    refusal(inspect(here), Cause.UNAUTHORIZED)
    assert not mark.exists()


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "key",
    [
        "*",
        "*.acme.example:{port}",
        "registry.*.example:{port}",
        "registry.acme.example",
        "registry.acme.example:1",
        "acme.example:{port}",
        "xregistry.acme.example:{port}",
        "registry.acme.example:{port}/acm",
        "registry.acme.example:{port}/acme/chat-2",
        "registry.acme.example:{port}/acme/chat/more",
        "ada@registry.acme.example:{port}",
        "",
    ],
    ids=lambda key: f"A22: {key}",
)
def test_a_credential_fits_its_very_host_and_path(here: Stage, key: str) -> None:
    auths = {key.format(port=here.registry.server.port): {"auth": here.canary.basic}}
    document = json.dumps({"auths": auths}).encode()
    here.secrets.held["team", "pull"] = PullSecret(name="team/pull", type=DOCKER_CONFIG, document=document)
    here.registry.on(manifest_path(), answer(401, b"{}", www_authenticate="Basic"))
    found = inspect(here)
    refusal(found, Cause.UNAUTHORIZED)
    assert here.canary.leaks(repr(found), *(bytes(host.server.bytes_heard) for host in here.hosts)) == []


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"[" * 2**20, id="A23: brackets"),
        pytest.param(b'{"auths": ' + b'{"a":' * 150_000, id="A23: braces"),
        pytest.param(b" " * (2**20 + 1), id="A23: more than a secret holds"),
        pytest.param(b"\xff" * 2**20, id="A23: no text"),
        pytest.param(b'{"auths": {' + b'"a": {}, ' * 100_000 + b'"a": {}}}', id="A23: one host 100,000 times"),
        pytest.param(json.dumps({"auths": {f"{at}": {} for at in range(60_000)}}).encode(), id="A23: 60,000 hosts"),
    ],
)
def test_a_huge_docker_config_is_refused_in_few_words(document: bytes) -> None:
    secret = PullSecret(name="team/pull", type=DOCKER_CONFIG, document=document)
    with pytest.raises(KeyringError) as refused:
        parse_keyring([secret])
    assert len(str(refused.value)) < 200
    assert lines_run(lambda: parse_keyring([secret])) < 10 * 100_000


# --- A31, A32: surroundings ------------------------------------------------------------------------------------------


def surroundings(here: Stage, home: Path) -> dict[str, str]:
    """All that other tools would take credentials, proxies and authorities from."""
    config = docker_config(here.canary).document
    for place in (home / ".docker" / "config.json", home / ".config" / "containers" / "auth.json"):
        place.parent.mkdir(parents=True)
        place.write_bytes(config)
    netrc = f"machine 127.0.0.1 login {here.canary.user} password {PLANTED}\ndefault login ada password {PLANTED}\n"
    (home / ".netrc").write_text(netrc)
    (home / ".netrc").chmod(0o600)
    proxies = dict.fromkeys(
        ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), here.evil.url
    )
    return {
        **proxies,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / ".config"),
        "DOCKER_CONFIG": str(home / ".docker"),
        "DOCKER_AUTH_CONFIG": config.decode(),
        "REGISTRY_AUTH_FILE": str(home / ".docker" / "config.json"),
        "NETRC": str(home / ".netrc"),
        "ORAS_USER": here.canary.user,
        "ORAS_PASS": PLANTED,
        "SSLKEYLOGFILE": str(home / "keys"),
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
    }


def run(here: Stage, *arguments: str, environment: Mapping[str, str]) -> str:
    """What `aimcore` prints, on either stream, without a leak."""
    ran = subprocess.run(
        [*AIMCORE, *arguments], env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in ran.stderr
    assert here.canary.leaks(ran.stdout, ran.stderr) == []
    return ran.stdout + ran.stderr


@pytest.mark.rule("SEC-2")
def test_no_credential_or_proxy_of_the_surroundings_is_used(here: Stage, tmp_path: Path) -> None:
    """A31, A32: a registry that asks for a password hears that there is none, and the proxy hears nothing."""
    here.registry.on(manifest_path(), answer(401, b"{}", www_authenticate="Basic"))
    address = here.registry.server.host
    said_so = run(
        here, "inspect", f"{address}/acme/chat:1", "--plain-http", address, environment=surroundings(here, tmp_path)
    )
    assert "Unauthorized: " in said_so
    assert [heard.headers.get("authorization") for heard in here.registry.heard] == [None]
    assert len(here.evil.heard) == 0


@pytest.mark.rule("SEC-2")
def test_a_credential_that_is_given_is_used_and_shown_to_nobody_else(here: Stage, tmp_path: Path) -> None:
    """A31: the same surroundings, and `--registry-config`."""
    address = here.registry.server.host
    config = tmp_path / "mine.json"
    config.write_text(json.dumps({"auths": {address: {"auth": here.canary.basic}}}))
    challenge = answer(401, b"{}", www_authenticate="Basic")
    here.registry.on(
        manifest_path(),
        lambda heard: (
            said(CHAT.top) if heard.headers.get("authorization") == f"Basic {here.canary.basic}" else challenge
        ),
    )
    mine = ("--plain-http", address, "--registry-config", str(config))
    printed = run(here, "inspect", f"{address}/acme/chat:1", *mine, environment=surroundings(here, tmp_path))
    assert CHAT.digest in printed
    assert_no_leak(here)


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_no_authority_of_the_surroundings_is_trusted(authority: Authority, tmp_path: Path, variable: str) -> None:
    """A32: only a setting can add to whom the system trusts; keys of TLS are not written down."""
    with stage(certificate=authority.certificate("127.0.0.1")) as here:
        environment = {**surroundings(here, tmp_path), variable: str(authority.file)}
        address = here.registry.server.host
        asked = ("inspect", f"{address}/acme/chat:1", "--allow-host", address)
        assert "Untrusted: " in run(here, *asked, environment=environment)
        assert CHAT.digest in run(here, *asked, "--ca", str(authority.file), environment=environment)
        assert not (tmp_path / "keys").exists()
