"""Every SELECT on review meetings. Each starts from `visible_to`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, func, or_, select
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.matters.reviews.models import Review, ReviewEntry, ReviewLine, ReviewPerson, ReviewVote
from gis import codes


def arms(actor: Actor) -> ColumnElement[bool]:
    """I govern the place, or I signed in."""
    # An array made once, not a join: PostgreSQL then combines the arms' indexes in one bitmap.
    signed = select(ReviewPerson.review_id).where(ReviewPerson.account_id == actor.id)
    mine = Review.id == any_(func.array(signed.scalar_subquery()))
    return or_(*scope.arms(Review, actor.scope), mine)


def visible_to(actor: Actor) -> Select[Review]:
    """The meetings that the actor may know of; row-level security holds the same arms behind it."""
    return select(Review).where(arms(actor))


def one(session: Session, actor: Actor, review_id: UUID, *, lock: bool = False) -> Review:
    """One visible meeting; locked and read afresh when it is going to change.

    Raises
    ------
    NotFound
        No such meeting for this actor.
    """
    query = visible_to(actor).where(Review.id == review_id)
    if lock:
        query = query.with_for_update(of=Review, key_share=True).execution_options(
            populate_existing=True
        )
    found = session.scalar(query)
    if found is None:
        raise NotFound("review_not_found")
    return found


def between(
    session: Session, actor: Actor, start: datetime, end: datetime, area: str | None
) -> Sequence[Review]:
    """The meetings of a stretch of time, the newest first."""
    query = visible_to(actor).where(Review.starts_at >= start, Review.starts_at < end)
    if area:
        query = query.where(Review.area_code >= area, Review.area_code < codes.upper(area))
    return session.scalars(query.order_by(Review.starts_at.desc()).limit(200)).all()


def entries(session: Session, review: Review) -> Sequence[ReviewEntry]:
    """The agenda, in its order."""
    return entries_of(session, review.county_code, review.id)


def entries_of(session: Session, county_code: str, review_id: UUID | None) -> Sequence[ReviewEntry]:
    """The agenda of a meeting by its key; of no meeting, none."""
    if review_id is None:
        return []
    return session.scalars(
        select(ReviewEntry)
        .where(
            ReviewEntry.county_code == county_code,
            ReviewEntry.review_id == review_id,
            ReviewEntry.removed_at.is_(None),
        )
        .order_by(ReviewEntry.position, ReviewEntry.id)
    ).all()


def taken_off(session: Session, review: Review) -> Sequence[ReviewEntry]:
    """What was taken off the agenda."""
    return session.scalars(
        select(ReviewEntry).where(
            ReviewEntry.county_code == review.county_code,
            ReviewEntry.review_id == review.id,
            ReviewEntry.removed_at.is_not(None),
        )
    ).all()


def entry(
    session: Session, review: Review, entry_id: UUID, *, removed: bool = False
) -> ReviewEntry:
    """One point of a meeting's agenda, or one that was taken off it.

    Raises
    ------
    NotFound
        No such point.
    """
    found = session.scalar(
        select(ReviewEntry).where(
            ReviewEntry.county_code == review.county_code, ReviewEntry.id == entry_id,
            ReviewEntry.review_id == review.id,
        )
    )  # fmt: skip
    if found is None or (found.removed_at is not None) != removed:
        raise NotFound("review_entry_not_found")
    return found


def people(session: Session, review: Review) -> Sequence[ReviewPerson]:
    """Who signed in, in that order."""
    return session.scalars(
        select(ReviewPerson)
        .where(ReviewPerson.county_code == review.county_code, ReviewPerson.review_id == review.id)
        .order_by(ReviewPerson.signed_at, ReviewPerson.id)
    ).all()


def lines(session: Session, review: Review, after: int = 0) -> Sequence[ReviewLine]:
    """What happened since a line, in order."""
    return session.scalars(
        select(ReviewLine)
        .where(
            ReviewLine.county_code == review.county_code, ReviewLine.review_id == review.id,
            ReviewLine.seq > after,
        )
        .order_by(ReviewLine.seq)
    ).all()  # fmt: skip


def votes(session: Session, review: Review) -> dict[UUID, dict[str, int]]:
    """Voices by point: how many of each."""
    rows = session.execute(
        select(ReviewVote.entry_id, ReviewVote.choice, func.count().label("n"))
        .where(ReviewVote.county_code == review.county_code, ReviewVote.review_id == review.id)
        .group_by(ReviewVote.entry_id, ReviewVote.choice)
    )
    found: dict[UUID, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.entry_id, {})[row.choice] = row.n
    return found
