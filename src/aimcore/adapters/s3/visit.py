"""The questions of one probe to one store: signed anew each time, asked again a few times where the store puts them off.

No redirect is followed: where a bucket has moved to, the user is told, and the question is not sent on (SEC-1).
"""

from __future__ import annotations

import time
from typing import Final, Literal

from aimcore.adapters.egress import Answer, Deadline, Session
from aimcore.adapters.egress.origins import Origin, parse_url
from aimcore.adapters.s3.listing import PAGE_AT_MOST
from aimcore.adapters.s3.refusals import is_putting_off
from aimcore.adapters.s3.settings import Settings

__all__ = ["Visit"]

_AGAIN_AT_MOST: Final = 3  # in a probe, not for each question
_FIRST_PAUSE: Final = 0.25  # seconds, doubled each time
_WAITED_OUT_AT_MOST: Final = 5.0  # seconds; a longer wait is the caller's to plan


class Visit:
    """One probe's patience. Not for several threads."""

    def __init__(self, session: Session, settings: Settings, deadline: Deadline) -> None:
        self.settings = settings
        self.host: Origin | None = None
        self._session = session
        self._deadline = deadline
        self._again = 0

    def ask(self, method: Literal["GET", "HEAD"], url: str) -> Answer:
        """What the store answers, whatever its status; raises an `EgressError`."""
        self.host = parse_url(url).origin
        while True:
            answer = self._once(method, url)
            if not is_putting_off(answer) or self._again == _AGAIN_AT_MOST:
                return answer
            pause = _pause(answer, self._again)
            if pause > min(_WAITED_OUT_AT_MOST, self._deadline.left()):
                return answer
            self._again += 1
            time.sleep(pause)

    def _once(self, method: Literal["GET", "HEAD"], url: str) -> Answer:
        from aimcore.adapters.s3.shaping import signed  # noqa: PLC0415 - boto3, 0.3 s that only those pay who ask S3

        authorization, headers = None, dict[str, str]()
        if self.settings.keys is not None:
            authorization, headers = signed(method, url, region=self.settings.region, keys=self.settings.keys)
        return self._session.request(
            method,
            url,
            headers=headers,
            authorization=authorization,
            at_most=PAGE_AT_MOST,
            deadline=self._deadline,
            follow=False,
        )


def _pause(answer: Answer, number: int) -> float:
    """The seconds a `Retry-After` asks for; else longer each time. S3 gives numbers, never dates."""
    text = answer.headers.get("retry-after", "")
    return float(text[:9]) if text.isascii() and text.isdigit() else _FIRST_PAUSE * 2**number
