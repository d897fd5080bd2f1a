"""What is on the agenda, in which order, and what is put to the vote."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict
from backend.matters.items.schemas import ShapeIn
from backend.matters.items.service.proposing import read_shape
from backend.matters.reviews import agenda, queries
from backend.matters.reviews.journal import say
from backend.matters.reviews.leading import led
from backend.matters.reviews.schemas import EntryIn


def ask_vote(
    session: Session, actor: Actor, review_id: UUID, entry_id: UUID, *, needed: bool
) -> None:
    """Put a point to the vote before it is decided, or do without.

    Raises
    ------
    Conflict
        It is decided already.
    """
    review = led(session, actor, review_id, "planned", "running")
    entry = queries.entry(session, review, entry_id)
    if entry.decision is not None:
        raise Conflict("review_decided_already")
    if entry.vote_needed != needed:
        entry.vote_needed = needed
        session.flush()
        say(session, actor, review, "vote_asked", entry.id, needed=needed)


def add_entry(session: Session, actor: Actor, review_id: UUID, body: EntryIn) -> None:
    """One more point."""
    review = led(session, actor, review_id, "planned", "running")
    entry = agenda.add(session, actor, review, body)
    say(session, actor, review, "added", entry.id)


def add_within(session: Session, actor: Actor, review_id: UUID, body: ShapeIn) -> int:
    """Every open case inside a shape that was drawn on the map; how many were added.

    Raises
    ------
    BadInput
        The shape cannot be read, or holds no open case that is not on the agenda yet.
    """
    review = led(session, actor, review_id, "planned", "running")
    keys = agenda.within(session, actor, review, read_shape(body))
    if not keys:
        raise BadInput("agenda_nothing_there")
    for key in keys:
        agenda.add(session, actor, review, EntryIn(event_id=key))
    say(session, actor, review, "added", cases=len(keys))
    return len(keys)


def move_entry(
    session: Session, actor: Actor, review_id: UUID, entry_id: UUID, after: UUID | None
) -> None:
    """Another order."""
    review = led(session, actor, review_id, "planned", "running")
    agenda.move(session, review, queries.entry(session, review, entry_id), after)
    say(session, actor, review, "moved", entry_id)


def remove_entry(session: Session, actor: Actor, review_id: UUID, entry_id: UUID) -> None:
    """Off the agenda until it is put back; what was decided on stays.

    Raises
    ------
    Conflict
        It was decided on: take that back first.
    """
    review = led(session, actor, review_id, "planned", "running")
    entry = queries.entry(session, review, entry_id)
    if entry.decision is not None:
        raise Conflict("review_decided_already")
    if review.entry_id == entry.id:
        review.entry_id = None
    entry.removed_at = clock.now()
    session.flush()
    say(session, actor, review, "removed", entry_id)


def put_back(session: Session, actor: Actor, review_id: UUID, entry_id: UUID) -> None:
    """On the agenda again, where it was, with what was said on it; until the meeting ends."""
    review = led(session, actor, review_id, "planned", "running")
    entry = queries.entry(session, review, entry_id, removed=True)
    key = {entry.event_id, entry.item_id, entry.hot_spot_id} - {None}
    for other in queries.entries(session, review):
        if key & {other.event_id, other.item_id, other.hot_spot_id}:
            raise Conflict("agenda_has_it")
    entry.removed_at = None
    session.flush()
    say(session, actor, review, "added", entry_id)
