"""The event state machine: one table, no I/O.

Read the table top to bottom and you have read the process. A pair of state and action that is not
in it is not allowed. `docs/process.md` draws it in the words of the screens. The words
are in `vocabulary`, what a step waits for in `guards`.
"""

from collections.abc import Mapping
from enum import StrEnum

from backend.core import steps
from backend.core.actor import Actor, Role
from backend.matters.events.facts import Facts
from backend.matters.events.guards.apart import (
    not_dispatcher,
    not_handler,
    not_of_this,
    not_reporter,
    one_level_up,
    second_person,
)
from backend.matters.events.guards.ending import (
    answered,
    nobody_to_ask,
    once_by_reporter,
    recheck_done,
    recheck_open,
    was_unsolved,
)
from backend.matters.events.guards.handling import (
    co_at,
    co_done,
    has_co,
    higher_is_left,
    once_a_day,
    somebody_helps,
)
from backend.matters.events.guards.intake import (
    in_sample,
    main_is_asked,
    main_just_closed,
    main_not_refused,
    master_still_open,
    may_appeal,
    may_be_fast,
    may_object,
    may_self_resolve,
    nobody_leads,
    not_filed_yet,
    not_restricted,
    place_unknown,
    position_doubted,
    was_led,
    was_never_led,
)
from backend.matters.events.guards.requests import (
    asked,
    before_due,
    is_third_return,
    late_return_goes_up,
    may_object_to_rework,
    not_asked,
    not_for_good,
    not_suspended_before,
    nothing_asked,
    something_asked,
    suspension_within_power,
    third_return_goes_up,
)
from backend.matters.events.guards.shapes import both
from backend.matters.events.guards.supervising import may_answer, may_lift, may_supervise
from backend.matters.events.vocabulary import ACTIVE, Action, Ask, Need, Party, State

Rule = steps.Rule[Facts, State, Action, Need]
OpenStep = steps.OpenStep[State, Action, Need]

V, T, C = Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER
CITY, U, G, L = Role.CITY_DISPATCHER, Role.UNIT_HEAD, Role.GRID_WORKER, Role.LEADER
R, H, CO, P = Party.REPORTER, Party.LEAD, Party.CO, Party.OFFERED
SYS = Role.SYSTEM
A, S, N = Action, State, Need
STAY = None
INTAKE = (S.REPORTED, S.VERIFYING, S.JUDGING)
UNDERWAY = (S.DISPATCHED, S.HANDLING, S.SUSPENDED, S.FEEDBACK, S.RECHECKING, S.FOLLOWING_UP)


def standing(facts: Facts, actor: Actor) -> frozenset[StrEnum]:
    """In which capacities the caller meets this event."""
    found: set[StrEnum] = set()
    if actor.covers(facts.county_code, facts.area_code):
        found.add(actor.role)
    if facts.reporter_id is not None and actor.id == facts.reporter_id:
        found.add(Party.REPORTER)
    if actor.tracked is not None:
        found.add(Party.REPORTER)
    # Departments handle, and villages what is theirs; others only stand in an organization.
    own = actor.organization_id if actor.role in (Role.DEPARTMENT_CLERK, V) else None
    if own is not None:
        if own == facts.lead_organization_id:
            found.add(Party.LEAD)
        if own in facts.co:
            found.add(Party.CO)
        if own in facts.offered:
            found.add(Party.OFFERED)
    return frozenset(found)


# Nothing that anybody could do would open these steps for this event: they are not offered at all.
NEVER_FOR_THIS = frozenset(
    {
        "position_not_in_doubt", "place_is_known", "category_needs_handling", "category_not_fast",
        "already_filed",
        "not_in_sample", "no_co", "co_not_now", "nothing_to_withdraw", "not_supervised", "nobody_to_supervise",
        "supervision_answered", "supervision_is_yours", "supervision_from_above", "supervised_already",
        "not_third_return", "suspended_before", "extensions_used", "no_limit_yet",
        "escalated_already", "undo_too_late", "objection_too_late", "appealed_already",
        "not_objected_yet", "place_can_recheck", "main_not_asking", "main_not_closed",
        "never_led", "no_rework", "rework_objected", "was_led", "somebody_leads", "not_village_level",
        *(f"nothing_asked_{kind}" for kind in Ask),
    }
)  # fmt: skip
PROCESS = steps.Process[Facts, State, Action, Need](
    standing, steps.Words("not_allowed_here", "action", "state", "needs"), NEVER_FOR_THIS
)
on = PROCESS.allow

