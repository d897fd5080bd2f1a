"""Who helps with a case, and by when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from backend.core.asking import among
from backend.matters.events.models import Assignment, Event
from backend.matters.events.vocabulary import State

# A helper in one of these is still at it.
AT_HELP = ("pending", "accepted", "arrived")
UNDER_WAY = (State.DISPATCHED, State.HANDLING, State.SUSPENDED)


class Helping(NamedTuple):
    """A body that helps, until when, and since when it is known to be late."""

    event_id: UUID
    organization_id: UUID
    due_at: datetime | None
    overdue_at: datetime | None


def at_help(event: Event) -> tuple[ColumnElement[bool], ...]:
    """The duties of those who help with an event and are not done."""
    return (
        Assignment.county_code == event.county_code, Assignment.event_id == event.id,
        Assignment.lead.is_(False), Assignment.status.in_(AT_HELP),
    )  # fmt: skip


def sooner(own: datetime | None, promised: datetime | None) -> datetime | None:
    """When a helper is due: its own time, or the lead's, and never beyond what is promised."""
    return min((at for at in (own, promised) if at is not None), default=None)


def helping(session: Session, event: Event) -> list[Helping]:
    """Those who help with an event and are not done, each with when it is due."""
    rows = session.execute(
        select(Assignment.organization_id, Assignment.due_at, Assignment.overdue_at)
        .where(*at_help(event))
        .order_by(Assignment.id)
    )
    return [
        Helping(event.id, row.organization_id, sooner(row.due_at, event.due_at), row.overdue_at)
        for row in rows
    ]


def yet_to_arrive(session: Session, event: Event) -> list[tuple[UUID, datetime]]:
    """Those who were called to come to an event and are not there, each with by when."""
    rows = session.execute(
        select(Assignment.organization_id, Assignment.arrive_by)
        .where(*at_help(event), Assignment.status != "arrived")
        .order_by(Assignment.id)
    )
    return [(row.organization_id, row.arrive_by) for row in rows if row.arrive_by is not None]


def late_helpers(session: Session, event: Event) -> int:
    """How many of those who help are known to be late and still at it."""
    found = session.scalar(
        select(func.count())
        .select_from(Assignment)
        .where(*at_help(event), Assignment.overdue_at.is_not(None))
    )
    return found or 0


def own_duty(
    event: Event, assignments: Sequence[Assignment], organization_id: UUID | None
) -> Helping | None:
    """What an organization is asked to help with in an event whose duties are known already."""
    if event.state not in UNDER_WAY:
        return None
    return next(
        (
            Helping(event.id, a.organization_id, sooner(a.due_at, event.due_at), a.overdue_at)
            for a in assignments
            if a.organization_id == organization_id and not a.lead and a.status in AT_HELP
        ),
        None,
    )


def own_help(
    session: Session, events: Sequence[Event | Row[Any]], organization_id: UUID | None
) -> dict[UUID, Helping]:
    """What an organization is asked to help with among events, and is not done with.

    Nobody helps before a case is given out or after its result is in: those are not asked about.
    """
    promised = {event.id: event.due_at for event in events if event.state in UNDER_WAY}
    if organization_id is None or not promised:
        return {}
    rows = session.execute(
        select(Assignment.event_id, Assignment.due_at, Assignment.overdue_at).where(
            Assignment.organization_id == organization_id, among(Assignment.event_id, promised),
            Assignment.ended_at.is_(None), Assignment.lead.is_(False),
            Assignment.status.in_(AT_HELP),
        )
    )  # fmt: skip
    return {
        row.event_id: Helping(
            row.event_id, organization_id, sooner(row.due_at, promised[row.event_id]),
            row.overdue_at,
        )
        for row in rows
    }  # fmt: skip
