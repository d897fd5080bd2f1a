"""The event state machine: one table, no I/O.

Read the table top to bottom and you have read the process. A pair of state and action that is not
in it is not allowed. Transition numbers (T1 ...) are those of the domain model, D3.2. The words
are in `vocabulary`, what a step waits for in `guards`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from backend.core.actor import Actor, Role
from backend.core.errors import BadInput, Conflict, Forbidden
from backend.events.facts import Facts
from backend.events.guards import (
    Guard,
    answered,
    asked,
    before_due,
    both,
    co_at,
    co_done,
    has_co,
    higher_is_left,
    in_sample,
    is_third_return,
    main_is_asked,
    main_just_closed,
    main_not_refused,
    master_still_open,
    may_appeal,
    may_be_fast,
    may_object,
    may_self_resolve,
    nobody_to_ask,
    not_asked,
    not_dispatcher,
    not_filed_yet,
    not_for_good,
    not_handler,
    not_reporter,
    not_suspended_before,
    nothing_asked,
    once_a_day,
    once_by_reporter,
    one_level_up,
    position_doubted,
    recheck_done,
    recheck_open,
    second_person,
    something_asked,
    supervised,
    suspension_within_power,
    third_return_goes_up,
    was_led,
    was_never_led,
    was_unsolved,
)
from backend.events.vocabulary import ACTIVE, Action, Ask, Need, Party, State


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
CITY, U, G, L = Role.CITY_DISPATCHER, Role.UNIT_HEAD, Role.GRID_WORKER, Role.LEADER
R, H, CO, P = Party.REPORTER, Party.LEAD, Party.CO, Party.OFFERED
SYS = Role.SYSTEM
A, S, N = Action, State, Need
STAY = None
INTAKE = (S.REPORTED, S.VERIFYING, S.JUDGING)
UNDERWAY = (S.DISPATCHED, S.HANDLING, S.SUSPENDED, S.FEEDBACK, S.RECHECKING, S.FOLLOWING_UP)


def _rules(
    action: Action, at: State | Iterable[State], target: State | None, *who: Role | Party,
    needs: tuple[Need, ...] = (), guard: Guard | None = None,
) -> Iterator[Rule]:  # fmt: skip
    """One line of the table: a rule for each state that it starts from."""
    for state in (at,) if isinstance(at, State) else sorted(at):
        yield Rule(action, state, target or state, frozenset(who), needs, guard)


_TABLE = (
    # Taken in. The place is the first thing that must be true.
    *_rules(A.CORRECT_POSITION, S.REPORTED, STAY, R, V, T, C, CITY, needs=(N.POSITION,), guard=position_doubted),
    *_rules(A.CORRECT_POSITION, S.JUDGING, STAY, V, T, C, CITY, needs=(N.POSITION,)),
    *_rules(A.RESOLVE_ON_SPOT, S.REPORTED, S.SELF_RESOLVED, U, G, needs=(N.PHOTO,), guard=may_self_resolve),  # T2
    *_rules(A.CHECK_SAMPLE, S.SELF_RESOLVED, STAY, T, C, CITY, needs=(N.NOTE,), guard=in_sample),  # T2
    *_rules(A.REQUEST_VERIFICATION, (S.REPORTED, S.JUDGING), S.VERIFYING, V, T, C, CITY, needs=(N.NOTE,)),  # T3, T34
    *_rules(A.SUBMIT_VERIFICATION, S.VERIFYING, S.REPORTED, U, G, V, needs=(N.NOTE, N.PHOTO), guard=not_reporter),  # T4
    *_rules(A.PUT_ON_AGENDA, S.REPORTED, S.JUDGING, V, T),  # T5
    *_rules(A.FAST_TRACK, S.REPORTED, S.DISPATCHED, U, G, V, T, C, CITY, needs=(N.ORGANIZATION,), guard=may_be_fast),  # T10
    *_rules(A.FILE, S.REPORTED, S.FILED, V, T, C, CITY),  # T8
    # The review: decision, reason and who was present are recorded.
    *_rules(A.FILE, S.JUDGING, S.FILED, V, T, C, CITY, needs=(N.NOTE, N.PRESENT)),  # T8
    *_rules(A.RESOLVE_ON_SPOT, S.JUDGING, S.SELF_RESOLVED, V, T, needs=(N.NOTE, N.PRESENT), guard=may_self_resolve),  # T33
    *_rules(A.PUT_OFF, S.JUDGING, STAY, V, T, needs=(N.NOTE,)),  # T35
    # Turned away, and the ways back.
    *_rules(A.MERGE, (S.REPORTED, S.FILED), S.MERGED, V, T, C, CITY, needs=(N.MASTER,)),  # T7
    *_rules(A.MERGE, S.JUDGING, S.MERGED, V, T, C, CITY, needs=(N.MASTER, N.PRESENT)),  # T7
    *_rules(A.UNDO_MERGE, S.MERGED, S.REPORTED, V, T, C, CITY, guard=master_still_open),  # T32
    *_rules(A.PROPOSE_REJECT, INTAKE, STAY, V, T, C, CITY, needs=(N.NOTE,)),
    *_rules(A.REJECT, (S.REPORTED, S.VERIFYING), S.REJECTED, V, T, C, CITY, needs=(N.REASON, N.NOTE), guard=second_person),  # T6
    *_rules(A.REJECT, S.JUDGING, S.REJECTED, V, T, C, CITY, needs=(N.REASON, N.NOTE, N.PRESENT), guard=second_person),  # T6
    *_rules(A.VOID, (S.REPORTED, S.VERIFYING), S.VOID, V, T, C, CITY, needs=(N.REASON, N.NOTE)),  # T6
    *_rules(A.VOID, S.JUDGING, S.VOID, V, T, C, CITY, needs=(N.REASON, N.NOTE, N.PRESENT)),  # T6
    *_rules(A.APPEAL, (S.REJECTED, S.VOID, S.MERGED), STAY, R, needs=(N.NOTE,), guard=may_appeal),  # T31, D4.9
    *_rules(A.UPHOLD_APPEAL, (S.REJECTED, S.VOID, S.MERGED), S.REPORTED, T, C, CITY, needs=(N.NOTE,), guard=both(asked(Ask.APPEAL), one_level_up)),  # T31
    *_rules(A.REFUSE_APPEAL, (S.REJECTED, S.VOID, S.MERGED), STAY, T, C, CITY, needs=(N.NOTE,), guard=both(asked(Ask.APPEAL), one_level_up)),
    # Given to whoever must do it.
    *_rules(A.DISPATCH, S.FILED, S.DISPATCHED, V, T, C, CITY, SYS, needs=(N.ORGANIZATION,), guard=not_reporter),  # T9
    *_rules(A.OFFER, S.FILED, S.DISPATCHED, V, T, C, CITY, needs=(N.ORGANIZATIONS,), guard=not_reporter),  # T9, T11
    *_rules(A.CLAIM, S.DISPATCHED, S.HANDLING, P, guard=not_dispatcher),  # T11
    *_rules(A.RECALL, S.DISPATCHED, S.FILED, V, T, C, CITY, needs=(N.NOTE,), guard=not_asked(Ask.RETURN)),
    *_rules(A.ACCEPT, S.DISPATCHED, S.HANDLING, H, guard=both(not_asked(Ask.RETURN), not_dispatcher)),  # T11
    *_rules(A.ASSIGN_HANDLER, (S.DISPATCHED, S.HANDLING), STAY, H, CO, needs=(N.HANDLER,)),  # D8
    *_rules(A.FILE_AFTERWARDS, UNDERWAY, STAY, T, C, CITY, guard=not_filed_yet),  # T10
    *_rules(A.ASK_RETURN, (S.DISPATCHED, S.HANDLING), STAY, H, needs=(N.REASON, N.NOTE), guard=both(not_for_good, not_asked(Ask.RETURN))),  # T12
    *_rules(A.APPROVE_RETURN, (S.DISPATCHED, S.HANDLING), S.FILED, T, C, CITY, guard=both(asked(Ask.RETURN), third_return_goes_up)),  # T12
    *_rules(A.REFUSE_RETURN, (S.DISPATCHED, S.HANDLING), STAY, T, C, CITY, needs=(N.NOTE,), guard=asked(Ask.RETURN)),  # D4.1
    *_rules(A.ASSIGN_FOR_GOOD, (S.DISPATCHED, S.HANDLING), S.DISPATCHED, L, C, CITY, needs=(N.ORGANIZATION, N.NOTE), guard=both(asked(Ask.RETURN), is_third_return)),  # D4.1
    # Handled, alone or together, with more time or put by.
    *_rules(A.ASK_EXTENSION, S.HANDLING, STAY, H, needs=(N.NOTE,), guard=both(before_due, not_asked(Ask.EXTENSION))),  # T16
    *_rules(A.APPROVE_EXTENSION, S.HANDLING, STAY, T, C, CITY, guard=asked(Ask.EXTENSION)),  # T16
    *_rules(A.REFUSE_EXTENSION, S.HANDLING, STAY, T, C, CITY, needs=(N.NOTE,), guard=asked(Ask.EXTENSION)),
    *_rules(A.ASK_SUSPENSION, S.HANDLING, STAY, H, needs=(N.REASON, N.NOTE, N.UNTIL), guard=both(not_suspended_before, not_asked(Ask.SUSPENSION))),  # T14
    *_rules(A.APPROVE_SUSPENSION, S.HANDLING, S.SUSPENDED, T, C, CITY, guard=both(asked(Ask.SUSPENSION), suspension_within_power)),  # T14
    *_rules(A.REFUSE_SUSPENSION, S.HANDLING, STAY, T, C, CITY, needs=(N.NOTE,), guard=asked(Ask.SUSPENSION)),
    *_rules(A.RESUME, S.SUSPENDED, S.HANDLING, T, C, CITY, SYS),  # T15
    *_rules(A.WITHDRAW_REQUEST, (S.DISPATCHED, S.HANDLING), STAY, H, guard=something_asked),
    *_rules(A.ADD_CO, S.HANDLING, STAY, H, T, C, CITY, needs=(N.ORGANIZATION, N.NOTE)),  # T13
    *_rules(A.WHISTLE, S.HANDLING, STAY, T, needs=(N.ORGANIZATION, N.NOTE, N.PRESENT, N.UNTIL)),  # T13, D4.4
    *_rules(A.REMOVE_CO, S.HANDLING, STAY, T, C, CITY, needs=(N.ORGANIZATION, N.NOTE), guard=has_co),  # T13
    *_rules(A.CO_ACCEPT, S.HANDLING, STAY, CO, guard=both(co_at("pending"), not_dispatcher)),
    *_rules(A.CO_ARRIVE, S.HANDLING, STAY, CO, guard=co_at("accepted")),
    *_rules(A.CO_SUBMIT, S.HANDLING, STAY, CO, needs=(N.NOTE,), guard=both(co_at("accepted", "arrived"), not_dispatcher)),
    *_rules(A.CO_DECLINE, S.HANDLING, STAY, CO, needs=(N.NOTE,), guard=co_at("pending")),
    *_rules(A.SUBMIT_RESULT, S.HANDLING, S.FEEDBACK, H, needs=(N.NOTE, N.PHOTO), guard=both(nothing_asked, co_done)),  # T17
    # Looked at by somebody else, on paper and on site.
    *_rules(A.REWORK, S.FEEDBACK, S.HANDLING, T, C, CITY, needs=(N.NOTE,), guard=not_handler),  # T18
    *_rules(A.REQUEST_RECHECK, S.FEEDBACK, S.RECHECKING, T, C, CITY, guard=not_handler),  # T19
    *_rules(A.PASS_RECHECK, S.RECHECKING, STAY, U, G, V, T, needs=(N.PHOTO,), guard=recheck_open),
    *_rules(A.RECHECK_FAILED, S.RECHECKING, S.HANDLING, U, G, V, T, needs=(N.NOTE,), guard=recheck_open),  # T20
    # The reporter is told and asked.
    *_rules(A.START_FOLLOW_UP, (S.FEEDBACK, S.RECHECKING), S.FOLLOWING_UP, T, C, CITY, guard=recheck_done),  # T21
    *_rules(A.ANSWER_SOLVED, S.FOLLOWING_UP, STAY, R),
    *_rules(A.NOT_SOLVED, S.FOLLOWING_UP, S.HANDLING, R, T, C, CITY, needs=(N.NOTE,), guard=once_by_reporter),  # T23
    *_rules(A.RECORD_CALL, S.FOLLOWING_UP, STAY, T, C, CITY, V, needs=(N.NOTE,)),
    # Whoever reported the same is asked as well; the clerk of the house passes it on (D4.5).
    *_rules(A.ANSWER_SOLVED, S.MERGED, STAY, R, guard=main_is_asked),
    *_rules(A.NOT_SOLVED, S.MERGED, STAY, R, needs=(N.NOTE,), guard=main_not_refused),  # T23
    *_rules(A.ASK_REOPEN, S.MERGED, STAY, R, needs=(N.NOTE,), guard=main_just_closed),  # T25
    # And only then it ends.
    *_rules(A.CLOSE, S.FOLLOWING_UP, S.CLOSED, T, C, CITY, needs=(N.CLOSING,), guard=answered),  # T22
    *_rules(A.CLOSE_WITH_EXPLANATION, S.FOLLOWING_UP, S.CLOSED, T, C, CITY, needs=(N.NOTE, N.CLOSING), guard=was_unsolved),  # T23
    *_rules(A.CLOSE_WITHOUT_FOLLOW_UP, (S.FEEDBACK, S.RECHECKING), S.CLOSED, T, C, CITY, needs=(N.CLOSING,), guard=nobody_to_ask),  # T24
    # Or it ends here and goes on for longer as a list item, which its reporter follows.
    *_rules(A.CARRY_BY_ITEM, (S.JUDGING, S.FILED, S.HANDLING), S.CLOSED, V, T, C, CITY, needs=(N.ITEM, N.NOTE), guard=nothing_asked),  # T36
    *_rules(A.ASK_REOPEN, (S.CLOSED, S.SELF_RESOLVED), STAY, R, needs=(N.NOTE,), guard=may_object),  # T25
    *_rules(A.REOPEN, S.CLOSED, S.HANDLING, T, C, CITY, needs=(N.NOTE,), guard=was_led),  # T25
    *_rules(A.REPORT_AGAIN, S.CLOSED, S.REPORTED, T, C, CITY, needs=(N.NOTE,), guard=was_never_led),  # T25, T36
    *_rules(A.REOPEN, S.SELF_RESOLVED, S.REPORTED, T, C, CITY, needs=(N.NOTE,)),  # T25
    *_rules(A.REFUSE_REOPEN, (S.CLOSED, S.SELF_RESOLVED), STAY, T, C, CITY, needs=(N.NOTE,), guard=asked(Ask.REOPEN)),
    # At any time.
    *_rules(A.ESCALATE, ACTIVE, STAY, T, C, SYS, needs=(N.REASON, N.NOTE), guard=higher_is_left),  # T26
    *_rules(A.SUPERVISE, ACTIVE, STAY, C, CITY, L, needs=(N.NOTE, N.UNTIL)),  # T27, D4.8
    *_rules(A.ANSWER_SUPERVISION, ACTIVE, STAY, H, T, needs=(N.NOTE,), guard=supervised),
    *_rules(A.LIFT_SUPERVISION, ACTIVE, STAY, C, CITY, L, guard=supervised),
    *_rules(A.URGE, ACTIVE, STAY, R, V, T, C, CITY, guard=once_a_day),  # T28
    *_rules(A.RESTRICT, frozenset(S), STAY, T, C, CITY, needs=(N.NOTE, N.PEOPLE)),  # T30
    *_rules(A.TRANSFER_OUT, ACTIVE, S.TRANSFERRED, T, C, CITY, needs=(N.REASON, N.NOTE)),  # T29
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
    if actor.organization_id is not None and actor.organization_id in facts.co:
        found.add(Party.CO)
    if actor.organization_id is not None and actor.organization_id in facts.offered:
        found.add(Party.OFFERED)
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
            "not_allowed_here", action=f"action.{action}", state=f"state.{facts.state}",
            open_steps=[s.action for s in open_to(facts, actor) if not s.blocked_by],
        )  # fmt: skip
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
NEVER_FOR_THIS = frozenset(
    {
        "position_not_in_doubt", "category_needs_handling", "category_not_fast", "already_filed",
        "not_in_sample", "no_co", "co_not_now", "nothing_to_withdraw", "not_supervised",
        "not_third_return", "suspended_before", "extensions_used", "no_limit_yet",
        "escalated_already", "undo_too_late", "objection_too_late", "appealed_already",
        "not_objected_yet", "place_can_recheck", "main_not_asking", "main_not_closed",
        "never_led", "was_led", *(f"nothing_asked_{kind}" for kind in Ask),
    }
)  # fmt: skip


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
