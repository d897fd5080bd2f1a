"""Finding the places where the same kind of matter comes back, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from backend.core import clock, ids
from backend.core.actor import Actor, system
from backend.core.db import acting_as, one_at_a_time
from backend.core.errors import Conflict, NotFound
from backend.core.jobs import job_unit
from backend.core.rows import Aside
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import Action
from backend.matters.events.whereabouts import positions, settled
from backend.matters.lists import around_queries as around
from backend.matters.lists import queries
from backend.matters.lists.around_queries import History, Part, Place, Side
from backend.matters.lists.models import HotSpot

# The same kind within 50 m, three times in 90 days or five times in a year.
QUARTER, IN_A_QUARTER = timedelta(days=90), 3
YEAR, IN_A_YEAR = timedelta(days=365), 5
# From here on a hot spot is counted once a minute, not at each report: whatever is told to lie at
# one point (a hotline that knows no better one) would cost more with each further report.
MANY = 200
BATCH = 20
# Each report passes one of these once; what was turned away counts as nothing.
COUNTED = frozenset({Action.FILE, Action.MERGE, Action.RESOLVE_ON_SPOT, Action.FILE_AFTERWARDS})
# What was counted may be hidden since: by name, or by a category that it was filed under.
HIDDEN_BY = frozenset({Action.RESTRICT, *COUNTED})


def hear(session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``event.advanced``: a matter that was accepted may make its place a hot spot.

    Safe to hear twice: the numbers are counted anew each time. One that is restricted makes no hot
    spot; a hot spot that counted it counts it no more.
    """
    if details["action"] not in HIDDEN_BY:
        return
    event = settled(session, county_code, event_id)
    point = positions([event]).get(event.id) if event else None
    if event is None or point is None:
        return
    if event.restricted or details["action"] in COUNTED:
        look(session, event, point)


def look(session: Session, event: Event, point: tuple[float, float]) -> UUID | None:
    """Count what came before at the place of an event; the key of its hot spot, if it is one.

    Reports on both sides of a border are one place. It belongs to the area that has most of them,
    in the county where it was found first; the other side sees it as well. A place with very many
    reports is counted by `counting`, not at each of them.
    """
    now = clock.now()
    where = around.parts(session, (event.county_code, event.area_code), *point)
    place = Place(where, event.category_code, *point)
    with acting_as(session, system(*place.counties)):
        if len(place.counties) > 1:
            # Facts of a county are heard one after the other; two counties meet at their border.
            one_at_a_time(session, f"hot spot/{event.category_code}")
        known = queries.nearest(session, place.counties, event.category_code, *point)
        spot = session.get(HotSpot, known) if known else None
        if spot is not None and spot.count >= MANY and not event.restricted:
            spot.uncounted = True
        elif spot is not None:
            _count(session, spot, where, now)
        else:
            spot = None if event.restricted else _found(session, place, now)
        session.flush()
    return spot.id if spot else None


def _found(session: Session, place: Place, now: datetime) -> HotSpot | None:
    """A new hot spot, if what was reported at a place so far makes it one."""
    sides = around.sides(session, place, now - YEAR, now - QUARTER)
    if not often(sides):
        return None
    # The middle of all its reports.
    total = sum(side.count for side in sides)
    lon = sum(side.lon * side.count for side in sides) / total
    lat = sum(side.lat * side.count for side in sides) / total
    owner, _ = split(sides, None)
    spot = HotSpot(
        county_code=owner.county_code, id=ids.new_id(), category_code=place.category,
        geom=f"SRID=4490;POINT({lon!r} {lat!r})", cause="",
        first_at=min(side.first_at for side in sides),
    )  # fmt: skip
    _keep(spot, sides)
    session.add(spot)
    return spot


def _count(session: Session, spot: HotSpot, beside: Sequence[Part], now: datetime) -> None:
    """Count a known hot spot anew: in its own villages, and in those where a report of it lay."""
    place = place_of(session, spot, beside)
    sides = around.sides(session, place, now - YEAR, now - QUARTER)
    spot.uncounted = False
    if sides:
        _keep(spot, sides)
    else:
        # All that it counted lies further back, or is restricted now.
        spot.count = 0


