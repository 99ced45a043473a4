"""Faults of what the operator is told: watches that end, lie, fall silent or repeat themselves, and lists that are old or in pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aimcore.adapters.kubernetes.connection import Timeouts
from aimcore.adapters.memory.watching import History
from tests.integration.faults.fault import Fault, Times, broken_each, refused, spoiled, status
from tests.integration.faults.gate import Asked, Spoil, Spoiler
from tests.integration.faults.scenario import CHAT
from tests.integration.faults.stage import IDLE, Stage

__all__ = ["FAULTS", "told_badly"]

SHORT: Final = Timeouts(connect=30, read=30, watch=0.15, whole=30)
MODELS, TEMPLATES = "aimmodels", "aimservicetemplates"
WatchStream = list[Any]


def watches(times: int | None, spoil: Spoil, *plurals: str) -> Callable[[Stage], list[Times]]:
    """The next so many watches of each of these kinds go so."""
    return broken_each(times, "watch", spoil, plurals)


def telling(*lines: Any) -> Spoil:
    return lambda exchange: exchange.tells(*lines)


def retold(change: Callable[[WatchStream], WatchStream]) -> Spoil:
    """The watch tells what there is, changed so."""
    return lambda exchange: exchange.tells(*change(exchange.lines()))


def events(lines: WatchStream) -> WatchStream:
    return [line for line in lines if line["type"] != "BOOKMARK"]


def event(kind: str, thing: Any) -> dict[str, Any]:
    return {"type": kind, "object": thing}


def model(**metadata: Any) -> dict[str, Any]:
    named = {"name": "chat", "namespace": "red", **metadata}
    return {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMModel", "metadata": named, "spec": {"image": "a/b:1"}}


# --- lists -----------------------------------------------------------------------------------------------------------


def an_empty_page(stage: Stage) -> None:
    """The first page of each list is empty, and there is more."""

    def first(exchange: Spoiler) -> None:
        page = exchange.page()
        exchange.gives({**page, "items": [], "metadata": {**page["metadata"], "continue": "planted"}})

    stage.gate.script = pages(first, second=real_page)


def real_page(exchange: Spoiler) -> None:
    """The whole list, where the second page was asked for."""
    exchange.path = exchange.path.replace("continue=planted", "")
    exchange.well()


def one_and_all(exchange: Spoiler) -> None:
    """The first page has an object that the second has as well."""
    page = exchange.page()
    exchange.gives({**page, "items": page["items"][:1], "metadata": {**page["metadata"], "continue": "planted"}})


def pages(first: Spoil, *, second: Spoil) -> Callable[[Asked], Spoil | None]:
    """Every list comes in two pages."""

    def script(asked: Asked) -> Spoil | None:
        if asked.operation != "list":
            return None
        return second if asked.query.get("continue") == "planted" else first

    return script


def a_token_that_expires(stage: Stage) -> None:
    """Every list breaks off once between its pages."""
    expired: set[str] = set()

    def script(asked: Asked) -> Spoil | None:
        if asked.operation != "list" or asked.plural in expired:
            return None
        if asked.query.get("continue") == "planted":
            expired.add(asked.plural)
            return refused(410, "Expired")
        return one_and_all

    stage.gate.script = script


class Old:
    """Remembers the first list of each kind, and gives it out again once the history is gone."""

    def __init__(self, *plurals: str) -> None:
        self.plurals = plurals
        self.pages: dict[str, dict[str, Any]] = {}

    def arrange(self, stage: Stage) -> None:
        """Lets every list pass, and keeps it."""

        def keep(exchange: Spoiler) -> None:
            page = exchange.page()
            plural = stage.gate.asked[-1].plural
            self.pages.setdefault(plural, page)
            exchange.gives(page)

        stage.gate.script = lambda asked: keep if asked.operation == "list" else None

    def between(self, stage: Stage) -> None:
        """The history is gone, and the server that is asked next is behind."""
        gone, told = set(self.plurals), set(self.plurals)

        def script(asked: Asked) -> Spoil | None:
            if asked.operation == "watch" and asked.plural in gone:
                gone.discard(asked.plural)
                return refused(410, "Expired")
            if asked.operation == "list" and asked.plural in told and asked.plural in self.pages:
                told.discard(asked.plural)
                return lambda exchange: exchange.gives(self.pages[asked.plural])
            return None

        stage.gate.script = script
        stage.wait(IDLE + 1)  # so that every watch was made anew once


def stale(*plurals: str) -> Fault:
    """A list that is as old as the first one."""
    old = Old(*plurals)
    return Fault(arrange=old.arrange, between=old.between, extra=120)


def restored_from_a_backup(stage: Stage) -> None:
    """The same objects, and versions that begin anew."""
    with stage.gate.shared.held() as store:
        store._history, store._version = History(10**9), 0
        for kind, objects in store._objects.items():
            for address, stored in objects.items():
                store._version += 1
                metadata = {**stored.metadata, "resourceVersion": str(store._version)}
                stored.body, stored._manifest = {**stored.body, "metadata": metadata}, None
                assert address.kind == kind
        stage._latest.clear()
    stage.wait(IDLE + 1)


def written_meanwhile(stage: Stage) -> None:
    """A template is made after the list was, and before it is heard."""
    lost = Times(1, lambda asked: asked.operation == "watch" and asked.plural == TEMPLATES, refused(410, "Expired"))

    def late(exchange: Spoiler) -> None:
        page = exchange.page()
        with stage.gate.shared.held() as store:
            store.patch(CHAT, {"spec": {"image": "acme/chat:2"}}, manager="kubectl")
        stage.plan("AIMModel")
        while stage.jobs.waiting:
            stage.jobs.draw(stage.chance)
        exchange.gives(page)

    stage.gate.script = lambda asked: late if asked.operation == "list" else lost(asked)
    stage.wait(IDLE + 1)


# --- watches ---------------------------------------------------------------------------------------------------------


def deaf_for_a_minute(stage: Stage) -> None:
    """For a minute no watch tells anything: what the operator writes, it does not see."""
    stage.gate.script = lambda asked: telling() if asked.operation == "watch" and asked.at < 60 else None


def nothing_was_refused(stage: Stage) -> None:
    refusals = [key for key in stage.jobs._counters.snapshot().get("writes", {}) if key[-1] != "done"]
    assert refusals == [], "what was written was known, though nobody told of it"


def nothing_twice(stage: Stage) -> None:
    names = [asked.body["metadata"]["name"] for asked in stage.asked("create")]
    assert len(names) == len(set(names)), "what was made was known, though the list did not have it"


def deaf_until(stage: Stage) -> None:
    """For a minute from now on every watch closes at once."""
    spoiled(60, "watch", telling())(stage)


def without_deletions(lines: WatchStream) -> WatchStream:
    return [line for line in lines if line["type"] != "DELETED"]


def no_deletion_is_told(stage: Stage) -> None:
    """Not for two minutes, after which the history is gone."""
    ends, lost = stage.now + 120, set[str]()

    def script(asked: Asked) -> Spoil | None:
        if asked.operation != "watch" or asked.plural in lost:
            return None
        if asked.at < ends:
            return retold(without_deletions)
        lost.add(asked.plural)
        return refused(410, "Expired")

    stage.gate.script = script


def twice(lines: WatchStream) -> WatchStream:
    return [line for line in lines for _ in range(2)]


def unreadable(lines: WatchStream) -> WatchStream:
    """Somebody's object comes first that no schema of ours would admit."""
    broken = {**model(name="odd", uid="odd", resourceVersion="1"), "spec": {"image": 7}}
    return [event("ADDED", broken), *lines]


