"""The agenda that makes itself: what waits, what is about to be late, what came back, hot spots."""

from collections.abc import Iterator
from uuid import UUID

from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict
from backend.matters.events import queries as events
from backend.matters.items import queries as items
from backend.matters.lists import hot_spots
from backend.matters.lists import queries as spot_reads
from backend.matters.reviews import agenda_queries, queries
from backend.matters.reviews.models import Review, ReviewEntry
from backend.matters.reviews.schemas import EntryIn

# How many of each kind come by themselves; the secretary may add any other.
MOST = {"judging": 80, "back": 20, "due": 20, "hot_spot": 5, "item": 10}


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
    for reason in ("back", "judging", "due"):
        for key in agenda_queries.open_cases(session, actor, review, reason, now, MOST[reason]):
            yield reason, "event_id", key
    for spot in spot_reads.waiting(
        session, actor, review.county_code, review.area_code, MOST["hot_spot"]
    ):
        yield "hot_spot", "hot_spot_id", spot.id
    for key in agenda_queries.stuck_items(session, actor, review, now, MOST["item"]):
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
    named = {body.event_id, body.item_id, body.hot_spot_id} - {None}
    if len(named) != 1:
        # Each is asked for by itself whether the actor may see it; a point is about one of them.
        raise BadInput("agenda_unknown")
    (key,) = named
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
    known = {e.event_id for e in queries.entries(session, review) if e.event_id}
    rows = agenda_queries.inside(session, actor, review, shape, MOST["judging"] + len(known))
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
        if entry.position in (before, following):
            # Between these two no number is left, after some fifty moves: all are counted anew.
            for number, one in enumerate([*others[: (at or 0) + 1], entry, *rest], start=1):
                one.position = float(number)
    session.flush()
