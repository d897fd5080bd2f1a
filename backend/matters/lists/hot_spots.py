"""Finding the places where the same kind of matter comes back, and what became of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from backend.core import clock, day, ids
from backend.core.actor import Actor, system
from backend.core.db import acting_as, one_at_a_time
from backend.core.errors import Conflict, NotFound
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import Action
from backend.matters.events.whereabouts import positions, settled
from backend.matters.lists import around_queries as around
from backend.matters.lists import queries
from backend.matters.lists.around_queries import Report
from backend.matters.lists.models import HotSpot
from gis import codes

# The same kind within 50 m, three times in 90 days or five times in a year.
OFTEN = ((timedelta(days=90), 3), (timedelta(days=365), 5))
YEAR = timedelta(days=365)
VILLAGE = codes.LENGTH[codes.Level.VILLAGE]
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
    in the county where it was found first; the other side sees it as well.
    """
    lon, lat = point
    now = clock.now()
    where = around.parts(session, (event.county_code, event.area_code), lon, lat)
    counties = sorted({county for county, _ in where})
    with acting_as(session, system(*counties)):
        if len(counties) > 1:
            # Facts of a county are heard one after the other; two counties meet at their border.
            one_at_a_time(session, f"hot spot/{event.category_code}")
        known = queries.nearest(session, counties, event.category_code, lon, lat)
        spot = session.get(HotSpot, known) if known else None
        if spot is not None:
            lon, lat = queries.points(session, [spot])[spot.id]
            where = sorted(
                {*where, *around.parts(session, (spot.county_code, spot.area_code), lon, lat)}
            )
        found = around.reports(session, where, event.category_code, lon, lat, now - YEAR)
        times = [one.reported_at for one in found]
        if not times and spot is not None:
            # All that it counted lies further back, or is restricted now.
            spot.count = 0
            return spot.id
        if not times or (spot is None and (event.restricted or not often(times, now))):
            return None
        owner, beside = sides(found, spot.county_code if spot else None)
        if spot is None:
            middle = queries.middle(session, counties, [one.id for one in found])
            spot = HotSpot(
                county_code=owner.county_code, id=ids.new_id(), category_code=event.category_code,
                area_code=owner.area_code, geom=middle, count=0, first_at=times[0],
                last_at=times[-1], cause="",
            )  # fmt: skip
            session.add(spot)
        spot.area_code = owner.area_code
        spot.beside_county = beside.county_code if beside else None
        spot.beside_area = beside.area_code[:VILLAGE] if beside else None
        spot.count, spot.last_at = len(times), max(times)
        spot.first_at = min(spot.first_at, min(times))
        session.flush()
    return spot.id


def sides(found: Sequence[Report], county: str | None) -> tuple[Report, Report | None]:
    """The newest report of the village that has most of them, and of the one that has most beside.

    A hot spot stays in its county: rows never change theirs.
    """
    newest: dict[str, Report] = {}
    many: Counter[str] = Counter()
    for one in found:
        many[one.area_code[:VILLAGE]] += 1
        newest[one.area_code[:VILLAGE]] = one
    ranked = sorted(many, key=lambda code: (-many[code], code))
    own = [code for code in ranked if county in (None, newest[code].county_code)] or ranked
    rest = [code for code in ranked if code != own[0]]
    return newest[own[0]], newest[rest[0]] if rest else None


def earlier(session: Session, event: Event) -> list[UUID]:
    """Events of the same kind at the same place within a year, the oldest first; itself too."""
    point = positions([event]).get(event.id)
    if point is None:
        return []
    where = around.parts(session, (event.county_code, event.area_code), *point)
    found = around.reports(session, where, event.category_code, *point, clock.now() - YEAR)
    return [one.id for one in found]


def often(times: Sequence[datetime], now: datetime) -> bool:
    """Whether reports at these moments make a hot spot now."""
    return any(sum(1 for at in times if at > now - span) >= least for span, least in OFTEN)


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


@dataclass(frozen=True)
class Months:
    """Reports at a hot spot by month: ``{"2026-05": 7, ...}``; and the events themselves."""

    by_month: dict[str, int]
    event_ids: list[UUID]
    # Those of the spot's own county: what an item of that county goes back to.
    own_ids: list[UUID]
    moments: list[datetime]
    counties: list[str]


def months(session: Session, spot: HotSpot) -> Months:
    """Every report at the place, of its kind, by the month in which it came (Chinese time)."""
    lon, lat = queries.points(session, [spot])[spot.id]
    where = around.parts(session, (spot.county_code, spot.area_code), lon, lat)
    rows = around.reports(
        session, where, spot.category_code, lon, lat, spot.first_at - timedelta(days=1)
    )
    counted: dict[str, int] = {}
    for row in rows:
        month = day.month(row.reported_at)
        counted[month] = counted.get(month, 0) + 1
    own = [row.id for row in rows if row.county_code == spot.county_code]
    return Months(
        counted, [row.id for row in rows], own, [row.reported_at for row in rows],
        sorted({row.county_code for row in rows}),
    )  # fmt: skip
