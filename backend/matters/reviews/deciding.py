"""Deciding on a point, taking it back, and letting the decisions take effect at the end."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.core import clock, day, outbox
from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict
from backend.matters.events import queries as events
from backend.matters.events import workflow
from backend.matters.events.casework import stepping
from backend.matters.events.casework.locking import hold
from backend.matters.events.guards.apart import OUTSIDE_SOURCES
from backend.matters.events.models import Event
from backend.matters.events.reading.whole import read
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import REASONS, Action, Need, State
from backend.matters.items.service.proposing import check_serves
from backend.matters.reviews import queries
from backend.matters.reviews.decisions import MEANS, Decision
from backend.matters.reviews.journal import say
from backend.matters.reviews.leading import led
from backend.matters.reviews.listing import make_item
from backend.matters.reviews.models import Review, ReviewEntry
from backend.matters.reviews.schemas import DecisionIn
from backend.matters.reviews.trying import Hindrance, attempt
from backend.tools.counters import service as counters

# Among the counters of a month: meetings that ended in it.
HELD = "held"


def decide(
    session: Session, actor: Actor, review_id: UUID, entry_id: UUID, body: DecisionIn
) -> None:
    """Decide on a point; of two people at once the second is told.

    Raises
    ------
    Conflict
        It is decided already, the vote is not won, or what is wanted cannot be done now.
    BadInput
        The decision lacks something.
    """
    # The lock on the meeting is the queue: whoever comes second reads what the first decided.
    review = led(session, actor, review_id, "running")
    entry = queries.entry(session, review, entry_id)
    if entry.decision is not None:
        who = accounts.names(session, [entry.decided_by]) if entry.decided_by else {}
        raise Conflict(
            "review_decided_by", name=next(iter(who.values()), ""),
            decision=f"decision.{entry.decision}",
        )  # fmt: skip
    _voted(session, review, entry, body)
    check(session, actor, review, entry, body)
    _tried(session, actor, review, entry, body)
    entry.decision, entry.body = body.decision, body.model_dump(mode="json")
    entry.decided_by, entry.decided_at = actor.id, clock.now()
    session.flush()
    say(session, actor, review, "decided", entry.id, decision=body.decision.value, note=body.note)


def _tried(
    session: Session, actor: Actor, review: Review, entry: ReviewEntry, body: DecisionIn
) -> None:
    """Take the decision's effect in a savepoint and undo it: what cannot be is told now.

    Raises
    ------
    Conflict
        It could not take effect now, for the reason that it says.
    """
    present = [p.name for p in queries.people(session, review)]
    because = attempt(
        session, actor, partial(carry_out, session, actor, review, entry, present, body),
        keep=False,
    )  # fmt: skip
    if because is not None:
        raise Conflict(because.code, **because.params)


def _voted(session: Session, review: Review, entry: ReviewEntry, body: DecisionIn) -> None:
    """A point that was put to the vote is decided by more than half of those who signed in.

    Whoever is in the room without an account has no voice here; putting off needs no vote.
    """
    if not entry.vote_needed or body.decision is Decision.PUT_OFF:
        return
    voices = sum(1 for p in queries.people(session, review) if p.account_id is not None)
    needed = voices // 2 + 1
    if queries.votes(session, review).get(entry.id, {}).get("yes", 0) < needed:
        raise Conflict("review_vote_first", needed=needed)


def check(
    session: Session, actor: Actor, review: Review, entry: ReviewEntry, body: DecisionIn
) -> None:
    """Whether a decision could take effect now; refuses in the words of the workflow."""
    means = MEANS[body.decision]
    if means.makes is not None and means.action is Action.CARRY_BY_ITEM:
        if body.organization_id is None:
            raise BadInput("item_needs_organization")
        if body.due_on is None:
            raise BadInput("item_needs_due")
    if body.organization_id is not None:
        check_serves(session, body.organization_id, review.area_code)
    if entry.event_id is None:
        if means.makes is None and body.decision is not Decision.PUT_OFF:
            raise Conflict("review_only_lists")
        return
    event = events.one(session, actor, entry.event_id)
    if event is None:
        raise Conflict("event_not_found")
    if only_noted(event, body.decision):
        return
    facts = read(session, event).facts
    action = action_of(event, facts.reject_proposed_by, body.decision)
    step = _step(review, body, action, ["present"])
    brought = stepping.brought(step) | ({Need.ITEM} if means.makes else set())
    workflow.step(facts, actor, action, brought)
    if Need.REASON in _needs(facts.state, action) and step.reason not in REASONS[action]:
        raise BadInput("reason_unknown", known="、".join(REASONS[action]))


def action_of(event: Event, proposed_by: frozenset[UUID], decision: Decision) -> Action:
    """The step that a decision means for an event: a resident's report is refused by two."""
    if decision is Decision.REJECT and event.source in OUTSIDE_SOURCES and not proposed_by:
        return Action.PROPOSE_REJECT
    return MEANS[decision].action


def only_noted(event: Event, decision: Decision) -> bool:
    """Only what waits for judgement is put off by a step; anything else is noted."""
    return decision is Decision.PUT_OFF and event.state != State.JUDGING


def _needs(state: State, action: Action) -> tuple[Need, ...]:
    rule = workflow.RULES.get((state, action))
    return rule.needs if rule else ()


