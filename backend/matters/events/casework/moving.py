"""Taking an event into another county: what hangs on it goes along, and a tombstone says where.

A county never changes by UPDATE (it says on which machine a row lives), so rows are copied and
removed. `ALONG` is the one list of tables that hang on an event; a test reads the catalogue of the
database and finds every other table that names events in `STAYS`, with its reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from backend.matters.events import kin
from backend.matters.events.models import (
    Alarm,
    Assignment,
    Event,
    EventAction,
    EventContact,
    ExternalReference,
    Reveal,
)
from backend.matters.items.models import ItemEvent
from backend.tools.calendar.models import ClockSegment
from backend.tools.media.models import Media
from backend.tools.notices.models import Message


@dataclass(frozen=True)
class Hangs:
    """A table whose rows go along with their event."""

    table: Any
    key: str = "event_id"
    # The tombstone keeps its own: journals are never removed, and prove what was done there.
    kept: bool = False
    # Which rows; a message that is just being sent is ended by whoever sends it.
    only: str = "true"


ALONG = (
    Hangs(EventAction, kept=True), Hangs(Reveal, kept=True), Hangs(EventContact, "id"),
    Hangs(Assignment), Hangs(ClockSegment), Hangs(Alarm),
    Hangs(Message, only="status <> 'sending'"),
)  # fmt: skip
# Rows of other counties, or of none, that only name the event: they learn its new county.
POINTS = (Media, ItemEvent, ExternalReference)
STAYS: Mapping[str, str] = {
    "notice": "belongs to its reader and leads to the event by its key alone",
    "outbox": "a fact is heard where the event is now (`whereabouts`)",
    "client_key": "lies under its sender's home county; the receipt leads on by number and code",
    "review_entry": "a meeting's agenda keeps its point; the case is shown where it lies now",
    "audit_entry": "what was done stays with the place where it was done",
}


def move(session: Session, event: Event, county: str) -> Event:
    """Copy an event to the county that manages its true place; the copy.

    The session acts as the system of both counties, and holds the locks of the event and of all
    that was merged into it, which goes along. Key, number, journal and tracking code stay the same,
    so that every link still leads there. The tombstone is on no map and in no list; personal fields
    leave it. A county to which an event comes back finds its tombstone there, and wakes it.
    """
    old = event.county_code
    keys = [event.id, *kin.below(session, old, event.id)]
    session.flush()
    for key in keys:
        _move_one(session, key, old, county)
    for key in keys:
        session.expunge(session.get_one(Event, (old, key)))
    return session.get_one(Event, (county, keys[0]), populate_existing=True)


def _move_one(session: Session, key: UUID, old: str, county: str) -> None:
    where = {"county": county, "old": old, "event": key}
    columns = _columns(Event) - {"moved_to"}
    fresh = ", ".join(f"{c} = EXCLUDED.{c}" for c in sorted(columns))
    session.execute(
        text(
            f"{_copy(Event, 'id', columns)} ON CONFLICT (county_code, id)"
            f" DO UPDATE SET {fresh}, moved_to = NULL"
        ),
        where,
    )
    for one in ALONG:
        copied = _copy(one.table, one.key, _columns(one.table))
        session.execute(text(f"{copied} AND {one.only} ON CONFLICT DO NOTHING"), where)
        if not one.kept:
            session.execute(
                delete(one.table).where(
                    one.table.county_code == old, getattr(one.table, one.key) == key,
                    text(one.only),
                )
            )  # fmt: skip
    for table in POINTS:
        session.execute(
            update(table)
            .where(table.event_county == old, table.event_id == key)
            .values(event_county=county)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(Event)
        .where(Event.county_code == old, Event.id == key)
        .values(
            moved_to=county, geom=None, raw_position=None, address_text="", due_at=None,
            remind_at=None, step_due_at=None,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _columns(table: Any) -> set[str]:
    # What the database works out from other columns is worked out there again.
    own = {c.name for c in table.__table__.columns if c.computed is None}
    return own - {"county_code"}


def _copy(table: Any, key: str, columns: Iterable[str]) -> str:
    names = ", ".join(sorted(columns))
    return (
        f"INSERT INTO {table.__tablename__} (county_code, {names})"  # noqa: S608 (our own names)
        f" SELECT :county, {names} FROM {table.__tablename__}"
        f" WHERE county_code = :old AND {key} = :event"
    )
