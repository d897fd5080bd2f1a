"""Being at a meeting: signing in, speaking, voting."""

from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict, Forbidden, NotFound
from backend.core.rights import Right, holds
from backend.matters.reviews import queries
from backend.matters.reviews.journal import say
from backend.matters.reviews.leading import led, may_decide, require_running
from backend.matters.reviews.models import Review, ReviewPerson, ReviewVote
from backend.matters.reviews.schemas import RemarkIn
from gis import codes

# Whoever works in a village or town is let into meetings of their own town and of those above.
TOWN_DIGITS = codes.LENGTH[codes.Level.TOWN]


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
    row = queries.by_code(session, code, actor.home_county, town, clock.now())
    if row is None:
        raise NotFound("review_code_unknown")
    new = sign(session, actor, row.county_code, row.id)
    review = queries.one(session, actor, row.id)
    if new:
        say(session, actor, review, "signed", role=actor.role.value)
    return review.id


def sign(session: Session, actor: Actor, county_code: str, review_id: UUID) -> bool:
    """Enter somebody among those who are there; whether they were not yet."""
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
    # Locked: what is said after the end is not said in the meeting.
    review = queries.one(session, actor, review_id, lock=True)
    require_running(review)
    entry = queries.entry(session, review, entry_id)
    _there(session, actor, review)
    if not body.text and body.drawing is None:
        raise BadInput("needs_note")
    drawing = {"drawing": body.drawing} if body.drawing else {}
    say(session, actor, review, "remark", entry.id, text=body.text, **drawing)


def vote(session: Session, actor: Actor, review_id: UUID, entry_id: UUID, choice: str) -> None:
    """Give one's voice on a point, or change it; whoever signed in has one."""
    review = queries.one(session, actor, review_id, lock=True)
    require_running(review)
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
