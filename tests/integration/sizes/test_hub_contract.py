"""One hub, asked by the real client of Hugging Face and by ours: the same sums, and a word for each of its errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.huggingface.prober import HubProber
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import HuggingFaceUri
from tests.integration.egress.server import Server
from tests.integration.sizes.hub import TOKEN, Repository, hub

LLAMA = {".gitattributes": 1519, "config.json": 683, "model-1.safetensors": 4_976_698_672, "model-2.safetensors": 0}
MANY = {f"part-{number}.bin": 1 + number for number in range(5000)}
REPOSITORIES = (
    Repository(name="acme/llama", files={"main": LLAMA, "v1.0": {"a": 1}, "refs/pr/2": {"b": 2}, "empty": {}}),
    Repository(name="acme/many", files={"main": MANY}),
    Repository(name="acme/secret", files={"main": {"a": 5}}, private=True),
    Repository(name="acme/gated", files={"main": {"a": 1}}, gated=True),
    Repository(name="acme/disabled", disabled=True),
    Repository(name="acme/old", renamed="acme/llama"),
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with hub(*REPOSITORIES) as running:
        yield running


def ours(server: Server, repository: str, revision: str | None = None, token: str = "") -> ProbeAnswer:
    with Session(Rules(plain_http=frozenset({server.host}))) as session:
        source = HuggingFaceUri(repository=repository, revision=revision)
        return HubProber(session).probe(source, {"HF_ENDPOINT": server.url, "HF_TOKEN": token})


@pytest.mark.rule("SIZE-1")
@pytest.mark.parametrize(
    ("repository", "revision", "token", "size", "files"),
    [
        pytest.param("acme/llama", None, "", sum(LLAMA.values()), 4, id="with and without LFS"),
        pytest.param("acme/llama", "v1.0", "", 1, 1, id="a tag"),
        pytest.param("acme/llama", "refs/pr/2", "", 2, 1, id="a revision with slashes"),
        pytest.param("acme/many", None, "", sum(MANY.values()), 5000, id="5,000 files"),
        pytest.param("acme/secret", "main", TOKEN, 5, 1, id="a private one"),
    ],
)
def test_the_sum_is_that_of_the_real_client(
    server: Server, repository: str, revision: str | None, token: str, size: int, files: int
) -> None:
    info = HfApi(endpoint=server.url, token=token or False).model_info(
        repository, revision=revision, files_metadata=True
    )
    theirs = [file.size for file in info.siblings or ()]
    assert (sum(size or 0 for size in theirs), len(theirs)) == (size, files)
    before = len(server.heard)
    assert ours(server, repository, revision, token) == Sized(size=Quantity.of(size), files=files)
    assert len(server.heard) == before + 1, "one question"


@pytest.mark.rule("SIZE-2")
@pytest.mark.parametrize(
    ("repository", "revision", "token", "error", "cause", "says"),
    [
        pytest.param(
            "acme/none", None, "", RepositoryNotFoundError, ProbeCause.NOT_FOUND, "without HF_TOKEN", id="missing"
        ),
        pytest.param("acme/none", None, TOKEN, RepositoryNotFoundError, ProbeCause.NOT_FOUND, "see", id="not there"),
        pytest.param(
            "acme/secret", None, "", RepositoryNotFoundError, ProbeCause.NOT_FOUND, "without HF_TOKEN", id="private"
        ),
        pytest.param("acme/llama", "v9", "", RevisionNotFoundError, ProbeCause.NOT_FOUND, "revision", id="revision"),
        pytest.param("acme/gated", None, "", GatedRepoError, ProbeCause.GATED, "give HF_TOKEN", id="gated"),
        pytest.param("acme/gated", None, TOKEN, GatedRepoError, ProbeCause.GATED, "owner", id="gated, with a token"),
        pytest.param("acme/llama", None, "hf_old", HfHubHTTPError, ProbeCause.UNAUTHORIZED, "renew", id="old token"),
        pytest.param("acme/disabled", None, "", DisabledRepoError, ProbeCause.ACCESS_DENIED, "disabled", id="disabled"),
    ],
)
def test_each_error_of_the_real_client_has_its_word(
    server: Server,
    repository: str,
    revision: str | None,
    token: str,
    error: type[Exception],
    cause: ProbeCause,
    says: str,
) -> None:
    with pytest.raises(error) as raised:
        HfApi(endpoint=server.url, token=token or False).model_info(repository, revision=revision, files_metadata=True)
    assert type(raised.value) is error
    found = ours(server, repository, revision, token)
    assert isinstance(found, ProbeFailed)
    assert (found.cause, says in found.message) == (cause, True), found


@pytest.mark.rule("SIZE-2")
def test_a_new_name_is_told_where_the_real_client_just_goes_there(server: Server) -> None:
    theirs = HfApi(endpoint=server.url, token=False).model_info("acme/old", files_metadata=True)
    assert theirs.id == "acme/llama"
    for revision in (None, "v1.0"):
        found = ours(server, "acme/old", revision)
        assert isinstance(found, ProbeFailed)
        assert found.cause is ProbeCause.MOVED
        assert "under the name acme/llama; use it" in found.message


@pytest.mark.rule("SIZE-2")
@pytest.mark.parametrize(
    ("repository", "revision"), [("acme/llama", "empty"), ("acme/a--b", None), (f"acme/{'x' * 99}", None)]
)
def test_what_holds_no_weights_is_no_source(server: Server, repository: str, revision: str | None) -> None:
    found = ours(server, repository, revision)
    assert isinstance(found, ProbeFailed)
    assert found.cause is ProbeCause.NOT_A_SOURCE
