"""Delivering the outbox: the relay that wakes, and the drain that does the work."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.core.db import unit_of_work
from backend.core.outbox import MAX_ATTEMPTS, Outbox
from backend.core.settings import get_settings

log = structlog.get_logger()

Handler = Callable[[Session, str, UUID, Mapping[str, Any]], None]
Handlers = Mapping[str, Sequence[Handler]]

BATCH = 100
POLL_S = 0.3
QUEUE = "onemap"


def drain(county_code: str, handlers: Handlers, batch: int = BATCH) -> int:
    """Handle the waiting facts of one county, oldest first; the number that was handled.

    Each fact runs in a savepoint of its own: one that fails is tried again later (after 1, 4, 9
    ... seconds), and after `MAX_ATTEMPTS` is parked with its reason.
    """
    with unit_of_work() as session:
        rows = session.scalars(
            select(Outbox)
            .where(
                Outbox.county_code == county_code,
                Outbox.done_at.is_(None),
                Outbox.parked_because.is_(None),
                Outbox.due_at <= text("now()"),
            )
            .order_by(Outbox.due_at, Outbox.id)
            .limit(batch)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            _handle(session, row, handlers.get(row.fact, ()))
        return len(rows)


def _handle(session: Session, row: Outbox, handlers: Sequence[Handler]) -> None:
    moment = datetime.now(UTC)
    mark: dict[str, Any] = {"done_at": moment, "attempts": row.attempts + 1}
    try:
        with session.begin_nested():
            for handler in handlers:
                handler(session, row.county_code, row.subject_id, row.details)
    except OperationalError:
        raise  # the database is away: nothing was done, everything is found again
    except Exception as error:  # one fact's fault must not stop the others
        tries = row.attempts + 1
        mark = {"attempts": tries, "due_at": moment + timedelta(seconds=tries**2)}
        if tries >= MAX_ATTEMPTS:
            mark["parked_because"] = repr(error)[:500]
        log.exception("fact failed", fact=row.fact, subject=str(row.subject_id), tries=tries)
    session.info.pop("actor", None)
    session.execute(
        update(Outbox)
        .where(Outbox.county_code == row.county_code, Outbox.id == row.id)
        .values(**mark)
    )


def waiting_counties() -> list[str]:
    """The counties that have facts waiting."""
    with unit_of_work() as session:
        return list(
            session.scalars(
                select(Outbox.county_code)
                .where(
                    Outbox.done_at.is_(None),
                    Outbox.parked_because.is_(None),
                    Outbox.due_at <= text("now()"),
                )
                .distinct()
            )
        )


def wake(queue: Queue, counties: Sequence[str]) -> None:
    """Ask for one drain a county; one that is queued already is enough."""
    for county in counties:
        job_id = f"outbox-{county}"
        # A job key that outlived its queue (a worker was killed) would silence this county.
        if job_id not in queue.job_ids:
            queue.enqueue(
                "backend.jobs.drain_county", county, job_id=job_id, result_ttl=0, failure_ttl=0
            )


def relay(stop: Callable[[], bool]) -> None:
    """Wake workers for as long as there is work; survives the loss of either server."""
    connection = Redis.from_url(get_settings().redis_url)
    queue = Queue(QUEUE, connection=connection)
    while not stop():
        try:
            wake(queue, waiting_counties())
        except (OperationalError, RedisError, OSError) as error:
            log.warning("relay waits", because=type(error).__name__)
        time.sleep(POLL_S)