def _keep(spot: HotSpot, sides: Sequence[Side]) -> None:
    owner, beside = split(sides, spot.county_code)
    spot.area_code = owner.area_code
    spot.beside_county = beside.county_code if beside else None
    spot.beside_area = beside.village if beside else None
    spot.count = sum(side.count for side in sides)
    spot.first_at = min(spot.first_at, *(side.first_at for side in sides))
    spot.last_at = max(side.last_at for side in sides)


def counting(county_code: str, aside: Aside) -> int:
    """A slice of the job that counts the hot spots that had reports since they were counted."""
    with job_unit(county_code) as session:
        rows = queries.uncounted(session, county_code, aside.keys, BATCH)
        now = clock.now()

        def count(spot: HotSpot) -> None:
            _count(session, spot, (), now)

        aside.each(session, rows, count)
        return len(rows)


def place_of(session: Session, spot: HotSpot, beside: Sequence[Part] = ()) -> Place:
    """Where the reports of a hot spot lie: the villages within its reach, and some more."""
    lon, lat = queries.points(session, [spot])[spot.id]
    where = around.parts(session, (spot.county_code, spot.area_code), lon, lat)
    return Place(sorted({*beside, *where}), spot.category_code, lon, lat)


def split(sides: Sequence[Side], county: str | None) -> tuple[Side, Side | None]:
    """The village that has most reports, and the one that has most beside it.

    A hot spot stays in its county: rows never change theirs.
    """
    ranked = sorted(sides, key=lambda side: (-side.count, side.village))
    own = next((side for side in ranked if county in (None, side.county_code)), ranked[0])
    return own, next((side for side in ranked if side is not own), None)


def earlier(session: Session, event: Event, most: int) -> list[UUID]:
    """The newest of the same kind at the same place within a year, the oldest first; itself too."""
    point = positions([event]).get(event.id)
    if point is None:
        return []
    where = around.parts(session, (event.county_code, event.area_code), *point)
    place = Place(where, event.category_code, *point)
    return around.newest(session, place, clock.now() - YEAR, most)


def often(sides: Sequence[Side]) -> bool:
    """Whether reports make a hot spot: of all villages together, within a quarter or a year."""
    return (
        sum(side.recent for side in sides) >= IN_A_QUARTER
        or sum(side.count for side in sides) >= IN_A_YEAR
    )


def one(session: Session, actor: Actor, spot_id: UUID) -> HotSpot:
    """One hot spot of the actor's scope.

    Raises
    ------
    NotFound
        No such hot spot there.
    """
    spot = queries.spot(session, spot_id)
    if spot is None or not (
        actor.covers(spot.county_code, spot.area_code)
        or (
            spot.beside_county is not None and spot.beside_area is not None
            and actor.covers(spot.beside_county, spot.beside_area)
        )
    ):  # fmt: skip
        raise NotFound("hot_spot_unknown")
    return spot


def set_cause(session: Session, actor: Actor, spot_id: UUID, cause: str) -> None:
    """Keep what people found the matter goes back to."""
    spot = one(session, actor, spot_id)
    spot.cause = cause


def raised(session: Session, county_code: str, spot_id: UUID, item_id: UUID) -> None:
    """An item was raised for a hot spot.

    Raises
    ------
    Conflict
        Somebody raised one in the meantime.
    """
    changed = session.execute(
        update(HotSpot)
        .where(
            HotSpot.county_code == county_code, HotSpot.id == spot_id,
            # The same request sent twice finds its own item.
            or_(HotSpot.item_id.is_(None), HotSpot.item_id == item_id),
        )
        .values(item_id=item_id)
    )  # fmt: skip
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Conflict("hot_spot_has_item")


def history(session: Session, spot: HotSpot, after: datetime | None, most: int) -> History:
    """Every report at a hot spot, of its kind, since the first that made it one."""
    return around.history(session, place_of(session, spot), _began(spot), after, most)


def own_reports(session: Session, spot: HotSpot, most: int) -> list[UUID]:
    """The newest reports in the spot's own county: what an item of it goes back to."""
    return around.newest(session, place_of(session, spot), _began(spot), most, spot.county_code)


def _began(spot: HotSpot) -> datetime:
    return spot.first_at - timedelta(days=1)
