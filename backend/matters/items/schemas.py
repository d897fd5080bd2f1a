"""What goes in and out about list items."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from backend.core.inputs import (
    AreaCode,
    CategoryCode,
    CrsName,
    Day,
    Geometry,
    Line,
    LongLine,
    LongNote,
    Money,
    Percent,
    Seen,
    Strict,
    Title,
)
from backend.core.journal_views import EntryOut
from backend.matters.items.offering import Extra, Kept
from backend.matters.items.workflow import Action, Fund, Kind, Need, Recurs, State
from backend.tools.media.documents import FileOut


class ShapeIn(Strict):
    """A point, line or area as GeoJSON (RFC 7946); ``crs`` has no default."""

    geometry: Geometry
    crs: Annotated[CrsName, Field(examples=["WGS84", "CGCS2000"])]


class ItemIn(Strict):
    """A matter for a list. ``client_id`` makes sending it twice harmless."""

    client_id: UUID
    kind: Kind
    title: Title
    plan: LongNote = ""
    cause: LongNote = ""
    # Where: a shape, or a whole area; a shape says its area by itself.
    area_code: AreaCode | None = None
    shape: ShapeIn | None = None
    category: CategoryCode | None = None
    organization_id: UUID | None = None
    due_on: Day | None = None
    recurs: Recurs | None = None
    hot_spot_id: UUID | None = None
    # The events that it goes back to.
    events: Annotated[list[UUID], Field(max_length=200)] = []


class ItemStepIn(Strict):
    """One step of an item."""

    client_id: UUID
    action: Action
    note: LongNote = ""
    photos: Annotated[list[UUID], Field(max_length=9)] = []
    documents: Annotated[list[UUID], Field(max_length=20)] = []
    organization_id: UUID | None = None
    due_on: Day | None = None
    kind: Kind | None = None
    title: Title | None = None
    plan: LongNote | None = None
    cause: LongNote | None = None
    people: LongLine | None = None
    shape: ShapeIn | None = None
    amount: Annotated[Money, Field(gt=0)] | None = None
    source: Line = ""
    milestone_id: UUID | None = None
    # How far it is, in percent.
    progress: Percent | None = None
    seen: Seen | None = None


class ItemStepOut(BaseModel):
    """A step open to the caller, what it needs, or in words why it must wait."""

    action: Action
    target: State
    needs: list[Need]
    # What it may bring beyond that, and what its form begins with as the item has it.
    extras: list[Extra]
    keeps: list[Kept]
    # Whether it moves the item on; the likeliest of those comes first, asides come last.
    onward: bool
    explains: str
    waits_for: str | None = None


class ItemEntryOut(EntryOut):
    """One line of an item's history."""

    action: Action
    from_state: State | None
    to_state: State
    details: dict[str, Any] = {}
    documents: list[FileOut] = []


class MilestoneOut(BaseModel):
    """A step on the way."""

    id: UUID
    title: str
    due_on: date
    done_on: date | None


class FundOut(BaseModel):
    """The money that is asked for."""

    state: Fund
    amount: float
    source: str
    funder: str | None


class ItemLine(BaseModel):
    """An item in a list. ``geometry`` is GeoJSON in CGCS2000, degrees."""

    id: UUID
    county_code: str
    item_no: str
    kind: Kind
    state: State
    title: str
    area_code: str
    place: str
    organization: str | None
    organization_id: UUID | None
    due_on: date | None
    late: bool
    stuck: bool
    progress: int
    term: str | None
    recurs: Recurs | None
    fund_state: Fund | None
    moved_at: datetime
    made_at: datetime
    closed_at: datetime | None
    geometry: dict[str, Any] | None
