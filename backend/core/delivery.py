"""Delivering the outbox: every listener hears every fact once, and no fact can stop another.

A try is counted and committed before the work. New facts are taken by the hundred, in one
transaction, which is what happens nearly always. What was tried before is suspected of having
killed its worker, most of it wrongly: it is taken once more by the ten, and what is still there
then alone, each listener in a transaction of its own, and after
`MAX_ATTEMPTS` parked with its reason. What only a full disk kept from being heard is no poison: it
waits, for at most `WAITS_MOST_S` at a time, however long that takes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from rq.timeouts import BaseTimeoutException
from sqlalchemy import ARRAY, ColumnElement, Uuid, cast, func, select, text, true, update
from sqlalchemy.orm import Session

from backend.core.db import get_engine, unit_of_work
from backend.core.faults import database_away, in_words, no_room
from backend.core.outbox import MAX_ATTEMPTS, Outbox

log = structlog.get_logger()

Handler = Callable[[Session, str, UUID, Mapping[str, Any]], None]
Handlers = Mapping[str, Sequence[Handler]]


class Fault(NamedTuple):
    """What went wrong with a listener, in words; whether it is no fault of the fact's."""

    words: str
    passes: bool


BATCH, SUSPECTS = 100, 10
WAITS_LEAST_S, WAITS_MOST_S = 1, 60
# One drain of a county and lane at a time, so that facts are heard in their order. The lock ends
# with its transaction: a killed worker holds nobody up.
ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended('outbox/' || :which, 0))")


