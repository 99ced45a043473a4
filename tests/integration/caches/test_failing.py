"""What a person must cure ends with a condition and a sentence of its own, of the cache and of the service that waits for it."""

from __future__ import annotations

import json

import pytest

from aimcore.adapters.memory.controllers.fates import ends
from tests.integration.caches.bench import Bench, last_words, model, secret, service, token

CANARY = "hf_c4n4ryOfALastWord"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.rule("CACHE-7", "FETCH-6")
@pytest.mark.parametrize(
    ("code", "cause", "sentence"),
    [
        pytest.param(20, "Unauthorized", "the hub refuses the token; renew HF_TOKEN", id="a token that was revoked"),
        pytest.param(20, "Gated", "the hub shows it to nobody; accept its terms", id="a gated repository"),
        pytest.param(30, "Checksum", "what came is not sha256:00; ask whoever keeps the source", id="a wrong checksum"),
    ],
)
def test_what_a_person_must_cure_is_failed_and_says_why(bench: Bench, code: int, cause: str, sentence: str) -> None:
    bench.script.pods("get-*", ends(code, message=last_words(cause, f"{sentence} ({CANARY})")))
    bench.apply(secret(), model(env=token()), service())
    bench.look()
    told = f"{sentence} (hf_***); mend it, and it is tried again when a secret changes or spec.retry says something new"
    assert (bench.word("AIMTemplateCache"), bench.word()) == ("Failed", "Failed CacheFailed")
    assert bench.condition("AIMTemplateCache", "Downloaded") == ("False", cause, told)
    assert sentence in bench.condition("AIMService", "Ready")[2]
    assert [one for one in bench.warnings if sentence in one] != []
    everything = json.dumps([bench.all(kind) for kind in ("AIMService", "AIMTemplateCache", "Job")])
    assert CANARY not in everything + "".join(bench.warnings)
    bench.look(after=1800)
    assert len(bench.all("Job")) == 1, "time alone mends nothing"
