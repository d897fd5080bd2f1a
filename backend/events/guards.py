"""What a step waits for: facts about one event, and guards that answer what is missing. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from backend.core.actor import DISPATCHERS, Actor, Role
from backend.events.vocabulary import State


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules must know about one event. Sets hold persons, over all of their posts."""

    state: State
    county_code: str
    area_code: str
    source: str
    reporter_id: UUID | None
    lead_organization_id: UUID | None
    self_resolve_allowed: bool = False
    crs_suspect: bool = False
    reachable: bool = False
    dispatched_by: frozenset[UUID] = frozenset()
    handled_by: frozenset[UUID] = frozenset()
    rechecked_by: frozenset[UUID] = frozenset()
    reject_proposed_by: frozenset[UUID] = frozenset()
    # Since the last result: was it rechecked and passed, has the reporter said yes, how many calls.
    recheck_passed: bool = False
    said_solved: bool = False
    calls: int = 0
    reporter_unsolved: int = 0


# Sources behind which stands a person who must be told and asked (D3.2, T6, T22, T24).
PERSONAL_SOURCES = frozenset({"resident", "hotline_12345", "unit_head", "grid_worker"})
OUTSIDE_SOURCES = frozenset({"resident", "hotline_12345"})
CALLS_BEFORE_CLOSING = 3

# A guard answers None, or the code of the sentence that says what is missing.
Guard = Callable[[Facts, Actor], str | None]


def may_self_resolve(facts: Facts, _: Actor) -> str | None:
    """T2: only small matters, as their category says."""
    return None if facts.self_resolve_allowed else "category_needs_handling"


def second_person(facts: Facts, actor: Actor) -> str | None:
    """T6: a resident's report is turned away by two people, never by one."""
    if facts.source not in OUTSIDE_SOURCES:
        return None
    if not facts.reject_proposed_by:
        return "reject_needs_proposal"
    return "reject_needs_second_person" if facts.reject_proposed_by == {actor.id} else None


def not_reporter(facts: Facts, actor: Actor) -> str | None:
    """Duties are separate: who reported does not dispatch, handle or recheck."""
    return "you_reported" if actor.id == facts.reporter_id else None


def not_dispatcher(facts: Facts, actor: Actor) -> str | None:
    """Who dispatched does not handle."""
    return "you_dispatched" if actor.id in facts.dispatched_by else not_reporter(facts, actor)


def not_involved(facts: Facts, actor: Actor) -> str | None:
    """T19: the rechecker reported, dispatched and handled nothing of this event."""
    if actor.id in facts.handled_by:
        return "you_handled"
    return not_dispatcher(facts, actor)


def not_handler(facts: Facts, actor: Actor) -> str | None:
    """D3.4: whoever handled it does not judge the result."""
    return "you_handled" if actor.id in facts.handled_by else None


def recheck_done(facts: Facts, actor: Actor) -> str | None:
    """T21: follow-up begins when the recheck passed, or none was asked for."""
    if facts.state is State.RECHECKING and not facts.recheck_passed:
        return "recheck_still_out"
    return not_handler(facts, actor)


def recheck_open(facts: Facts, actor: Actor) -> str | None:
    """A recheck is answered once."""
    return "recheck_answered" if facts.recheck_passed else not_involved(facts, actor)


def nobody_to_ask(facts: Facts, actor: Actor) -> str | None:
    """T24: without a call-back only where no person can be asked."""
    if facts.source in PERSONAL_SOURCES and facts.reachable:
        return "reporter_must_be_asked"
    return recheck_done(facts, actor)


def answered(facts: Facts, actor: Actor) -> str | None:
    """T22: the reporter said that it is solved, or was called three times in vain."""
    if not facts.said_solved and facts.calls < CALLS_BEFORE_CLOSING:
        return "reporter_not_heard"
    return not_handler(facts, actor)


def once_by_reporter(facts: Facts, actor: Actor) -> str | None:
    """T23: the reporter's "not solved" counts once by itself; later ones are for the town."""
    if actor.role in DISPATCHERS and actor.id != facts.reporter_id:
        return None
    return "ask_town_again" if facts.reporter_unsolved else None


def position_doubted(facts: Facts, actor: Actor) -> str | None:
    """The desk may move a pin; a reporter only while the position is in doubt."""
    if facts.crs_suspect or actor.role in DISPATCHERS or actor.role is Role.VILLAGE_SECRETARY:
        return None
    return "position_not_in_doubt"
