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
from sqlalchemy import ARRAY, Uuid, cast, func, select, text, update
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

    All are tried under one savepoint, which is what happens nearly always. When one fails, all of
    that is undone and each fact runs under a savepoint of its own: the failing one is tried again
    later (after 1, 4, 9 ... seconds), and after `MAX_ATTEMPTS` is parked with its reason.
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
        if rows and _all_heard(session, rows, handlers) is not None:
            for row in rows:
                fault = _all_heard(session, [row], handlers)
                if fault is not None:
                    _try_later(session, row, fault)
        return len(rows)


def _all_heard(session: Session, rows: Sequence[Outbox], handlers: Handlers) -> Exception | None:
    """Let every listener hear these facts and mark them done; undo it all and say what failed."""
    try:
        with session.begin_nested():
            for row in rows:
                for handler in handlers.get(row.fact, ()):
                    handler(session, row.county_code, row.subject_id, row.details)
            _mark(session, rows, done_at=datetime.now(UTC), attempts=Outbox.attempts + 1)
    except OperationalError:
        raise  # the database is away: nothing was done, everything is found again
    except Exception as fault:  # one fact's fault must not stop the others
        return fault
    return None


def _try_later(session: Session, row: Outbox, fault: Exception) -> None:
    tries = row.attempts + 1
    parked = repr(fault)[:500] if tries >= MAX_ATTEMPTS else None
    later = datetime.now(UTC) + timedelta(seconds=tries**2)
    _mark(session, [row], attempts=tries, due_at=later, parked_because=parked)
    log.error(
        "fact failed", fact=row.fact, subject=str(row.subject_id), tries=tries, exc_info=fault
    )


def _mark(session: Session, rows: Sequence[Outbox], **values: Any) -> None:
    session.info.pop("actor", None)
    session.execute(
        update(Outbox)
        .where(
            Outbox.county_code == rows[0].county_code,
            Outbox.id == func.any(cast([row.id for row in rows], ARRAY(Uuid))),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
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
