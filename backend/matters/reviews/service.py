"""Calling a meeting, opening it, calling it off, taking that back. Never commits."""

import secrets
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import clock, day, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden
from backend.core.idempotency import fingerprint, once
from backend.matters.events import queries as events
from backend.matters.events.casework import stepping
from backend.matters.events.casework.locking import hold
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import Action, State
from backend.matters.reviews import agenda, agenda_queries, attending, queries
from backend.matters.reviews.deciding import count_held
from backend.matters.reviews.journal import say
from backend.matters.reviews.leading import led
from backend.matters.reviews.models import Review
from backend.matters.reviews.schemas import ReviewIn
from backend.matters.reviews.trying import attempt

# An end, or a calling off, can be taken back for so long.
RESTORE_WITHIN = timedelta(minutes=10)
# One in a hundred million: with the tries that one account and one address have, years of guessing.
CODE_DIGITS = 8


def plan(session: Session, actor: Actor, body: ReviewIn) -> UUID:
    """Call a meeting; its agenda is made at once and again when it opens.

    Raises
    ------
    Forbidden
        The area is not the actor's.
    """
    answer = once(
        session, actor, body.client_id, fingerprint("plan review", body),
        lambda: {"id": str(_plan(session, actor, body).id)},
    )  # fmt: skip
    return UUID(answer["id"])


def _plan(session: Session, actor: Actor, body: ReviewIn) -> Review:
    area = areas.named(session, [body.area_code]).get(body.area_code)
    if area is None or not actor.covers(area.managing_county, body.area_code):
        raise Forbidden("not_your_area")
    return call(session, actor, actor.id, body.area_code, body.starts_at, body.title)


def call(
    session: Session, actor: Actor, chair_id: UUID, area_code: str, starts_at: datetime,
    title: str, pattern_id: UUID | None = None,
) -> Review:  # fmt: skip
    """Put a meeting into the calendar, with the agenda as it is now."""
    area = areas.named(session, [area_code])[area_code]
    county, on = area.managing_county, day.of(starts_at)
    review = Review(
        county_code=county, id=ids.new_id(), area_code=area_code, state="planned",
        review_no=ids.event_number(county, starts_at, "M"), starts_at=starts_at,
        title=title or f"{area.name} {on.month}月{on.day}日研判会",
        code=f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}", chair_id=chair_id, log_seq=0,
        pattern_id=pattern_id,
    )  # fmt: skip
    session.add(review)
    session.flush()
    agenda.fill(session, actor, review)
    say(session, actor, review, "planned")
    return review


def begin(session: Session, actor: Actor, review_id: UUID) -> None:
    """Open the meeting: what came in since it was called is on the agenda too."""
    review = led(session, actor, review_id, "planned")
    review.state, review.opened_at = "running", clock.now()
    review.presenter_id = actor.id
    review.previous_id = agenda_queries.last_held(
        session, actor, review.county_code, review.area_code
    )
    agenda.fill(session, actor, review)
    _put_on_agenda(session, actor, review)
    first = next(iter(queries.entries(session, review)), None)
    review.entry_id = first.id if first else None
    session.flush()
    attending.sign(session, actor, review.county_code, review.id)
    say(session, actor, review, "opened")


def _put_on_agenda(session: Session, actor: Actor, review: Review) -> None:
    """What was reported waits for judgement from the moment at which the meeting opens."""
    entries = queries.entries(session, review)
    # Another meeting with the same cases may open meanwhile.
    keys = {entry.event_id for entry in entries if entry.event_id is not None}
    hold(session, actor, keys, review.county_code, ())
    for entry in entries:
        event = events.one(session, actor, entry.event_id) if entry.event_id else None
        if event is None or event.state != State.REPORTED:
            continue
        step = StepIn(client_id=uuid5(entry.id, "agenda"), action=Action.PUT_ON_AGENDA)
        # Only a village or a town judges; a county's meeting looks at cases as they stand.
        attempt(
            session, actor,
            partial(stepping.advance, session, actor, event.id, step, review=review.review_no),
            keep=True,
        )  # fmt: skip


def cancel(session: Session, actor: Actor, review_id: UUID) -> None:
    """Call a meeting off before it opens; it stays in the record."""
    cancel_planned(session, actor, led(session, actor, review_id, "planned"))


def cancel_planned(session: Session, actor: Actor, review: Review) -> None:
    """Call a planned, locked meeting off."""
    review.state = "cancelled"
    session.flush()
    say(session, actor, review, "cancelled")


def restore(session: Session, actor: Actor, review_id: UUID) -> None:
    """Take back that a meeting was called off, or ended, for a while afterwards.

    One that was called off is planned again. One that ended goes on: what took effect stays, what
    was not decided or failed can be decided, and its second end makes new minutes.

    Raises
    ------
    Conflict
        It stands elsewhere, or it was too long ago.
    """
    review = led(session, actor, review_id, "cancelled", "ended")
    until = restore_until(session, review)
    if until is None or clock.now() > until:
        raise Conflict("review_restore_late", minutes=int(RESTORE_WITHIN.total_seconds() // 60))
    if review.state == "cancelled":
        review.state = "planned"
    else:
        if review.ended_at is not None:
            count_held(session, review, review.ended_at, -1)
        review.state, review.ended_at = "running", None
        review.presenter_id = actor.id
    session.flush()
    say(session, actor, review, "restored")


def restore_until(session: Session, review: Review) -> datetime | None:
    """Until when an end or a calling off can be taken back; None when there is none."""
    if review.state not in ("cancelled", "ended"):
        return None
    said = [n.at for n in queries.lines(session, review) if n.action == review.state]
    return said[-1] + RESTORE_WITHIN if said else None
