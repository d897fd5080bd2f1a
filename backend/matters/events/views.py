"""What goes out about events."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.areas.views import AreaOut
from backend.city.areas.views import show as show_area
from backend.matters.events.offering import Extra
from backend.matters.events.vocabulary import Action, Need, State

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Source = Literal[
    "unit_head", "grid_worker", "resident", "hotline_12345", "enterprise", "camera_ai", "sensor",
    "command_center", "urban_mgmt", "flood_control", "leader_board", "other",
]  # fmt: skip


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


class ChoiceOut(BaseModel):
    """Something to choose, with its words."""

    code: str
    name: str


class OpenStepOut(BaseModel):
    """A step open to the caller, what it needs, or in words why it must wait."""

    action: Action
    target: State
    needs: list[Need]
    # What it may bring beyond that.
    extras: list[Extra] = []
    # Whether it moves the case on; the likeliest of those comes first, asides come last.
    onward: bool = True
    # What the step does, for the person who may take it.
    explains: str
    # The organizations that it can only be about, where not any may be chosen.
    organizations: list[ChoiceOut] = []
    reasons: list[ChoiceOut] = []
    waits_for: str | None = None


class ActionOut(BaseModel):
    """One line of the timeline. Names of reporters stay with those who may know them."""

    id: UUID
    seq: int
    action: Action
    from_state: State | None
    to_state: State
    at: datetime
    actor_name: str
    role: str
    organization: str | None
    note: str
    present: list[str] = []
    to_organization: str | None = None
    reason: str | None = None
    until: datetime | None = None
    # The number of the meeting that decided it.
    review: str | None = None
    photos: list[UUID] = []


class AssignmentOut(BaseModel):
    """One organization's duty."""

    organization_id: UUID
    organization: str
    lead: bool
    status: str
    whistle: bool
    # Who of the organization is at it; of a person on leave also who stands in.
    handler: str | None
    handler_is_me: bool
    assigned_at: datetime
    accepted_at: datetime | None
    arrive_by: datetime | None
    arrived_at: datetime | None
    submitted_at: datetime | None


class AnswerOut(BaseModel):
    """An answer to what the category asks."""

    question: str
    answer: str


class ConditionOut(BaseModel):
    """A filing condition: the limit, and what must hold at the end."""

    code: str
    name: str
    clock: str
    amount: float
    closing: str


class TimeLeft(BaseModel):
    """How far a promise is: the share used, and what is left of its own kind of time."""

    used: float
    # Seconds until it is due, negative when late; working seconds where it counts working time.
    left_s: int
    working: bool
    # Seconds of a day in this kind of time.
    day_s: int


class StageOut(BaseModel):
    """A stage of the filing condition, and until when it should be over."""

    name: str
    due_at: datetime


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
    escalated_to: str | None
    restricted: bool
    fed_back_at: datetime | None
    closed_at: datetime | None
    lon: float | None
    lat: float | None
    crs_suspect: str | None
    lead_organization: str | None
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


class CarriedBy(BaseModel):
    """The list item that an event goes on as: what its reporter may follow."""

    id: UUID
    item_no: str
    kind: str
    title: str
    state: str
    progress: int
    due_on: date | None
    organization: str | None
    last: str
    moved_at: datetime


class EventOut(EventLine):
    """One event, whole, with the steps open to the caller."""

    chain: list[AreaOut]
    responsible: list[str]
    address_text: str
    accuracy_m: float | None
    position_source: str | None
    doubt: Doubt | None
    filed_at: datetime | None
    # In words: why it stands here, whose turn it is, and what comes next.
    whose_turn: str
    what_next: str
    condition: ConditionOut | None
    conditions: list[ConditionOut]
    clock: str | None
    stages: list[StageOut]
    # Sent out by the fast track: until when it must be filed.
    file_by: datetime | None
    rework_count: int
    unsolved_count: int
    return_count: int
    extension_count: int
    reopen_count: int
    put_off_count: int
    suspended_until: datetime | None
    sampled: bool
    answers: list[AnswerOut]
    carried_by: CarriedBy | None
    recurrence_no: str | None
    merged_reports: int
    master_no: str | None
    reporter_name: str | None
    reported_by_me: bool
    has_contact: bool
    log_seq: int
    timeline: list[ActionOut]
    assignments: list[AssignmentOut]
    steps: list[OpenStepOut]


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
    return Receipt(**answer, chain=chain)
