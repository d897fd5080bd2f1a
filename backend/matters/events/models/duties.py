"""Who is at a matter, and what is expected of them by when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, CountyFirst, same_county


class Assignment(CountyFirst, Base):
    """One organization's duty inside an event."""

    __tablename__ = "assignment"
    __table_args__ = (
        same_county("event_id", "event"),
        Index("ix_assignment_event", "county_code", "event_id"),
        Index("ix_assignment_organization", "organization_id", "status", "event_id"),
        Index(
            "ix_assignment_current",
            "organization_id",
            "event_id",
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_assignment_past", "organization_id", "event_id"),
        Index("ix_assignment_aside", "organization_id", "event_id", postgresql_where=text("aside")),
        Index(
            "ix_assignment_handler",
            "handler_id",
            "event_id",
            postgresql_where=text("handler_id IS NOT NULL"),
        ),
    )

    event_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    lead: Mapped[bool] = mapped_column(default=True)
    # A whistle asks a body that the town has no power over to come; it must arrive by a moment.
    whistle: Mapped[bool] = mapped_column(server_default="false", default=False)
    # Who of the organization is at it: a team, one person, or nobody in particular.
    team_id: Mapped[UUID | None]
    handler_id: Mapped[UUID | None]
    # offered, pending, accepted, arrived, submitted, rework, done; returned, withdrawn, declined.
    status: Mapped[str]
    assigned_at: Mapped[datetime] = mapped_column(server_default=func.now())
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]
    arrive_by: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    # Of a helper: a time of its own, never beyond the promise; and when it was found late.
    due_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # Its event ended otherwise than closed, or was objected to since: few among a body's past, and
    # looked for by themselves.
    aside: Mapped[bool] = mapped_column(server_default="false", default=False)


class Alarm(CountyFirst, Base):
    """Something expected of an open event by a moment; gone when it happened.

    No foreign key: a row lives for hours, on the path that a storm of reports takes.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        UniqueConstraint("county_code", "event_id", "kind", "name"),
        Index("ix_alarm_at", "county_code", "at"),
    )

    event_id: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="", default="")
    at: Mapped[datetime]
