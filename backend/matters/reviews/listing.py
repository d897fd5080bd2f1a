"""The list item that a decision makes."""

from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.core.inputs import fit_title
from backend.matters.categories import service as categories
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.events.whereabouts import positions
from backend.matters.items.models import Item
from backend.matters.items.schemas import ItemIn, ShapeIn
from backend.matters.items.service import proposing
from backend.matters.lists import hot_spots
from backend.matters.lists import queries as spot_reads
from backend.matters.lists.models import HotSpot
from backend.matters.reviews.decisions import MEANS
from backend.matters.reviews.models import Review, ReviewEntry
from backend.matters.reviews.schemas import DecisionIn

# As much of a report as a title says.
OF_A_REPORT = 60


def make_item(
    session: Session, actor: Actor, review: Review, entry: ReviewEntry, body: DecisionIn
) -> UUID:
    """The list item that a decision makes, where its event or hot spot is."""
    kind = MEANS[body.decision].makes
    assert kind is not None
    point: tuple[float, float] | None = None
    category, cause, linked = None, "", list[UUID]()
    area_code = review.area_code
    if entry.event_id is not None:
        event = events.one(session, actor, entry.event_id)
        if event is None:
            raise Conflict("event_not_found")
        point = positions([event]).get(event.id)
        category, linked = event.category_code, [event.id]
        area_code = event.area_code
    if entry.hot_spot_id is not None:
        spot = session.get(HotSpot, (review.county_code, entry.hot_spot_id))
        assert spot is not None
        point = spot_reads.points(session, [spot])[spot.id]
        category, cause = spot.category_code, spot.cause
        linked = hot_spots.own_reports(session, spot, 200)
    item_id = proposing.propose(
        session, actor,
        ItemIn(
            client_id=uuid5(entry.id, "item"), kind=kind,
            title=title_of(session, review, entry, body),
            plan=body.note, cause=cause, category=category, events=linked,
            shape=ShapeIn(geometry={"type": "Point", "coordinates": point}, crs="CGCS2000")
            if point else None,
            area_code=None if point else area_code,
            organization_id=body.organization_id, due_on=body.due_on,
            hot_spot_id=entry.hot_spot_id,
        ),
        {"meeting": review.review_no, "meeting_id": str(review.id)},
    )  # fmt: skip
    if entry.hot_spot_id is not None:
        hot_spots.raised(session, review.county_code, entry.hot_spot_id, item_id)
    return item_id


def title_of(session: Session, review: Review, entry: ReviewEntry, body: DecisionIn) -> str:
    """What an item is called: as it was decided, or by what it is about, never too short for one.

    A report may be one sign long, or a photo alone; then its category says what it is.
    """
    said, kind = body.title, review.title
    if entry.event_id is not None:
        event = session.get(Event, (review.county_code, entry.event_id))
        if event is not None:
            known = categories.of_version(session, event.scheme_version, event.category_code)
            said = said or event.text[:OF_A_REPORT]
            kind = known.name_zh if known else event.category_code
    elif entry.item_id is not None:
        item = session.get(Item, (review.county_code, entry.item_id))
        said = said or (item.title if item else "")
    elif entry.hot_spot_id is not None:
        spot = session.get(HotSpot, (review.county_code, entry.hot_spot_id))
        if spot is not None:
            named = categories.named(session, spot.category_code)
            place = areas.named(session, [spot.area_code]).get(spot.area_code)
            kind = " ".join(
                [*([place.name] if place else []), named.name_zh if named else spot.category_code]
            )
    return fit_title(said, kind)