# fmt: off
# Taken in. The place is the first thing that must be true.
on(A.CORRECT_POSITION, S.REPORTED, STAY, R, V, T, C, CITY, needs=(N.POSITION,), guard=position_doubted)
on(A.CORRECT_POSITION, S.JUDGING, STAY, V, T, C, CITY, needs=(N.POSITION,))
on(A.CORRECT_POSITION, S.FILED, STAY, T, C, CITY, needs=(N.POSITION,), guard=place_unknown)
on(A.RESOLVE_ON_SPOT, S.REPORTED, S.SELF_RESOLVED, U, G, needs=(N.PHOTO,), guard=may_self_resolve)
on(A.CHECK_SAMPLE, S.SELF_RESOLVED, STAY, T, C, CITY, needs=(N.NOTE,), guard=in_sample)
on(A.REQUEST_VERIFICATION, (S.REPORTED, S.JUDGING), S.VERIFYING, V, T, C, CITY, needs=(N.NOTE,))
on(A.SUBMIT_VERIFICATION, S.VERIFYING, S.REPORTED, U, G, V, needs=(N.NOTE, N.PHOTO), guard=not_reporter)
on(A.PUT_ON_AGENDA, S.REPORTED, S.JUDGING, V, T, guard=not_restricted)
on(A.FAST_TRACK, S.REPORTED, S.DISPATCHED, U, G, V, T, C, CITY, needs=(N.ORGANIZATION,), guard=may_be_fast)
on(A.FILE, S.REPORTED, S.FILED, V, T, C, CITY, guard=not_reporter)
# The review: decision, reason and who was present are recorded.
on(A.FILE, S.JUDGING, S.FILED, V, T, C, CITY, needs=(N.NOTE, N.PRESENT), guard=not_reporter)
on(A.RESOLVE_ON_SPOT, S.JUDGING, S.SELF_RESOLVED, V, T, needs=(N.NOTE, N.PRESENT), guard=may_self_resolve)
on(A.PUT_OFF, S.JUDGING, STAY, V, T, needs=(N.NOTE,))
# Turned away, and the ways back.
on(A.MERGE, (S.REPORTED, S.FILED), S.MERGED, V, T, C, CITY, needs=(N.MASTER,))
on(A.MERGE, S.JUDGING, S.MERGED, V, T, C, CITY, needs=(N.MASTER, N.PRESENT))
on(A.UNDO_MERGE, S.MERGED, S.REPORTED, V, T, C, CITY, guard=master_still_open)
on(A.PROPOSE_REJECT, INTAKE, STAY, V, T, C, CITY, needs=(N.NOTE,))
on(A.REJECT, (S.REPORTED, S.VERIFYING), S.REJECTED, V, T, C, CITY, needs=(N.REASON, N.NOTE), guard=second_person)
on(A.REJECT, S.JUDGING, S.REJECTED, V, T, C, CITY, needs=(N.REASON, N.NOTE, N.PRESENT), guard=second_person)
on(A.VOID, (S.REPORTED, S.VERIFYING), S.VOID, V, T, C, CITY, needs=(N.REASON, N.NOTE))
on(A.VOID, S.JUDGING, S.VOID, V, T, C, CITY, needs=(N.REASON, N.NOTE, N.PRESENT))
on(A.APPEAL, (S.REJECTED, S.VOID, S.MERGED), STAY, R, needs=(N.NOTE,), guard=may_appeal)
on(A.UPHOLD_APPEAL, (S.REJECTED, S.VOID, S.MERGED), S.REPORTED, T, C, CITY, needs=(N.NOTE,), guard=both(asked(Ask.APPEAL), one_level_up))
on(A.REFUSE_APPEAL, (S.REJECTED, S.VOID, S.MERGED), STAY, T, C, CITY, needs=(N.NOTE,), guard=both(asked(Ask.APPEAL), one_level_up))
# Given to whoever must do it.
on(A.DISPATCH, S.FILED, S.DISPATCHED, V, T, C, CITY, SYS, needs=(N.ORGANIZATION,), guard=not_reporter)
on(A.OFFER, S.FILED, S.DISPATCHED, V, T, C, CITY, needs=(N.ORGANIZATIONS,), guard=not_reporter)
on(A.CLAIM, S.DISPATCHED, S.HANDLING, P, guard=not_dispatcher)
on(A.RECALL, S.DISPATCHED, S.FILED, V, T, C, CITY, needs=(N.NOTE,), guard=not_asked(Ask.RETURN))
on(A.RECALL, S.HANDLING, S.FILED, V, T, C, CITY, needs=(N.NOTE,), guard=nobody_leads)
on(A.ACCEPT, S.DISPATCHED, S.HANDLING, H, guard=both(not_asked(Ask.RETURN), not_dispatcher))
on(A.ASSIGN_HANDLER, (S.DISPATCHED, S.HANDLING), STAY, H, CO, needs=(N.HANDLER,))
on(A.FILE_AFTERWARDS, UNDERWAY, STAY, T, C, CITY, guard=both(not_filed_yet, not_of_this))
on(A.ASK_RETURN, (S.DISPATCHED, S.HANDLING), STAY, H, needs=(N.REASON, N.NOTE), guard=both(not_for_good, not_asked(Ask.RETURN)))
on(A.APPROVE_RETURN, (S.DISPATCHED, S.HANDLING), S.FILED, T, C, CITY, L, guard=both(asked(Ask.RETURN), third_return_goes_up, late_return_goes_up))
on(A.REFUSE_RETURN, (S.DISPATCHED, S.HANDLING), STAY, T, C, CITY, L, needs=(N.NOTE,), guard=asked(Ask.RETURN))
on(A.ASSIGN_FOR_GOOD, (S.DISPATCHED, S.HANDLING), S.DISPATCHED, L, C, CITY, needs=(N.ORGANIZATION, N.NOTE), guard=both(asked(Ask.RETURN), is_third_return))
# Handled, alone or together, with more time or put by.
on(A.ASK_EXTENSION, S.HANDLING, STAY, H, needs=(N.NOTE,), guard=both(before_due, not_asked(Ask.EXTENSION)))
on(A.APPROVE_EXTENSION, S.HANDLING, STAY, T, C, CITY, guard=asked(Ask.EXTENSION))
on(A.REFUSE_EXTENSION, S.HANDLING, STAY, T, C, CITY, needs=(N.NOTE,), guard=asked(Ask.EXTENSION))
on(A.ASK_SUSPENSION, S.HANDLING, STAY, H, needs=(N.REASON, N.NOTE, N.UNTIL), guard=both(not_suspended_before, not_asked(Ask.SUSPENSION)))
on(A.APPROVE_SUSPENSION, S.HANDLING, S.SUSPENDED, T, C, CITY, guard=both(asked(Ask.SUSPENSION), not_asked(Ask.REWORK), suspension_within_power))
on(A.REFUSE_SUSPENSION, S.HANDLING, STAY, T, C, CITY, needs=(N.NOTE,), guard=asked(Ask.SUSPENSION))
on(A.RESUME, S.SUSPENDED, S.HANDLING, T, C, CITY, SYS)
on(A.WITHDRAW_REQUEST, (S.DISPATCHED, S.HANDLING), STAY, H, guard=something_asked)
on(A.ADD_CO, S.HANDLING, STAY, H, T, C, CITY, needs=(N.ORGANIZATION, N.NOTE))
on(A.WHISTLE, S.HANDLING, STAY, T, needs=(N.ORGANIZATION, N.NOTE, N.PRESENT, N.UNTIL))
on(A.SET_HELP_TIME, (S.DISPATCHED, S.HANDLING), STAY, T, C, CITY, needs=(N.ORGANIZATION, N.UNTIL, N.NOTE), guard=somebody_helps)
on(A.REMOVE_CO, S.HANDLING, STAY, T, C, CITY, needs=(N.ORGANIZATION, N.NOTE), guard=has_co)
on(A.CO_ACCEPT, S.HANDLING, STAY, CO, guard=both(co_at("pending"), not_dispatcher))
on(A.CO_ARRIVE, S.HANDLING, STAY, CO, guard=co_at("accepted"))
on(A.CO_SUBMIT, S.HANDLING, STAY, CO, needs=(N.NOTE,), guard=both(co_at("accepted", "arrived"), not_dispatcher))
on(A.CO_DECLINE, S.HANDLING, STAY, CO, needs=(N.NOTE,), guard=co_at("pending"))
on(A.SUBMIT_RESULT, S.HANDLING, S.FEEDBACK, H, needs=(N.NOTE, N.PHOTO), guard=both(nothing_asked, co_done))
# Looked at by somebody else, on paper and on site.
on(A.REWORK, S.FEEDBACK, S.HANDLING, T, C, CITY, needs=(N.NOTE,), guard=not_handler)
on(A.OBJECT_TO_REWORK, S.HANDLING, STAY, H, needs=(N.NOTE,), guard=may_object_to_rework)
on(A.UPHOLD_OBJECTION, S.HANDLING, S.FEEDBACK, T, C, CITY, needs=(N.NOTE,), guard=both(asked(Ask.REWORK), one_level_up, not_of_this))
on(A.REFUSE_OBJECTION, S.HANDLING, STAY, T, C, CITY, needs=(N.NOTE,), guard=both(asked(Ask.REWORK), one_level_up, not_of_this))
on(A.REQUEST_RECHECK, S.FEEDBACK, S.RECHECKING, T, C, CITY, guard=not_of_this)
on(A.PASS_RECHECK, S.RECHECKING, STAY, U, G, V, T, needs=(N.PHOTO,), guard=recheck_open)
on(A.RECHECK_FAILED, S.RECHECKING, S.HANDLING, U, G, V, T, needs=(N.NOTE,), guard=recheck_open)
# The reporter is told and asked.
on(A.START_FOLLOW_UP, (S.FEEDBACK, S.RECHECKING), S.FOLLOWING_UP, T, C, CITY, guard=recheck_done)
on(A.ANSWER_SOLVED, S.FOLLOWING_UP, STAY, R)
on(A.NOT_SOLVED, S.FOLLOWING_UP, S.HANDLING, R, T, C, CITY, needs=(N.NOTE,), guard=once_by_reporter)
on(A.RECORD_CALL, S.FOLLOWING_UP, STAY, T, C, CITY, V, needs=(N.NOTE,), guard=not_of_this)
# Whoever reported the same is asked as well; the clerk of the house passes it on.
on(A.ANSWER_SOLVED, S.MERGED, STAY, R, guard=main_is_asked)
on(A.NOT_SOLVED, S.MERGED, STAY, R, needs=(N.NOTE,), guard=main_not_refused)
on(A.ASK_REOPEN, S.MERGED, STAY, R, needs=(N.NOTE,), guard=main_just_closed)
# And only then it ends.
on(A.CLOSE, S.FOLLOWING_UP, S.CLOSED, T, C, CITY, V, needs=(N.CLOSING,), guard=answered)
on(A.CLOSE_WITH_EXPLANATION, S.FOLLOWING_UP, S.CLOSED, T, C, CITY, needs=(N.NOTE, N.CLOSING), guard=was_unsolved)
on(A.CLOSE_WITHOUT_FOLLOW_UP, (S.FEEDBACK, S.RECHECKING), S.CLOSED, T, C, CITY, V, needs=(N.CLOSING,), guard=nobody_to_ask)
# Or it ends here and goes on for longer as a list item, which its reporter follows.
on(A.CARRY_BY_ITEM, (S.JUDGING, S.FILED, S.HANDLING), S.CLOSED, V, T, C, CITY, needs=(N.ITEM, N.NOTE), guard=both(nothing_asked, not_of_this))
on(A.ASK_REOPEN, (S.CLOSED, S.SELF_RESOLVED), STAY, R, needs=(N.NOTE,), guard=may_object)
on(A.REOPEN, S.CLOSED, S.HANDLING, T, C, CITY, needs=(N.NOTE,), guard=was_led)
on(A.REPORT_AGAIN, S.CLOSED, S.REPORTED, T, C, CITY, needs=(N.NOTE,), guard=was_never_led)
on(A.REOPEN, S.SELF_RESOLVED, S.REPORTED, T, C, CITY, needs=(N.NOTE,))
on(A.REFUSE_REOPEN, (S.CLOSED, S.SELF_RESOLVED), STAY, T, C, CITY, needs=(N.NOTE,), guard=asked(Ask.REOPEN))
# At any time.
on(A.ESCALATE, ACTIVE, STAY, T, C, SYS, needs=(N.REASON, N.NOTE), guard=higher_is_left)
on(A.SUPERVISE, ACTIVE, STAY, T, C, CITY, L, needs=(N.NOTE, N.UNTIL), guard=may_supervise)
on(A.ANSWER_SUPERVISION, ACTIVE, STAY, H, T, C, needs=(N.NOTE,), guard=may_answer)
on(A.LIFT_SUPERVISION, ACTIVE, STAY, T, C, CITY, L, guard=may_lift)
on(A.URGE, ACTIVE, STAY, R, V, T, C, CITY, guard=once_a_day)
on(A.RESTRICT, frozenset(S), STAY, T, C, CITY, needs=(N.NOTE, N.PEOPLE))
on(A.TRANSFER_OUT, ACTIVE, S.TRANSFERRED, T, C, CITY, needs=(N.REASON, N.NOTE))
# fmt: on

RULES: Mapping[tuple[StrEnum, StrEnum], Rule] = PROCESS.rules
step, open_to = PROCESS.step, PROCESS.open_to
