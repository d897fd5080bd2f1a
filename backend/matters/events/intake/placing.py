"""Finding the place of a report, and doubting it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core.actor import INTAKE_COUNTY, Actor, Role
from backend.core.errors import BadInput
from backend.matters.events.schemas import PositionIn
from backend.matters.events.views import Doubt
from gis import codes, crs
from gis.errors import GisError
from gis.measure import distance_m

READINGS = ("WGS84", "GCJ02", "BD09")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: the smallest area that holds it, and the county that manages that."""

    county_code: str
    area_code: str
    lon: float | None = None
    lat: float | None = None
    doubt: Doubt | None = None


NOWHERE = Place(INTAKE_COUNTY, INTAKE_COUNTY)


def convert(position: PositionIn) -> tuple[float, float]:
    """A position as EPSG:4490 longitude and latitude, degrees.

    Raises
    ------
    BadInput
        When the named system is unknown, or the numbers are no position in it.
    """
    try:
        (lon,), (lat,) = (
            v.tolist() for v in crs.to_4490([position.lon], [position.lat], position.crs)
        )
    except GisError as error:
        raise BadInput("position_unreadable", reason=str(error)) from error
    return lon, lat


def place(
    session: Session, actor: Actor, position: PositionIn | None, area_code: str | None
) -> Place:
    """Locate a report at once. Without a position the area that the reporter named counts.

    What lies in no area of ours is taken in by the city (county `INTAKE_COUNTY`) with its point.
    """
    if position is None:
        return _of_area(session, area_code) if area_code else NOWHERE
    lon, lat = convert(position)
    code = areas.code_at(session, lon, lat)
    doubt = None if position.confirmed else doubted(session, actor, position, lon, lat, code)
    if code is None:
        return Place(INTAKE_COUNTY, INTAKE_COUNTY, lon, lat, doubt)
    return Place(_county(session, code), code, lon, lat, doubt)


def _of_area(session: Session, area_code: str) -> Place:
    known = areas.named(session, [area_code]).get(area_code)
    if known is None:
        raise BadInput("area_unknown", code=area_code)
    if known.level == codes.Level.CITY:
        return NOWHERE
    return Place(known.managing_county, area_code)


def _county(session: Session, code: str) -> str:
    if codes.level_of(code) is codes.Level.CITY:
        return INTAKE_COUNTY
    return areas.named(session, [code])[code].managing_county


def doubted(
    session: Session, actor: Actor, position: PositionIn, lon: float, lat: float, code: str | None
) -> Doubt | None:
    """Doubt a position that lies outside the reporter's region but, read in another system, inside.

    The region of a post is its area; of everyone else, the city. A phone that hands out GCJ-02 as
    WGS 84 is 560 m off in Putian: three units wide. Nothing is moved: the reporter is asked.
    """
    region = actor.area_code if actor.role is not Role.RESIDENT else ""
    if code is not None and code.startswith(region):
        return None
    for name in READINGS:
        if name == crs.known(position.crs):
            continue
        (other_lon,), (other_lat,) = (
            v.tolist() for v in crs.to_4490([position.lon], [position.lat], name)
        )
        # Outside China all systems agree, and there is nothing to doubt.
        apart = distance_m(lon, lat, other_lon, other_lat)
        if apart < 1:
            continue
        other = areas.code_at(session, other_lon, other_lat)
        if other is not None and other.startswith(region):
            return Doubt(crs=name, lon=other_lon, lat=other_lat, distance_m=round(apart, 1))
    return None


def doubt_of(raw: dict[str, Any] | None, suspect: str | None) -> Doubt | None:
    """The doubt about a stored position, worked out again from what was sent."""
    if raw is None or suspect is None:
        return None
    (lon,), (lat,) = (v.tolist() for v in crs.to_4490([raw["lon"]], [raw["lat"]], raw["crs"]))
    (there_lon,), (there_lat,) = (
        v.tolist() for v in crs.to_4490([raw["lon"]], [raw["lat"]], suspect)
    )
    apart = distance_m(lon, lat, there_lon, there_lat)
    return Doubt(crs=suspect, lon=there_lon, lat=there_lat, distance_m=round(apart, 1))
