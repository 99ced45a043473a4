"""The environment of a source, its secrets among manifests, and the command: on stores that speak S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aimcore.adapters.egress import Rules, Session
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.plan import Probe
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import ConfigMapKeyRef, EnvVar, SecretKeyRef
from aimcore.entrypoints.cli.commands import aimcore
from aimcore.entrypoints.wiring.probers import HostProber
from aimcore.entrypoints.wiring.secrets import ManifestSecrets
from aimcore.entrypoints.wiring.sizes import Sizer
from tests.integration.sizes.hub import TOKEN, Repository, hub
from tests.integration.sizes.s3_stores import KEYS, STORES, Store

PRIVATE = Repository(name="acme/private", files={"main": {"model.safetensors": 7}}, private=True)
URI = "s3://weights/models/llama"
ID, KEY = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
LLAMA = Sized(size=Quantity.of(1127), files=8)
SECRETS = ManifestSecrets(
    [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s3", "namespace": "ml"},
            "stringData": {"id": KEYS[ID], "key": KEYS[KEY]},
            "data": {"bytes": "gIGC"},
        }
    ]
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with STORES["nanio"](tmp_path_factory.mktemp("nanio")) as running:
        yield running


def sized(store: Store, *env: EnvVar, uri: str = URI, namespace: str = "ml") -> ProbeAnswer:
    there = EnvVar(name="AWS_ENDPOINT_URL", value=f"http://{store.host}")
    with Session(Rules(plain_http=frozenset({store.host}))) as session:
        return Sizer(HostProber(session), SECRETS).size(Probe(uri, namespace, (*env, there)))


def secret(name: str, key: str, of: str = "s3", *, optional: bool | None = None) -> EnvVar:
    return EnvVar(name=name, value_from=SecretKeyRef(name=of, key=key, optional=optional))


@pytest.mark.rule("SIZE-3")
def test_a_source_is_read_with_values_and_secrets_of_its_own(store: Store) -> None:
    assert sized(store, secret(ID, "id"), secret(KEY, "key")) == LLAMA
    assert sized(store, *(EnvVar(name=name, value=value) for name, value in KEYS.items())) == LLAMA
    assert sized(store, secret(ID, "id"), EnvVar(name=KEY, value=KEYS[KEY]), EnvVar(name="AWS_REGION")) == LLAMA


@pytest.mark.rule("SIZE-3", "SEC-1")
@pytest.mark.parametrize(
    ("variable", "namespace", "cause", "message"),
    [
        pytest.param(
            secret(KEY, "key", "s4"), "ml", ProbeCause.SECRET_MISSING, "not there as text", id="no such secret"
        ),
        pytest.param(secret(KEY, "kye"), "ml", ProbeCause.SECRET_MISSING, "key 'kye' of secret 's3'", id="no such key"),
        pytest.param(secret(KEY, "bytes"), "ml", ProbeCause.SECRET_MISSING, "not there as text", id="no text"),
        pytest.param(secret(KEY, "key"), "other", ProbeCause.SECRET_MISSING, "in namespace other", id="a neighbour's"),
        pytest.param(
            secret(KEY, "none", optional=True), "ml", ProbeCause.UNAUTHORIZED, f"{KEY} is missing", id="an optional one"
        ),
        pytest.param(
            EnvVar(name=KEY, value_from=ConfigMapKeyRef(name="c", key="k")),
            "ml",
            ProbeCause.MALFORMED,
            "neither a value nor a secret",
            id="a config map",
        ),
    ],
)
def test_what_has_no_value_is_told_without_the_values_of_others(
    store: Store, variable: EnvVar, namespace: str, cause: ProbeCause, message: str
) -> None:
    found = sized(store, EnvVar(name=ID, value=KEYS[ID]), variable, namespace=namespace)
    assert isinstance(found, ProbeFailed)
    assert found.cause is cause
    assert message in found.message
    assert found.message.startswith(f"source '{URI}': ")
    assert not any(value in found.message for value in KEYS.values())


def test_a_scheme_that_nobody_knows_is_told(store: Store) -> None:
    found = sized(store, uri="gs://b/k")
    assert isinstance(found, ProbeFailed)
    assert "has scheme 'gs'; expected 'hf' or 's3'" in found.message


@pytest.mark.rule("SIZE-1", "SIZE-3")
def test_a_hub_is_asked_with_the_token_of_the_source() -> None:
    hub_token = ManifestSecrets(
        [
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "hf", "namespace": "ml"},
                "stringData": {"token": TOKEN},
            }
        ]
    )
    with hub(PRIVATE) as here, Session(Rules(plain_http=frozenset({here.host}))) as session:
        env = (EnvVar(name="HF_ENDPOINT", value=here.url), secret("HF_TOKEN", "token", "hf"))
        found = Sizer(HostProber(session), hub_token).size(Probe("hf://acme/private", "ml", env))
    assert found == Sized(size=Quantity.of(7), files=1)


# A plan -----------------------------------------------------------------------------------------------------------------

GIVEN = """
apiVersion: v1
kind: Secret
metadata: {{name: s3, namespace: ml}}
stringData: {{id: {id}, key: {key}}}
---
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata: {{name: llama, namespace: ml}}
spec:
  custom: {{hardware: {{cpu: {{requests: 1}}}}}}
  modelSources:
  - modelId: acme/llama
    sourceUri: {uri}
    env:
    - {{name: AWS_ENDPOINT_URL, value: "http://{host}"}}
    - {{name: AWS_ACCESS_KEY_ID, valueFrom: {{secretKeyRef: {{name: s3, key: id}}}}}}
    - {{name: AWS_SECRET_ACCESS_KEY, valueFrom: {{secretKeyRef: {{name: s3, key: key}}}}}}
