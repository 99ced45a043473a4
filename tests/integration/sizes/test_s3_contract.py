"""What the size of an S3 source means, on two stores that speak S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.s3.prober import S3Prober
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import S3Uri
from tests.integration.sizes.s3_stores import STORES, Store

NOTHING: Mapping[str, str] = MappingProxyType({})


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with STORES[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


def probe(store: Store, key: str, environment: Mapping[str, str] = NOTHING, *, bucket: str = "weights") -> ProbeAnswer:
    with Session(Rules(plain_http=frozenset({store.host}))) as session:
        return S3Prober(session).probe(S3Uri(bucket=bucket, key=key), {**store.environment, **environment})


@pytest.mark.rule("SIZE-1")
@pytest.mark.parametrize(
    ("key", "size", "files"),
    [
        pytest.param("models/llama", 1127, 8, id="a folder, on all its pages, and not its longer neighbour"),
        pytest.param("models/llama/", 1127, 8, id="a folder with its slash"),
        pytest.param("models/llama/sub", 1000, 1, id="a folder in it"),
        pytest.param("models/one.bin", 77, 1, id="one object"),
        pytest.param("models/çé+%41&=", 9, 1, id="characters that are escaped"),
    ],
)
def test_a_source_is_as_big_as_its_files(store: Store, key: str, size: int, files: int) -> None:
    assert probe(store, key) == Sized(size=Quantity.of(size), files=files)


@pytest.mark.parametrize(
    ("key", "bucket", "environment", "cause"),
    [
        pytest.param("models/lla", "weights", {}, ProbeCause.NOT_A_SOURCE, id="the beginning of a name"),
        pytest.param("models/one.bin/", "weights", {}, ProbeCause.NOT_A_SOURCE, id="an object is no folder"),
        pytest.param("models/llama", "weight", {}, ProbeCause.NOT_FOUND, id="no such bucket"),
        pytest.param(
            "models/llama", "weights", {"AWS_ACCESS_KEY_ID": "AKIA0"}, ProbeCause.UNAUTHORIZED, id="unknown key"
        ),
    ],
)
def test_what_has_no_size_says_why(
    store: Store, key: str, bucket: str, environment: dict[str, str], cause: ProbeCause
) -> None:
    found = probe(store, key, environment, bucket=bucket)
    assert isinstance(found, ProbeFailed)
    assert found.cause is cause
    assert found.message.startswith(f"source 's3://{bucket}/{key}': {store.host} ")


def test_nobody_in_particular_asks_without_keys(store: Store) -> None:
    found = probe(store, "models/llama", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    assert isinstance(found, ProbeFailed)
    assert found.cause in {ProbeCause.ACCESS_DENIED, ProbeCause.UNAUTHORIZED}
    assert "AWS_ACCESS_KEY_ID" in found.message


def test_a_wrong_signature_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    with STORES["nanio"](tmp_path_factory.mktemp("wrong")) as store:  # moto knows no wrong one
        found = probe(store, "models/llama", {"AWS_SECRET_ACCESS_KEY": "another"})
    assert isinstance(found, ProbeFailed)
    assert found.cause is ProbeCause.UNAUTHORIZED
