"""Every read of areas. Names and boundaries of the tree are open to everyone signed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.city.areas.models import ABOVE_VILLAGES, Area
from backend.core.actor import INTAKE_COUNTY
from backend.core.asking import among
from backend.core.memory import Memory
from gis import codes

# COALESCE stops at the first level that answers: 0.04 ms for a point inside a unit. On an edge that
# two areas share, the lower code wins, always.
_AT_LEVEL = (
    "(SELECT code FROM area WHERE level = '{}' AND valid_to IS NULL"
    " AND ST_Covers(geom, ST_SetSRID(ST_Point(:lon, :lat), 4490)) ORDER BY code LIMIT 1)"
)
LOCATE = text(f"SELECT COALESCE({', '.join(map(_AT_LEVEL.format, reversed(codes.LEVELS)))})")

_HERE = "ST_SetSRID(ST_Point(:lon, :lat), 4490)"
_NEAREST_AT_LEVEL = (
    "(SELECT code, name, geom FROM area WHERE level = '{}' AND valid_to IS NULL"
    f" AND geom IS NOT NULL ORDER BY geom <-> {_HERE} LIMIT 1)"
)
# The nearest area of the smallest level that has boundaries.
NEAREST = text(
    f"SELECT code, name, ST_Distance(geom::geography, {_HERE}::geography) AS distance_m FROM ("
    + " UNION ALL ".join(map(_NEAREST_AT_LEVEL.format, reversed(codes.LEVELS)))
    + ") AS nearest ORDER BY length(code) DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What is remembered of an area."""

    code: str
    name: str
    level: str
    managing_county: str


_remembered: Memory[str, Named] = Memory(seconds=60)
_gazetteer: Memory[str, Mapping[str, Named]] = Memory(seconds=60)


def forget(session: Session | None = None) -> None:
    """Read names again at the next question; a session that has changed them names itself."""
    _remembered.forget(session)
    _gazetteer.forget(session)


def code_at(session: Session, lon: float, lat: float) -> str | None:
    """The code of the smallest area that covers a point (EPSG:4490); None outside all of them."""
    code: str | None = session.execute(LOCATE, {"lon": lon, "lat": lat}).scalar()
    return code


def named(session: Session, wanted: Iterable[str]) -> dict[str, Named]:
    """Areas by code, as they are today; at most a minute old, and one query for what is new."""
    answer, ask = {}, []
    for code in set(wanted):
        known = _remembered.get(session, code)
        if known is not None:
            answer[code] = known
        else:
            ask.append(code)
    if ask:
        rows = session.execute(
            select(Area.code, Area.name, Area.level, Area.managing_county).where(
                among(Area.code, ask), Area.valid_to.is_(None)
            )
        )
        for row in rows:
            answer[row.code] = Named(*row)
            _remembered.put(session, row.code, answer[row.code])
    return answer


def by_code(session: Session, wanted: Iterable[str]) -> dict[str, Area]:
    """The rows of areas as they are today, by code, with their boundaries; nothing remembered."""
    rows = session.scalars(select(Area).where(among(Area.code, wanted), Area.valid_to.is_(None)))
    return {area.code: area for area in rows}


def gazetteer(session: Session) -> Mapping[str, Named]:
    """The counties, towns and villages of today, by code; at most a minute old."""
    known = _gazetteer.get(session, "")
    if known is None:
        rows = session.execute(
            select(Area.code, Area.name, Area.level, Area.managing_county)
            .where(text(f"({ABOVE_VILLAGES} OR level = 'village')"), Area.valid_to.is_(None))
            .order_by(Area.code)
        )
        known = {row.code: Named(*row) for row in rows if len(row.code) > len("3599")}
        _gazetteer.put(session, "", known)
    return known


def chain(session: Session, code: str) -> list[Named]:
    """The areas from the city down to ``code``; those without a row are left out."""
    wanted = codes.chain(code)
    found = named(session, wanted)
    return [found[c] for c in wanted if c in found]


