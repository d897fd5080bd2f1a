"""What comes in about events."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from backend.matters.events.vocabulary import Action

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Source = Literal[
    "unit_head", "grid_worker", "resident", "hotline_12345", "enterprise", "camera_ai", "sensor",
    "command_center", "urban_mgmt", "flood_control", "leader_board", "other",
]  # fmt: skip


class Strict(BaseModel):
    """A body that refuses fields it does not know: a misspelt one must not be lost."""

    model_config = ConfigDict(extra="forbid")


class PositionIn(Strict):
    """A position as the device gave it. ``crs`` has no default: a guess is 567 m off in Putian."""

    lon: float
    lat: float
    crs: Annotated[str, Field(max_length=20, examples=["WGS84", "GCJ02"])]
    accuracy_m: Annotated[float, Field(ge=0)] | None = None
    source: Literal["gps", "map", "photo", "address", "area"] = "gps"
    captured_at: datetime | None = None
    # The reporter looked at the pin on the map and says that it is right.
    confirmed: bool = False


class ContactIn(Strict):
    """How somebody without an account can be reached."""

    name: Line = ""
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+\- ]{5,20}$")] | None = None
    # Six digits that were sent to the number.
    code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None


class ReportIn(Strict):
    """One report. ``client_id`` is made by the sender and makes sending twice harmless."""

    client_id: UUID
    text: Text = ""
    category: Annotated[str, StringConstraints(max_length=20)]
    position: PositionIn | None = None
    area_code: Annotated[str, StringConstraints(pattern=r"^\d{4,18}$")] | None = None
    address_text: Line = ""
    # Answers to what the category asks, by the code of the question.
    answers: dict[str, Line] = {}
    severity: Annotated[int, Field(ge=1, le=4)] = 2
    photos: Annotated[list[UUID], Field(max_length=9)] = []
    claims: Annotated[list[str], Field(max_length=9)] = []
    client_at: datetime | None = None
    anonymous: bool = False
    contact: ContactIn | None = None


class Survey(Strict):
    """What a reporter said when asked. Source: the three rates of 接诉即办 (domain B7)."""

    reached: bool = True
    solved: bool | None = None
    satisfied: bool | None = None


class StepIn(Strict):
    """One step of the workflow."""

    client_id: UUID
    action: Action
    note: Text = ""
    client_at: datetime | None = None
    organization_id: UUID | None = None
    present: Annotated[list[Line], Field(max_length=50)] = []
    master: Line | None = None
    photos: Annotated[list[UUID], Field(max_length=9)] = []
    position: PositionIn | None = None
    # The code of a reason from the list that the step offers.
    reason: Annotated[str, StringConstraints(max_length=40)] | None = None
    # Filing: under which condition, and as what, when the report's category was wrong.
    condition: Annotated[str, StringConstraints(max_length=20)] | None = None
    category: Annotated[str, StringConstraints(max_length=20)] | None = None
    # A date with a time zone: of a suspension, a reply, an arrival.
    until: AwareDatetime | None = None
    # Who helps; of a pool, who may claim it.
    co_organizations: Annotated[list[UUID], Field(max_length=10)] = []
    # Who of one's own organization is at it: one person, or a team.
    handler_id: UUID | None = None
    team_id: UUID | None = None
    # User names of those who may see a restricted case.
    people: Annotated[list[Line], Field(max_length=30)] = []
    # The list item that carries the event on.
    item_id: UUID | None = None
    # The closing condition of the filing was looked at, and holds.
    closing: bool = False
    survey: Survey | None = None
    # What the caller saw: a step on anything older is refused as too late.
    seen: int | None = None


class RevealIn(Strict):
    """Why somebody must see a contact in full."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=200)]


class Opened(Strict):
    """The code that came with the receipt."""

    code: Annotated[str, StringConstraints(max_length=20)]


class Answered(Opened):
    """A step taken with the code instead of an account."""

    step: StepIn
