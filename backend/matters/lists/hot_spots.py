"""Finding the places where the same kind of matter comes back, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, or_, select, text, update
from sqlalchemy.orm import Session

from backend.core import clock, day, ids, scope
from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.errors import Conflict, NotFound
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import Action
from backend.matters.lists.models import HotSpot
from gis import codes

# D4.6: the same kind within 50 m, three times in 90 days or five times in a year.
NEAR_M = 50.0
OFTEN = ((timedelta(days=90), 3), (timedelta(days=365), 5))
YEAR = timedelta(days=365)
# Each report passes one of these once; what was turned away counts as nothing.
COUNTED = frozenset({Action.FILE, Action.MERGE, Action.RESOLVE_ON_SPOT, Action.FILE_AFTERWARDS})
NOTHING = ("rejected", "void", "transferred")

# Reports of one kind near one place since a moment, by the index on (county, area, id): keys are
# time-ordered. A village's codes bound the search; across its border another village looks.
AROUND = text(
    """
    SELECT other.id, other.reported_at FROM event AS other
    WHERE other.county_code = :county AND other.area_code >= :lo AND other.area_code < :hi
      AND other.id > :since AND other.category_code = :category
      AND other.state <> ALL (:nothing) AND other.moved_to IS NULL AND other.geom IS NOT NULL
      AND ST_DWithin(
          other.geom::geography, ST_SetSRID(ST_Point(:lon, :lat), 4490)::geography, :near)
    ORDER BY other.id
    """
)
KNOWN = text(
    """
    SELECT id FROM hot_spot
    WHERE county_code = :county AND category_code = :category
      AND geom && ST_Expand(ST_SetSRID(ST_Point(:lon, :lat), 4490), 0.001)
      AND ST_DWithin(geom::geography, ST_SetSRID(ST_Point(:lon, :lat), 4490)::geography, :near)
    ORDER BY ST_Distance(geom::geography, ST_SetSRID(ST_Point(:lon, :lat), 4490)::geography)
    LIMIT 1
    """
)
MIDDLE = text(
    "SELECT ST_AsEWKT(ST_SetSRID(ST_Centroid(ST_Collect(ST_SetSRID(geom, 4326))), 4490)) FROM event"
    " WHERE county_code = :county AND id = ANY(:ids)"
)


def hear(session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``event.advanced``: a matter that was accepted may make its place a hot spot.

    Safe to hear twice: the numbers are counted anew each time.
    """
    if details["action"] not in COUNTED:
        return
    act_as(session, system(county_code))
    event = session.get(Event, (county_code, event_id))
    point = events.positions(session, [event]).get(event.id) if event else None
    if event is None or point is None or event.restricted:
        return
    look(session, event, point)


def look(session: Session, event: Event, point: tuple[float, float]) -> UUID | None:
    """Count what came before at the place of an event; the key of its hot spot, if it is one."""
    lon, lat = point
    now = clock.now()
    where = {
        "county": event.county_code, "category": event.category_code, "lon": lon, "lat": lat,
        "near": NEAR_M,
    }  # fmt: skip
    known = session.execute(KNOWN, where).scalar()
    spot = session.get(HotSpot, (event.county_code, known)) if known else None
    if spot is not None:
        lon, lat = points(session, [spot])[spot.id]
        where |= {"lon": lon, "lat": lat}
    village = event.area_code[: codes.LENGTH[codes.Level.VILLAGE]]
    found = session.execute(
        AROUND,
        {
            **where, "lo": village, "hi": codes.upper(village), "nothing": list(NOTHING),
            "since": ids.id_at(now - YEAR),
        },
    ).all()  # fmt: skip
    times = [row.reported_at for row in found]
    if not times or (spot is None and not often(times, now)):
        return None
    if spot is None:
        middle = session.execute(
            MIDDLE, {"county": event.county_code, "ids": [row.id for row in found]}
        ).scalar_one()
        spot = HotSpot(
            county_code=event.county_code, id=ids.new_id(), category_code=event.category_code,
            area_code=event.area_code, geom=middle, count=0, first_at=times[0], last_at=times[-1],
            cause="",
        )  # fmt: skip
        session.add(spot)
    spot.count, spot.last_at = len(times), max(times)
    spot.first_at = min(spot.first_at, min(times))
    session.flush()
    return spot.id


def around(session: Session, event: Event) -> list[UUID]:
    """Events of the same kind at the same place within a year, the oldest first; itself too."""
    point = events.positions(session, [event]).get(event.id)
    if point is None:
        return []
    village = event.area_code[: codes.LENGTH[codes.Level.VILLAGE]]
    rows = session.execute(
        AROUND,
        {
            "county": event.county_code, "category": event.category_code, "lon": point[0],
            "lat": point[1], "near": NEAR_M, "lo": village, "hi": codes.upper(village),
            "nothing": list(NOTHING), "since": ids.id_at(clock.now() - YEAR),
        },
    )  # fmt: skip
    return [row.id for row in rows]


def often(times: Sequence[datetime], now: datetime) -> bool:
    """Whether reports at these moments make a hot spot now."""
    return any(sum(1 for at in times if at > now - span) >= least for span, least in OFTEN)


def points(session: Session, spots: Sequence[HotSpot]) -> dict[UUID, tuple[float, float]]:
    """Longitude and latitude of hot spots, in one query."""
    rows = session.execute(
        text("SELECT id, ST_X(geom) AS x, ST_Y(geom) AS y FROM hot_spot WHERE id = ANY(:ids)"),
        {"ids": [spot.id for spot in spots]},
    )
    return {row.id: (row.x, row.y) for row in rows}


def visible(
    session: Session, actor: Actor, area: str | None = None, limit: int = 200
) -> Sequence[HotSpot]:
    """The hot spots of the actor's scope, those with the most reports first."""
    return session.scalars(listed(actor, area, limit)).all()


def listed(actor: Actor, area: str | None, limit: int) -> Select[HotSpot]:
    """The query of `visible`."""
    inside = scope.arms(HotSpot, actor.scope)
    query = select(HotSpot).where(or_(false(), *inside))
    if area:
        query = query.where(HotSpot.area_code >= area, HotSpot.area_code < codes.upper(area))
    return query.order_by(HotSpot.count.desc(), HotSpot.last_at.desc()).limit(limit)


def one(session: Session, actor: Actor, spot_id: UUID) -> HotSpot:
    """One hot spot of the actor's scope.

    Raises
    ------
    NotFound
        No such hot spot there.
    """
    spot = session.scalar(select(HotSpot).where(HotSpot.id == spot_id))
    if spot is None or not actor.covers(spot.county_code, spot.area_code):
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
    moments: list[datetime]


def months(session: Session, spot: HotSpot) -> Months:
    """Every report at the place, of its kind, by the month in which it came (Chinese time)."""
    lon, lat = points(session, [spot])[spot.id]
    village = spot.area_code[: codes.LENGTH[codes.Level.VILLAGE]]
    rows = session.execute(
        AROUND,
        {
            "county": spot.county_code, "category": spot.category_code, "lon": lon, "lat": lat,
            "near": NEAR_M, "lo": village, "hi": codes.upper(village), "nothing": list(NOTHING),
            "since": ids.id_at(spot.first_at - timedelta(days=1)),
        },
    ).all()  # fmt: skip
    counted: dict[str, int] = {}
    for row in rows:
        month = day.month(row.reported_at)
        counted[month] = counted.get(month, 0) + 1
    return Months(counted, [row.id for row in rows], [row.reported_at for row in rows])
