"""Facts outlive crashes, are heard once, and a poisoned one holds up nobody."""

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from rq import SimpleWorker
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from backend import jobs, subscriptions
from backend.core import delivery, outbox, relay
from backend.core.db import get_engine, unit_of_work
from backend.core.jobs import FACTS, SENDING
from backend.core.outbox import Outbox

COUNTY = "359902"


@pytest.fixture(autouse=True)
def empty(database: str) -> None:
    with unit_of_work() as session:
        session.execute(update(Outbox).values(done_at=text("now()")))


def leave(fact: str = "test.fact") -> UUID:
    subject = uuid4()
    with unit_of_work() as session:
        outbox.leave(session, COUNTY, fact, subject, word="yes")
    return subject


class Ears:
    """Remembers what it heard; fails at what it cannot bear."""

    def __init__(self, cannot_bear: UUID | None = None) -> None:
        self.heard: list[UUID] = []
        self.cannot_bear = cannot_bear

    def __call__(
        self, session: Session, county: str, subject: UUID, details: Mapping[str, Any]
    ) -> None:
        if subject == self.cannot_bear:
            raise ValueError("poison")
        assert (county, details) == (COUNTY, {"word": "yes"})
        self.heard.append(subject)


def test_what_rolls_back_is_never_heard() -> None:
    ears = Ears()
    with pytest.raises(RuntimeError), unit_of_work() as session:
        outbox.leave(session, COUNTY, "test.fact", uuid4(), word="yes")
        raise RuntimeError("the request failed")
    assert delivery.drain(COUNTY, {"test.fact": [ears]}) == 0
    assert ears.heard == []


def test_what_commits_is_heard_once() -> None:
    ears = Ears()
    subjects = [leave() for _ in range(5)]
    assert delivery.drain(COUNTY, {"test.fact": [ears]}) == 5
    assert delivery.drain(COUNTY, {"test.fact": [ears]}) == 0
    assert ears.heard == subjects


def test_poison_is_tried_again_then_parked_and_others_pass() -> None:
    poison, good = leave(), leave()
    ears = Ears(cannot_bear=poison)
    delivery.drain(COUNTY, {"test.fact": [ears]})
    assert ears.heard == [good]
    for _ in range(outbox.MAX_ATTEMPTS):
        with unit_of_work() as session:
            session.execute(update(Outbox).values(due_at=text("now() - interval '1 s'")))
        delivery.drain(COUNTY, {"test.fact": [ears]})
    with unit_of_work() as session:
        row = session.scalars(select(Outbox).where(Outbox.subject_id == poison)).one()
    assert (row.attempts, row.done_at) == (outbox.MAX_ATTEMPTS, None)
    assert row.parked_because == "tests.core.test_outbox.Ears: ValueError: poison"
    assert ears.heard == [good]


def test_what_a_failing_listener_wrote_is_undone() -> None:
    subject = leave()

    def writes_and_fails(session: Session, county: str, _: UUID, __: Mapping[str, Any]) -> None:
        outbox.leave(session, county, "test.half_done", subject)
        raise ValueError("afterwards")

    delivery.drain(COUNTY, {"test.fact": [writes_and_fails]})
    with unit_of_work() as session:
        assert session.scalars(select(Outbox).where(Outbox.fact == "test.half_done")).all() == []


def rows(subject: UUID) -> Outbox:
    with unit_of_work() as session:
        return session.scalars(
            select(Outbox).where(Outbox.subject_id == subject, Outbox.fact == "test.fact")
        ).one()


def make_due() -> None:
    with unit_of_work() as session:
        session.execute(update(Outbox).values(due_at=text("now() - interval '1 s'")))


def test_one_listeners_fault_is_its_own() -> None:
    subject = leave()
    heard: list[str] = []

    def first(*_: Any) -> None:
        heard.append("first")

    def second(*_: Any) -> None:
        heard.append("second")
        raise ValueError("it names an organization that has closed")

    def third(*_: Any) -> None:
        heard.append("third")

    listeners = {"test.fact": [first, second, third]}
    for _ in range(outbox.MAX_ATTEMPTS + 2):
        delivery.drain(COUNTY, listeners)
        assert "third" in heard, "who comes behind the one that fails hears it at once"
        make_due()
    row = rows(subject)
    assert row.heard == [delivery.name_of(first), delivery.name_of(third)]
    assert row.parked_because == (
        f"{delivery.name_of(second)}: ValueError: it names an organization that has closed"
    )
    # What all were tried under one savepoint, new and once more, is undone with it; after that each
    # hears it once a try.
    assert (heard.count("third"), heard.count("second")) == (1, outbox.MAX_ATTEMPTS + 2)
    with unit_of_work() as session:
        assert delivery.again(session, COUNTY, row.id)
    make_due()
    delivery.drain(COUNTY, {"test.fact": [first, lambda *_: None, third]})
    assert rows(subject).done_at is not None
    assert heard.count("third") == 1


