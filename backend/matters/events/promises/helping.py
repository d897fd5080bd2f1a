"""The times of those who help: their own or the lead's, never beyond what the case promises.

A helper that is late is late for itself: for the case's own promise its lead answers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.matters.events import queries
from backend.matters.events.casework import counting
from backend.matters.events.models import Alarm, Assignment, Event
from backend.matters.events.promises import alarms
from backend.matters.events.promises.alarms import Kind
from backend.matters.events.vocabulary import State
from backend.tools.counters import service as counters

# The share of a helper's time after which it is reminded.
SOON_AT = 0.75


def expect(session: Session, event: Event, now: datetime) -> None:
    """Ring when a helper's time is nearly over, and when it is; those who are done are left out.

    What the case promises may have moved: a helper that was late may be in time again.
    """
    for one in queries.helping(session, event):
        name = str(one.organization_id)
        if one.due_at is None or one.due_at <= now:
            alarms.silence(session, event, Kind.HELP_SOON, name=name)
            if one.due_at is not None and one.overdue_at is None:
                alarms.expect(session, event, Kind.HELP, one.due_at, name)
            continue
        alarms.expect(session, event, Kind.HELP, one.due_at, name)
        alarms.expect(session, event, Kind.HELP_SOON, now + (one.due_at - now) * SOON_AT, name)
        if one.overdue_at is not None:
            _mark(session, event, one.organization_id, None)


def put_off(session: Session, event: Event, by: timedelta) -> None:
    """The case stood still: helpers' own times, and when they are to arrive, move by as much."""
    for time in (Assignment.due_at, Assignment.arrive_by):
        session.execute(
            update(Assignment)
            .where(*queries.at_help(event), time.is_not(None))
            .values({time: time + by})
            .execution_options(synchronize_session=False)
        )
    for organization_id, arrive_by in queries.yet_to_arrive(session, event):
        alarms.expect(session, event, Kind.ARRIVAL, arrive_by, str(organization_id))


def found_late(session: Session, county_code: str, late: Sequence[Alarm], now: datetime) -> None:
    """Mark the helpers whose time is over, and count them where their cases, held since, lie."""
    for alarm in late:
        if alarm.kind != Kind.HELP:
            continue
        event = session.get(Event, (county_code, alarm.event_id), populate_existing=True)
        if event is None or event.moved_to or event.state not in (State.DISPATCHED, State.HANDLING):
            continue
        _mark(session, event, UUID(alarm.name), now)
        change = counting.helpers_late(event.late_helpers, restricted=event.restricted)
        before, event.late_helpers = change, queries.late_helpers(session, event)
        change = counting.helpers_late(event.late_helpers, restricted=event.restricted)
        change.subtract(before)
        counters.count(session, event.county_code, event.area_code, change)


def _mark(session: Session, event: Event, organization_id: UUID, at: datetime | None) -> None:
    session.execute(
        update(Assignment)
        .where(*queries.at_help(event), Assignment.organization_id == organization_id)
        .values(overdue_at=at)
        .execution_options(synchronize_session=False)
    )
