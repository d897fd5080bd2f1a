"""The event state machine: one table, no I/O.

Read `RULES` top to bottom and you have read the process. A pair of state and action that is not in
the table is not allowed. Transition numbers (T1 ...) are those of the domain model, D3.2.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from backend.core.actor import DISPATCHERS, Actor, Role
from backend.core.errors import BadInput, Conflict, Forbidden


class State(StrEnum):
    """Where an event stands. Values are stored; renaming one is a migration."""

    REPORTED = "reported"
    JUDGING = "judging"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    RECHECKING = "rechecking"
    FOLLOWING_UP = "following_up"
    CLOSED = "closed"
    SELF_RESOLVED = "self_resolved"
    REJECTED = "rejected"
    VOID = "void"
    MERGED = "merged"


TERMINAL = frozenset({State.CLOSED, State.SELF_RESOLVED, State.REJECTED, State.VOID, State.MERGED})
# The event clock runs from filing to feedback (D3.1).
CLOCK_RUNS = frozenset({State.FILED, State.DISPATCHED, State.HANDLING})


class Action(StrEnum):
    """What somebody does to an event."""

    SUBMIT = "submit"
    IMPORTED = "imported"
    CORRECT_POSITION = "correct_position"
    PUT_ON_AGENDA = "put_on_agenda"
    RESOLVE_ON_SPOT = "resolve_on_spot"
    FILE = "file"
    PROPOSE_REJECT = "propose_reject"
    REJECT = "reject"
    VOID = "void"
    MERGE = "merge"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    SUBMIT_RESULT = "submit_result"
    REWORK = "rework"
    REQUEST_RECHECK = "request_recheck"
    PASS_RECHECK = "pass_recheck"  # noqa: S105 (not a password)
    RECHECK_FAILED = "recheck_failed"
    START_FOLLOW_UP = "start_follow_up"
    RECORD_CALL = "record_call"
    ANSWER_SOLVED = "answer_solved"
    NOT_SOLVED = "not_solved"
    CLOSE = "close"
    CLOSE_WITHOUT_FOLLOW_UP = "close_without_follow_up"


class Party(StrEnum):
    """Standing in one event that comes from the event, not from a post's role."""

    REPORTER = "reporter"
    LEAD = "lead"


class Need(StrEnum):
    """What a step must bring along."""

    NOTE = "note"
    PHOTO = "photo"
    PRESENT = "present"
    ORGANIZATION = "organization"
    MASTER = "master"
    POSITION = "position"


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
    """T23: the reporter's "not solved" counts once by itself; later ones are the town's decision."""
    if actor.role in DISPATCHERS and actor.id != facts.reporter_id:
        return None
    return "ask_town_again" if facts.reporter_unsolved else None


def position_doubted(facts: Facts, _: Actor) -> str | None:
    """A position is confirmed or corrected only while it is in doubt."""
    return None if facts.crs_suspect else "position_not_in_doubt"


@dataclass(frozen=True, slots=True)
class Rule:
    """One allowed step: from where to where, whose it is, what it must bring, what it waits for."""

    action: Action
    at: State
    target: State
    who: frozenset[Role | Party]
    needs: tuple[Need, ...] = ()
    guard: Guard | None = None


V, T, C = Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER
CITY, U, G = Role.CITY_DISPATCHER, Role.UNIT_HEAD, Role.GRID_WORKER
R, H = Party.REPORTER, Party.LEAD
A, S, N = Action, State, Need


def _rule(
    action: Action, at: State, target: State, *who: Role | Party,
    needs: tuple[Need, ...] = (), guard: Guard | None = None,
) -> Rule:  # fmt: skip
    return Rule(action, at, target, frozenset(who), needs, guard)


