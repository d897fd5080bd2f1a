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

from backend.core import ids
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
AROUND = text(
    """
    SELECT other.county_code, other.id, other.area_code, other.reported_at
    FROM unnest(CAST(:counties AS text[]), CAST(:lo AS text[]), CAST(:hi AS text[]))
         AS part (county, lo, hi)
    JOIN event AS other ON other.county_code = part.county COLLATE "C"
     AND other.area_code >= part.lo COLLATE "C" AND other.area_code < part.hi COLLATE "C"
    WHERE other.county_code = ANY (CAST(:counties AS text[]))
      AND other.id > :since AND other.category_code = :category
      AND other.state <> ALL (:nothing) AND other.moved_to IS NULL AND other.geom IS NOT NULL
      AND NOT other.restricted
      AND ST_DWithin(
          other.geom::geography, ST_SetSRID(ST_Point(:lon, :lat), 4490)::geography, :near)
    ORDER BY other.id
    """
)


@dataclass(frozen=True)
class Report:
    """One report near a place."""

    county_code: str
    id: UUID
    area_code: str
    reported_at: datetime


Part = tuple[str, str]


def parts(session: Session, own: Part, lon: float, lat: float) -> list[Part]:
    """The villages within reach of a point, each with the county that manages it; one's own too.

    ``own`` is the county and the area of what is asked about: its village may be no more.
    """
    village = own[1][: codes.LENGTH[codes.Level.VILLAGE]]
    rows = session.execute(VILLAGES, {"lon": lon, "lat": lat, "near": NEAR_M})
    return sorted({(own[0], village), *((row.county, row.code) for row in rows)})


def reports(
    session: Session, where: Sequence[Part], category: str, lon: float, lat: float,
    since: datetime,
) -> list[Report]:  # fmt: skip
    """What was reported of one kind within reach since a moment, the oldest first.

    Read as the system: that something comes back is true for whoever sees one half of it. What is
    restricted to people by name is not among them: a number one higher than its list would tell
    everybody else that it is there, what it is, and in which month it came.
    """
    counties = sorted({county for county, _ in where})
    with acting_as(session, system(*counties)):
        rows = session.execute(
            AROUND,
            {
                "counties": [county for county, _ in where], "lo": [code for _, code in where],
                "hi": [codes.upper(code) for _, code in where], "category": category, "lon": lon,
                "lat": lat, "near": NEAR_M, "nothing": list(NOTHING), "since": ids.id_at(since),
            },
        ).all()  # fmt: skip
    return [Report(r.county_code, r.id, r.area_code, r.reported_at) for r in rows]