def in_a_process(work: Callable[[], object]) -> int:
    """Run something in a forked process, as a worker does; how it ended."""
    pid = os.fork()
    if pid == 0:
        get_engine().dispose(close=False)
        work()
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def test_what_kills_its_worker_is_parked_and_stops_nobody_in_its_county() -> None:
    good = [leave() for _ in range(3)]
    deadly = leave()
    good += [leave() for _ in range(3)]

    def first(session: Session, county: str, subject: UUID, _: Any) -> None:
        outbox.leave(session, county, "test.first", subject)

    def kills(session: Session, county: str, subject: UUID, _: Any) -> None:
        if subject == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def last(session: Session, county: str, subject: UUID, _: Any) -> None:
        outbox.leave(session, county, "test.last", subject)

    listeners = {"test.fact": [first, kills, last]}
    killed = 0
    for _ in range(outbox.MAX_ATTEMPTS + 2):
        killed += in_a_process(lambda: delivery.drain(COUNTY, listeners)) == signal.SIGKILL
        make_due()
    assert killed == outbox.MAX_ATTEMPTS
    row = rows(deadly)
    assert row.parked_because is not None and row.parked_because.endswith(
        "kills: the worker ended while it heard this"
    )
    assert all(rows(subject).done_at is not None for subject in good)
    # The other listeners of the deadly fact heard it, once.
    with unit_of_work() as session:
        for fact in ("test.first", "test.last"):
            told = session.scalars(select(Outbox.subject_id).where(Outbox.fact == fact)).all()
            assert sorted(told) == sorted([*good, deadly]), fact


def test_a_killed_worker_costs_the_others_few_transactions() -> None:
    innocent = [leave() for _ in range(25)]

    def kills(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    listeners = {"test.fact": [kills]}
    assert in_a_process(lambda: delivery.drain(COUNTY, listeners)) == signal.SIGKILL
    commits: list[object] = []

    def commit(connection: object) -> None:
        commits.append(connection)

    event.listen(get_engine(), "commit", commit)
    ears = Ears()
    try:
        assert delivery.drain(COUNTY, {"test.fact": [ears]}) == len(innocent)
    finally:
        event.remove(get_engine(), "commit", commit)
    assert ears.heard == innocent
    # By the ten: one to count the try, one to hear; and those that only look.
    assert len(commits) < len(innocent)


def test_one_drain_a_county_is_at_work_at_a_time() -> None:
    leave()
    ears = Ears()

    def meets_another(*what: Any) -> None:
        assert delivery.drain(COUNTY, {"test.fact": [ears]}) == 0
        ears(*what)

    assert delivery.drain(COUNTY, {"test.fact": [meets_another]}) == 1
    assert len(ears.heard) == 1


def test_a_flushed_redis_is_woken_again() -> None:
    leave("event.overdue")
    connection = relay.redis_connection()
    connection.flushall()
    queue = relay.queues(connection)[FACTS]
    for _ in range(2):
        assert relay.waiting(jobs.OUTWARD) == {(COUNTY, FACTS)}
        relay.wake(queue, [COUNTY])
    assert relay.queued(queue) == [f"outbox-{COUNTY}"]
    connection.flushall()
    relay.wake(queue, [COUNTY])
    assert relay.queued(queue) == [f"outbox-{COUNTY}"]
    SimpleWorker([queue], connection=connection).work(burst=True)
    assert relay.waiting(jobs.OUTWARD) == set()


def test_what_a_killed_worker_leaves_in_redis_ends_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connection = relay.redis_connection()
    connection.flushall()
    queue = relay.queues(connection)[FACTS]

    def work() -> None:
        relay.wake(queue, [COUNTY])
        SimpleWorker([queue], connection=connection).work(burst=True)

    def kills(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    deadly = leave("event.overdue")
    with monkeypatch.context() as patched:
        patched.setattr(subscriptions, "HANDLERS", {"event.overdue": [kills]})
        assert in_a_process(work) == signal.SIGKILL
    # What time does: rq's note of what the killed one was at has expired.
    (left,) = connection.keys("rq:execution:*")
    connection.delete(left)
    make_due()
    work()
    assert "Job OK" in caplog.text and "exception" not in caplog.text
    with unit_of_work() as session:
        assert session.scalars(select(Outbox.done_at).where(Outbox.subject_id == deadly)).one()


def test_what_goes_out_of_the_house_waits_in_a_lane_of_its_own() -> None:
    leave("phone.asked")
    leave("event.overdue")
    assert relay.waiting(jobs.OUTWARD) == {(COUNTY, FACTS), (COUNTY, SENDING)}
    assert jobs.deliver(COUNTY, outward=False) == 1
    assert relay.waiting(jobs.OUTWARD) == {(COUNTY, SENDING)}
