"""Facts become conditions, and conditions one honest word (STAT)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, get_args

from aimcore.domain.children.diff import Diff
from aimcore.domain.decide.conditions import RUNTIME_RESOLVED
from aimcore.domain.decide.credentials import Credentials, Held
from aimcore.domain.decide.events import condition_events
from aimcore.domain.kinds.conditions import Condition, ConditionType, find_condition, since
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.dropped import FIELDS_NOT_KEPT, Changes, camel, dropped_condition, is_dropped
from aimcore.domain.kinds.records import Model, Service
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import AnyStatus, Verdict
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Apply, Create, SetStatus, Write

__all__ = ["children_verdict", "config_condition", "held_secrets", "set_status", "tries_taken_name", "untold"]


def config_condition(config: ResolvedConfig | ConfigMissing, credentials: Credentials | None = None) -> Condition:
    """`RuntimeResolved`: found, missing though named, or missing where only the default was meant (CONF-2).

    A service account and pull secrets that are not there add nothing to the credentials, and are named (CONF-4, DISC-7).
    """
    told = "" if credentials is None else credentials.told
    if isinstance(config, ConfigMissing):
        looked = ", ".join(map(str, config.looked))
        reason = "RuntimeConfigMissing" if config.named else "DefaultRuntimeConfigMissing"
        message = f"runtime config {config.name} is missing; looked for {looked}"
        return RUNTIME_RESOLVED(reason, message + told)
    return RUNTIME_RESOLVED("RuntimeResolved", f"{config.reference}{told}")


def held_secrets(subject: Model | Service, config: ResolvedConfig | ConfigMissing) -> Held | None:
    """The pull secrets of a status that speaks of this generation, and did not fail, with what it said of them."""
    status = subject.status
    if status is None or status.observed_generation != subject.meta.generation or status.status is Verdict.FAILED:
        return None
    said = find_condition(status.conditions, RUNTIME_RESOLVED.name)
    if said is None:
        return None
    bare = config_condition(config).message
    return Held(pull_secrets=status.effective_pull_secrets, message=said.message, config=bare)


def children_verdict(words: Iterable[Verdict]) -> Verdict:
    """A model's word from those of its templates, all of which are observed (STAT-1).

    >>> children_verdict([Verdict.READY, Verdict.NOT_AVAILABLE]).value
    'Ready'
    >>> children_verdict([Verdict.NOT_AVAILABLE, Verdict.FAILED]).value
    'Failed'
    """
    said = set(words)
    if said and said <= {Verdict.FAILED, Verdict.NOT_AVAILABLE}:
        return Verdict.FAILED if Verdict.FAILED in said else Verdict.DEGRADED
    if said & {Verdict.FAILED, Verdict.DEGRADED}:
        return Verdict.DEGRADED
    return Verdict.PROGRESSING if said & {Verdict.PENDING, Verdict.PROGRESSING} else Verdict.READY


def tries_taken_name(observed: Observed[Any], told: ConditionType, writes: Iterable[Write]) -> bool:
    """Whether a child is made again whose name was somebody else's when this generation was last looked at: only what becomes
    of that says whether what this condition told still stands (OWN-4).
    """
    held = observed.subject.status
    if held is None or held.observed_generation != observed.subject.meta.generation:
        return False
    said = find_condition(held.conditions, told.name)
    return said is not None and said.reason == "NameConflict" and any(isinstance(one, Create) for one in writes)


def set_status(
    observed: Observed[Any],
    decided: AnyStatus,
    *,
    rule: str,
    dropped: Collection[str] = (),
    beside: Iterable[Write] = (),
) -> tuple[SetStatus, ...]:
    """The write of a decided status, its conditions dated; nothing when it already says so (KIND-9), or says all of it that is
    kept. `dropped` are fields of others that are not, which the writes `beside` this one may be trying again (OWN-6).
    """
    subject = observed.subject
    held = subject.status
    before = () if held is None else held.conditions
    generation = subject.meta.generation
    conditions = since(observed.now, generation, decided.conditions, before)
    status = replace(decided, conditions=conditions, observed_generation=generation)
    if not dropped and status == held:
        return ()  # as most are
    changes = _changes(decided, held)
    not_kept = _not_kept(observed, changes, dropped, beside)
    if not_kept:
        conditions = since(observed.now, generation, (*decided.conditions, *not_kept), before)
        status = replace(decided, conditions=conditions, observed_generation=generation)
    said = held and (held.status, held.conditions, held.observed_generation)
    if said == (status.status, conditions, generation) and all(
        is_dropped(observed.dropped, subject.key, change) for change in changes
    ):
        return ()
    events = condition_events(before, conditions)
    return (SetStatus(key=subject.key, uid=subject.meta.uid, status=status, events=events, rule=rule, changes=changes),)


def untold(observed: Observed[Any], model: Model, child: Key, found: Diff) -> set[str]:
    """The fields that differ of a model's child, but for those that are not kept: seen since the start, or else by the word of
    a status that speaks of this generation (OWN-6).
    """
    paths = {path for path, _ in found.changes} - {*found.dropped}
    held = model.status
    if held is None or find_condition(held.conditions, FIELDS_NOT_KEPT.name) is None:
        return paths
    if model.key not in observed.tried and held.observed_generation == model.meta.generation:
        return set()
    return {path for path in paths if (child, path) not in observed.dropped}


def _not_kept(
    observed: Observed[Any], changes: Changes, dropped: Collection[str], beside: Iterable[Write]
) -> tuple[Condition, ...]:
    """The condition that names what is not kept; as it stands while something is tried again that it may name (OWN-6)."""
    subject = observed.subject
    told = find_condition(subject.status.conditions, FIELDS_NOT_KEPT.name) if subject.status else None
    if told is not None:
        tries = [(subject.key, change) for change in changes]
        tries += [(write.key, change) for write in beside if isinstance(write, Apply) for change in write.changes]
        again = [(key, change[0]) for key, change in tries if not is_dropped(observed.dropped, key, change)]
        if any(field in observed.dropped for field in again) or (again and subject.key not in observed.tried):
            return (told,)
    vain = (change[0] for change in changes if is_dropped(observed.dropped, subject.key, change))
    return dropped_condition({*dropped, *vain})


_ALWAYS_KEPT = ("status", "conditions", "observed_generation")


_FIELDS: Mapping[type[AnyStatus], tuple[tuple[str, str, object], ...]] = {
    status: tuple(
        (one.name, f".status.{camel(one.name)}", one.default) for one in fields(status) if one.name not in _ALWAYS_KEPT
    )
    for status in get_args(AnyStatus)
}
"""Name, path and default of each field that an older definition may not have."""


def _changes(decided: AnyStatus, held: AnyStatus | None) -> Changes:
    """The fields of a status that stand otherwise, but for those that every definition has."""
    return tuple(
        [
            (path, value)
            for name, path, unset in _FIELDS[type(decided)]
            if (value := getattr(decided, name)) != getattr(held, name, unset)
        ]
    )
