"""Who leads a meeting, and finding one that the caller leads."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden
from backend.core.rights import TABLE, Right
from backend.matters.reviews import queries
from backend.matters.reviews.models import Review

# Who may hold a meeting, show, and decide.
DECIDES = TABLE[Right.LEAD_MEETINGS]


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


def require_running(review: Review) -> None:
    """Refused unless the meeting is being held.

    Raises
    ------
    Conflict
        It has not begun, or is over.
    """
    if review.state != "running":
        raise Conflict("review_not_now", state=f"review.{review.state}")
