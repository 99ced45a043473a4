"""Clients that always have a streamed answer open, and count what they lost."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import Self

__all__ = ["Clients", "chat"]

_LONGEST = 60.0
_STAGGER = 1.3


@dataclass(slots=True)
class Clients:
    """So many clients at one address; each asks again as soon as its answer is complete."""

    address: str
    number: int
    whole: int = 0
    lost: list[str] = field(default_factory=list)
    pods: set[str] = field(default_factory=set)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        for number in range(self.number):
            thread = threading.Thread(target=self._ask, args=(number * _STAGGER,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The answers that are open come to their end, or are counted as lost."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=_LONGEST)

    def _ask(self, after: float) -> None:
        self._stopping.wait(after)
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                pod = self._streamed()
            except (OSError, HTTPException, ValueError) as error:
                with self._lock:
                    self.lost.append(f"after {time.monotonic() - began:.1f} s: {error!r}")
                self._stopping.wait(0.2)
            else:
                with self._lock:
                    self.whole += 1
                    self.pods.add(pod)

    def _streamed(self) -> str:
        """Which pod gave the answer. Raises where its last word is missing."""
        connection = HTTPConnection(self.address, 80, timeout=_LONGEST)
        try:
            connection.request("POST", "/v1/chat/completions", json.dumps({"stream": True}))
            answer = connection.getresponse()
            events = answer.read().decode().split("\n\n")
            if answer.status != 200 or events[-2:] != ["data: [DONE]", ""]:
                raise ValueError(f"{answer.status}, and {len(events)} events")
            return str(json.loads(events[0].removeprefix("data: "))["pod"])
        finally:
            connection.close()


def chat(address: str) -> str:
    """The content of an answer that is not streamed."""
    connection = HTTPConnection(address, 80, timeout=_LONGEST)
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps({"messages": []}))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise ValueError(f"{answer.status}: {body[:200]!r}")
        return str(json.loads(body)["choices"][0]["message"]["content"])
    finally:
        connection.close()