"""


@pytest.mark.rule("SIZE-3", "SEC-1")
def test_a_plan_knows_sizes_when_it_goes_online(store: Store, tmp_path: Path) -> None:
    given = tmp_path / "given.yaml"
    given.write_text(GIVEN.format(id=KEYS[ID], key=KEYS[KEY], uri=URI, host=store.host))
    assert planned(given) == ("Unknown", {"modelId": "acme/llama", "sourceUri": URI})
    online = planned(given, "--online", "--plain-http", store.host)
    assert online == (
        "True",
        {"modelId": "acme/llama", "sourceUri": URI, "size": "1127", "discoveredAt": "1970-01-01T00:00:00Z"},
    )


def planned(given: Path, *words: str) -> tuple[str, dict[str, str]]:
    """Whether the plan's one template has its sources sized, and what it says of its one source."""
    ran = CliRunner().invoke(aimcore, ["plan", str(given), *words, "-o", "json"])
    assert ran.exit_code == 0, ran.output
    assert KEYS[KEY] not in ran.output
    (status,) = (one["status"] for one in json.loads(ran.stdout)["objects"] if one["kind"] == "AIMServiceTemplate")
    (source,) = status["modelSources"]
    return next(one["status"] for one in status["conditions"] if one["type"] == "SourcesSized"), source


# The command ------------------------------------------------------------------------------------------------------------


def run(*words: str, **env: str) -> Result:
    return CliRunner().invoke(aimcore, ["size", *words], env=env)


def asked(store: Store, *words: str) -> Result:
    return run(*words, "--endpoint", f"http://{store.host}", "--env", ID, "--env", KEY, **KEYS)


def test_the_command_tells_sizes_for_programs(store: Store) -> None:
    ran = asked(store, URI, "s3://weights/models/one.bin", "-o", "json")
    assert ran.exit_code == 0, ran.output
    told: dict[str, Any] = json.loads(ran.stdout)
    assert [(one["uri"], one["bytes"], one["files"]) for one in told["sources"]] == [
        (URI, 1127, 8),
        ("s3://weights/models/one.bin", 77, 1),
    ]
    assert (told["bytes"], told["volume"]) == (1204, "1Gi")
    assert told["cost"]["requests"] >= 5


def test_the_command_asks_a_hub_by_its_endpoint() -> None:
    with hub(PRIVATE) as here:
        words = ("hf://acme/private", "--endpoint", here.url, "-o", "json")
        ran = run(*words, "--env", "HF_TOKEN", HF_TOKEN=TOKEN)
        assert ran.exit_code == 0, ran.output
        assert json.loads(ran.stdout)["bytes"] == 7
        assert TOKEN not in ran.output
        unnamed = run(*words, HF_TOKEN=TOKEN)
        assert json.loads(unnamed.stdout)["sources"][0]["cause"] == "NotFound"


def test_the_command_tells_sizes_for_people(store: Store) -> None:
    ran = asked(store, URI)
    assert ran.stdout.startswith(f"Sources\nSized  {URI}\n       1127 bytes (1.1 KiB) in 8 files\n\nSummary\n")


def test_a_source_that_fails_is_told_beside_the_others_and_by_the_exit_code(store: Store) -> None:
    ran = asked(store, URI, "s3://weights/none", "-o", "json")
    assert ran.exit_code == 1
    told = json.loads(ran.stdout)
    assert [one["cause"] for one in told["sources"]] == [None, "NotASource"]
    assert (told["bytes"], told["volume"]) == (None, None)
    people = asked(store, URI, "s3://weights/none")
    assert "NotASource  s3://weights/none" in people.stdout
    assert "1 sized, 1 not" in people.stdout


@pytest.mark.rule("SEC-2")
def test_keys_that_are_not_named_are_not_used(store: Store) -> None:
    ran = run(URI, "--endpoint", f"http://{store.host}", "-o", "json", **KEYS)
    assert ran.exit_code == 1
    assert json.loads(ran.stdout)["sources"][0]["cause"] in {"Unauthorized", "AccessDenied"}


@pytest.mark.rule("SEC-3")
def test_this_machine_is_asked_by_an_endpoint_alone(store: Store) -> None:
    ran = run(URI, "--env", f"AWS_ENDPOINT_URL=http://{store.host}", "-o", "json")
    assert ran.exit_code == 1
    assert json.loads(ran.stdout)["sources"][0]["cause"] == "Untrusted"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param((), "Missing argument", id="no source"),
        pytest.param(("gs://b/k",), "source URI 'gs://b/k' has scheme 'gs'", id="another scheme"),
        pytest.param((URI, "--env", "AWS_KEY=canary"), "no source is read with variable 'AWS_KEY'", id="a variable"),
        pytest.param((URI, "--env", "HF_TOKEN"), "variable HF_TOKEN has no value here", id="a value that is not there"),
        pytest.param((URI, "--endpoint", "ftp://h"), "has scheme 'ftp'", id="an endpoint"),
    ],
)
def test_a_wrong_call_is_told(words: tuple[str, ...], message: str) -> None:
    ran = run(*words)
    assert ran.exit_code == 2
    assert message in ran.stderr
    assert "canary" not in ran.output
