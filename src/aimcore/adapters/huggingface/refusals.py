"""What a hub means that does not say yes, told apart by its error code, or by the status where it gives none (SIZE-2).

Codes are compared with those known here and never repeated, nor is a message of the hub: it may send back what it heard
(SEC-1). Source of the codes: `hf_raise_for_status` of huggingface_hub, to which the tests hold both our hub and this.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from aimcore.adapters.egress import Answer
from aimcore.adapters.egress.origins import moved_to
from aimcore.domain.errors import AimError
from aimcore.domain.weights.probing import ProbeCause

__all__ = ["HubError", "refusal"]

_RENAMED: Final = re.compile(
    r"/api/models/([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:/revision/[^/]+)?", re.ASCII
)
_BAD_TOKEN: Final = "invalid credentials in authorization header"  # noqa: S105 - what hubs say of a wrong one
_PART: Final = 8  # characters
_DISABLED: Final = "access to this resource is disabled."


class HubError(AimError):
    """A hub does not give what was asked: the `cause` for the probe, and the `problem` in one lower-case line."""

    def __init__(self, problem: str, *, cause: ProbeCause) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cause = cause


def refusal(answer: Answer, token: str) -> HubError:
    """What an answer that is no 200 means to one who has shown this token, or none where it is empty."""
    status, code = answer.status, answer.headers.get("x-error-code", "")
    told = answer.headers.get("x-error-message", "").strip().lower()
    if 300 <= status < 400:
        return _moved(answer, token)
    if status == 429:
        return HubError("asks to be left alone for a while; try again later", cause=ProbeCause.RATE_LIMITED)
    if status >= 500:
        return HubError(f"answers {status}; try again later", cause=ProbeCause.UNREACHABLE)
    if code == "RevisionNotFound":
        return HubError(
            "has the repository, but no such revision; check what follows the @", cause=ProbeCause.NOT_FOUND
        )
    if code == "GatedRepo":
        return _gated(token)
    if told == _DISABLED:
        return HubError("has disabled the repository", cause=ProbeCause.ACCESS_DENIED)
    if status == 401 and token and told == _BAD_TOKEN:
        return HubError("does not accept the token; renew HF_TOKEN", cause=ProbeCause.UNAUTHORIZED)
    if code == "RepoNotFound" or status == 401:
        return _missing(token)
    if status == 403:
        return _denied(token)
    if status == 404:
        problem = "answers 404 and does not say that it lacks a repository; is HF_ENDPOINT the address of a hub?"
        return HubError(problem, cause=ProbeCause.NOT_FOUND)
    problem = f"answers {status}, which means nothing here; is HF_ENDPOINT the address of a hub?"
    return HubError(problem, cause=ProbeCause.MALFORMED)


def _moved(answer: Answer, token: str) -> HubError:
    """Renamed, or another hub: judged by the host first. To what, is told where it can be nothing but a host or a name."""
    where = moved_to(answer.url, answer.headers.get("location", ""))
    if where is not None:
        named = f"sends on to {where}" if not _holds(token, where) else "sends on to another host"
        return HubError(f"{named}, and is not followed; set HF_ENDPOINT to it", cause=ProbeCause.MOVED)
    found = _RENAMED.fullmatch(unquote(urlsplit(answer.headers.get("location", "")).path))
    asked = unquote(urlsplit(answer.url).path).partition("/api/models/")[2].partition("/revision/")[0]
    if (
        found
        and found[1] != asked
        and not (token and any(part in token or token in part for part in found[1].split("/")))
    ):
        return HubError(f"has the repository under the name {found[1]}; use it", cause=ProbeCause.MOVED)
    problem = "sends elsewhere for the repository, which is not followed; has it been renamed?"
    return HubError(problem, cause=ProbeCause.MOVED)


def _holds(token: str, text: str) -> bool:
    """Whether a part of the token stands in `text`, in capitals or not."""
    key, size = token.lower(), min(_PART, len(token))
    return bool(token) and any(key[at : at + size] in text.lower() for at in range(len(key) - size + 1))


def _gated(token: str) -> HubError:
    if token:
        problem = "lets only those in who accepted the conditions of the repository; accept them as the token's owner"
    else:
        problem = "lets only those in who accepted the conditions of the repository; accept them, and give HF_TOKEN"
    return HubError(problem, cause=ProbeCause.GATED)


def _missing(token: str) -> HubError:
    seen = "this token may see" if token else "is shown to those without HF_TOKEN"
    return HubError(f"has no such repository that {seen}; check its name", cause=ProbeCause.NOT_FOUND)


def _denied(token: str) -> HubError:
    problem = (
        "denies it to this token; let it read the repository" if token else "denies it without a token; give HF_TOKEN"
    )
    return HubError(problem, cause=ProbeCause.ACCESS_DENIED)
