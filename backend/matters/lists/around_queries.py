"""Reports of one kind around a place: whatever village, town or county they lie in.

Keys are time-ordered, so the index by county, area and key finds a village's reports since a
moment. Which villages lie within reach is asked of their shapes first: a border is no reason not
to see that the same thing comes back on both sides of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core import day, ids
from backend.core.actor import system
from backend.core.db import acting_as
from gis import codes

# At the same place.
NEAR_M = 50.0
NOTHING = ("rejected", "void", "transferred")

VILLAGES = text(
    """
    SELECT DISTINCT managing_county AS county, code FROM area
    WHERE level = 'village' AND valid_to IS NULL
      AND geom && ST_Expand(ST_SetSRID(ST_Point(:lon, :lat), 4490), 0.001)
      AND ST_DWithin(geom::geography, ST_SetSRID(ST_Point(:lon, :lat), 4490)::geography, :near)
    """
)
# Keys are of the moment in which a report came in, or later: they narrow, the moment decides.
NEAR = """
    FROM unnest(CAST(:counties AS text[]), CAST(:lo AS text[]), CAST(:hi AS text[]))
         AS part (county, lo, hi)
    JOIN event AS other ON other.county_code = part.county COLLATE "C"
     AND other.area_code >= part.lo COLLATE "C" AND other.area_code < part.hi COLLATE "C"
    WHERE other.county_code = ANY (CAST(:counties AS text[]))
      AND other.id > :key AND other.reported_at > :since AND other.category_code = :category
      AND other.state <> ALL (:nothing) AND other.moved_to IS NULL AND other.geom IS NOT NULL
      AND NOT other.restricted
      AND ST_DWithin(
          other.geom::geography, ST_SetSRID(ST_Point(:lon, :lat), 4490)::geography, :near)
"""
# One row a village, however many reports it has. Keys in hexadecimal sort as keys do.
SIDES = text(
    f"""
    SELECT side.*, newest.area_code
    FROM (
        SELECT part.county, part.lo, max(other.id::text)::uuid AS newest_id,
               count(*) AS many, count(*) FILTER (WHERE other.reported_at > :recent) AS recent,
               min(other.reported_at) AS first_at, max(other.reported_at) AS last_at,
               avg(ST_X(other.geom)) AS lon, avg(ST_Y(other.geom)) AS lat
        {NEAR}
        GROUP BY part.county, part.lo
    ) AS side
    JOIN event AS newest ON newest.county_code = side.county AND newest.id = side.newest_id
    """  # noqa: S608
)
MONTHS = text(
    f"""
    SELECT to_char(other.reported_at AT TIME ZONE :zone, 'YYYY-MM') AS month, count(*) AS many,
           count(*) FILTER (
               WHERE other.reported_at > CAST(:after AS timestamptz)) AS after
    {NEAR}
    GROUP BY 1 ORDER BY 1
    """
)
NEWEST = text(
    f"""
    SELECT other.county_code, other.id
    {NEAR} AND (CAST(:own AS text) IS NULL OR other.county_code = :own)
    ORDER BY other.id DESC LIMIT :most
    """
)


@dataclass(frozen=True)
class Side:
    """The reports of one village near a place."""

    county_code: str
    village: str
    # Of the newest of them: a unit, or the village itself.
    area_code: str
    count: int
    # Those since the later one of the two moments that were asked for.
    recent: int
    first_at: datetime
    last_at: datetime
    # Their middle, in degrees of CGCS2000.
    lon: float
    lat: float


@dataclass(frozen=True)
class Place:
    """What is looked for: one kind of matter, within reach of a point (degrees of CGCS2000)."""

    where: Sequence["Part"]
    category: str
    lon: float
    lat: float

    @property
    def counties(self) -> list[str]:
        """The counties whose villages lie within reach."""
        return sorted({county for county, _ in self.where})

    def since(self, moment: datetime) -> dict[str, object]:
        """The parameters of what was reported here since a moment."""
        return {
            "counties": [county for county, _ in self.where],
            "lo": [code for _, code in self.where],
            "hi": [codes.upper(code) for _, code in self.where], "category": self.category,
            "lon": self.lon, "lat": self.lat, "near": NEAR_M, "nothing": list(NOTHING),
            "since": moment, "key": ids.first_key(moment),
        }  # fmt: skip


@dataclass(frozen=True)
class History:
    """Reports at a place by month of the city (``{"2026-05": 7, ...}``), and the newest of them."""

    months: dict[str, int]
    # How many came after the moment that was asked for.
    after: int
    # The newest, the oldest of them first, and the counties in which they may lie.
    event_ids: list[UUID]
    counties: list[str]


Part = tuple[str, str]


def parts(session: Session, own: Part, lon: float, lat: float) -> list[Part]:
    """The villages within reach of a point, each with the county that manages it; one's own too.

    ``own`` is the county and the area of what is asked about: its village may be no more.
    """
    village = own[1][: codes.LENGTH[codes.Level.VILLAGE]]
    rows = session.execute(VILLAGES, {"lon": lon, "lat": lat, "near": NEAR_M})
    return sorted({(own[0], village), *((row.county, row.code) for row in rows)})


def sides(session: Session, place: Place, since: datetime, recent: datetime) -> list[Side]:
    """How much was reported at a place since a moment, and since a later one; village by village.

    Read as the system: that something comes back is true for whoever sees one half of it. What is
    restricted to people by name is not among them: a number one higher than its list would tell
    everybody else that it is there, what it is, and in which month it came.
    """
    with acting_as(session, system(*place.counties)):
        rows = session.execute(SIDES, {**place.since(since), "recent": recent}).all()
    return [
        Side(
            row.county, row.lo, row.area_code, row.many, row.recent, row.first_at, row.last_at,
            row.lon, row.lat,
        )
        for row in rows
    ]  # fmt: skip


def history(
    session: Session, place: Place, since: datetime, after: datetime | None, most: int
) -> History:
    """What was reported at a place since a moment; ``after`` is a later one, or None."""
    told = place.since(since)
    with acting_as(session, system(*place.counties)):
        months = session.execute(MONTHS, {**told, "after": after, "zone": day.zone().key}).all()
        rows = session.execute(NEWEST, {**told, "own": None, "most": most}).all()
    return History(
        {row.month: row.many for row in months}, sum(row.after for row in months),
        [row.id for row in reversed(rows)], place.counties,
    )  # fmt: skip


def newest(
    session: Session, place: Place, since: datetime, most: int, own: str | None = None
) -> list[UUID]:
    """The newest reports at a place, the oldest of them first; only those of a county, if told."""
    with acting_as(session, system(*place.counties)):
        rows = session.execute(NEWEST, {**place.since(since), "own": own, "most": most}).all()
    return [row.id for row in reversed(rows)]
