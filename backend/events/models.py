"""Tables of events; the append-only log stands beside the row that it explains."""

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Index, LargeBinary, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyCode, CountyFirst, same_county


class Event(CountyFirst, Base):
    """One matter. ``county_code`` is the managing county of its place at intake."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("county_code", "event_no"),
        Index("ix_event_id", "id"),
        Index("ix_event_area", "county_code", "area_code", "id"),
        Index("ix_event_state", "county_code", "state", "id"),
        Index("ix_event_reporter", "reporter_id", "id"),
        Index(
            "ix_event_geom_open", "geom",
            postgresql_using="gist", postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_event_due", "county_code", "due_at",
            postgresql_where=text("overdue_at IS NULL AND closed_at IS NULL"),
        ),
    )  # fmt: skip

    event_no: Mapped[str]
    state: Mapped[str]
    area_code: Mapped[str] = mapped_column(Code)
    scheme_version: Mapped[int] = mapped_column(SmallInteger)
    category_code: Mapped[str]
    text: Mapped[str]
    severity: Mapped[int] = mapped_column(SmallInteger, default=2)
    source: Mapped[str]
    reporter_id: Mapped[UUID | None]
    reported_at: Mapped[datetime]
    geom: Mapped[WKBElement | None] = mapped_column(
        Geometry("POINT", srid=4490, spatial_index=False)
    )
    # The position as it was sent: lon, lat, crs, accuracy_m, source, captured_at. Never edited.
    raw_position: Mapped[dict[str, Any] | None]
    crs_suspect: Mapped[str | None]
    address_text: Mapped[str] = mapped_column(default="")
    track_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    lead_organization_id: Mapped[UUID | None]
    filed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    due_rule: Mapped[str | None]
    overdue_at: Mapped[datetime | None]
    # When the lead organization gave its result: on time or late is read from this.
    fed_back_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rework_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    unsolved_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    master_id: Mapped[UUID | None]
    external_ref: Mapped[str | None]
    # Set on the tombstone of an event that turned out to lie in another county.
    moved_to: Mapped[str | None] = mapped_column(CountyCode)
    log_seq: Mapped[int] = mapped_column(default=0)
    log_head: Mapped[bytes] = mapped_column(LargeBinary)


class EventAction(CountyFirst, Base):
    """One entry of an event's log. The application's role can add rows and change none."""

    __tablename__ = "event_action"
    __table_args__ = (
        same_county("event_id", "event"),
        UniqueConstraint("county_code", "event_id", "seq"),
    )

    event_id: Mapped[UUID]
    seq: Mapped[int]
    action: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    actor_id: Mapped[UUID]
    post_id: Mapped[UUID | None]
    role: Mapped[str]
    organization_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    client_at: Mapped[datetime | None]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Assignment(CountyFirst, Base):
    """One organization's duty inside an event."""

    __tablename__ = "assignment"
    __table_args__ = (
        same_county("event_id", "event"),
        Index("ix_assignment_event", "county_code", "event_id"),
        Index("ix_assignment_organization", "organization_id", "status", "event_id"),
    )

    event_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    lead: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str]
    assigned_at: Mapped[datetime] = mapped_column(server_default=func.now())
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]


class EventContact(CountyFirst, Base):
    """How the reporter can be reached; ``id`` is the event's. data class: personal, sealed."""

    __tablename__ = "event_contact"
    __table_args__ = (same_county("id", "event"),)

    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Reveal(CountyFirst, Base):
    """Somebody looked at a personal field in full, and said why. Append-only."""

    __tablename__ = "reveal"
    __table_args__ = (same_county("event_id", "event"),)

    event_id: Mapped[UUID]
    field: Mapped[str]
    account_id: Mapped[UUID]
    post_id: Mapped[UUID | None]
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
