"""Facts outlive crashes, are heard once, and a poisoned one holds up nobody."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from backend.core import delivery, outbox
from backend.core.db import unit_of_work
from backend.core.outbox import Outbox
from backend.core.settings import get_settings

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
    assert row.parked_because == "ValueError('poison')"
    assert ears.heard == [good]


def test_what_a_failing_listener_wrote_is_undone() -> None:
    subject = leave()

    def writes_and_fails(session: Session, county: str, _: UUID, __: Mapping[str, Any]) -> None:
        outbox.leave(session, county, "test.half_done", subject)
        raise ValueError("afterwards")

    delivery.drain(COUNTY, {"test.fact": [writes_and_fails]})
    with unit_of_work() as session:
        assert session.scalars(select(Outbox).where(Outbox.fact == "test.half_done")).all() == []


def test_a_flushed_redis_is_woken_again() -> None:
    leave("event.overdue")
    connection = Redis.from_url(get_settings().redis_url)
    connection.flushall()
    queue = Queue(delivery.QUEUE, connection=connection)
    delivery.wake(queue, delivery.waiting_counties())
    delivery.wake(queue, delivery.waiting_counties())
    assert queue.job_ids == [f"outbox-{COUNTY}"]
    connection.flushall()
    delivery.wake(queue, delivery.waiting_counties())
    assert queue.job_ids == [f"outbox-{COUNTY}"]
    SimpleWorker([queue], connection=connection).work(burst=True)
    assert delivery.waiting_counties() == []