def run_by(session: Session, code: str) -> list[str]:
    """The codes of the areas that a place lies in, the city first, as they are run.

    Under the county that manages it: a functional zone manages towns whose codes begin with another
    county's digits, and that county has no part in them.
    """
    known = named(session, [code]).get(code)
    county = codes.LENGTH[codes.Level.COUNTY]
    return [
        known.managing_county if known is not None and len(one) == county else one
        for one in codes.chain(code)
    ]


def children(session: Session, code: str) -> Sequence[Area]:
    """The areas one level below, by code."""
    below = codes.LEVELS[codes.LEVELS.index(codes.level_of(code)) + 1]
    return session.scalars(
        select(Area)
        .where(
            Area.level == below, Area.valid_to.is_(None),
            Area.code >= code, Area.code < codes.upper(code),
        )
        .order_by(Area.code)
    ).all()  # fmt: skip


def counties(session: Session, city: str) -> list[str]:
    """The managing counties of a city."""
    return list(
        session.scalars(
            select(Area.code)
            .where(
                Area.level == codes.Level.COUNTY, Area.valid_to.is_(None),
                Area.code >= city, Area.code < codes.upper(city),
            )
            .order_by(Area.code)
        )
    )  # fmt: skip


def box(session: Session, code: str) -> tuple[float, float, float, float] | None:
    """West, south, east, north of an area in degrees; None when it has no boundary."""
    row = session.execute(
        text(
            "SELECT ST_XMin(b) AS west, ST_YMin(b) AS south,"
            " ST_XMax(b) AS east, ST_YMax(b) AS north"
            " FROM (SELECT ST_Extent(geom) AS b FROM area WHERE code = :code AND valid_to IS NULL)"
            " AS extent WHERE b IS NOT NULL"
        ),
        {"code": code},
    ).one_or_none()
    return (row.west, row.south, row.east, row.north) if row else None


def managing(session: Session, code: str) -> list[str]:
    """The counties that manage an area or parts of it: one, but for counties and cities.

    What a city has taken in, and no county has yet, lies under its intake.
    """
    if codes.level_of(code) not in (codes.Level.CITY, codes.Level.COUNTY):
        known = named(session, [code]).get(code)
        return [known.managing_county] if known else []
    found = session.scalars(
        select(Area.managing_county)
        .where(
            Area.level == codes.Level.TOWN, Area.valid_to.is_(None),
            Area.code >= code, Area.code < codes.upper(code),
        )
        .distinct()
    )  # fmt: skip
    intake = [INTAKE_COUNTY] if codes.level_of(code) is codes.Level.CITY else []
    return [*intake, *found]


def home_of(session: Session, code: str, *, ended: bool = False) -> str | None:
    """The managing county under which the posts of an area are kept; None for no such area.

    What belongs to the city as a whole belongs to its intake. With ``ended`` an area that is no
    more counts as it was last.
    """
    known = named(session, [code]).get(code)
    county = known.managing_county if known else None
    if known is None and ended:
        county = session.scalar(
            select(Area.managing_county)
            .where(Area.code == code)
            .order_by(Area.valid_to.desc())
            .limit(1)
        )
    if county is None:
        return None
    return INTAKE_COUNTY if codes.level_of(code) is codes.Level.CITY else county


def all_counties(session: Session) -> list[str]:
    """Every managing county that rows may lie in, the city's own intake first.

    Those that are no more are among them: what they left open is still somebody's.
    """
    found = session.scalars(
        select(Area.managing_county).where(text(ABOVE_VILLAGES)).distinct()
    )  # fmt: skip
    return [INTAKE_COUNTY, *sorted(set(found) - {INTAKE_COUNTY})]


def managed_towns(session: Session, county_code: str) -> list[str]:
    """The towns of today that a county, or functional zone, manages, whatever their digits."""
    return list(
        session.scalars(
            select(Area.code).where(
                Area.level == codes.Level.TOWN, Area.valid_to.is_(None),
                Area.managing_county == county_code,
            )
        )
    )  # fmt: skip
