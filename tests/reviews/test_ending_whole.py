"""A meeting ends whole or not at all, wherever its end is cut off; and its minutes come after it."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event, func, select, text, update
from sqlalchemy.pool import NullPool

from backend.core import delivery
from backend.core.actor import Actor, system
from backend.core.db import get_engine, unit_of_work
from backend.core.outbox import Outbox
from backend.core.settings import get_settings
from backend.embedded.place import REPOSITORY
from backend.matters.events.models import Event, EventAction
from backend.matters.reviews.models import Review, ReviewEntry, ReviewLine
from tests.conftest import Town
from tests.events.makers import an_event_at
from tests.reviews.hearing import hear
from tests.reviews.test_reviews import Board, entry_of, running, the

As = Callable[[Actor], dict[str, str]]
COUNTY = "359902"


@pytest.fixture
def board(client: TestClient, as_actor: As) -> Board:
    # Signed in once: what is counted and cut off is the end of the meeting alone.
    known: dict[UUID, dict[str, str]] = {}

    def signed_in(actor: Actor) -> dict[str, str]:
        if actor.id not in known:
            known[actor.id] = as_actor(actor)
        return known[actor.id]

    return Board(client, signed_in)


@pytest.fixture
def decided(town: Town, board: Board) -> tuple[Any, list[UUID]]:
    """A running meeting, and its points on which it was decided."""
    village = town["demo-village"]
    keys = [an_event_at(town, "judging") for _ in range(2)]
    review = running(board, village)
    for key in keys:
        path = f"/{review['id']}/entries/{entry_of(review, key)['id']}/decision"
        body = {"decision": "file", "condition": "a", "note": "按会议决定"}
        assert board(village, "POST", path, body).status_code == 200
    return review, keys


def stands(review: Any, keys: list[UUID]) -> tuple[Any, ...]:
    """The meeting's state, its points with their cases, and how often anything of its end was said."""
    with unit_of_work(system(COUNTY)) as session:
        meeting = UUID(review["id"])
        state = session.scalars(select(Review.state).where(Review.id == meeting)).one()
        points = session.execute(
            select(ReviewEntry.decision, ReviewEntry.outcome).where(
                ReviewEntry.review_id == meeting, ReviewEntry.event_id.in_(keys)
            )
        ).all()
        lines = session.scalars(
            select(ReviewLine.action).where(ReviewLine.review_id == meeting)
        ).all()
        steps = session.scalars(
            select(EventAction.action).where(EventAction.event_id.in_(keys))
        ).all()
    with unit_of_work() as session:
        facts = session.scalars(select(Outbox.fact).where(Outbox.subject_id == meeting)).all()
    said = (Counter(lines)["ended"], Counter(lines)["failed"], Counter(steps)["file"], len(facts))
    return state, Counter(map(tuple, points)), Counter(the(key).state for key in keys), said


BEFORE = ("running", {("file", None): 2}, {"judging": 2}, (0, 0, 0, 0))
AFTER = ("ended", {("file", "done"): 2}, {"filed": 2}, (1, 0, 2, 1))


@contextmanager
def cut_at(moment: int) -> Iterator[list[str]]:
    """End the connection before the writing statement of this number; yields those that came so far.

    A commit is one of them. What is only read between two of them finds the same in the database.
    """
    seen: list[str] = []
    engine, other = get_engine(), create_engine(get_settings().database_url, poolclass=NullPool)

    def cut(connection: Any, said: str) -> None:
        if said.split()[0] not in ("INSERT", "UPDATE", "DELETE", "COMMIT"):
            return
        seen.append(said)
        if len(seen) == moment + 1:
            pid = connection.connection.dbapi_connection.info.backend_pid
            with other.begin() as way:
                way.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    def before(connection: Any, _: Any, statement: str, *__: Any) -> None:
        cut(connection, statement)

    def commit(connection: Any) -> None:
        cut(connection, "COMMIT")

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "commit", commit)