def undo(session: Session, actor: Actor, review_id: UUID, entry_id: UUID) -> None:
    """Take a decision back, until the meeting ends.

    Raises
    ------
    Conflict
        Nothing was decided, or it took effect before the meeting went on.
    """
    review = led(session, actor, review_id, "running")
    entry = queries.entry(session, review, entry_id)
    if entry.decision is None:
        raise Conflict("review_undecided")
    if entry.outcome == "done":
        raise Conflict("review_took_effect")
    was = entry.decision
    entry.outcome = entry.outcome_params = None
    entry.decision = entry.body = entry.decided_by = entry.decided_at = None
    session.flush()
    say(session, actor, review, "undone", entry.id, decision=was)


def end(session: Session, actor: Actor, review_id: UUID) -> None:
    """End the meeting: every decision becomes work, with the meeting's number on it.

    A decision that cannot take effect any more (somebody moved the case in the meantime) does not
    stop the others; its point says why, and the matter is on the next agenda. Of a meeting that
    went on after its end only what has not taken effect yet is carried out.
    """
    review = led(session, actor, review_id, "running")
    present = [p.name for p in queries.people(session, review)]
    waiting = _waiting(session, review)
    _hold(session, actor, review, waiting)
    for entry in waiting:
        because = attempt(
            session, actor, partial(carry_out, session, actor, review, entry, present), keep=True
        )
        entry.outcome = because.code if because else "done"
        entry.outcome_params = because.params if because else None
        if because is not None:
            say(
                session, actor, review, "failed", entry.id, because=because.code,
                params=because.params,
            )  # fmt: skip
    review.state, review.ended_at = "ended", clock.now()
    count_held(session, review, review.ended_at, 1)
    session.flush()
    say(session, actor, review, "ended")
    outbox.leave(session, review.county_code, "review.ended", review.id)


def count_held(session: Session, review: Review, ended_at: datetime, change: int) -> None:
    """Count a meeting for the month in which it ended; ``-1`` when its end is taken back."""
    measure = f"{day.month(ended_at)}.{HELD}"
    counters.count(session, review.county_code, review.area_code, {measure: change})


def _waiting(session: Session, review: Review) -> list[ReviewEntry]:
    return [
        entry for entry in queries.entries(session, review)
        if entry.decision is not None and entry.body is not None and entry.outcome != "done"
    ]  # fmt: skip


def _hold(session: Session, actor: Actor, review: Review, entries: list[ReviewEntry]) -> None:
    """Lock the cases of points and those that they are joined to: other meetings end meanwhile."""
    masters = {str((one.body or {}).get("master") or "").strip().upper() for one in entries}
    keys = {one.event_id for one in entries if one.event_id is not None}
    hold(session, actor, keys, review.county_code, masters - {""})


def would_fail(
    session: Session, actor: Actor, review_id: UUID
) -> tuple[Review, list[tuple[ReviewEntry, Hindrance]]]:
    """What would not take effect if the meeting ended now, and why. Nothing of the trial stays.

    The points are tried in their order, each on what those before it did: two that merge into each
    other both look well alone.
    """
    review = led(session, actor, review_id, "running")
    present = [p.name for p in queries.people(session, review)]
    found: list[tuple[ReviewEntry, Hindrance]] = []

    def all_of_them() -> None:
        waiting = _waiting(session, review)
        _hold(session, actor, review, waiting)
        for entry in waiting:
            because = attempt(
                session, actor, partial(carry_out, session, actor, review, entry, present),
                keep=True,
            )  # fmt: skip
            if because is not None:
                found.append((entry, because))

    attempt(session, actor, all_of_them, keep=False)
    return review, found


def carry_out(
    session: Session, actor: Actor, review: Review, entry: ReviewEntry, present: list[str],
    body: DecisionIn | None = None,
) -> None:  # fmt: skip
    """Let one decision take effect: the point's own, or one that is being looked at."""
    body = body or DecisionIn(**(entry.body or {}))
    means = MEANS[body.decision]
    if means.makes is not None:
        entry.made_item_id = make_item(session, actor, review, entry, body)
    if entry.event_id is None:
        return
    event = events.one(session, actor, entry.event_id)
    if event is None:
        raise Conflict("event_not_found")
    if only_noted(event, body.decision):
        return
    facts = read(session, event).facts
    action = action_of(event, facts.reject_proposed_by, body.decision)
    step = _step(review, body, action, present, entry)
    stepping.advance(session, actor, event.id, step, review=review.review_no)
    if means.dispatches and body.organization_id is not None:
        give = StepIn(
            client_id=uuid5(entry.id, "dispatch"), action=Action.DISPATCH, note=body.note,
            organization_id=body.organization_id,
        )  # fmt: skip
        stepping.advance(session, actor, event.id, give, review=review.review_no)


def _step(
    review: Review, body: DecisionIn, action: Action, present: list[str],
    entry: ReviewEntry | None = None,
) -> StepIn:  # fmt: skip
    fields: dict[str, Any] = {
        "client_id": uuid5(entry.id if entry else review.id, action), "action": action,
        "note": body.note or review.title, "present": present[:50], "condition": body.condition,
        "master": body.master, "reason": body.reason,
        "item_id": entry.made_item_id if entry else None,
    }  # fmt: skip
    return StepIn(**fields)
