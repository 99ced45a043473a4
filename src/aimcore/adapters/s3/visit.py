"""The questions of one probe to one store: signed anew each time, asked again a few times where the store puts them off.

No redirect is followed: where a bucket has moved to, the user is told, and the question is not sent on (SEC-1).
"""

from __future__ import annotations

from typing import Literal

from aimcore.adapters.egress import Answer, Deadline, Session
from aimcore.adapters.egress.origins import Origin, parse_url
from aimcore.adapters.egress.retry_policy import RetryPolicy
from aimcore.adapters.s3.listing import PAGE_AT_MOST
from aimcore.adapters.s3.refusals import is_putting_off
from aimcore.adapters.s3.settings import Settings

__all__ = ["Visit"]


class Visit:
    """One probe's patience. Not for several threads.

    `own_host` says that the store answers for the bucket under a host name of its own only.
    """

    def __init__(self, session: Session, settings: Settings, deadline: Deadline) -> None:
        self.settings = settings
        self.own_host = False
        self.host: Origin | None = None
        self._session = session
        self._deadline = deadline
        self._retry_policy = RetryPolicy(deadline)

    def ask(self, method: Literal["GET", "HEAD"], url: str) -> Answer:
        """What the store answers, whatever its status; raises an `EgressError`."""
        self.host = parse_url(url).origin
        while True:
            answer = self._once(method, url)
            if not is_putting_off(answer) or not self._retry_policy.bears(answer):
                return answer

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
