"""Every SELECT on review meetings. Each starts from `visible_to`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from shapely import wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Row, Select, any_, func, or_, select, text
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import Actor
from backend.core.asking import among
from backend.core.errors import NotFound
from backend.matters.events.models import Event
from backend.matters.items.models import Item
from backend.matters.lists.models import HotSpot
from backend.matters.reviews.models import Review, ReviewEntry, ReviewLine, ReviewPerson, ReviewVote

Table = TypeVar("Table", Event, Item, HotSpot)


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
        # Not weighed for a county or the city: once it is planned for any area, as the fifth asking
        # is, all meetings of a wide one would be gathered to be sorted for the newest.
        query = query.where(scope.within(Review, area))
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


def with_taken_off(session: Session, review: Review) -> tuple[list[ReviewEntry], list[ReviewEntry]]:
    """The agenda, in its order, and what was taken off it; in one statement."""
    found = session.scalars(
        select(ReviewEntry)
        .where(
            ReviewEntry.county_code == review.county_code, ReviewEntry.review_id == review.id
        )
        .order_by(ReviewEntry.position, ReviewEntry.id)
    ).all()  # fmt: skip
    off = [entry for entry in found if entry.removed_at is not None]
    return [entry for entry in found if entry.removed_at is None], off


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


def by_code(
    session: Session, code: str, county_code: str, town_code: str, now: datetime
) -> Row[Any] | None:
    """County and key of the meeting that a code opens now, for people of a county or town."""
    return session.execute(
        text("SELECT county_code, id FROM find_review(:code, :county, :town, :now)"),
        {"code": code, "county": county_code, "town": town_code, "now": now},
    ).first()


def rows(
    session: Session, review: Review, table: type[Table], keys: set[UUID]
) -> dict[UUID, Table]:
    """What an agenda names, of the meeting's county, by key; no query for nothing."""
    if not keys:
        return {}
    found = session.scalars(
        select(table).where(table.county_code == review.county_code, among(table.id, keys))
    )
    return {row.id: row for row in found}


def outline(session: Session, review: Review) -> BaseGeometry | None:
    """The shape of the meeting's area in degrees, simplified to ten metres; None without one."""
    row = session.execute(
        text(
            "SELECT ST_AsBinary(ST_SimplifyPreserveTopology(geom, 0.0001)) AS shape FROM area"
            " WHERE code = :code AND valid_to IS NULL AND geom IS NOT NULL"
        ),
        {"code": review.area_code},
    ).first()
    return None if row is None else wkb.loads(bytes(row.shape))
