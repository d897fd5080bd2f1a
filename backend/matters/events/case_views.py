"""What goes out about one event, whole."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from backend.city.areas.views import AreaOut
from backend.core.journal_views import EntryOut
from backend.matters.events.offering import Extra
from backend.matters.events.views import ChoiceOut, Doubt, EventLine
from backend.matters.events.vocabulary import Action, Need, State


class OpenStepOut(BaseModel):
    """A step open to the caller, what it needs, or in words why it must wait."""

    action: Action
    target: State
    needs: list[Need]
    # What it may bring beyond that.
    extras: list[Extra]
    # Whether it moves the case on; the likeliest of those comes first, asides come last.
    onward: bool
    # What the step does, for the person who may take it.
    explains: str
    # The organizations that it can only be about, where not any may be chosen.
    organizations: list[ChoiceOut] = []
    reasons: list[ChoiceOut] = []
    # The latest that the time it brings may be, where there is such a bound.
    latest: datetime | None = None
    waits_for: str | None = None


class ActionOut(EntryOut):
    """One line of the timeline. Names of reporters stay with those who may know them."""

    action: Action
    from_state: State | None
    to_state: State
    present: list[str] = []
    to_organization: str | None = None
    reason: str | None = None
    until: datetime | None = None
    # The number of the meeting that decided it.
    review: str | None = None
    # Of a supervision: its number, and the level that presses.
    supervision_no: str | None = None
    supervision_level: str | None = None
    # The list item that was made or named, by its number.
    item_no: str | None = None


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
    # Of a helper that is not done: its own time or the lead's, and whether that is over.
    due_at: datetime | None
    late: bool
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
    # What this kind of time counts, in a sentence.
    clock_means: str
    amount: float
    closing: str


class StageOut(BaseModel):
    """A stage of the filing condition, and until when it should be over."""

    name: str
    due_at: datetime


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
    supervision_by: str | None
    # The list item that it waits for while it is suspended.
    waits_for: CarriedBy | None
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
