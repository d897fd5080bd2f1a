"""What everybody's screen shows: whoever presents moves it."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import wake
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.matters.reviews import queries
from backend.matters.reviews.journal import channel, say
from backend.matters.reviews.leading import led
from backend.matters.reviews.models import Review
from backend.matters.reviews.schemas import ViewIn


def present(session: Session, actor: Actor, review_id: UUID) -> None:
    """From now on everybody follows this screen."""
    review = led(session, actor, review_id, "running")
    review.presenter_id = actor.id
    session.flush()
    say(session, actor, review, "presents")


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


def _presented(session: Session, actor: Actor, review_id: UUID) -> Review:
    review = led(session, actor, review_id, "running")
    if review.presenter_id != actor.id:
        raise Conflict("review_not_presenting")
    return review