def told_badly(*plurals: str) -> Mapping[str, Fault]:
    """What can be wrong with what watches of these kinds tell."""

    def told(times: int | None, spoil: Spoil) -> Callable[[Stage], object]:
        return watches(times, spoil, *plurals)

    bookmark = event("BOOKMARK", {"metadata": {"resourceVersion": "1"}})
    return {
        "the history is gone, as an answer": Fault(between=told(1, refused(410, "Expired"))),
        "the history is gone, as an event": Fault(between=told(1, telling(event("ERROR", status(410, "Expired"))))),
        "the history is gone again and again": Fault(between=told(4, refused(410, "Expired"))),
        "an error without a code": Fault(between=told(2, telling(event("ERROR", {"kind": "Status"})))),
        "an error without an object": Fault(between=told(2, telling({"type": "ERROR"}))),
        "a connection that is only half open": Fault(between=told(2, Spoiler.hang), timeouts=SHORT),
        "every event is told twice": Fault(arrange=told(None, retold(twice))),
        "events come in the wrong order": Fault(arrange=told(3, retold(lambda lines: events(lines)[::-1]))),
        "deletions are not told, until it is listed anew": Fault(
            between=no_deletion_is_told, holds=lambda stage: stage.wait(IDLE + 121), extra=120
        ),
        "lists that are old": stale(*plurals),
        "an event of a type that nobody knows": Fault(between=told(2, telling(event("TOMORROW", model())))),
        "an event without a version": Fault(between=told(2, telling(event("ADDED", model())))),
        "nothing but bookmarks": Fault(between=told(3, telling(bookmark))),
        "a watch that is cut within a line": Fault(
            between=told(2, lambda exchange: exchange.say(b'HTTP/1.1 200 OK\r\n\r\n{"type": "ADD'))
        ),
        "a watch of words": Fault(between=told(2, telling(b"<html>"))),
        "a server too busy to be watched": Fault(between=told(3, refused(429, "TooManyRequests"))),
    }


FAULTS: Final[Mapping[str, Fault]] = {
    **told_badly(TEMPLATES),
    "lists of all kinds that are old": stale(
        MODELS, TEMPLATES, "aimservices", "aimclusterruntimeconfigs", "namespaces"
    ),
    "a list that is older than what was written meanwhile": Fault(between=written_meanwhile, holds=nothing_twice),
    "a cluster that was restored from a backup": Fault(between=restored_from_a_backup, extra=120, same_way=False),
    "what is written is not seen for a minute": Fault(arrange=deaf_for_a_minute, between=nothing_was_refused, extra=80),
    "an object that cannot be read": Fault(between=watches(2, retold(unreadable), MODELS)),
    "an empty page, and more": Fault(arrange=an_empty_page),
    "an object on two pages": Fault(
        arrange=lambda stage: setattr(stage.gate, "script", pages(one_and_all, second=real_page))
    ),
    "a list that grows too old between its pages": Fault(arrange=a_token_that_expires),
    "a watch that closes at once": Fault(between=deaf_until, extra=60),
}
