"""The agenda that makes itself: what waits, what is about to be late, what came back, hot spots."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from backend.core import clock, day, ids
from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import CLOCK_RUNS, TERMINAL, State
from backend.matters.items import queries as items
from backend.matters.items.models import Item
from backend.matters.lists import hot_spots
from backend.matters.lists import queries as spot_reads
from backend.matters.lists.showing import STUCK_AFTER
from backend.matters.reviews import queries
from backend.matters.reviews.models import Review, ReviewEntry
from backend.matters.reviews.schemas import EntryIn
from gis import codes

# How many of each kind come by themselves; the secretary may add any other.
MOST = {"judging": 80, "back": 20, "due": 20, "hot_spot": 5, "item": 10}
SOON = timedelta(hours=24)


def fill(session: Session, actor: Actor, review: Review) -> int:
    """Add what belongs on the agenda and is not on it yet; the number added."""
    known = queries.entries(session, review)
    # What somebody took off the agenda does not come back by itself.
    there = [*known, *queries.taken_off(session, review)]
    seen = {key for e in there for key in (e.event_id, e.item_id, e.hot_spot_id) if key}
    last = max((e.position for e in known), default=0.0)
    added = 0
    for reason, kind, key in _wanted(session, actor, review):
        if key in seen:
            continue
        seen.add(key)
        added += 1
        session.add(
            ReviewEntry(
                county_code=review.county_code, id=ids.new_id(), review_id=review.id,
                position=last + added, reason=reason, **{kind: key},
            )
        )  # fmt: skip
    session.flush()
    return added


def _wanted(session: Session, actor: Actor, review: Review) -> Iterator[tuple[str, str, UUID]]:
    """Why, what kind, and which: in the order of the agenda."""
    now = clock.now()
    here = (
        Event.county_code == review.county_code, Event.area_code >= review.area_code,
        Event.area_code < codes.upper(review.area_code), Event.restricted.is_(False),
    )  # fmt: skip
    open_here = events.visible_to(actor).where(*here, Event.state.not_in(TERMINAL))
    back = text("(event.asked <> '{}' OR event.unsolved_count > 0 OR event.reopen_count > 0)")
    for reason, query in (
        ("back", open_here.where(back)),
        (
            "judging",
            open_here.where(Event.state.in_([State.JUDGING, State.REPORTED])),
        ),
        (
            "due",
            open_here.where(
                Event.state.in_(CLOCK_RUNS),
                or_(Event.due_at < now + SOON, Event.overdue_at.is_not(None)),
            ),
        ),
    ):
        rows = session.scalars(
            query.with_only_columns(Event.id).order_by(Event.id).limit(MOST[reason])
        )
        for key in rows:
            yield reason, "event_id", key
    for spot in spot_reads.visible(session, actor, review.area_code, MOST["hot_spot"]):
        if spot.item_id is None:
            yield "hot_spot", "hot_spot_id", spot.id
    stuck = or_(
        Item.state == "blocked", Item.moved_at < now - STUCK_AFTER, Item.due_on < day.of(now)
    )
    rows = session.scalars(
        items.visible_to(actor)
        .where(
            Item.county_code == review.county_code, Item.area_code >= review.area_code,
            Item.area_code < codes.upper(review.area_code), Item.closed_at.is_(None), stuck,
        )
        .with_only_columns(Item.id)
        .order_by(Item.id)
        .limit(MOST["item"])
    )  # fmt: skip
    for key in rows:
        yield "item", "item_id", key


def add(session: Session, actor: Actor, review: Review, body: EntryIn) -> ReviewEntry:
    """Put one more point on the agenda.

    Raises
    ------
    BadInput
        Nothing to add, or something that the actor cannot see in this county.
    Conflict
        It is on the agenda already, or is seen only by those who are named.
    """
    key = body.event_id or body.item_id or body.hot_spot_id
    if body.event_id is not None:
        row = events.one(session, actor, body.event_id)
        good = row is not None and row.county_code == review.county_code
        if good and row is not None and row.restricted:
            raise Conflict("restricted_not_for_meetings")
    elif body.item_id is not None:
        item = items.one(session, actor, body.item_id)
        good = item is not None and item.county_code == review.county_code
    elif body.hot_spot_id is not None:
        spot = hot_spots.one(session, actor, body.hot_spot_id)
        good = spot.county_code == review.county_code
    else:
        good = False
    if not good:
        raise BadInput("agenda_unknown")
    present = queries.entries(session, review)
    if any(key in (e.event_id, e.item_id, e.hot_spot_id) for e in present):
        raise Conflict("agenda_has_it")
    for entry in queries.taken_off(session, review):
        if key in (entry.event_id, entry.item_id, entry.hot_spot_id):
            # What was said on it, and its votes, are there again.
            entry.removed_at = None
            session.flush()
            return entry
    entry = ReviewEntry(
        county_code=review.county_code, id=ids.new_id(), review_id=review.id, reason="added",
        position=max((e.position for e in present), default=0.0) + 1,
        event_id=body.event_id, item_id=body.item_id, hot_spot_id=body.hot_spot_id,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    return entry


def within(session: Session, actor: Actor, review: Review, shape: BaseGeometry) -> list[UUID]:
    """The open cases of the meeting's area inside a shape (EPSG:4490), not on the agenda yet."""
    here = from_shape(shape, srid=4490)
    known = {e.event_id for e in queries.entries(session, review) if e.event_id}
    rows = session.scalars(
        events.visible_to(actor)
        .where(
            Event.county_code == review.county_code, Event.area_code >= review.area_code,
            Event.area_code < codes.upper(review.area_code), Event.restricted.is_(False),
            Event.state.not_in(TERMINAL), func.ST_Intersects(Event.geom, here),
        )
        .with_only_columns(Event.id)
        .order_by(Event.id)
        .limit(MOST["judging"] + len(known))
    )  # fmt: skip
    return [key for key in rows if key not in known][: MOST["judging"]]


def move(session: Session, review: Review, entry: ReviewEntry, after: UUID | None) -> None:
    """Put a point behind another one; first, when none is named.

    Raises
    ------
    BadInput
        The other one is not on this agenda.
    """
    others = [e for e in queries.entries(session, review) if e.id != entry.id]
    at = next((i for i, e in enumerate(others) if e.id == after), None)
    if after is not None and at is None:
        raise BadInput("agenda_unknown")
    before = others[at].position if at is not None else None
    rest = others[at + 1 :] if at is not None else others
    following = rest[0].position if rest else None
    if before is None:
        entry.position = (following or 1.0) - 1
    else:
        entry.position = before + 1 if following is None else (before + following) / 2
    session.flush()


def last_held(session: Session, actor: Actor, county_code: str, area_code: str) -> UUID | None:
    """The meeting that was held last at a place: asked when the next one opens, not before."""
    return session.scalar(
        select(Review.id)
        .where(
            queries.arms(actor), Review.county_code == county_code, Review.area_code == area_code,
            Review.state == "ended",
        )
        .order_by(Review.ended_at.desc())
        .limit(1)
    )  # fmt: skip
