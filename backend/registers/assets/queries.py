"""Public assets: their kinds, what stands near a place, and the list of an area."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select, text
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import Actor
from backend.registers.assets.models import Asset
from gis import codes

# A phone in a street is off by 5 to 20 m, and people stand beside the thing that they report.
REACH_M = 30.0
LISTED_MOST = 500


class Kind(StrEnum):
    """What stands there: what cities register most (GB/T 30428.2, shortened)."""

    MANHOLE = "manhole"
    DRAIN = "drain"
    STREET_LIGHT = "street_light"
    TRAFFIC_LIGHT = "traffic_light"
    POLE = "pole"
    CABINET = "cabinet"
    HYDRANT = "hydrant"
    BIN = "bin"
    BENCH = "bench"
    TREE = "tree"
    SIGN = "sign"
    BRIDGE = "bridge"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Near:
    """An asset beside a place, and how many metres lie between."""

    kind: str
    number: str
    owner_id: UUID
    metres: float


# 0.0006 degrees are at least 30 m of longitude up to 63 degrees north.
NEAR = text(
    """
    SELECT place.id, asset.kind, asset.asset_no, asset.owner_id,
           ST_Distance(asset.geom::geography, place.geom::geography) AS metres
    FROM (SELECT county, id, ST_SetSRID(ST_Point(lon, lat), 4490) AS geom
          FROM unnest(CAST(:counties AS text[]), CAST(:ids AS uuid[]), CAST(:lons AS float[]),
                      CAST(:lats AS float[])) AS given(county, id, lon, lat)) AS place
    JOIN asset ON asset.county_code = place.county AND asset.ended_at IS NULL
        AND asset.geom && ST_Expand(place.geom, 0.0006)
        AND ST_DWithin(asset.geom::geography, place.geom::geography, :reach)
    ORDER BY place.id, metres, asset.asset_no
    """
)


@dataclass(frozen=True, slots=True)
class Place:
    """A point (EPSG:4490, degrees) that has a key, in its county."""

    id: UUID
    county_code: str
    lon: float
    lat: float


def near(session: Session, places: Sequence[Place]) -> dict[UUID, tuple[Near, ...]]:
    """What stands within `REACH_M` of places, the nearest first, in one query."""
    given = {
        "counties": [p.county_code for p in places], "ids": [p.id for p in places],
        "lons": [p.lon for p in places], "lats": [p.lat for p in places], "reach": REACH_M,
    }  # fmt: skip
    found: dict[UUID, tuple[Near, ...]] = {}
    for row in session.execute(NEAR, given) if places else ():
        one = Near(row.kind, row.asset_no, row.owner_id, float(row.metres))
        found[row.id] = (*found.get(row.id, ()), one)
    return found


def kinds_in(session: Session, area_code: str) -> set[str]:
    """Which kinds are registered inside an area."""
    inside = (Asset.area_code >= area_code, Asset.area_code < codes.upper(area_code))
    standing = select(Asset.kind).where(*inside, Asset.ended_at.is_(None)).distinct()
    return set(session.scalars(standing))


LON, LAT = func.ST_X(Asset.geom).label("lon"), func.ST_Y(Asset.geom).label("lat")
# What a list tells of an asset: five hundred rows are read for one answer.
LINE = (
    Asset.id, Asset.asset_no, Asset.kind, Asset.name, Asset.area_code, Asset.owner_id, LON, LAT,
)  # fmt: skip


def visible_to(actor: Actor) -> Select[Any]:
    """The standing assets of the caller's scope, by number, with longitude and latitude."""
    mine = scope.arms(Asset, actor.scope)
    return (
        select(Asset, LON, LAT)
        .where(or_(false(), *mine), Asset.ended_at.is_(None))
        .order_by(Asset.asset_no)
    )
