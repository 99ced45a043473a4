"""How each type of question is asked, when it is asked again, and what counts if asking goes wrong: one row a type.

- `Inspect`: at once. A failure that waiting may mend is asked again after a backoff (DISC-5); what the image itself got wrong
  waits for a change.
- `Recheck`: a tag that was read is looked at again once an interval, each at its own moment of it (DISC-3).
- `Probe`: at once, and again after a failure as for an image. Where a secret of the source may be why it was refused, that is
  every `LOOK_AGAIN` seconds, because only the probe sees what is in the secret (SIZE-3).
- `Look`: at once, and again every `LOOK_AGAIN` seconds for as long as a plan asks it (SEC-5). The answer is an object, which
  goes into the cache like any other.
- `ReadEvents`: at once, and again ever more slowly, at least every `EVENTS_AGAIN` seconds, for as long as an object is stuck (STAT-2).
- `ReadLog`: at once, and again as often as the question says; after a failure as for an image, unless the pod is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Generic, Protocol, TypeVar

from aimcore.domain.images.inspection import Cause, Inspection, InspectionFailed, Unchanged
from aimcore.domain.kinds.core import Absent, Secret, ServiceAccount
from aimcore.domain.kinds.diagnostics import LogCause, LogFailed, ObjectEvent, PodLog
from aimcore.domain.view.plan import Inspect, Look, Probe, Question, ReadEvents, ReadLog, Recheck
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed
from aimcore.ports.diagnostics import ObjectEvents, PodLogs
from aimcore.ports.errors import AccessDenied, NotFound, PortError
from aimcore.ports.images import ImageInspector

__all__ = [
    "HANDLERS",
    "LOOK_AGAIN",
    "Found",
    "Handler",
    "Lane",
    "Lookups",
    "Pauses",
    "Sources",
    "handler_of",
    "read_events",
    "read_log",
]

LOOK_AGAIN: Final = 30.0
EVENTS_AGAIN: Final = 300.0
OUR_FAULT: Final = "the operator failed to ask; its log says why"

Q = TypeVar("Q", bound=Question[Any])
A = TypeVar("A")
Found = Secret | ServiceAccount | Absent


class Lookups(Protocol):
    """Reads one secret or service account by its name (SEC-5). Called from several threads at once."""

    def look(self, look: Look) -> Secret | ServiceAccount:
        """What is there, without what a secret holds. Raises `NotFound`, or what else keeps one from reading it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Who answers questions: registries, the cluster by name, `size` for the hosts of sources, pods and events; each from several
    threads.
    """

    inspector: ImageInspector
    lookups: Lookups
    size: Callable[[Probe], ProbeAnswer]
    logs: PodLogs
    events: ObjectEvents


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """What a handler chooses from for the time until it asks again: seconds of a `backoff`, drawn anew, or the `interval`."""

    backoff: Callable[[], float]
    interval: float


class Lane(Enum):
    """Questions of one lane wait for each other and for no others; a slow lane delays nobody else."""

    READING = "asker"  # registries, and the cluster by name
    SIZING = "prober"  # hosts of sources, any of which may take a minute
    LOGS = "reader"  # nodes, of which one that is lost answers after half a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler(Generic[Q, A]):
    """All there is to know of a type of question.

    `ask` answers one, on any thread. `again` says in how many seconds it is asked again after that answer, None for never.
    `failed` says whether an answer is a failure. `fallback` is what counts where `ask` itself goes wrong, and None that nobody
    could say. With `fades` it is asked ever more slowly, as after failures. `count` names a counter and the outcome to count. An answer `is_object` where the cache keeps it.
    """

    ask: Callable[[Sources, Q], A | None]
    again: Callable[[Q, A | None, Pauses], float | None]
    failed: Callable[[A | None], bool]
    fallback: A | None = None
    count: Callable[[A | None], tuple[str, str]] | None = None
    lane: Lane = Lane.READING
    is_object: bool = False
    fades: bool = False


# Images ---------------------------------------------------------------------------------------------------------------

Read = Inspection | Unchanged


def _inspect(sources: Sources, question: Inspect) -> Read:
    return sources.inspector.inspect(question)


def _recheck(sources: Sources, question: Recheck) -> Read:
    return sources.inspector.recheck(question.want, question.held)


def _inspect_again(question: Inspect, answer: Read | None, pauses: Pauses) -> float | None:
    del question
    may_recover = isinstance(answer, InspectionFailed) and answer.cause.may_recover
    return _retry(answer, pauses) if may_recover else None


def _recheck_again(question: Recheck, answer: Read | None, pauses: Pauses) -> float | None:
    del question
    return _retry(answer, pauses) if _is_unread(answer) else pauses.interval


def _retry(answer: Read | None, pauses: Pauses) -> float:
    """A secret that is missing may come at any time, so it is not waited for any longer than it is looked for."""
    is_secret = isinstance(answer, InspectionFailed) and answer.cause is Cause.SECRET_MISSING
    return min(LOOK_AGAIN, pauses.backoff()) if is_secret else pauses.backoff()


def _is_unread(answer: Read | None) -> bool:
    return isinstance(answer, InspectionFailed)


def _count_read(name: str) -> Callable[[Read | None], tuple[str, str]]:
    return lambda answer: (name, answer.cause.value if isinstance(answer, InspectionFailed) else "Read")


# Sizes of sources -----------------------------------------------------------------------------------------------------


def _probe(sources: Sources, question: Probe) -> ProbeAnswer:
    return sources.size(question)


def _probe_again(question: Probe, answer: ProbeAnswer | None, pauses: Pauses) -> float | None:
    if not isinstance(answer, ProbeFailed) or not answer.cause.may_recover:
        return None
    delay = pauses.backoff()
    return min(LOOK_AGAIN, delay) if question.namespace and answer.cause.is_of_credentials else delay


def _count_sized(answer: ProbeAnswer | None) -> tuple[str, str]:
    return "probes", answer.cause.value if isinstance(answer, ProbeFailed) else "Sized"


# Secrets and accounts -------------------------------------------------------------------------------------------------


def _look(sources: Sources, question: Look) -> Found | None:
    """What is there; what may not be read counts as absent."""
    try:
        return sources.lookups.look(question)
    except (NotFound, AccessDenied):
        return Absent(kind=question.kind, namespace=question.namespace, name=question.name)
    except PortError:
        return None


def _look_again(question: Look, answer: Found | None, pauses: Pauses) -> float:
    del question
    return min(LOOK_AGAIN, pauses.backoff()) if answer is None else LOOK_AGAIN


# Logs of pods ---------------------------------------------------------------------------------------------------------

Log = PodLog | LogFailed


def read_log(logs: PodLogs, question: ReadLog) -> Log:
    """The answer of those who have the logs."""
    try:
        text = logs.tail(question.namespace, question.pod, question.container, lines=question.lines)
    except NotFound:
        return LogFailed(cause=LogCause.GONE)
    except AccessDenied as error:
        return LogFailed(cause=LogCause.FORBIDDEN, message=str(error))
    except PortError as error:
        return LogFailed(cause=LogCause.UNREACHABLE, message=str(error))
    return PodLog(text=text)


def _read_log(sources: Sources, question: ReadLog) -> Log:
    return read_log(sources.logs, question)


def _read_again(question: ReadLog, answer: Log | None, pauses: Pauses) -> float | None:
    if isinstance(answer, LogFailed):
        return None if answer.cause is LogCause.GONE else max(question.every, pauses.backoff())
    return question.every or None


def _count_log(answer: Log | None) -> tuple[str, str]:
    return "logs", answer.cause.value if isinstance(answer, LogFailed) else "Read"


# Events ---------------------------------------------------------------------------------------------------------------

Told = tuple[ObjectEvent, ...]


def read_events(events: ObjectEvents, question: ReadEvents) -> Told | None:
    """What was told of the object; None where nobody could say."""
    try:
        return events.of(question.key, question.uid)
    except PortError:
        return None


def _read_events(sources: Sources, question: ReadEvents) -> Told | None:
    return read_events(sources.events, question)


def _events_again(question: ReadEvents, answer: Told | None, pauses: Pauses) -> float:
    del question, answer
    return min(EVENTS_AGAIN, pauses.backoff())


def _count_events(answer: Told | None) -> tuple[str, str]:
    return "looks_at_events", "Unreadable" if answer is None else "Read"


# The table ------------------------------------------------------------------------------------------------------------

UNREAD: Final = InspectionFailed(cause=Cause.UNREACHABLE, message=OUR_FAULT)

HANDLERS: Final[Mapping[type[Question[Any]], Handler[Any, Any]]] = {
    Inspect: Handler(
        ask=_inspect, again=_inspect_again, failed=_is_unread, fallback=UNREAD, count=_count_read("inspections")
    ),
    Recheck: Handler(
        ask=_recheck, again=_recheck_again, failed=_is_unread, fallback=UNREAD, count=_count_read("rechecks")
    ),
    Probe: Handler(
        ask=_probe,
        again=_probe_again,
        failed=lambda answer: isinstance(answer, ProbeFailed),
        fallback=ProbeFailed(cause=ProbeCause.UNREACHABLE, message=OUR_FAULT),
        count=_count_sized,
        lane=Lane.SIZING,
    ),
    ReadLog: Handler(
        ask=_read_log,
        again=_read_again,
        failed=lambda answer: isinstance(answer, LogFailed),
        fallback=LogFailed(cause=LogCause.UNREACHABLE, message=OUR_FAULT),
        count=_count_log,
        lane=Lane.LOGS,
    ),
    ReadEvents: Handler(
        ask=_read_events,
        again=_events_again,
        failed=lambda answer: answer is None,
        count=_count_events,
        fades=True,
    ),
    Look: Handler(ask=_look, again=_look_again, failed=lambda answer: answer is None, is_object=True),
}


def handler_of(question: Question[Any]) -> Handler[Any, Any]:
    """The row of a question's type."""
    return HANDLERS[type(question)]
