"""Moving an event one step along its workflow."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import journal, outbox, stepping
from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.errors import BadInput
from backend.core.ids import new_id
from backend.matters.events import queries, workflow
from backend.matters.events.casework import counting
from backend.matters.events.casework.effects import Step, supervising
from backend.matters.events.casework.effects.giving import is_aside, put_aside
from backend.matters.events.casework.effects.table import effects_of
from backend.matters.events.casework.locking import locked
from backend.matters.events.casework.measures import Deed
from backend.matters.events.facts import Facts
from backend.matters.events.models import Event, EventAction
from backend.matters.events.promises import alarms
from backend.matters.events.reading.whole import read
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import REASONS, TERMINAL, Action, Need, State
from backend.tools.calendar import service as deadlines
from backend.tools.media import service as media


def advance(
    session: Session, actor: Actor, event_id: UUID, body: StepIn, *, review: str = ""
) -> None:
    """Take one step and record it; taking it again with the same key does nothing more.

    ``review`` is the number of the meeting that decided it.

    The row is locked and read again first, so of two people acting at once the second meets the
    new state. Afterwards the event may lie outside what the actor can see.

    Raises
    ------
    NotFound
        No such event for this actor.
    steps.NotAllowedHere, steps.NotYours, steps.NotYet, steps.StepIncomplete
        The workflow refuses the step; nothing was written.
    """
    stepping.advance(session, actor, event_id, body, STEPPER, review=review)


def _take(
    session: Session, actor: Actor, event: Event, facts: Facts, rule: workflow.Rule, body: StepIn,
    review: str,
) -> UUID:  # fmt: skip
    if Need.REASON in rule.needs and body.reason not in REASONS[body.action]:
        raise BadInput("reason_unknown", known="、".join(REASONS[body.action]))
    return take(session, actor, event, facts, rule, body, review)


def take(
    session: Session, actor: Actor, event: Event, facts: Facts, rule: workflow.Rule, body: StepIn,
    review: str = "",
) -> UUID:  # fmt: skip
    """Carry out a step that the workflow allowed; the key of its entry in the log."""
    step = Step(session, actor, event, facts, body, facts.now)
    aside = is_aside(event)
    counted = counting.numbers(event, facts.past)
    if body.present:
        step.details["present"] = [person for person in body.present if person]
    if review:
        step.details["review"] = review
    if body.reason:
        step.details["reason"] = body.reason
    for effect in effects_of(facts.state, body.action):
        effect(step)
    event, before = step.event, facts.state
    if event.late_helpers:
        event.late_helpers = queries.late_helpers(session, event)
    if rule.target in TERMINAL and before not in TERMINAL:
        event.closed_at = step.now
        supervising.over(event)
        event.remind_at = event.remind_percent = None
    # Given to another body, it waits for that one from now on.
    entered = rule.target is not before or rule.action is Action.ASSIGN_FOR_GOOD
    if entered:
        event.step_due_at = _leave_by(step, rule.target)
    event.state = rule.target
    if is_aside(event) is not aside:
        put_aside(session, event)
    action_id = journal.append(
        session, actor, EventAction, event, rule.action, note=body.note, details=step.details,
        from_state=before.value, to_state=rule.target.value, client_at=body.client_at,
    )  # fmt: skip
    if entered:
        _expect_next(step, rule.target)
    # An effect may have widened the scope; from here on it is the actor's own again.
    act_as(session, actor)
    if body.photos:
        media.claim(session, actor, body.photos, [], (event.county_code, event.id, action_id))
    deed = Deed(rule.action, before, rule.target, actor.role, step.now, step.details)
    counting.changed(session, counted, counting.numbers(event, (*facts.past, deed)))
    outbox.leave(
        session, event.county_code, "event.advanced", event.id,
        action=rule.action.value, action_id=str(action_id),
    )  # fmt: skip
    return action_id


def by_itself(
    session: Session, event: Event, action: Action, reason: str | None = None, note: str = ""
) -> None:
    """Take a step as the system, on a locked event whose state allows it; the log says so."""
    facts = read(session, event).facts
    body = StepIn(client_id=new_id(), action=action, reason=reason, note=note)
    rule = workflow.RULES[facts.state, action]
    take(session, system(event.county_code), event, facts, rule, body)


def _leave_by(step: Step, state: State) -> datetime | None:
    """Until when the event should have left the state that it enters now."""
    if state is State.HANDLING:
        return step.event.due_at
    if state is State.SUSPENDED:
        return step.event.suspended_until
    calendar = deadlines.current(step.session)
    return deadlines.leave_by(calendar, state, step.now, fast=step.event.fast_track)


def _expect_next(step: Step, state: State) -> None:
    """Somebody is told when the next step is late; of handling the promise's reminders tell."""
    if state in TERMINAL:
        alarms.silence(step.session, step.event)
    elif state in (State.HANDLING, State.SUSPENDED) or step.event.step_due_at is None:
        alarms.silence(step.session, step.event, alarms.Kind.STEP)
    else:
        alarms.expect(step.session, step.event, alarms.Kind.STEP, step.event.step_due_at)


def brought(body: StepIn) -> frozenset[Need]:
    """What a step brings along."""
    given = {
        Need.NOTE: bool(body.note), Need.PHOTO: bool(body.photos),
        Need.PRESENT: bool([p for p in body.present if p]),
        Need.ORGANIZATION: body.organization_id is not None,
        Need.ORGANIZATIONS: len(set(body.co_organizations)) > 1,
        Need.HANDLER: body.handler_id is not None or body.team_id is not None,
        Need.MASTER: bool(body.master),
        Need.POSITION: body.position is not None or body.area_code is not None,
        Need.REASON: bool(body.reason), Need.UNTIL: body.until is not None,
        Need.PEOPLE: bool(body.people), Need.CLOSING: body.closing,
        Need.ITEM: body.item_id is not None,
    }  # fmt: skip
    return frozenset(need for need, here in given.items() if here)


STEPPER = stepping.Stepper[Event, Facts, State, Action, Need, StepIn](
    "step", "event_not_found", workflow.PROCESS,
    lock=locked,
    facts=lambda session, _, event: read(session, event).facts,
    action=lambda body: body.action, brought=brought, take=_take,
)  # fmt: skip
