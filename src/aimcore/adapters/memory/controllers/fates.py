"""What becomes of a pod: a fate tells, for each second of its age, the state that a kubelet would write (STAT-2).

A fate is a pure function, so a scenario can jump in time. The texts are those that a real node writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

__all__ = [
    "CREATING",
    "End",
    "Fate",
    "PodState",
    "cannot_be_configured",
    "cannot_be_pulled",
    "cannot_be_scheduled",
    "crashes",
    "ends",
    "is_evicted",
    "is_killed",
    "loses_its_node",
    "nobody_schedules",
    "out_of_memory",
    "runs",
    "waits",
]

FIRST_BACK_OFF: Final = 10
LONGEST_BACK_OFF: Final = 300
NODE_LOST_AFTER: Final = 300
"""Seconds after which the pods of a node that is not heard of are deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a container ended, and from which to which second of the pod's age it ran."""

    exit_code: int
    reason: str
    began: int
    ended: int
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodState:
    """A pod at one moment. `scheduled` is None where no scheduler has said anything; `since` is the second of its age from
    which its container runs or it is ready. `lost` says that its node is not heard of, `leaving` that it is to be deleted.
    """

    scheduled: bool | None = True
    unscheduled: str = ""
    phase: str = "Pending"
    reason: str = ""
    message: str = ""
    waiting: tuple[str, str] | None = None
    since: int | None = None
    started: bool = False
    ready: bool = False
    restarts: int = 0
    ended: End | None = None
    last: End | None = None
    lost: bool = False
    disrupted: bool = False
    leaving: bool = False
    events: tuple[tuple[str, str], ...] = ()


Fate = Callable[[int], PodState]
"""The state of a pod at an age, in whole seconds."""

CREATING: Final = PodState(waiting=("ContainerCreating", ""))


def runs(*, pulls: int = 0, loads: int = 0) -> Fate:
    """It is pulled for so many seconds, loads for so many, and is ready ever after."""

    def fate(age: int) -> PodState:
        if age < pulls:
            return replace(CREATING, events=(("Pulling", "Pulling image"),))
        started = age >= pulls + loads
        return PodState(phase="Running", since=pulls, started=started, ready=started)

    return fate


def waits(reason: str, message: str, *, events: tuple[tuple[str, str], ...] = ()) -> Fate:
    """Its container never starts, for this reason; some say why in events alone."""
    return lambda _: PodState(waiting=(reason, message), events=events)


def cannot_be_pulled(
    message: str, *, image: str = "registry.test/aim:1", until: int | None = None, lacks: str = ""
) -> Fate:
    """The image cannot be pulled, until so many seconds have passed, or for ever; it `lacks` secrets to pull with."""
    good = runs()
    text = f"Unable to retrieve some image pull secrets ({lacks}); attempting to pull the image may not succeed."
    told = (("FailedToRetrieveImagePullSecret", text),) if lacks else ()

    def fate(age: int) -> PodState:
        if until is not None and age >= until:
            return good(age)
        if age < FIRST_BACK_OFF:
            return PodState(waiting=("ErrImagePull", message), events=told)
        backed_off = "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {message}'
        return PodState(waiting=backed_off, events=told)

    return fate


def cannot_be_configured(message: str) -> Fate:
    """A secret or a key of one is missing, or the image must not run as root."""
    return waits("CreateContainerConfigError", message)


def cannot_be_scheduled(message: str, *, until: int | None = None) -> Fate:
    """No node takes it, until so many seconds have passed, or for ever."""
    good = runs()

    def fate(age: int) -> PodState:
        if until is not None and age >= until:
            return good(age - until)
        return PodState(scheduled=False, unscheduled=message)

    return fate


def nobody_schedules() -> Fate:
    """Its scheduler does not exist: no condition, no event."""
    return lambda _: PodState(scheduled=None)


def crashes(
    *, after: int = 5, exit_code: int = 1, reason: str = "Error", message: str = "", times: int | None = None
) -> Fate:
    """It ends so many seconds after each start, so many times or for ever, and is started again after a pause that doubles."""

    def fate(age: int) -> PodState:
        begins, restarts, last = 0, 0, None
        while times is None or restarts < times:
            ends_at = begins + after
            if age < ends_at:
                return PodState(phase="Running", since=begins, restarts=restarts, last=last)
            last = End(exit_code=exit_code, reason=reason, began=begins, ended=ends_at, message=message)
            pause = 0 if restarts == 0 else min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** min(restarts - 1, 8))
            if age < ends_at + pause:
                text = f"back-off {pause}s restarting failed container=aim"
                return PodState(phase="Running", waiting=("CrashLoopBackOff", text), restarts=restarts, last=last)
            begins, restarts = ends_at + max(pause, 1), restarts + 1
        if age < begins:
            return PodState(phase="Running", ended=last, restarts=restarts - 1)
        return PodState(phase="Running", since=begins, started=True, ready=True, restarts=restarts, last=last)

    return fate


def is_killed(probe: str, *, after: int = 5, exit_code: int = 137) -> Fate:
    """Its `startup` or `liveness` probe ends it again and again; in its status that looks like a crash."""
    crash = crashes(after=after, exit_code=exit_code)
    told = (("Killing", f"Container aim failed {probe} probe, will be restarted"),)
    return lambda age: replace(crash(age), events=told if age >= after else ())


def out_of_memory(*, after: int = 5, times: int | None = None) -> Fate:
    """It needs more memory than its limit, again and again."""
    return crashes(after=after, exit_code=137, reason="OOMKilled", times=times)


def ends(exit_code: int = 0, *, after: int = 0, message: str = "") -> Fate:
    """A pod of a Job: it runs for so many seconds and ends for good, with a termination message."""

    def fate(age: int) -> PodState:
        if age < after:
            return PodState(phase="Running", since=0, started=True, ready=True)
        reason = "Error" if exit_code else "Completed"
        end = End(exit_code=exit_code, reason=reason, began=0, ended=after, message=message)
        return PodState(phase="Failed" if exit_code else "Succeeded", ended=end)

    return fate


def is_evicted(message: str, *, after: int = 0, by_api: bool = False) -> Fate:
    """It serves for so many seconds and is then evicted: by its kubelet, or by a drain, which a Job does not count."""
    good = runs()

    def fate(age: int) -> PodState:
        if age < after:
            return good(age)
        end = End(exit_code=137, reason="Error", began=0, ended=after)
        return PodState(phase="Failed", reason="Evicted", message=message, ended=end, disrupted=by_api)

    return fate


def loses_its_node(*, after: int = 0) -> Fate:
    """It serves for so many seconds; then its node is not heard of any more, and five minutes later it is to be deleted."""
    good = runs()

    def fate(age: int) -> PodState:
        if age < after:
            return good(age)
        lost = replace(good(age), ready=False, lost=True)
        return replace(lost, leaving=True, disrupted=True) if age >= after + NODE_LOST_AFTER else lost

    return fate
