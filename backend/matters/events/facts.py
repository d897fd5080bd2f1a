"""What the rules must know about one event. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backend.matters.events.casework.measures import Deed
from backend.matters.events.vocabulary import Ask, State


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules must know about one event. Sets hold persons, over all of their posts."""

    state: State
    county_code: str
    area_code: str
    source: str
    reporter_id: UUID | None
    lead_organization_id: UUID | None
    now: datetime
    # What its category says.
    self_resolve_allowed: bool = False
    fast_track: bool = False
    recheck_required: bool = False
    crs_suspect: bool = False
    reachable: bool = False
    filed: bool = False
    due_at: datetime | None = None
    ended_at: datetime | None = None
    dispatched_by: frozenset[UUID] = frozenset()
    handled_by: frozenset[UUID] = frozenset()
    reject_proposed_by: frozenset[UUID] = frozenset()
    # Who ended it, or sent it back: an appeal is decided by somebody else, one level up.
    decided_by: UUID | None = None
    decided_role: str = ""
    # Since the last result: was it rechecked and passed, has the reporter said yes, or no; and on
    # how many days (of the city) was the reporter called in vain.
    recheck_passed: bool = False
    rechecked_by: frozenset[UUID] = frozenset()
    # Whoever leads serves the village alone: a case of the village's own level.
    led_by_village: bool = False
    said_solved: bool = False
    said_unsolved: bool = False
    days_in_vain: int = 0
    reporter_unsolved: int = 0
    # Open requests, and what was granted before.
    asked: frozenset[Ask] = frozenset()
    appealed: bool = False
    # Until when the last demand to do it again can be objected to, while it stands; and whether it
    # was. When the result came in that it is about.
    object_by: datetime | None = None
    objected: bool = False
    result_at: datetime | None = None
    returns: int = 0
    return_reason: str | None = None
    # It was asked for after the duty was accepted, or after the time for accepting it.
    return_late: bool = False
    assigned_for_good: bool = False
    extensions: int = 0
    suspended_before: bool = False
    asked_until: datetime | None = None
    # Organizations that may claim it from the pool.
    offered: frozenset[UUID] = frozenset()
    # Co-organizations and how far each is: pending, accepted, arrived, submitted.
    co: Mapping[UUID, str] = field(default_factory=dict)
    # Of a merged report: the state of the main event, at the end of the chain.
    master_state: State | None = None
    master_ended_at: datetime | None = None
    # Of a main event: may anybody whose report was merged into it be asked, has one said "solved".
    others_reachable: bool = False
    others_solved: bool = False
    escalated_to: str | None = None
    supervised: bool = False
    supervision_level: str | None = None
    supervised_by: UUID | None = None
    supervision_answered: bool = False
    urged_today_by: frozenset[UUID] = frozenset()
    # Seen only by those who are named; somebody restricted it by name, whatever its category says.
    restricted: bool = False
    restricted_by_hand: bool = False
    sampled: bool = False
    # People of the place who could still recheck; asked only while a recheck is out.
    local_recheckers: frozenset[UUID] = frozenset()
    # Its log, as far as the indicators ask: from it follows what the event counts for.
    past: tuple[Deed, ...] = ()
