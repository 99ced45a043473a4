"""The engine decides what is affected, hands out writes and questions, and takes what became of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.images.inspection import Cause, InspectionFailed
from aimcore.domain.kinds.core import Absent, Secret
from aimcore.domain.kinds.records import AimObject, Meta, Model, ModelSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Inspect, Look, SetStatus, Write
from aimcore.engine.engine import Answered, Context, Engine, Limits, Wrote
from aimcore.engine.questions import AnyQuestion
from aimcore.ports.cluster import Gone, Put

NOW = "2026-01-01T00:00:00Z"
REFUSED = InspectionFailed(cause=Cause.UNAUTHORIZED, message="no")


def model(name: str = "chat", **spec: Any) -> Model:
    return Model(
        key=Key(Kind.MODEL, "ml", name),
        meta=Meta(uid=name, generation=1),
        spec=ModelSpec(**{"image": f"registry.example.com/acme/{name}:1", **spec}),
    )


class Driver:
    """Notes what is handed out, and turns the clock."""

    def __init__(self, *things: AimObject, **context: Any) -> None:
        self.now = 0.0
        self.written: list[tuple[Key, tuple[Write, ...]]] = []
        self.asked: list[AnyQuestion] = []
        self.engine = Engine(
            cache=ObjectCache(),
            driver=self,
            context=Context(
                policy=context.pop("policy", Policy()),
                now=lambda: NOW,
                clock=lambda: self.now,
                chance=lambda: 1.0,
                **context,
            ),
        )
        self.engine.observe(map(Put, things))

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        self.written.append((key, writes))

    def ask(self, question: AnyQuestion) -> None:
        self.asked.append(question)

    def work(self) -> list[Key]:
        """Decides all that is due; which keys that were."""
        decided = []
        while (one := self.engine.reconcile()) is not None:
            decided.append(one.key)
        return decided

    def wait(self, seconds: float) -> list[Key]:
        self.now += seconds
        return self.work()


def test_a_first_status_waits_for_its_answer_and_is_written_once() -> None:
    driver = Driver(model())
    driver.work()
    (question,) = driver.asked
    assert (type(question), driver.written) == (Inspect, [])
    driver.engine.hear(Answered(question=question, answer=REFUSED))
    assert driver.work() == [model().key]
    ((key, (write,)),) = driver.written
    assert isinstance(write, SetStatus)
    assert (key, write.status.status) == (model().key, "Failed")


def test_an_answer_that_does_not_come_holds_a_status_up_for_no_longer_than_the_limit() -> None:
    driver = Driver(model(), limits=Limits(answer_wait=3.0))
    driver.work()
    assert driver.engine.seconds_to_wait() == 3.0
    assert driver.wait(2.9) == []
    driver.wait(0.2)
    assert [key for key, _ in driver.written] == [model().key]


def test_without_a_limit_nothing_is_written_before_the_answer() -> None:
    driver = Driver(model(), limits=Limits.none())
    driver.work()
    assert driver.engine.seconds_to_wait() == float("inf")
    assert (driver.wait(1e6), driver.written) == ([], [])
    driver.engine.hear(Answered(question=driver.asked[0], answer=REFUSED))
    driver.work()
    assert len(driver.written) == 1


def _written(driver: Driver) -> None:
    driver.work()
    driver.engine.hear(Answered(question=driver.asked[0], answer=REFUSED))
    driver.work()
    assert len(driver.written) == 1


def test_a_key_is_decided_by_nobody_else_until_its_writes_are_done() -> None:
    driver = Driver(model())
    _written(driver)
    driver.engine.observe([Put(replace(model(), meta=Meta(uid="chat", generation=2)))])
    assert driver.work() == []
    driver.engine.hear(Wrote(key=model().key, failed=False))
    assert driver.work() == [model().key]


def test_a_refused_write_is_tried_again_after_a_backoff_and_an_unknown_one_at_once() -> None:
    driver = Driver(model())
    _written(driver)
    driver.engine.hear(Wrote(key=model().key, failed=True))
    assert driver.work() == []
    assert driver.wait(driver.engine.seconds_to_wait()) == [model().key]
    driver.engine.requeue(model().key)
    assert driver.work() == [model().key]
    assert len(driver.written) == 3


def test_only_so_many_keys_are_written_at_once() -> None:
    things = [model(name, image=None, image_metadata=None) for name in "abc"]
    driver = Driver(*things, limits=Limits(busy=2))
    driver.work()
    assert len(driver.written) == 2
    assert driver.engine.seconds_to_wait() == float("inf")
    driver.engine.hear(Wrote(key=driver.written[0][0], failed=True))
    driver.work()
    assert {key.name for key, _ in driver.written} == {"a", "b", "c"}


def test_a_decision_that_raises_is_for_the_driver_to_judge() -> None:
    broken: Any = replace(model(), meta=replace(model().meta, annotations=None))  # type: ignore[arg-type]  # what no reader lets in
    with pytest.raises(AttributeError) as raised:
        Driver(broken).work()
    assert raised.value.__notes__ == ["deciding AIMModel ml/chat"]
    failed: list[Key] = []
    driver = Driver(broken, model("other"), failed=lambda key, _: failed.append(key))
    assert driver.work() == [broken.key, model("other").key]
    assert failed == [broken.key]
    assert driver.engine.reconciled["AIMModel", "failed"] == 1
    assert broken.key in driver.wait(1.0), "after a backoff"


def test_a_key_out_of_scope_is_neither_decided_nor_asked_for() -> None:
    driver = Driver(model(), in_scope=lambda key: key.namespace != "ml")
    assert driver.work() == [model().key]
    assert (driver.asked, driver.written) == ([], [])


@pytest.mark.rule("SEC-5")
def test_an_object_that_was_looked_up_goes_into_the_cache_and_wakes_those_who_asked() -> None:
    driver = Driver(model(image_pull_secrets=("s",)), policy=Policy(unseen=Unseen.ASKED))
    driver.work()
    secret = Look("Secret", "ml", "s")
    assert secret in driver.asked
    found = Secret(namespace="ml", name="s", type="kubernetes.io/dockerconfigjson", version="1")
    driver.engine.hear(Answered(question=secret, answer=found))
    assert driver.engine.cache.secret("ml", "s") == found
    assert driver.work() == [model().key]
    driver.engine.hear(Answered(question=secret, answer=found))
    driver.engine.hear(Answered(question=secret, answer=None))
    assert driver.work() == [], "the same again, or no answer, is no news"
    driver.engine.hear(Answered(question=secret, answer=Absent(kind="Secret", namespace="ml", name="s")))
    assert driver.work() == [model().key]


@pytest.mark.rule("DISC-5")
def test_what_failed_is_asked_again_at_once_when_its_object_is_edited() -> None:
    driver = Driver(model())
    _written(driver)
    driver.engine.hear(Wrote(key=model().key, failed=False))
    driver.engine.observe([Put(replace(model(), meta=Meta(uid="chat", generation=1, resource_version="2")))])
    assert len(driver.asked) == 1, "only its version changed"
    driver.engine.observe([Put(replace(model(), meta=Meta(uid="chat", generation=2)))])
    assert driver.asked == [driver.asked[0]] * 2


def test_an_object_that_is_gone_takes_its_questions_with_it() -> None:
    driver = Driver(model())
    driver.work()
    driver.engine.observe([Gone(model())])
    assert driver.work() == []
    driver.engine.hear(Answered(question=driver.asked[0], answer=REFUSED))
    assert (driver.work(), driver.engine.questions.answers) == ([], {})


def test_objects_are_counted_by_kind_and_status() -> None:
    driver = Driver(model("a"), model("b"))
    driver.engine.count_objects()
    assert driver.engine.object_counts == {("AIMModel", "Unobserved"): 2}
