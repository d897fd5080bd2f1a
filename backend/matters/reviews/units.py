"""Each thing done in a meeting is one unit of work in one thread; then the meeting is shown."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.matters.reviews import queries, showing
from backend.matters.reviews.schemas import ReviewOut


def show(session: Session, actor: Actor, review_id: UUID) -> ReviewOut:
    """A meeting as the caller sees it now."""
    return showing.whole(session, actor, queries.one(session, actor, review_id))


def do(actor: Actor, review_id: UUID, what: Callable[[Session], object]) -> ReviewOut:
    """Do something to a meeting, and show it as it is afterwards."""
    act(actor, what)
    with unit_of_work(actor) as session:
        return show(session, actor, review_id)


def act(actor: Actor, what: Callable[[Session], object]) -> None:
    """One unit of work in one thread, from the lock on the meeting to the commit.

    A whole meeting writes to one row at once. With the session as a dependency the answer is put
    together in another thread while the lock is held; with every thread waiting for that lock
    there would be none left to do it.
    """
    with unit_of_work(actor) as session:
        what(session)
