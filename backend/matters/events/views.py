"""What goes out about events: receipts, lines of lists, points, looks. One whole: `case_views`."""

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.areas.views import AreaOut
from backend.city.areas.views import show as show_area
from backend.matters.events.placeless import desk_of
from backend.matters.events.vocabulary import State

# The desk of a level; see `placeless`.
Placing = Literal["city", "county", "town"]


def placing(area_code: str) -> Placing | None:
    """Who must say where a matter of this area is; None when its village is known."""
    desk = desk_of(area_code)
    return None if desk is None else cast("Placing", desk.value)


class Doubt(BaseModel):
    """Why a position is in doubt, and where it would lie if the doubt is right."""

    crs: str
    lon: float
    lat: float
    distance_m: float


class Receipt(BaseModel):
    """The answer to a report; the same again when the same report is sent twice."""

    id: UUID
    county_code: str
    event_no: str
    track_code: str
    state: State
    area_code: str
    chain: list[AreaOut]
    doubt: Doubt | None = None
    ask_position: bool = False
    # Who says where it is before its village can judge it; null when the village is known.
    placed_by: Placing | None = None


class ChoiceOut(BaseModel):
    """Something to choose, with its words."""

    code: str
    name: str


class TimeLeft(BaseModel):
    """How far a promise is: the share used, and what is left of its own kind of time."""

    used: float
    # Seconds until it is due, negative when late; working seconds where it counts working time.
    left_s: int
    working: bool
    # Seconds of a day in this kind of time.
    day_s: int


class EventLine(BaseModel):
    """An event in a list."""

    id: UUID
    county_code: str
    event_no: str
    state: State
    area_code: str
    place: str
    category: str
    text: str
    severity: int
    source: str
    reported_at: datetime
    due_at: datetime | None
    overdue_at: datetime | None
    time: TimeLeft | None
    step_due_at: datetime | None
    asked: list[str]
    supervised_until: datetime | None
    supervision_no: str | None
    supervision_level: Literal["town", "county", "city"] | None
    supervision_answered_at: datetime | None
    escalated_to: str | None
    restricted: bool
    fed_back_at: datetime | None
    closed_at: datetime | None
    lon: float | None
    lat: float | None
    crs_suspect: str | None
    lead_organization: str | None
    # Until when the caller's own organization is to have helped, and whether it is late with that.
    help_due_at: datetime | None = None
    help_late: bool = False
    # How many of those who help are late by a time of their own.
    late_helpers: int = 0
    # Who must say where it is before its village can judge it; null when the village is known.
    placed_by: Placing | None = None
    photo: UUID | None = None


class PointOut(BaseModel):
    """An event of a list, as a map draws it."""

    id: UUID
    event_no: str
    state: State
    overdue: bool
    lon: float
    lat: float


class PointsOut(BaseModel):
    """Where a list's events lie. ``more``: the list goes on behind the newest of them."""

    points: list[PointOut]
    # How many of the list have no place.
    placeless: int
    more: bool


class NearOut(BaseModel):
    """An open event nearby that may be the same matter."""

    id: UUID
    event_no: str
    category: str
    text: str
    state: State
    distance_m: float
    reported_at: datetime
    # 0 to 1: near, of the same kind, told in the same words.
    likely: float


class ContactOut(BaseModel):
    """A contact in full; the look was logged."""

    name: str
    phone: str
    phone_proved: bool


class LookOut(BaseModel):
    """Somebody looked at a personal field, and said why."""

    at: datetime
    name: str
    field: str
    reason: str


class LookLine(LookOut):
    """A look, and the event that it was at."""

    id: UUID
    event_id: UUID
    event_no: str


class AuditOut(BaseModel):
    """Whether an event's log holds; ``broken_at`` is the first entry that does not fit."""

    event_no: str
    entries: int
    head: str
    broken_at: int | None
    looks: list[LookOut]


def receipt_of(session: Session, answer: dict[str, Any]) -> Receipt:
    """What the sender of a report is told."""
    chain = [show_area(area) for area in areas.chain(session, answer["area_code"])]
    return Receipt(**answer, chain=chain, placed_by=placing(answer["area_code"]))