def drain(
    county_code: str, handlers: Handlers, batch: int = BATCH, *, lane: str = "",
    which: ColumnElement[bool] | None = None,
) -> int:  # fmt: skip
    """Handle the waiting facts of one county, oldest first; the number that was handled.

    ``which`` narrows to the facts of a lane, ``lane`` names it. Nothing is handled while another
    drain of the same county and lane is at work.
    """
    waiting = (
        (Outbox.county_code == county_code)
        & Outbox.done_at.is_(None)
        & Outbox.parked_because.is_(None)
        & (Outbox.due_at <= func.now())
        & (true() if which is None else which)
    )
    with _alone(f"{county_code}/{lane}") as alone:
        if not alone:
            return 0
        handled = _together(county_code, handlers, waiting & (Outbox.attempts == 0), batch)
        for _ in range(batch // SUSPECTS):
            heard = _together(county_code, handlers, waiting & (Outbox.attempts == 1), SUSPECTS)
            handled += heard
            if not heard:
                break
        for _ in range(batch):
            if not _one_again(county_code, handlers, waiting):
                break
            handled += 1
        return handled


@contextmanager
def _alone(which: str) -> Iterator[bool]:
    with get_engine().connect() as connection, connection.begin():
        yield bool(connection.execute(ALONE, {"which": which}).scalar())


def _together(
    county_code: str, handlers: Handlers, waiting: ColumnElement[bool], batch: int
) -> int:
    """Hear several facts, all under one savepoint; when that fails, one after the other."""
    with unit_of_work() as session:
        keys = session.scalars(
            select(Outbox.id).where(waiting).order_by(Outbox.due_at, Outbox.id).limit(batch)
        ).all()
        if keys:
            _mark(session, county_code, keys, attempts=Outbox.attempts + 1)
    if not keys:
        return 0
    with unit_of_work() as session:
        rows = session.scalars(
            select(Outbox)
            .where(Outbox.county_code == county_code, _among(keys))
            .order_by(Outbox.due_at, Outbox.id)
        ).all()
        if not _all_heard(session, rows, handlers):
            for row in rows:
                faults: dict[str, Fault] = {}
                for name, handler in _yet_to_hear(row, handlers):
                    fault = _hear(session, row, name, handler)
                    if fault is not None:
                        faults[name] = fault
                _settle(session, row, faults)
    return len(keys)


def _all_heard(session: Session, rows: Sequence[Outbox], handlers: Handlers) -> bool:
    """Let every listener hear these facts and mark them done, or undo it all."""
    try:
        with session.begin_nested():
            for row in rows:
                for _, handler in _yet_to_hear(row, handlers):
                    handler(session, row.county_code, row.subject_id, row.details)
            session.flush()
            keys = [row.id for row in rows]
            _mark(session, rows[0].county_code, keys, done_at=func.now(), waits_because=None)
    except BaseTimeoutException:
        raise
    except Exception as fault:  # one fact's fault must not stop the others
        if database_away(fault):
            raise
        return False
    return True


def _one_again(county_code: str, handlers: Handlers, waiting: ColumnElement[bool]) -> bool:
    """Take up one fact that was tried twice before; whether there was one.

    Before each listener its name is committed: should the worker end there, the others hear the
    fact first the next time.
    """
    with unit_of_work() as session:
        row = session.scalars(
            select(Outbox)
            .where(waiting, Outbox.attempts > 1)
            .order_by(Outbox.due_at, Outbox.id)
            .limit(1)
        ).first()
        if row is None:
            return False
        if row.attempts >= MAX_ATTEMPTS:
            who = row.hearing or "worker"
            _park(session, row, f"{who}: the worker ended while it heard this")
            return True
        tries = row.attempts + 1
        _mark(session, county_code, [row.id], attempts=tries, due_at=_after(tries))
        row.attempts = tries
        session.expunge(row)
    faults: dict[str, Fault] = {}
    for name, handler in sorted(_yet_to_hear(row, handlers), key=lambda one: one[0] == row.hearing):
        with unit_of_work() as session:
            _mark(session, county_code, [row.id], hearing=name)
        with unit_of_work() as session:
            fault = _hear(session, row, name, handler)
            if fault is None:
                _mark(session, county_code, [row.id], heard=row.heard)
            else:
                faults[name] = fault
    with unit_of_work() as session:
        _settle(session, row, faults)
    return True


def _yet_to_hear(row: Outbox, handlers: Handlers) -> list[tuple[str, Handler]]:
    named = [(name_of(handler), handler) for handler in handlers.get(row.fact, ())]
    return [(name, handler) for name, handler in named if name not in row.heard]


def name_of(handler: Handler) -> str:
    """How a listener is called in marks, reasons and on the page of what runs."""
    named = getattr(handler, "__qualname__", type(handler).__qualname__)
    module = getattr(handler, "__module__", "").removeprefix("backend.")
    return f"{module}.{named}"


def _hear(session: Session, row: Outbox, name: str, handler: Handler) -> Fault | None:
    """Let one listener hear a fact under a savepoint of its own; what went wrong."""
    key = str(row.id)
    heard = [*row.heard, name]
    try:
        with session.begin_nested():
            handler(session, row.county_code, row.subject_id, row.details)
            session.flush()
    except BaseTimeoutException:
        raise
    except Exception as fault:  # one listener's fault must not stop the others
        if database_away(fault):
            raise
        log.error("fact failed", fact=row.fact, key=key, listener=name, exc_info=fault)
        return Fault(in_words(fault), passes=no_room(fault))
    row.heard = heard
    return None


def _settle(session: Session, row: Outbox, faults: Mapping[str, Fault]) -> None:
    """Write down what became of a fact: done, tried again later, waiting for room, or parked."""
    because = "; ".join(f"{name}: {fault.words}" for name, fault in faults.items())[:1000]
    if not faults:
        _mark(
            session, row.county_code, [row.id], done_at=func.now(), heard=row.heard, hearing=None,
            waits_because=None,
        )  # fmt: skip
    elif all(fault.passes for fault in faults.values()):
        # As if it had not been tried, but for its place among those that were.
        _mark(
            session, row.county_code, [row.id], attempts=max(1, row.attempts - 1),
            due_at=_when_there_is_room(), heard=row.heard, hearing=None, waits_because=because,
        )  # fmt: skip
    elif row.attempts >= MAX_ATTEMPTS:
        _park(session, row, because)
    else:
        _mark(
            session, row.county_code, [row.id], due_at=_after(row.attempts), heard=row.heard,
            hearing=None, waits_because=None,
        )  # fmt: skip


def _park(session: Session, row: Outbox, because: str) -> None:
    log.error("fact parked", fact=row.fact, key=str(row.id), because=because)
    _mark(
        session, row.county_code, [row.id], parked_because=because, heard=row.heard,
        waits_because=None,
    )  # fmt: skip


def _after(tries: int) -> ColumnElement[Any]:
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, tries**2)


def _when_there_is_room() -> ColumnElement[Any]:
    """Half as long again as the fact has waited so far: seldom when it takes long."""
    waited = func.extract("epoch", func.now() - Outbox.left_at)
    seconds = func.least(WAITS_MOST_S, func.greatest(WAITS_LEAST_S, waited / 2))
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def _among(keys: Sequence[UUID]) -> ColumnElement[bool]:
    return Outbox.id == func.any(cast(list(keys), ARRAY(Uuid)))


def _mark(session: Session, county_code: str, keys: Sequence[UUID], **values: Any) -> None:
    # A listener may have narrowed the transaction's scope; these rows belong to nobody in it.
    session.info.pop("actor", None)
    session.execute(
        update(Outbox)
        .where(Outbox.county_code == county_code, _among(keys))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def again(session: Session, county_code: str, key: UUID) -> bool:
    """Let a parked fact be tried anew, by those who have not heard it; whether it was parked.

    It stays suspected: it is taken alone, and may end a worker again.
    """
    row = session.get(Outbox, (county_code, key), with_for_update=True)
    if row is None or row.done_at is not None or row.parked_because is None:
        return False
    _mark(
        session, county_code, [key], parked_because=None, attempts=1, due_at=func.now(),
        hearing=None,
    )  # fmt: skip
    return True
