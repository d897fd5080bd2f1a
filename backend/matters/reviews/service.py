"""Holding a meeting: (session, actor, ...) in, never commits."""

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import CursorResult, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import clock, day, ids, wake
from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict, Forbidden, NotFound
from backend.core.idempotency import fingerprint, once
from backend.core.rights import TABLE, Right, holds
from backend.matters.events import queries as events
from backend.matters.events.casework import stepping
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import Action, State
from backend.matters.reviews import agenda, queries
from backend.matters.reviews.journal import channel, say
from backend.matters.reviews.models import Review, ReviewPerson, ReviewVote
from backend.matters.reviews.schemas import RemarkIn, ReviewIn, ViewIn
from backend.matters.reviews.trying import attempt
from gis import codes

# Who may hold a meeting, show, and decide.
DECIDES = TABLE[Right.LEAD_MEETINGS]
# An end, or a calling off, can be taken back for so long.
RESTORE_WITHIN = timedelta(minutes=10)
# One in a hundred million: with the tries that one account and one address have, years of guessing.
CODE_DIGITS = 8
# Whoever works in a village or town is let into meetings of their own town and of those above.
TOWN_DIGITS = codes.LENGTH[codes.Level.TOWN]


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


def may_decide(actor: Actor, review: Review) -> bool:
    """Whether somebody leads and decides here."""
    return actor.role in DECIDES and actor.covers(review.county_code, review.area_code)


def led(session: Session, actor: Actor, review_id: UUID, *states: str) -> Review:
    """A meeting that the actor leads, locked, in one of these states.

    Raises
    ------
    Forbidden
        Only those who govern the place lead its meetings.
    Conflict
        It stands elsewhere.
    """
    review = queries.one(session, actor, review_id, lock=True)
    if not may_decide(actor, review):
        raise Forbidden("review_not_yours")
    if states and review.state not in states:
        raise Conflict("review_not_now", state=f"review.{review.state}")
    return review


def begin(session: Session, actor: Actor, review_id: UUID) -> None:
    """Open the meeting: what came in since it was called is on the agenda too."""
    review = led(session, actor, review_id, "planned")
    review.state, review.opened_at = "running", clock.now()
    review.presenter_id = actor.id
    review.previous_id = agenda.last_held(session, actor, review.county_code, review.area_code)
    agenda.fill(session, actor, review)
    _put_on_agenda(session, actor, review)
    first = next(iter(queries.entries(session, review)), None)
    review.entry_id = first.id if first else None
    session.flush()
    _sign(session, actor, review.county_code, review.id)
    say(session, actor, review, "opened")


def _put_on_agenda(session: Session, actor: Actor, review: Review) -> None:
    """T5: what was reported waits for judgement from the moment at which the meeting opens."""
    for entry in queries.entries(session, review):
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


def present(session: Session, actor: Actor, review_id: UUID) -> None:
    """From now on everybody follows this screen."""
    review = led(session, actor, review_id, "running")
    review.presenter_id = actor.id
    session.flush()
    say(session, actor, review, "presents")


def _presented(session: Session, actor: Actor, review_id: UUID) -> Review:
    review = led(session, actor, review_id, "running")
    if review.presenter_id != actor.id:
        raise Conflict("review_not_presenting")
    return review


def show(session: Session, actor: Actor, review_id: UUID, entry_id: UUID) -> None:
    """Everybody's screen goes to this point."""
    review = _presented(session, actor, review_id)
    entry = queries.entry(session, review, entry_id)
    review.entry_id = entry.id
    session.flush()
    say(session, actor, review, "shown", entry.id)


def look(session: Session, actor: Actor, review_id: UUID, view: ViewIn) -> None:
    """Everybody's map goes there. Where a map stood is not worth a line in the record."""
    review = _presented(session, actor, review_id)
    n = (review.view or {}).get("n", 0) + 1
    review.view = {**view.model_dump(), "n": n, "by": str(actor.id)}
    session.flush()
    wake.after_commit(session, channel(review.id))


