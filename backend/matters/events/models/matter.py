"""The matter itself, and its append-only log beside it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    Computed,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyCode, same_county
from backend.core.journal import COMMON, Entry, Journaled

OPEN = text("closed_at IS NULL")
# Above a village: nobody has said yet where it is.
PLACELESS = "length(event.area_code) < 12"


class Event(Journaled, Base):
    """One matter. ``county_code`` is the managing county of its place at intake."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("county_code", "event_no"),
        Index("ix_event_id", "id"),
        Index("ix_event_area", "county_code", "area_code", "id"),
        Index("ix_event_state", "county_code", "state", "id"),
        Index("ix_event_reporter", "reporter_id", "id"),
        # Open work is little and its past is long: each list of it has an index of its own, in the
        # order in which the list is read.
        Index("ix_event_open", "county_code", "id", postgresql_where=OPEN),
        Index("ix_event_open_village", "county_code", "village_code", "id", postgresql_where=OPEN),
        Index(
            "ix_event_open_category", "county_code", "category_code", "id", postgresql_where=OPEN
        ),
        Index(
            "ix_event_late", "county_code", "id",
            postgresql_where=text("overdue_at IS NOT NULL AND closed_at IS NULL"),
        ),
        Index(
            "ix_event_supervised", "county_code", "id",
            postgresql_where=text("supervised_until IS NOT NULL"),
        ),
        Index(
            "ix_event_late_helpers", "county_code", "id",
            postgresql_where=text("late_helpers > 0"),
        ),
        # Few, and asked for by themselves: what waits for a decision, what is named to people only.
        Index(
            "ix_event_asking", "county_code", "id", postgresql_where=text("asked <> '{}'")
        ),
        Index("ix_event_restricted", "county_code", "id", postgresql_where=text("restricted")),
        Index(
            "ix_event_placeless", "county_code", "id",
            postgresql_where=text("closed_at IS NULL AND length(area_code) < 12"),
        ),
        Index("ix_event_sampled", "county_code", "id", postgresql_where=text("sampled")),
        # The past of a village, and of a category, the newest first.
        Index("ix_event_village", "county_code", "village_code", "id"),
        Index("ix_event_category", "county_code", "category_code", "id"),
        Index(
            "ix_event_geom_open", "geom",
            postgresql_using="gist",
            # Said of the place as well, so that no list takes it for an index of what is open.
            postgresql_where=text("closed_at IS NULL AND geom IS NOT NULL"),
        ),
        Index(
            "ix_event_due", "county_code", "due_at",
            postgresql_where=text("overdue_at IS NULL AND closed_at IS NULL"),
        ),
        Index(
            "ix_event_remind", "county_code", "remind_at",
            postgresql_where=text("remind_at IS NOT NULL"),
        ),
        Index(
            "ix_event_suspended", "county_code", "suspended_until",
            postgresql_where=text("state = 'suspended'"),
        ),
        Index(
            "ix_event_asked", "asked",
            postgresql_using="gin", postgresql_where=text("asked <> '{}'"),
        ),
        Index(
            "ix_event_named", "named",
            postgresql_using="gin", postgresql_where=text("restricted"),
        ),
        Index(
            "ix_event_item", "county_code", "item_id", postgresql_where=text("item_id IS NOT NULL")
        ),
        Index(
            "ix_event_master", "county_code", "master_id",
            postgresql_where=text("master_id IS NOT NULL"),
        ),
    )  # fmt: skip

    event_no: Mapped[str]
    area_code: Mapped[str] = mapped_column(Code)
    # A column, because row-level security lets no index on an expression serve.
    village_code: Mapped[str] = mapped_column(Code, Computed("left(area_code, 12)", persisted=True))
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
    # From when on the present promise counts: the filing, the fast track, the last reopening.
    promised_at: Mapped[datetime | None]
    # The promise: which condition it was filed under, how much of which clock, by which calendar.
    condition_code: Mapped[str | None]
    limit_clock: Mapped[str | None]
    limit_amount: Mapped[float | None]
    calendar_version: Mapped[int | None]
    due_at: Mapped[datetime | None]
    due_rule: Mapped[str | None]
    overdue_at: Mapped[datetime | None]
    # The next reminder (percent of the limit) and its moment; a scan finds it.
    remind_at: Mapped[datetime | None]
    remind_percent: Mapped[int | None] = mapped_column(SmallInteger)
    # Until when the present state should be left: intake, dispatch, acceptance, recheck, call-back.
    step_due_at: Mapped[datetime | None]
    # When the lead organization gave its result: on time or late is read from this.
    fed_back_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # What the category asks: answers by the code of the question.
    answers: Mapped[dict[str, Any]] = mapped_column(server_default="{}", default=dict)
    # Open requests, by kind: return, extension, suspension, appeal, reopen.
    asked: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}", default=list)
    rework_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    return_count: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    extension_count: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    reopen_count: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    put_off_count: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    suspended_until: Mapped[datetime | None]
    # None: where it usually lies; otherwise the level that has taken it up.
    escalated_to: Mapped[str | None]
    # Formal pressure from above: until when an answer is due, under which number, by which level
    # (town, county, city) and whom; and when it was answered.
    supervised_until: Mapped[datetime | None]
    supervision_no: Mapped[str | None]
    supervision_level: Mapped[str | None]
    supervision_by: Mapped[UUID | None]
    supervision_answered_at: Mapped[datetime | None]
    # Helpers whose own time is over while they are still at it: late for them, not for the lead.
    late_helpers: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    fast_track: Mapped[bool] = mapped_column(server_default="false", default=False)
    # Fixed on the spot, and drawn to be looked at.
    sampled: Mapped[bool] = mapped_column(server_default="false", default=False)
    # The earlier event of the same kind at the same place that this one repeats.
    recurrence_of: Mapped[UUID | None]
    # Seen only by those who are named.
    restricted: Mapped[bool] = mapped_column(server_default="false", default=False)
    named: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}", default=list)
    unsolved_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    master_id: Mapped[UUID | None]
    # The list item that carried it on after it was closed.
    item_id: Mapped[UUID | None]
    external_ref: Mapped[str | None]
    # Set on the tombstone of an event that turned out to lie in another county.
    moved_to: Mapped[str | None] = mapped_column(CountyCode)


class EventAction(Entry, Base):
    """One entry of an event's journal."""

    __tablename__ = "event_action"
    __table_args__ = (
        same_county("event_id", "event"),
        UniqueConstraint("county_code", "event_id", "seq"),
    )
    of, of_column = Event, "event_id"
    sealed = {
        1: ("event_id", "seq", "action", "from_state", "to_state", "actor_id", "post_id", "role",
            "organization_id", "note", "details", "at", "client_at"),
        2: (*COMMON, "event_id", "from_state", "to_state", "client_at"),
    }  # fmt: skip

    event_id: Mapped[UUID]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    client_at: Mapped[datetime | None]
