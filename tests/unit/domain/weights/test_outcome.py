"""How a download ended, as an exit code and as a pod's termination message."""

from __future__ import annotations

import json

import pytest

from aimcore.domain.weights.outcome import (
    FetchCause,
    FetchError,
    FetchExit,
    FetchResult,
    SourceResult,
    exit_of,
    termination_message,
)
from aimcore.domain.weights.probing import ProbeCause

SOURCE = SourceResult(
    model_id="org/model", uri="hf://org/model", commit="c0ffee", bytes=7, files=2, verified=(("sha256", 2),)
)


@pytest.mark.rule("FETCH-6")
@pytest.mark.parametrize(
    ("code", "causes"),
    [
        (FetchExit.TRY_AGAIN, {"RateLimited", "Unreachable", "Changed", "Stalled", "Locked", "Interrupted"}),
        (FetchExit.DISK_FULL, {"DiskFull"}),
        (FetchExit.CHECKSUM, {"Checksum"}),
    ],
)
def test_each_cause_has_its_exit_code(code: FetchExit, causes: set[str]) -> None:
    assert {cause.value for cause in FetchCause if exit_of(cause) is code} == causes


def test_the_exit_codes_are_those_that_a_job_reads() -> None:
    assert [int(code) for code in FetchExit] == [0, 10, 20, 28, 30]
    assert exit_of(FetchCause.UNAUTHORIZED) is FetchExit.PERMANENT


def test_every_cause_of_a_listing_is_one_of_a_download() -> None:
    assert {cause.value for cause in ProbeCause} <= {cause.value for cause in FetchCause}


@pytest.mark.rule("FETCH-6")
def test_the_termination_message_says_it_all() -> None:
    result = FetchResult(sources=(SOURCE,), fetched=5, content="abc")
    assert json.loads(termination_message(result)) == {
        "exitCode": 0,
        "cause": None,
        "message": "",
        "retryAfterSeconds": None,
        "lackingBytes": None,
        "content": "abc",
        "bytes": 7,
        "fetchedBytes": 5,
        "sources": [
            {
                "modelId": "org/model",
                "uri": "hf://org/model",
                "commit": "c0ffee",
                "bytes": 7,
                "files": 2,
                "verified": {"sha256": 2},
            }
        ],
    }


@pytest.mark.rule("FETCH-6")
def test_a_termination_message_fits_into_what_kubernetes_keeps() -> None:
    error = FetchError(FetchCause.RATE_LIMITED, 'ü"' * 5000, retry_after=60)
    result = FetchResult(
        sources=(SOURCE,) * 32, cause=error.cause, message=error.message, retry_after=error.retry_after
    )
    text = termination_message(result)
    assert len(text.encode()) <= 4096
    told = json.loads(text)
    assert (told["exitCode"], told["cause"], told["retryAfterSeconds"]) == (10, "RateLimited", 60)
    assert told["sources"] is None
    assert told["message"].endswith("...")
