"""What goes in and out about review meetings."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from backend.core.inputs import (
    CategoryCode,
    ClockTime,
    Day,
    Drawing,
    JoinCode,
    Key,
    Lat,
    Line,
    Lon,
    Moment,
    Name,
    Note,
    Number,
    ReviewArea,
    Strict,
    TitleOrNone,
)
from backend.matters.events.case_views import EventOut
from backend.matters.events.views import NearOut
from backend.matters.reviews.decisions import Decision


class ReviewIn(Strict):
    """A meeting to hold. Without a title it is called by its area and day."""

    client_id: UUID
    area_code: ReviewArea
    starts_at: Moment
    title: Line = ""


class PatternIn(Strict):
    """Meetings that set themselves up. ``at`` is the time of day in China; Monday is 0."""

    area_code: ReviewArea
    rhythm: Literal["daily", "weekly"]
    weekday: Annotated[int, Field(ge=0, le=6)] = 0
    at: ClockTime
    title: Line = ""


class PatternOut(BaseModel):
    """A pattern in force."""

    id: UUID
    area_code: str
    place: str
    rhythm: Literal["daily", "weekly"]
    weekday: int | None
    at: str
    title: str


class DecisionIn(Strict):
    """What is decided on one point."""

    decision: Decision
    note: Note = ""
    # To whom and until when; of lists also what the item is called.
    organization_id: UUID | None = None
    condition: CategoryCode | None = None
    due_on: Day | None = None
    title: TitleOrNone = ""
    master: Number | None = None
    reason: Key | None = None


class RemarkIn(Strict):
    """Something said, or drawn on the map (GeoJSON, CGCS2000)."""

    text: Note = ""
    drawing: Drawing | None = None


class ViewIn(Strict):
    """Where the presenter's map stands."""

    lon: Lon
    lat: Lat
    zoom: Annotated[float, Field(ge=0, le=24)]


class VoteIn(Strict):
    """One's own voice."""

    choice: Literal["yes", "no", "abstain"]


class VoteNeededIn(Strict):
    """Whether a point is put to the vote."""

    needed: bool


class EntryIn(Strict):
    """A point to add to the agenda."""

    event_id: UUID | None = None
    item_id: UUID | None = None
    hot_spot_id: UUID | None = None


class MoveIn(Strict):
    """Behind which point a point goes; null: it comes first."""

    after: UUID | None = None


class JoinIn(Strict):
    """The code that the projector shows."""

    code: JoinCode


class PresentIn(Strict):
    """Somebody in the room without an account."""

    name: Name


class PersonOut(BaseModel):
    """Somebody who is there."""

    name: str
    role: str
    signed_at: datetime


class EntryOut(BaseModel):
    """One point of the agenda."""

    id: UUID
    reason: str
    event_id: UUID | None
    item_id: UUID | None
    hot_spot_id: UUID | None
    number: str
    title: str
    words: str
    place: str
    state: str | None
    late: bool
    lon: float | None
    lat: float | None
    decision: Decision | None
    decided_by: str
    decided_at: datetime | None
    note: str
    to: str
    outcome: str | None
    made_item_id: UUID | None
    votes: dict[str, int]
    vote_needed: bool


class LastOut(BaseModel):
    """What became of a decision of the meeting before."""

    number: str
    title: str
    decision: Decision
    to: str
    state: str | None
    event_id: UUID | None


class LineOut(BaseModel):
    """Something that happened, as the live feed and the minutes tell it."""

    seq: int
    kind: str
    entry_id: UUID | None
    name: str
    details: dict[str, Any]
    at: datetime


class ReviewLineOut(BaseModel):
    """A meeting in the calendar."""

    id: UUID
    review_no: str
    title: str
    state: Literal["planned", "running", "ended", "cancelled"]
    area_code: str
    place: str
    starts_at: datetime
    ended_at: datetime | None


class ReviewOut(ReviewLineOut):
    """A meeting, whole."""

    code: str
    chair: str
    presents: bool
    decides: bool
    opened_at: datetime | None
    entry_id: UUID | None
    view: dict[str, Any] | None
    seq: int
    entries: list[EntryOut]
    # What can be put back on the agenda; for those who lead, until the meeting ends.
    taken_off: list[EntryOut]
    people: list[PersonOut]
    lines: list[LineOut]
    last: list[LastOut]
    # Until when an end, or a calling off, can be taken back by `/restore`.
    restore_until: datetime | None


class FailingOut(BaseModel):
    """A point that would not take effect now, and in words why."""

    entry_id: UUID
    number: str
    title: str
    decision: Decision
    because: str


class EndingOut(BaseModel):
    """What ending the meeting now would mean, in numbers."""

    points: int
    undecided: int
    decided: int
    failing: list[FailingOut]
    people: int
    # Of the people: entered by the chair, without an account.
    guests: int


class CaseOut(BaseModel):
    """The case that the board shows beside the map."""

    event: EventOut | None
    # What happened at this place before, and what is open around it.
    before: list[NearOut]
    near: list[NearOut]
    reasons: dict[str, list[dict[str, str]]]
    # What the caller could decide now; with words, what is missing first.
    decisions: dict[str, str]
