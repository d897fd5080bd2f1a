"""How areas are shown."""

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.city.areas import queries


class AreaOut(BaseModel):
    """One area, named."""

    code: str
    name: str
    level: str
    managing_county: str


class Box(BaseModel):
    """What a map should show of an area, in degrees."""

    west: float
    south: float
    east: float
    north: float


def show(area: queries.Named) -> AreaOut:
    """An area as everyone may see it."""
    return AreaOut(
        code=area.code, name=area.name, level=area.level, managing_county=area.managing_county
    )


def box_of(session: Session, code: str) -> Box | None:
    """The box of an area; None when it has no boundary."""
    found = queries.box(session, code)
    return Box(west=found[0], south=found[1], east=found[2], north=found[3]) if found else None
