"""Who leads: one Lease, taken when it is free or has run out, kept by renewing, and given back at the end.

The clocks of machines are not compared. Each watches with its own for how long the lease has stood unchanged, and a leader
whose renewals fail stops believing in itself before anybody else may take over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aimcore.adapters.kubernetes.requests import At, Manifest, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES
from aimcore.adapters.kubernetes.store import ReadWarning
from aimcore.ports.errors import AlreadyExists, BadAnswer, Conflict, NotFound, PortError

__all__ = ["Election", "Terms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What time it is on the wall, seconds that only grow, and chance from [0, 1) to spread attempts. And in seconds: how
    long a lease holds, how long a leader goes on without a renewal, and the pause between attempts.
    """

    wall: Callable[[], datetime]
    clock: Callable[[], float]
    chance: Callable[[], float]
    duration: float = 15.0
    renew_deadline: float = 10.0
    retry: float = 2.0


class Election:
    """One candidate. `leads` may be asked from any thread; attempts are one thread's."""

    def __init__(
        self,
        requests: Requests,
        *,
        at: tuple[str, str],
        identity: str,
        terms: Terms,
        report: Callable[[ReadWarning], None],
    ) -> None:
        """`at` is the namespace and name of the lease; `identity` is this process's own."""
        self._requests = requests
        self._at = At(RESOURCES["Lease"], *at)
        self._identity = identity
        self._terms = terms
        self._report = report
        self._until: float | None = None
        self._seen: tuple[str, float] | None = None

    @property
    def leads(self) -> bool:
        """Whether this candidate leads now. It stops of itself when renewals fail, before the lease runs out."""
        until = self._until
        return until is not None and self._terms.clock() < until

    def run(self, stopping: threading.Event) -> None:
        """Attempts again and again until told to stop, then gives the lease back."""
        while not stopping.is_set():
            self.attempt()
            stopping.wait(self._terms.retry * (1 + self._terms.chance() / 5))
        self.release()

    def attempt(self) -> bool:
        """Take the lease, or renew it; whether this candidate leads."""
        began = self._terms.clock()
        try:
            if self._claimed(began):
                self._until = began + self._terms.renew_deadline
            else:
                self._until = None
        except (AlreadyExists, Conflict):
            self._seen = None  # somebody was faster; the next look tells who
        except PortError as error:
            self._report(ReadWarning(f"lease {self._at.namespace}/{self._at.name}", error))
        return self.leads

    def release(self) -> None:
        """Gives the lease back, if it is held: whoever waits need not wait until it runs out."""
        self._until = None
        try:
            there = self._requests.get(self._at)
            if _holder(there) == self._identity:
                spec = {**_spec(there), "holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": self._now()}
                self._requests.replace(self._at, {**there, "spec": spec})
        except PortError as error:
            self._report(ReadWarning(f"lease {self._at.namespace}/{self._at.name}", error))

    def _claimed(self, now: float) -> bool:
        try:
            there = self._requests.get(self._at)
        except NotFound:
            self._requests.create(self._at.resource, self._manifest({"leaseTransitions": 0}, taken=True))
            return True
        held = _holder(there) == self._identity
        if not held and not self._is_free(there, now):
            return False
        spec = dict(_spec(there))
        if not held:
            transitions = spec.get("leaseTransitions")
            spec["leaseTransitions"] = (transitions if isinstance(transitions, int) else 0) + 1
        self._requests.replace(self._at, {**there, **self._manifest(spec, taken=not held, metadata=there["metadata"])})
        return True

    def _is_free(self, there: Manifest, now: float) -> bool:
        """Whether nobody holds the lease, or it has stood as it is for as long as its holder asked for."""
        if not _holder(there):
            return True
        version = str(there["metadata"].get("resourceVersion"))
        if self._seen is None or self._seen[0] != version:
            self._seen = (version, now)
        asked = _spec(there).get("leaseDurationSeconds")
        return now - self._seen[1] >= (asked if isinstance(asked, int) else self._terms.duration)

    def _manifest(
        self, spec: Mapping[str, Any], *, taken: bool, metadata: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        now = self._now()
        ours = {
            **spec,
            "holderIdentity": self._identity,
            "leaseDurationSeconds": round(self._terms.duration),
            "renewTime": now,
        }
        return {
            "apiVersion": self._at.resource.api_version,
            "kind": self._at.resource.kind,
            "metadata": metadata or {"name": self._at.name, "namespace": self._at.namespace},
            "spec": {**ours, "acquireTime": now} if taken else ours,
        }

    def _now(self) -> str:
        return self._terms.wall().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _spec(lease: Manifest) -> Mapping[str, Any]:
    spec = lease.get("spec") or {}
    if not isinstance(spec, dict) or not isinstance(lease.get("metadata"), dict):
        raise BadAnswer("a lease without a spec")
    return spec


def _holder(lease: Manifest) -> str:
    return str(_spec(lease).get("holderIdentity") or "")
