"""The event state machine: one table, no I/O.

Read the table top to bottom and you have read the process. A pair of state and action that is not
in it is not allowed. Transition numbers (T1 ...) are those of the domain model, D3.2. The words
are in `vocabulary`, what a step waits for in `guards`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.core.actor import Actor, Role
from backend.core.errors import BadInput, Conflict, Forbidden
from backend.events.guards import (
    Facts,
    Guard,
    answered,
    may_self_resolve,
    nobody_to_ask,
    not_dispatcher,
    not_handler,
    not_reporter,
    once_by_reporter,
    position_doubted,
    recheck_done,
    recheck_open,
    second_person,
)
from backend.events.vocabulary import Action, Need, Party, State


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
    _rule(A.CORRECT_POSITION, S.REPORTED, S.REPORTED, R, V, T, C, CITY, needs=(N.POSITION,), guard=position_doubted),
    _rule(A.RESOLVE_ON_SPOT, S.REPORTED, S.SELF_RESOLVED, U, G, needs=(N.PHOTO,), guard=may_self_resolve),  # T2
    _rule(A.PUT_ON_AGENDA, S.REPORTED, S.JUDGING, V, T),  # T5
    _rule(A.FILE, S.REPORTED, S.FILED, V, T, C, CITY),  # T8
    _rule(A.MERGE, S.REPORTED, S.MERGED, V, T, C, CITY, needs=(N.MASTER,)),  # T7
    _rule(A.PROPOSE_REJECT, S.REPORTED, S.REPORTED, V, T, C, CITY, needs=(N.NOTE,)),
    _rule(A.REJECT, S.REPORTED, S.REJECTED, V, T, C, CITY, needs=(N.NOTE,), guard=second_person),  # T6
    _rule(A.VOID, S.REPORTED, S.VOID, V, T, C, CITY, needs=(N.NOTE,)),  # T6
    # The review: decision, reason and who was present are recorded.
    _rule(A.CORRECT_POSITION, S.JUDGING, S.JUDGING, V, T, C, CITY, needs=(N.POSITION,)),
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
