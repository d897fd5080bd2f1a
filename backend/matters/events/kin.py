"""What was merged into what, through any length: read as the system, whoever asks.

A report keeps the link to the event that it was merged into, so that undoing a merge restores what
was; the main event is the one at the end of the chain. A chain has no longest length and no
circle: a merge locks both rows in one order and looks again (`casework.locking`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core.actor import system
from backend.core.asking import among
from backend.core.db import acting_as
from backend.matters.events.guards.ending import PERSONAL_SOURCES
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import State

UPWARDS = text(
    """
    WITH RECURSIVE way AS (
        SELECT id, master_id, state, closed_at, event_no, item_id FROM event
        WHERE county_code = :county AND id = :id AND moved_to IS NULL
        UNION
        SELECT event.id, event.master_id, event.state, event.closed_at, event.event_no,
               event.item_id
        FROM event
        JOIN way ON event.id = way.master_id AND way.state = 'merged'
        WHERE event.county_code = :county AND event.moved_to IS NULL
    )
    SELECT id, state, closed_at, event_no, item_id FROM way WHERE state <> 'merged'
    """
)
DOWNWARDS = text(
    """
    WITH RECURSIVE below AS (
        SELECT id FROM event
        WHERE county_code = :county AND master_id = :id AND state = 'merged' AND moved_to IS NULL
        UNION
        SELECT event.id FROM event JOIN below ON event.master_id = below.id
        WHERE event.county_code = :county AND event.state = 'merged' AND event.moved_to IS NULL
    )
    SELECT id FROM below ORDER BY id
    """
)
HEARD = text(
    """
    SELECT
        coalesce(bool_or(event.source = ANY(:personal) AND (
            event.reporter_id IS NOT NULL OR EXISTS (
                SELECT FROM event_contact
                WHERE event_contact.county_code = :county AND event_contact.id = event.id)
        )), false) AS reachable,
        coalesce(bool_or(EXISTS (
            SELECT FROM event_action
            WHERE event_action.county_code = :county AND event_action.event_id = event.id
              AND event_action.action = 'answer_solved' AND event_action.at > :since
        )), false) AS solved
    FROM event WHERE event.county_code = :county AND event.id = ANY(:ids)
    """
)


@dataclass(frozen=True)
class Main:
    """The event at the end of a chain of merges, and how it stands."""

    id: UUID
    event_no: str
    state: State
    ended_at: datetime | None
    item_id: UUID | None


@dataclass(frozen=True)
class Others:
    """Those whose reports were merged into an event: can any be asked, has any said "solved"."""

    reachable: bool = False
    solved: bool = False


@contextmanager
def unfiltered(session: Session, county_code: str) -> Iterator[None]:
    """Read the facts of a county's event as they are, not as the caller may see them.

    Rules decide by these; what is shown of them is filtered by whoever shows it.
    """
    with acting_as(session, system(county_code)):
        yield


def main_of(session: Session, event: Event) -> Main | None:
    """The event that now stands for a merged one; None when it is not merged."""
    if event.state != State.MERGED or event.master_id is None:
        return None
    with unfiltered(session, event.county_code):
        row = session.execute(
            UPWARDS, {"county": event.county_code, "id": event.master_id}
        ).one_or_none()  # fmt: skip
    if row is None:
        return None
    return Main(
        row.id, row.event_no, State(row.state), row.closed_at, row.item_id
    )  # fmt: skip


def below(session: Session, county_code: str, event_id: UUID) -> Sequence[UUID]:
    """The keys of everything that was merged into an event, directly or through another."""
    with unfiltered(session, county_code):
        return session.scalars(DOWNWARDS, {"county": county_code, "id": event_id}).all()


def merged_into(session: Session, event: Event) -> Sequence[Event]:
    """Everything that was merged into an event: for jobs, which stand in the county's scope."""
    found = below(session, event.county_code, event.id)
    if not found:
        return ()
    return session.scalars(
        select(Event)
        .where(Event.county_code == event.county_code, among(Event.id, found))
        .order_by(Event.id)
    ).all()


def others(session: Session, event: Event, since: datetime) -> Others:
    """What those whose reports were merged into an event have said since its last result."""
    found = below(session, event.county_code, event.id)
    if not found:
        return Others()
    row = session.execute(
        HEARD,
        {
            "county": event.county_code, "ids": list(found), "since": since,
            "personal": sorted(PERSONAL_SOURCES),
        },
    ).one()  # fmt: skip
    return Others(row.reachable, row.solved)
