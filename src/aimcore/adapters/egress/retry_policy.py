"""How long one caller bears being put off by a host (SEC-4)."""

from __future__ import annotations

import time
from typing import Final

from aimcore.adapters.egress.answers import Answer
from aimcore.adapters.egress.deadline import Deadline

__all__ = ["LATER", "RetryPolicy"]

LATER: Final = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same question may be answered."""

_AGAIN_AT_MOST: Final = 3  # for one patience, not for each question
_FIRST_PAUSE: Final = 0.25  # seconds, doubled each time
_WAITED_OUT_AT_MOST: Final = 5.0  # seconds; a longer wait is the caller's to plan


class RetryPolicy:
    """Three waits, as long as the host asks for or longer each time, within a deadline. Not for several threads."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._again = 0

    def bears(self, answer: Answer) -> bool:
        """Whether to ask again after this answer, which put us off; the wait is over when this returns."""
        pause = _pause(answer, self._again)
        if self._again == _AGAIN_AT_MOST or pause > min(_WAITED_OUT_AT_MOST, self._deadline.left()):
            return False
        self._again += 1
        time.sleep(pause)
        return True


def _pause(answer: Answer, number: int) -> float:
    """The seconds a `Retry-After` asks for, where it gives a number; else longer each time."""
    text = answer.headers.get("retry-after", "")
    return float(text[:9]) if text.isascii() and text.isdigit() else _FIRST_PAUSE * 2**number