_TABLE = (
    # Taken in. The place is the first thing that must be true.
    _rule(A.CORRECT_POSITION, S.REPORTED, S.REPORTED, R, V, T, needs=(N.POSITION,), guard=position_doubted),
    _rule(A.RESOLVE_ON_SPOT, S.REPORTED, S.SELF_RESOLVED, U, G, needs=(N.PHOTO,), guard=may_self_resolve),  # T2
    _rule(A.PUT_ON_AGENDA, S.REPORTED, S.JUDGING, V, T),  # T5
    _rule(A.FILE, S.REPORTED, S.FILED, V, T, C, CITY),  # T8
    _rule(A.MERGE, S.REPORTED, S.MERGED, V, T, C, CITY, needs=(N.MASTER,)),  # T7
    _rule(A.PROPOSE_REJECT, S.REPORTED, S.REPORTED, V, T, C, CITY, needs=(N.NOTE,)),
    _rule(A.REJECT, S.REPORTED, S.REJECTED, V, T, C, CITY, needs=(N.NOTE,), guard=second_person),  # T6
    _rule(A.VOID, S.REPORTED, S.VOID, V, T, C, CITY, needs=(N.NOTE,)),  # T6
    # The review: decision, reason and who was present are recorded.
    _rule(A.FILE, S.JUDGING, S.FILED, V, T, C, CITY, needs=(N.NOTE, N.PRESENT)),  # T8
    _rule(A.RESOLVE_ON_SPOT, S.JUDGING, S.SELF_RESOLVED, V, T, needs=(N.NOTE, N.PRESENT), guard=may_self_resolve),  # T33
    _rule(A.MERGE, S.JUDGING, S.MERGED, V, T, C, CITY, needs=(N.MASTER, N.PRESENT)),  # T7
    _rule(A.PROPOSE_REJECT, S.JUDGING, S.JUDGING, V, T, C, CITY, needs=(N.NOTE,)),
    _rule(A.REJECT, S.JUDGING, S.REJECTED, V, T, C, CITY, needs=(N.NOTE, N.PRESENT), guard=second_person),  # T6
    _rule(A.VOID, S.JUDGING, S.VOID, V, T, C, CITY, needs=(N.NOTE, N.PRESENT)),  # T6
    # Given to whoever must do it.
    _rule(A.DISPATCH, S.FILED, S.DISPATCHED, V, T, C, CITY, needs=(N.ORGANIZATION,), guard=not_reporter),  # T9
    _rule(A.MERGE, S.FILED, S.MERGED, V, T, C, CITY, needs=(N.MASTER,)),  # T7
    _rule(A.ACCEPT, S.DISPATCHED, S.HANDLING, H, guard=not_dispatcher),  # T11
    _rule(A.SUBMIT_RESULT, S.HANDLING, S.FEEDBACK, H, needs=(N.NOTE, N.PHOTO), guard=not_dispatcher),  # T17
    # Looked at by somebody else, on paper and on site.
    _rule(A.REWORK, S.FEEDBACK, S.HANDLING, T, C, CITY, needs=(N.NOTE,), guard=not_handler),  # T18
    _rule(A.REQUEST_RECHECK, S.FEEDBACK, S.RECHECKING, T, C, CITY, guard=not_handler),  # T19
    _rule(A.PASS_RECHECK, S.RECHECKING, S.RECHECKING, U, G, V, needs=(N.PHOTO,), guard=recheck_open),
    _rule(A.RECHECK_FAILED, S.RECHECKING, S.HANDLING, U, G, V, needs=(N.NOTE,), guard=recheck_open),  # T20
    # The reporter is told and asked.
    _rule(A.START_FOLLOW_UP, S.FEEDBACK, S.FOLLOWING_UP, T, C, CITY, guard=recheck_done),  # T21
    _rule(A.START_FOLLOW_UP, S.RECHECKING, S.FOLLOWING_UP, T, C, CITY, guard=recheck_done),  # T21
    _rule(A.ANSWER_SOLVED, S.FOLLOWING_UP, S.FOLLOWING_UP, R),
    _rule(A.NOT_SOLVED, S.FOLLOWING_UP, S.HANDLING, R, T, C, CITY, needs=(N.NOTE,), guard=once_by_reporter),  # T23
    _rule(A.RECORD_CALL, S.FOLLOWING_UP, S.FOLLOWING_UP, T, C, CITY, V, needs=(N.NOTE,)),
    # And only then it ends.
    _rule(A.CLOSE, S.FOLLOWING_UP, S.CLOSED, T, C, CITY, guard=answered),  # T22
    _rule(A.CLOSE_WITHOUT_FOLLOW_UP, S.FEEDBACK, S.CLOSED, T, C, CITY, guard=nobody_to_ask),  # T24
    _rule(A.CLOSE_WITHOUT_FOLLOW_UP, S.RECHECKING, S.CLOSED, T, C, CITY, guard=nobody_to_ask),  # T24
)  # fmt: skip

RULES: Mapping[tuple[State, Action], Rule] = {(rule.at, rule.action): rule for rule in _TABLE}


class NotAllowedHere(Conflict):
    """The action does not apply to the event's state."""


class NotYours(Forbidden):
    """The step exists, and belongs to somebody else."""


class NotYet(Conflict):
    """The step is the caller's, and something is missing first."""


class StepIncomplete(BadInput):
    """The step must bring something along that it did not."""


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that the caller may take now, or why not yet."""

    action: Action
    target: State
    needs: tuple[Need, ...]
    blocked_by: str | None = field(default=None)


def standing(facts: Facts, actor: Actor) -> frozenset[Role | Party]:
    """In which capacities the caller meets this event."""
    found: set[Role | Party] = set()
    if actor.covers(facts.county_code, facts.area_code):
        found.add(actor.role)
    if facts.reporter_id is not None and actor.id == facts.reporter_id:
        found.add(Party.REPORTER)
    if actor.tracked is not None:
        found.add(Party.REPORTER)
    if (
        facts.lead_organization_id is not None
        and actor.organization_id == facts.lead_organization_id
        and actor.role in (Role.DEPARTMENT_CLERK, Role.VILLAGE_SECRETARY)
    ):
        found.add(Party.LEAD)
    return frozenset(found)


def step(facts: Facts, actor: Actor, action: Action, brought: frozenset[Need]) -> Rule:
    """Return the rule that lets ``actor`` take ``action`` now.

    Raises
    ------
    NotAllowedHere, NotYours, NotYet, StepIncomplete
        Checked in that order.
    """
    rule = RULES.get((facts.state, action))
    if rule is None:
        raise NotAllowedHere(
            "not_allowed_here", action=f"action.{action}", state=f"state.{facts.state}"
        )
    if not rule.who & standing(facts, actor):
        raise NotYours("not_yours", action=f"action.{action}")
    missing = rule.guard(facts, actor) if rule.guard else None
    if missing is not None:
        raise NotYet(missing)
    for need in rule.needs:
        if need not in brought:
            raise StepIncomplete(f"needs_{need}")
    return rule


# Nothing that anybody could do would open these steps for this event: they are not offered at all.
NEVER_FOR_THIS = frozenset({"position_not_in_doubt", "category_needs_handling"})


def open_to(facts: Facts, actor: Actor) -> list[OpenStep]:
    """The steps that are the caller's from here, in the table's order; some wait for something."""
    parties = standing(facts, actor)
    mine = (rule for rule in _TABLE if rule.at is facts.state and rule.who & parties)
    waits = ((rule, rule.guard(facts, actor) if rule.guard else None) for rule in mine)
    return [
        OpenStep(rule.action, rule.target, rule.needs, missing)
        for rule, missing in waits
        if missing not in NEVER_FOR_THIS
    ]
