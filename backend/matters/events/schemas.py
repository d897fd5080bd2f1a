"""What comes in about events."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from backend.core.inputs import (
    Accuracy,
    AreaCode,
    CategoryCode,
    Choice,
    Coordinate,
    CrsName,
    DeviceTime,
    Key,
    Line,
    Moment,
    Note,
    Number,
    Phone,
    Reason,
    Secret,
    Seen,
    SixDigits,
    Strict,
    Title,
)
from backend.matters.events.vocabulary import Action

Source = Literal[
    "unit_head", "grid_worker", "village", "resident", "hotline_12345", "enterprise", "camera_ai",
    "sensor", "command_center", "urban_mgmt", "flood_control", "leader_board", "other",
]  # fmt: skip


class PositionIn(Strict):
    """A position as the device gave it. ``crs`` has no default: a guess is 567 m off in Putian."""

    lon: Coordinate
    lat: Coordinate
    crs: Annotated[CrsName, Field(examples=["WGS84", "GCJ02"])]
    accuracy_m: Accuracy | None = None
    source: Literal["gps", "map", "photo", "address", "area"] = "gps"
    captured_at: DeviceTime | None = None
    # The reporter looked at the pin on the map and says that it is right.
    confirmed: bool = False


class ContactIn(Strict):
    """How somebody without an account can be reached."""

    name: Line = ""
    phone: Phone | None = None
    # Six digits that were sent to the number.
    code: SixDigits | None = None


class ReportIn(Strict):
    """One report. ``client_id`` is made by the sender and makes sending twice harmless."""

    client_id: UUID
    text: Note = ""
    category: CategoryCode
    position: PositionIn | None = None
    area_code: AreaCode | None = None
    address_text: Line = ""
    # Answers to what the category asks, by the code of the question.
    answers: Annotated[dict[Choice, Line], Field(max_length=60)] = {}
    severity: Annotated[int, Field(ge=1, le=4)] = 2
    photos: Annotated[list[UUID], Field(max_length=9)] = []
    claims: Annotated[list[Secret], Field(max_length=9)] = []
    client_at: DeviceTime | None = None
    anonymous: bool = False
    contact: ContactIn | None = None


class Survey(Strict):
    """What a reporter said when asked. Source: the three rates of 接诉即办."""

    reached: bool = True
    solved: bool | None = None
    satisfied: bool | None = None


class StepIn(Strict):
    """One step of the workflow."""

    client_id: UUID
    action: Action
    note: Note = ""
    client_at: DeviceTime | None = None
    organization_id: UUID | None = None
    present: Annotated[list[Line], Field(max_length=50)] = []
    master: Number | None = None
    photos: Annotated[list[UUID], Field(max_length=9)] = []
    position: PositionIn | None = None
    # Where it is, when no point is known: a village, or at least a town.
    area_code: AreaCode | None = None
    # The code of a reason from the list that the step offers.
    reason: Key | None = None
    # Filing: under which condition, and as what, when the report's category was wrong.
    condition: CategoryCode | None = None
    category: CategoryCode | None = None
    # A date with a time zone: of a suspension, a reply, an arrival.
    until: Moment | None = None
    # Who helps; of a pool, who may claim it.
    co_organizations: Annotated[list[UUID], Field(max_length=10)] = []
    # By when each of those who help is to be done, where that is sooner than the lead.
    co_due: Annotated[dict[UUID, Moment], Field(max_length=10)] = {}
    # Who of one's own organization is at it: one person, or a team.
    handler_id: UUID | None = None
    team_id: UUID | None = None
    # User names of those who may see a restricted case.
    people: Annotated[list[Line], Field(max_length=30)] = []
    # The list item that carries the event on.
    item_id: UUID | None = None
    # Suspending: a list item is proposed for it, under this title.
    item_title: Title | None = None
    # The closing condition of the filing was looked at, and holds.
    closing: bool = False
    survey: Survey | None = None
    # What the caller saw: a step on anything older is refused as too late.
    seen: Seen | None = None


class RevealIn(Strict):
    """Why somebody must see a contact in full."""

    reason: Reason


class Opened(Strict):
    """The code that came with the receipt."""

    code: Number


class Answered(Opened):
    """A step taken with the code instead of an account."""

    step: StepIn
