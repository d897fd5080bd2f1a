"""Reads of calendars and of the stretches of an event's clock."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.tools.calendar.models import CalendarDay, CalendarVersion, ClockSegment


def newest(session: Session) -> int | None:
    """The number of the edition in force; None before the first."""
    return session.scalar(select(func.max(CalendarVersion.version)))


def days_of(session: Session, version: int) -> Sequence[CalendarDay]:
    """The exceptions of one edition, by day."""
    return session.scalars(
        select(CalendarDay).where(CalendarDay.version == version).order_by(CalendarDay.day)
    ).all()


def last_reason(session: Session, county_code: str, event_id: UUID) -> str | None:
    """Why the last stretch of an event's clock ended; None when it runs, or never ran."""
    return session.scalar(
        select(ClockSegment.ended_because)
        .where(ClockSegment.county_code == county_code, ClockSegment.event_id == event_id)
        .order_by(ClockSegment.started_at.desc(), ClockSegment.id.desc())
        .limit(1)
    )


def stretches(session: Session, county_code: str, event_id: UUID) -> Sequence[ClockSegment]:
    """Every stretch of an event's clock, the first first."""
    return session.scalars(
        select(ClockSegment)
        .where(ClockSegment.county_code == county_code, ClockSegment.event_id == event_id)
        .order_by(ClockSegment.started_at, ClockSegment.id)
    ).all()
