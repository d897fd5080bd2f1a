"""Which effects each action has, in order; an action that is missing moves the event and no more.

An action whose effect depends on where it starts is listed with its state.
"""

from collections.abc import Iterator, Mapping

from backend.matters.events.casework.effects import (
    Effect,
    asides,
    clock,
    duties,
    helping,
    listing,
    merging,
    place,
    supervising,
)
from backend.matters.events.vocabulary import ANSWERS, ASKS, Action, State

A, S = Action, State

EFFECTS: Mapping[Action, tuple[Effect, ...]] = {
    A.CORRECT_POSITION: (place.correct_position,),
    A.RESOLVE_ON_SPOT: (asides.resolve_on_spot,),
    A.CHECK_SAMPLE: (asides.check_sample,),
    A.PUT_OFF: (asides.put_off,),
    A.FILE: (clock.file, place.look_for_recurrence),
    A.FILE_AFTERWARDS: (clock.file,),
    A.MERGE: (merging.merge,),
    A.UNDO_MERGE: (merging.part,),
    A.UPHOLD_APPEAL: (asides.back_to_report,),
    A.DISPATCH: (duties.dispatch,),
    A.OFFER: (duties.offer,),
    A.CLAIM: (duties.claim,),
    A.ASSIGN_HANDLER: (duties.assign_handler,),
    A.FAST_TRACK: (duties.fast_track, clock.promise_at_once),
    A.ASSIGN_FOR_GOOD: (duties.assign_for_good,),
    A.RECALL: (duties.recall,),
    A.ACCEPT: (duties.accept,),
    A.ASK_RETURN: (asides.ask_return,),
    A.ASK_SUSPENSION: (asides.ask_suspension,),
    A.WITHDRAW_REQUEST: (asides.withdraw,),
    A.APPROVE_RETURN: (duties.approve_return,),
    A.APPROVE_EXTENSION: (clock.extend,),
    A.APPROVE_SUSPENSION: (clock.suspend, listing.propose_item),
    A.RESUME: (clock.resume, listing.wait_no_more),
    A.ADD_CO: (helping.add_co,),
    A.WHISTLE: (helping.whistle,),
    A.SET_HELP_TIME: (helping.set_time,),
    A.REMOVE_CO: (helping.remove_co,),
    A.CO_ACCEPT: (duties.accept,),
    A.CO_ARRIVE: (helping.co_arrive,),
    A.CO_SUBMIT: (helping.co_submit,),
    A.CO_DECLINE: (helping.co_decline,),
    A.SUBMIT_RESULT: (duties.submit_result,),
    A.REWORK: (duties.rework, duties.may_be_objected_to),
    A.RECHECK_FAILED: (duties.rework, duties.may_be_objected_to),
    A.UPHOLD_OBJECTION: (duties.rework_lifted,),
    A.NOT_SOLVED: (duties.not_solved, asides.answers_of),
    A.ANSWER_SOLVED: (asides.answers_of,),
    A.RECORD_CALL: (asides.answers_of,),
    A.CLOSE: (clock.in_time, duties.end),
    A.CLOSE_WITH_EXPLANATION: (clock.in_time, duties.end),
    A.CLOSE_WITHOUT_FOLLOW_UP: (clock.in_time, duties.end),
    A.CARRY_BY_ITEM: (duties.carry_by_item,),
    A.REPORT_AGAIN: (
        duties.carried_no_more,
        merging.back_to_the_start,
        asides.reopen_self_resolved,
    ),
    A.TRANSFER_OUT: (duties.end,),
    A.ESCALATE: (asides.escalate,),
    A.SUPERVISE: (supervising.supervise,),
    A.ANSWER_SUPERVISION: (supervising.answer,),
    A.LIFT_SUPERVISION: (supervising.lift,),
    A.RESTRICT: (asides.restrict,),
}
BY_STATE: Mapping[tuple[State, Action], tuple[Effect, ...]] = {
    (S.CLOSED, A.REOPEN): (duties.carried_no_more, duties.reopen),
    (S.SELF_RESOLVED, A.REOPEN): (asides.reopen_self_resolved,),
    # What another reporter of the same matter says is passed on to the main event afterwards.
    (S.MERGED, A.ANSWER_SOLVED): (asides.answers_of,),
    (S.MERGED, A.NOT_SOLVED): (asides.by_reporter, asides.answers_of),
    (S.MERGED, A.ASK_REOPEN): (asides.by_reporter,),
}


def effects_of(state: State, action: Action) -> Iterator[Effect]:
    """The effects of one step, in order."""
    own = BY_STATE.get((state, action)) or EFFECTS.get(action, ())
    if action in ASKS and not own:
        yield asides.ask
    yield from own
    if action in ANSWERS:
        yield asides.decide
