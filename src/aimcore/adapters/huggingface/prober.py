"""What an `hf://` source names: the files of a repository at a revision and their size, by one question (SIZE-1, SIZE-2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote

from aimcore.adapters.egress import Answer, Deadline, EgressError, Session
from aimcore.adapters.egress.origins import parse_url
from aimcore.adapters.egress.retry_policy import LATER, RetryPolicy
from aimcore.adapters.huggingface.listing import LISTING_AT_MOST, add_up, parse_listing
from aimcore.adapters.huggingface.refusals import HubError, refusal
from aimcore.adapters.huggingface.settings import Settings, parse_settings
from aimcore.domain.errors import quoted
from aimcore.domain.weights.files import Listed
from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed
from aimcore.domain.weights.sources import HuggingFaceUri

__all__ = ["HubProber"]

_SECONDS_IN_ALL: Final = 60.0
T = TypeVar("T")

_JSON: Final = {"accept": "application/json"}


@dataclass(frozen=True, slots=True)
class HubProber:
    """A `SizeProber` of `HuggingFaceUri`, for several threads at once; a probe ends within 60 s.

    No redirect is followed: a renamed repository is told, with its new name, and the token stays where it was meant to go.
    """

    session: Session

    def probe(
        self, source: HuggingFaceUri, environment: Mapping[str, str], *, by: FileFilter = ALL_BUT_DUPLICATES
    ) -> ProbeAnswer:
        """The bytes and number of files at the revision, the default one if none is named, or why they are not known."""
        return self._told(source, environment, lambda body: add_up(body, by))

    def files(self, source: HuggingFaceUri, environment: Mapping[str, str]) -> Listed | ProbeFailed:
        """The files at the revision and the commit that it is, or why they are not known."""
        return self._told(source, environment, parse_listing)

    def _told(
        self, source: HuggingFaceUri, environment: Mapping[str, str], read: Callable[[bytes], T]
    ) -> T | ProbeFailed:
        host = ""
        try:
            settings = parse_settings(environment)
            host = f"{parse_url(settings.endpoint).origin} "
            return read(self._listing(source, settings))
        except HubError as error:
            return _failed(source, error.cause, f"{host}{error.problem}")
        except EgressError as error:
            return _failed(source, ProbeCause(error.word), str(error))

    def _listing(self, source: HuggingFaceUri, settings: Settings) -> bytes:
        _check_name(source.repository)
        answer = self._answer(f"{settings.endpoint}{_path(source)}?blobs=true", settings.token)
        if answer.status != 200:
            raise refusal(answer, settings.token)
        return answer.body

    def _answer(self, url: str, token: str) -> Answer:
        deadline = Deadline.after(_SECONDS_IN_ALL)
        retry_policy = RetryPolicy(deadline)
        while True:
            answer = self.session.request(
                "GET",
                url,
                headers=_JSON,
                authorization=f"Bearer {token}" if token else None,
                at_most=LISTING_AT_MOST,
                deadline=deadline,
                follow=False,
            )
            if answer.status not in LATER or not retry_policy.bears(answer):
                return answer


def _check_name(repository: str) -> None:
    # huggingface_hub, 0.3 s that only those pay who ask a hub
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415
    from huggingface_hub.utils import validate_repo_id  # noqa: PLC0415

    try:
        validate_repo_id(repository)
    except HFValidationError:
        problem = "gives no repository such a name; check it"
        raise HubError(problem, cause=ProbeCause.NOT_A_SOURCE) from None


def _path(source: HuggingFaceUri) -> str:
    path = f"/api/models/{source.repository}"
    return path if source.revision is None else f"{path}/revision/{quote(source.revision, safe='')}"


def _failed(source: HuggingFaceUri, cause: ProbeCause, problem: str) -> ProbeFailed:
    named = source.repository if source.revision is None else f"{source.repository}@{source.revision}"
    return ProbeFailed(cause=cause, message=f"source {quoted(f'hf://{named}')}: {problem}")
