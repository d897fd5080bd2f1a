"""What goes in and out about village decisions."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from backend.city.areas.views import AreaOut
from backend.core.actor import Role
from backend.core.inputs import (
    Count,
    LongNote,
    Moment,
    Money,
    PersonName,
    Seen,
    Short,
    SmallKey,
    Strict,
    Title,
    VillageCode,
    Words,
)
from backend.matters.deliberations.offering import Extra
from backend.matters.deliberations.procedures import Assembly, Matter, Outcome, Procedure
from backend.matters.deliberations.workflow import Action, Need, State
from backend.tools.media.documents import FileOut


class DeliberationIn(Strict):
    """A motion. ``client_id`` makes sending it twice harmless."""

    client_id: UUID
    area_code: VillageCode
    procedure: SmallKey
    title: Title
    matter: Matter
    words: Words
    amount: Money | None = None
    # The list item that it is about.
    item_id: UUID | None = None
    documents: Annotated[list[UUID], Field(max_length=20)] = []


class SittingIn(Strict):
    """An assembly that was held: who was there, and how they voted (counted, not by name)."""

    held_at: Moment
    place: Short = ""
    chair: PersonName
    present: Annotated[list[UUID], Field(max_length=2000)]
    yes: Count = 0
    no: Count = 0
    abstain: Count = 0


class DeliberationStepIn(Strict):
    """One step of a motion."""

    client_id: UUID
    action: Action
    note: LongNote = ""
    photos: Annotated[list[UUID], Field(max_length=9)] = []
    documents: Annotated[list[UUID], Field(max_length=20)] = []
    sitting: SittingIn | None = None
    # Where a motion is sent back to.
    step: SmallKey | None = None
    title: Title | None = None
    words: LongNote | None = None
    amount: Money | None = None
    objection_id: UUID | None = None
    # Longer than the procedure asks for; never shorter.
    days: Annotated[int, Field(ge=1, le=90)] | None = None
    seen: Seen | None = None


class RollIn(Strict):
    """Who belongs to an assembly, in order; whoever is not named any more leaves it."""

    names: Annotated[list[PersonName], Field(max_length=500)]


class MemberOut(BaseModel):
    """Somebody on a roll."""

    id: UUID
    name: str


class RollOut(BaseModel):
    """The roll of an assembly of a village."""

    assembly: Assembly
    members: list[MemberOut]


class AssemblyOut(RollOut):
    """The roll of the assembly that is to be held, and what is enough of it.

    ``needed_yes[n]`` is how many votes carry the motion when ``n`` are present.
    """

    needed_present: int
    needed_yes: list[int]


class ProcedureOut(BaseModel):
    """A procedure in force; ``area_code`` is the county whose own edition it is, or empty."""

    id: UUID
    version: int
    area_code: str
    body: Procedure


class DeliberationStepOut(BaseModel):
    """A step open to the caller, what it needs, or in words why it must wait."""

    action: Action
    target: State
    needs: list[Need]
    # What it may bring beyond that.
    extras: list[Extra]
    # Whether it takes the motion on; the likeliest of those comes first, asides come last.
    onward: bool
    explains: str
    waits_for: str | None = None


class DeliberationEntryOut(BaseModel):
    """One line of a motion's history."""

    id: UUID
    seq: int
    action: Action
    step_code: str
    round: int
    to_step: str
    to_state: State
    at: datetime
    actor_name: str
    role: str
    note: str
    details: dict[str, Any]
    photos: list[UUID]
    documents: list[FileOut]


class SittingOut(BaseModel):
    """An assembly that was held, against what was needed."""

    id: UUID
    step_code: str
    round: int
    held_at: datetime
    place: str
    chair: str
    on_roll: int
    present: int
    needed_present: int
    yes: int
    no: int
    abstain: int
    needed_yes: int
    outcome: Outcome
    people: list[str]


class ObjectionOut(BaseModel):
    """What somebody said against what hangs out, and the answer."""

    id: UUID
    name: str
    words: str
    at: datetime
    answer: str | None
    answered_at: datetime | None


class DeliberationLine(BaseModel):
    """A motion in a list. ``step`` counts from 1 of ``steps``."""

    id: UUID
    county_code: str
    deliberation_no: str
    area_code: str
    place: str
    title: str
    matter: Matter
    amount: float | None
    state: State
    step: int
    steps: int
    step_name: str
    # Whose turn it is.
    who: list[Role]
    round: int
    notice_until: datetime | None
    made_at: datetime
    moved_at: datetime
    closed_at: datetime | None


class DeliberationOut(DeliberationLine):
    """One motion, whole, with its procedure, its sittings and the steps open to the caller."""

    words: str
    spent: float | None
    chain: list[AreaOut]
    procedure: Procedure
    version: int
    step_code: str
    published: bool
    timeline: list[DeliberationEntryOut]
    sittings: list[SittingOut]
    objections: list[ObjectionOut]
    roll: AssemblyOut | None
    item_id: UUID | None
    log_seq: int
    open_steps: list[DeliberationStepOut]


class PublicLine(BaseModel):
    """A decision that hangs out, or has."""

    deliberation_no: str
    place: str
    title: str
    state: State
    notice_until: datetime | None


class PublicOut(PublicLine):
    """What everybody may read of a decision and of its result."""

    notice: dict[str, Any]
    result: dict[str, Any] | None
    open_to_objections: bool


class ObjectionIn(Strict):
    """Somebody's words against what hangs out; the name may stay away."""

    name: Short = ""
    words: Annotated[Words, Field(max_length=1000)]