def test_an_end_that_is_cut_off_anywhere_has_done_all_or_nothing(
    town: Town, board: Board, decided: tuple[Any, list[UUID]]
) -> None:
    review, keys = decided
    village, path = town["demo-village"], f"/{review['id']}/end"
    assert stands(review, keys) == BEFORE
    cuts, answers = 0, Counter()
    while stands(review, keys) == BEFORE:
        with cut_at(cuts) as seen:
            answers[board(village, "POST", path).status_code] += 1
        assert stands(review, keys) in (BEFORE, AFTER), seen
        cuts += 1
    assert stands(review, keys) == AFTER
    # Each of the two points writes its step, its case and its fact at the least.
    assert cuts > 15 and answers[503] >= cuts - 1
    # Whoever got no answer sends it again: it is told that the meeting has ended, and nothing is done twice.
    assert board(village, "POST", path).status_code == 409
    assert stands(review, keys) == AFTER


def test_a_busy_database_makes_no_decision_fail(
    town: Town, board: Board, decided: tuple[Any, list[UUID]]
) -> None:
    review, keys = decided
    village, path = town["demo-village"], f"/{review['id']}/end"
    engine = get_engine()

    def impatient(connection: Any) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")

    event.listen(engine, "begin", impatient)
    try:
        with unit_of_work(system(COUNTY)) as other:
            other.execute(select(Event.id).where(Event.id == keys[1]).with_for_update())
            answer = board(village, "POST", path)
            assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
            assert stands(review, keys) == BEFORE
    finally:
        event.remove(engine, "begin", impatient)
    assert board(village, "POST", path).status_code == 200
    assert stands(review, keys) == AFTER


def apart(how: str) -> int:
    """Hear what waits in a process of its own (`tests.reviews.hearing`); how it ended."""
    command = [sys.executable, "-m", "tests.reviews.hearing", how]
    return subprocess.run(
        command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, timeout=120
    ).returncode


def the_fact(review: Any) -> Outbox:
    with unit_of_work() as session:
        return session.scalars(select(Outbox).where(Outbox.subject_id == UUID(review["id"]))).one()


def test_minutes_come_once_wherever_their_worker_is_killed(
    town: Town, board: Board, decided: tuple[Any, list[UUID]]
) -> None:
    review, keys = decided
    village = town["demo-village"]
    hear()
    assert board(village, "POST", f"/{review['id']}/end").status_code == 200
    for moment in (
        "before_the_page_is_set", "after_the_file_before_its_line", "after_its_line_before_the_commit",
    ):  # fmt: skip
        assert apart(moment) == -signal.SIGKILL
    assert stands(review, keys) == AFTER
    assert board(village, "GET", f"/{review['id']}/minutes.pdf").status_code == 404
    hear()
    assert the_fact(review).done_at is not None
    with unit_of_work(system(COUNTY)) as session:
        lines = session.scalars(
            select(ReviewLine.action).where(ReviewLine.review_id == UUID(review["id"]))
        ).all()
    assert lines.count("minutes") == 1
    assert board(village, "GET", f"/{review['id']}/minutes.pdf").status_code == 200


def test_a_disk_that_stays_full_only_delays_the_minutes(
    town: Town, board: Board, decided: tuple[Any, list[UUID]]
) -> None:
    review, _ = decided
    village = town["demo-village"]
    hear()
    assert board(village, "POST", f"/{review['id']}/end").status_code == 200

    assert apart("on_a_full_disk") == 0
    waits = the_fact(review)
    assert (waits.parked_because, waits.done_at, waits.attempts) == (None, None, 1)
    assert "File too large" in (waits.waits_because or "")
    # However long it has been full: it is tried again within the minute.
    with unit_of_work() as session:
        session.execute(
            update(Outbox)
            .where(Outbox.id == waits.id)
            .values(left_at=text("now() - interval '3 days'"))
        )
    assert apart("on_a_full_disk") == 0
    with unit_of_work() as session:
        pause = session.scalars(
            select(Outbox.due_at - func.now()).where(Outbox.id == waits.id)
        ).one()
    assert timedelta(seconds=50) < pause <= timedelta(seconds=delivery.WAITS_MOST_S)
    hear()
    heard = the_fact(review)
    assert heard.done_at is not None and heard.waits_because is None
    assert board(village, "GET", f"/{review['id']}/minutes.pdf").status_code == 200
