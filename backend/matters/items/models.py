"""Tables of list items; the append-only log stands beside the row that it explains."""

from datetime import date, datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Index, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyCode, CountyFirst, same_county
from backend.core.journal import COMMON, Entry, Journaled


class Item(Journaled, Base):
    """One matter of a list. data class: work; names stand in its log and its texts."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("county_code", "item_no"),
        Index("ix_item_id", "id"),
        Index("ix_item_area", "county_code", "area_code", "id"),
        Index("ix_item_kind", "county_code", "kind", "state", "id"),
        Index(
            "ix_item_organization", "organization_id", "id",
            postgresql_where=text("organization_id IS NOT NULL"),
        ),
        Index(
            "ix_item_doing", "organization_id", "id",
            postgresql_where=text("organization_id IS NOT NULL AND closed_at IS NULL"),
        ),
        Index("ix_item_funder", "funder_id", "id", postgresql_where=text("funder_id IS NOT NULL")),
        Index("ix_item_open_to_claim", "area_code", "id",
              postgresql_where=text("state = 'confirmed' AND organization_id IS NULL")),
        Index(
            "ix_item_due", "county_code", "due_on",
            postgresql_where=text("closed_at IS NULL AND reminded < 2 AND due_on IS NOT NULL"),
        ),
        Index(
            "ix_item_recurs", "county_code", "id",
            postgresql_where=text("recurs IS NOT NULL AND to_item_id IS NULL"),
        ),
        Index("ix_item_hot_spot", "county_code", "hot_spot_id",
              postgresql_where=text("hot_spot_id IS NOT NULL")),
        # The newest of what is being done, and of what has ended.
        Index(
            "ix_item_moved", "county_code", "moved_at",
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_item_ended", "county_code", "closed_at",
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index("ix_item_geom", "geom", postgresql_using="gist"),
    )  # fmt: skip

    item_no: Mapped[str]
    kind: Mapped[str]
    area_code: Mapped[str] = mapped_column(Code)
    title: Mapped[str]
    # What is to be done; and what the matter goes back to.
    plan: Mapped[str] = mapped_column(default="")
    cause: Mapped[str] = mapped_column(default="")
    category_code: Mapped[str | None]
    geom: Mapped[WKBElement | None] = mapped_column(
        Geometry("GEOMETRY", srid=4490, spatial_index=False)
    )
    # Who is wanted for it, and after a claim or an assignment who does it.
    organization_id: Mapped[UUID | None]
    # The people who do it, by name, as the village calls them.
    people: Mapped[str] = mapped_column(server_default="", default="")
    due_on: Mapped[date | None]
    # Of that day: 1 that it comes was told, 2 that it has passed.
    reminded: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    # Of tasks: how often they come back, and which term this is ("2026", "2026-Q4").
    recurs: Mapped[str | None]
    term: Mapped[str | None]
    # The item that this one goes on from: carried over, or raised from another list.
    from_item_id: Mapped[UUID | None]
    to_item_id: Mapped[UUID | None]
    hot_spot_id: Mapped[UUID | None]
    # Money: asked for once at a time.
    fund_state: Mapped[str | None]
    fund_amount: Mapped[float | None] = mapped_column(Numeric(14, 2))
    fund_source: Mapped[str] = mapped_column(server_default="", default="")
    funder_id: Mapped[UUID | None]
    started_at: Mapped[datetime | None]
    moved_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    progress: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]


class ItemAction(Entry, Base):
    """One entry of an item's journal."""

    __tablename__ = "item_action"
    __table_args__ = (
        same_county("item_id", "item"),
        UniqueConstraint("county_code", "item_id", "seq"),
    )
    of, of_column = Item, "item_id"
    sealed = {
        1: ("item_id", "seq", "action", "from_state", "to_state", "actor_id", "post_id", "role",
            "organization_id", "note", "details", "at"),
        2: (*COMMON, "item_id", "from_state", "to_state"),
    }  # fmt: skip

    item_id: Mapped[UUID]
    from_state: Mapped[str | None]
    to_state: Mapped[str]


class ItemEvent(CountyFirst, Base):
    """An event that an item goes back to; ``carried``: it ended, and goes on here.

    ``event_county`` is where the event lies now; the link stays in the item's own county.
    """

    __tablename__ = "item_event"
    __table_args__ = (
        same_county("item_id", "item"),
        UniqueConstraint("county_code", "item_id", "event_id"),
        Index("ix_item_event_event", "event_county", "event_id"),
    )

    item_id: Mapped[UUID]
    event_county: Mapped[str] = mapped_column(CountyCode)
    event_id: Mapped[UUID]
    # It is suspended until the item is achieved.
    awaited: Mapped[bool] = mapped_column(server_default="false", default=False)
    carried: Mapped[bool] = mapped_column(server_default="false", default=False)


class Milestone(CountyFirst, Base):
    """A step on an item's way, with its day."""

    __tablename__ = "milestone"
    __table_args__ = (
        same_county("item_id", "item"),
        Index("ix_milestone_item", "county_code", "item_id"),
    )

    item_id: Mapped[UUID]
    title: Mapped[str]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
