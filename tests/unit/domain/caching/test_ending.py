"""A Job and its pods say how a download goes, in the words of the program or of Kubernetes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.caching.ending import (
    Attempt,
    Phase,
    has_ended,
    latest,
    needs_a_person,
    parse_progress,
    pause_after,
    read_attempt,
    steady,
)
from aimcore.domain.caching.job import ATTEMPT, TRIED_WITH
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import CacheProgress
from aimcore.domain.serving.pods import Ended, ObservedPod, Waiting

KEY = Key(Kind.JOB, "ml-team", "get-0123456789-2")
FAILED = {"type": "Failed", "status": "True", "reason": "PodFailurePolicy", "message": "exit code 20"}


def job(*conditions: dict[str, str], attempt: str = "2") -> Child:
    stamped = [{"lastTransitionTime": "1970-01-01T00:01:40Z", **one} for one in conditions]
    annotations = {ATTEMPT: attempt, TRIED_WITH: "t"}
    return Child(key=KEY, meta=Meta(uid="j", annotations=annotations), spec={}, status={"conditions": stamped})


def ended(code: int, message: str = "", reason: str = "Error") -> ObservedPod:
    return ObservedPod(name="p", phase="Failed", ended=Ended(reason=reason, exit_code=code, seconds=3, message=message))


def words(**said: Any) -> str:
    return json.dumps(said)


def test_a_job_has_ended_once_it_is_complete_or_failed() -> None:
    complete = {"type": "Complete", "status": "True", "reason": "", "message": ""}
    assert [has_ended(job(*said)) for said in ((), (complete,), (FAILED,))] == [False, True, True]
    assert not has_ended(job({**FAILED, "status": "False"}))
    assert not has_ended(replace(job(), status=None))


@pytest.mark.rule("CACHE-7", "CACHE-9")
@pytest.mark.parametrize(
    ("message", "reason", "cause", "told", "person"),
    [
        pytest.param(
            words(cause="Unauthorized", message="hf_Canary1 is refused"),
            "Error",
            "Unauthorized",
            "hf_*** is refused",
            True,
            id="by the program",
        ),
        pytest.param(
            words(cause="Checksum", message="a.safetensors"),
            "Error",
            "Checksum",
            "a.safetensors",
            True,
            id="a checksum",
        ),
        pytest.param(
            words(cause="RateLimited", message="later"), "Error", "RateLimited", "later", False, id="what passes"
        ),
        pytest.param("", "OOMKilled", "OOMKilled", "it needed more memory than its limit", False, id="memory"),
        pytest.param("Traceback: no space", "Error", "Error", "exit code 20: Traceback: no space", False, id="no JSON"),
        pytest.param("[1]", "", "Error", "exit code 20: [1]", False, id="no object"),
        pytest.param(
            words(cause="Whim"), "Error", "Error", 'exit code 20: {"cause": "Whim"}', False, id="an unknown word"
        ),
    ],
)
def test_a_job_that_failed_says_why(message: str, reason: str, cause: str, told: str, person: bool) -> None:  # noqa: FBT001 - a column
    found = read_attempt(job(FAILED), [ended(20, message, reason)])
    assert (found.number, found.tried_with, found.phase, found.ended) == (2, "t", Phase.FAILED, 100)
    assert (found.cause, found.message) == (cause, told)
    assert needs_a_person(found) is person


@pytest.mark.rule("CACHE-9")
def test_a_job_without_a_pod_that_ended_says_what_the_server_says() -> None:
    found = read_attempt(job({**FAILED, "lastTransitionTime": "soon"}, attempt="x"), [])
    assert (found.number, found.cause, found.message, found.ended) == (1, "PodFailurePolicy", "exit code 20", 0)


@pytest.mark.rule("CACHE-9")
def test_what_a_host_asked_for_is_kept() -> None:
    asked = words(cause="RateLimited", message="later", retryAfterSeconds=900)
    assert read_attempt(job(FAILED), [ended(10, asked)]).retry_after == 900


@pytest.mark.rule("CACHE-7")
def test_a_job_that_is_done_says_what_came() -> None:
    complete = {"type": "Complete", "status": "True"}
    sources = [{"modelId": "a/b", "bytes": 7, "commit": "c0"}, {"modelId": "a/c"}, "?"]
    pods = [ended(10), ended(0, words(cause=None, sources=sources))]
    found = read_attempt(job(complete), pods)
    assert (found.phase, found.sizes) == (Phase.DONE, (("a/b", 7, "c0"),))
    assert read_attempt(job(complete), []).sizes == ()
    assert read_attempt(job(complete), [ended(0, words(sources=7))]).sizes == ()


@pytest.mark.rule("CACHE-9")
@pytest.mark.parametrize(
    ("pods", "cause", "part"),
    [
        pytest.param([ObservedPod(name="p", unscheduled="0/1 nodes are available: 1 Insufficient cpu.")], "Unschedulable", "Insufficient cpu", id="no node"),
        pytest.param([ObservedPod(name="p", waiting=Waiting(reason="ImagePullBackOff"))], "ImagePullBackOff", "pod p: ImagePullBackOff", id="the image"),
        pytest.param([ObservedPod(name="p", waiting=Waiting(reason="CreateContainerConfigError", message='secret "hub" not found'))], "SecretMissing", 'secret "hub" not found', id="a secret"),
        pytest.param([ObservedPod(name="p", waiting=Waiting(reason="CreateContainerConfigError", message="no such user"))], "CreateContainerConfigError", "no such user", id="its configuration"),
        pytest.param([ended(10, words(cause="Stalled", message="no byte"))], "Stalled", "no byte", id="between two pods"),
        pytest.param([ended(10), ObservedPod(name="q", created=9, phase="Running", running=True)], "", "", id="at work again"),
        pytest.param([ObservedPod(name="p", deleting=True, unscheduled="late")], "", "", id="on its way out"),
    ],
)  # fmt: skip
def test_a_job_that_runs_says_what_it_waits_for(pods: list[ObservedPod], cause: str, part: str) -> None:
    found = read_attempt(job({**FAILED, "status": "False"}), pods)
    assert (found.phase, found.cause) == (Phase.RUNNING, cause)
    assert part in found.message


def test_the_newest_attempt_counts_in_whatever_order_jobs_are_read() -> None:
    one, two = (Attempt(number=number, tried_with="", phase=Phase.FAILED) for number in (1, 2))
    assert latest([two, one]) is two
    assert latest([]) is None


@pytest.mark.rule("CACHE-9")
def test_pauses_double_up_to_an_hour() -> None:
    assert [pause_after(attempts) for attempts in (1, 2, 6, 7, 40)] == [60, 120, 1920, 3600, 3600]


LINE = '{"percent": 42, "bytes": 42, "totalBytes": 100, "files": 1, "totalFiles": 3}'


def at(done: int, total: int = 1000) -> CacheProgress:
    return CacheProgress(bytes=done, total=total, percent=done * 100 // total)


@pytest.mark.rule("CACHE-7")
@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"noise\n{LINE}\n",
        f"{LINE}\nTraceback\n[1]\n",
        f'{LINE}\n{{"bytes": 1}}\n' + '{"bytes": -1, "totalBytes": 9}',
    ],
)
def test_the_newest_line_that_tells_of_it_counts(text: str) -> None:
    assert parse_progress(text) == CacheProgress(bytes=42, total=100, percent=42)


@pytest.mark.rule("CACHE-7")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "[]",
        '{"bytes": 0, "totalBytes": 0}',
        '{"bytes": true, "totalBytes": 1}',
        '{"bytes": 1, "totalBytes": 1e3}',
        '{"bytes": 1, "totalBytes": 99999999999999999999}',
    ],
)
def test_what_tells_nothing_is_nothing(text: str) -> None:
    assert parse_progress(text) is None


@pytest.mark.rule("CACHE-7")
def test_no_download_is_further_than_all_of_it() -> None:
    assert parse_progress('{"bytes": 7, "totalBytes": 5}') == CacheProgress(bytes=5, total=5, percent=100)


@pytest.mark.rule("CACHE-7")
def test_what_is_less_than_a_percent_further_is_no_news() -> None:
    assert steady(at(429), at(421)) == at(421)
    assert steady(at(430), at(421)) == at(430)
    assert steady(at(11), at(421)) == at(11), "another attempt may begin further back"
    assert steady(at(421, 1001), at(421)) == at(421, 1001)
    assert steady(None, at(421)) == at(421)
    assert steady(at(1), None) == at(1)
    assert steady(None, None) is None