def join(session: Session, actor: Actor, code: str) -> UUID:
    """Sign in by the code on the projector; signing in twice is signing in once.

    A code opens a meeting while it runs, and from an hour before it is to begin: to people of its
    county, or of its town who work in one. Residents are entered by the chair.

    Raises
    ------
    Forbidden
        Residents have no part in officials' meetings.
    NotFound
        No meeting that is open to the actor has this code.
    """
    if not holds(actor, Right.JOIN_MEETINGS):
        raise Forbidden("role_not_allowed", role=f"role.{actor.role}")
    town = actor.area_code[:TOWN_DIGITS] if len(actor.area_code) >= TOWN_DIGITS else ""
    # Before one is in there is no scope that shows it: the code itself is the right to enter.
    row = session.execute(
        text("SELECT county_code, id FROM find_review(:code, :county, :town, :now)"),
        {"code": code, "county": actor.home_county, "town": town, "now": clock.now()},
    ).first()
    if row is None:
        raise NotFound("review_code_unknown")
    new = _sign(session, actor, row.county_code, row.id)
    review = queries.one(session, actor, row.id)
    if new:
        say(session, actor, review, "signed", role=actor.role.value)
    return review.id


def _sign(session: Session, actor: Actor, county_code: str, review_id: UUID) -> bool:
    # Two devices at once: the unique index lets one in, the other finds itself there. The row is
    # counted, not returned: whoever comes in does not see the meeting's people yet.
    added: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        insert(ReviewPerson)
        .values(
            county_code=county_code, id=ids.new_id(), review_id=review_id, account_id=actor.id,
            name=actor.name, role=actor.role, signed_at=clock.now(),
        )
        .on_conflict_do_nothing(),
        execution_options={"preserve_rowcount": True},
    )  # fmt: skip
    return added.rowcount == 1


def enter_present(session: Session, actor: Actor, review_id: UUID, name: str) -> None:
    """Somebody in the room without an account is there as well.

    Raises
    ------
    Conflict
        A guest of this name is entered already.
    """
    review = led(session, actor, review_id, "running")
    if not name:
        raise BadInput("needs_present")
    # The meeting is locked: of two presses the second finds the first.
    if name in {p.name for p in queries.people(session, review) if p.account_id is None}:
        raise Conflict("guest_known", name=name)
    session.add(
        ReviewPerson(
            county_code=review.county_code, id=ids.new_id(), review_id=review.id,
            account_id=None, name=name, role="guest", signed_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()
    say(session, actor, review, "signed", role="guest", guest=name)


def remark(session: Session, actor: Actor, review_id: UUID, entry_id: UUID, body: RemarkIn) -> None:
    """Say something on a point, or draw it; everybody who is there may.

    Raises
    ------
    Forbidden
        The actor neither signed in nor leads.
    BadInput
        Neither words nor a drawing.
    """
    review = queries.one(session, actor, review_id)
    _running(review)
    entry = queries.entry(session, review, entry_id)
    _there(session, actor, review)
    if not body.text and body.drawing is None:
        raise BadInput("needs_note")
    drawing = {"drawing": body.drawing} if body.drawing else {}
    say(session, actor, review, "remark", entry.id, text=body.text, **drawing)


def vote(session: Session, actor: Actor, review_id: UUID, entry_id: UUID, choice: str) -> None:
    """Give one's voice on a point, or change it; whoever signed in has one."""
    review = queries.one(session, actor, review_id)
    _running(review)
    entry = queries.entry(session, review, entry_id)
    _there(session, actor, review, lead=False)
    session.execute(
        insert(ReviewVote)
        .values(
            county_code=review.county_code, id=ids.new_id(), review_id=review.id,
            entry_id=entry.id, account_id=actor.id, choice=choice, at=clock.now(),
        )
        .on_conflict_do_update(
            index_elements=["county_code", "entry_id", "account_id"],
            set_={"choice": choice, "at": clock.now()},
        )
    )  # fmt: skip
    say(session, actor, review, "vote", entry.id)


def _there(session: Session, actor: Actor, review: Review, *, lead: bool = True) -> None:
    """Refused to whoever did not sign in; seeing a meeting is not being there."""
    if lead and may_decide(actor, review):
        return
    if actor.id not in {p.account_id for p in queries.people(session, review)}:
        raise Forbidden("review_sign_in_first")


def _running(review: Review) -> None:
    if review.state != "running":
        raise Conflict("review_not_now", state=f"review.{review.state}")
