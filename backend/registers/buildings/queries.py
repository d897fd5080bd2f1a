"""Houses by the address on their door."""

from collections.abc import Collection

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core.asking import among
from backend.registers.buildings.models import House
from gis import codes


def doors(
    session: Session, county_code: str, area_code: str, addresses: Collection[str]
) -> list[tuple[str, str, float, float]]:
    """Address, area, longitude and latitude (EPSG:4490) of an area's houses with these addresses.

    At most three: more of them do not say where something is.
    """
    rows = session.execute(
        select(
            House.address, House.area_code, text("ST_X(house.geom)"), text("ST_Y(house.geom)")
        )
        .where(
            House.county_code == county_code, House.area_code >= area_code,
            House.area_code < codes.upper(area_code), among(House.address, addresses),
        )
        .limit(3)
    )  # fmt: skip
    return [(row[0], row[1], row[2], row[3]) for row in rows]
