"""Tables of the calendar (small, shared, versions never edited) and of running clocks."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, CountyFirst, same_county


class CalendarVersion(Base):
    """One edition of the working calendar; the newest one is in force."""

    __tablename__ = "calendar_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # [["08:00", "12:00"], ["14:00", "18:00"]]
    hours: Mapped[list[Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CalendarDay(Base):
    """A day that is not what its weekday says."""

    __tablename__ = "calendar_day"

    version: Mapped[int] = mapped_column(
        ForeignKey("calendar_version.version"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(default="")


class ClockSegment(CountyFirst, Base):
    """A stretch in which an event's clock ran: from these every due date can be derived again."""

    __tablename__ = "clock_segment"
    __table_args__ = (
        same_county("event_id", "event"),
        Index("ix_clock_segment_event", "county_code", "event_id", "started_at"),
    )

    event_id: Mapped[UUID]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Why it stopped: suspended, or the handling ended.
    ended_because: Mapped[str | None]
