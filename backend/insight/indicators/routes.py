"""The leaders' page over HTTP."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from backend.city.areas import queries as areas
from backend.city.areas.views import AreaOut, Box, box_of
from backend.city.areas.views import show as show_area
from backend.core.actor import DISPATCHERS, Role
from backend.core.errors import NotFound
from backend.core.permissions import ActorDep, allow
from backend.core.session import SessionDep
from backend.insight.indicators.service import numbers, rates
from backend.tools.counters import queries as counters
from gis import codes

router = APIRouter(prefix="/indicators", tags=["indicators"])


class NumbersOut(BaseModel):
    """Counts and closing rate of one area."""

    area: AreaOut
    reported: int
    waiting: int
    working: int
    closed: int
    closure_rate: float | None


class Board(BaseModel):
    """One area and the areas below it, as of a moment."""

    as_of: datetime
    chain: list[AreaOut]
    whole: NumbersOut
    parts: list[NumbersOut]
    box: Box | None


@router.get(
    "", dependencies=[allow(Role.LEADER, Role.VILLAGE_SECRETARY, Role.AUDITOR, *DISPATCHERS)]
)
def board(
    actor: ActorDep, session: SessionDep, area: Annotated[str, Query(pattern=r"^\d{4,18}$")]
) -> Board:
    """Return counts and closing rates of an area and of the areas one level below."""
    chain = areas.chain(session, area)
    if not chain or chain[-1].code != area or not area.startswith(actor.area_code):
        raise NotFound("area_not_found", code=area)
    level = codes.level_of(area)
    counties = sorted({part.county_code for part in actor.scope})
    whole = counters.totals(session, counties, area, level).get(area, {})
    parts: list[NumbersOut] = []
    if level is not codes.Level.UNIT:
        below = codes.LEVELS[codes.LEVELS.index(level) + 1]
        found = counters.totals(session, counties, area, below)
        parts = [
            NumbersOut(
                area=AreaOut(
                    code=child.code, name=child.name, level=child.level,
                    managing_county=child.managing_county,
                ),
                **asdict(numbers(found.get(child.code, {}))),
            )
            for child in areas.children(session, area)
        ]  # fmt: skip
    return Board(
        as_of=datetime.now(UTC),
        chain=[show_area(a) for a in chain if a.code.startswith(actor.area_code)],
        whole=NumbersOut(area=show_area(chain[-1]), **asdict(numbers(whole))),
        parts=parts,
        box=box_of(session, area),
    )


class RateOut(BaseModel):
    """One indicator of a month: how many of how many."""

    name: str
    of: int
    among: int
    share: float | None


@router.get(
    "/rates", dependencies=[allow(Role.LEADER, Role.VILLAGE_SECRETARY, Role.AUDITOR, *DISPATCHERS)]
)
def month_rates(
    actor: ActorDep, session: SessionDep, area: Annotated[str, Query(pattern=r"^\d{4,18}$")],
    month: Annotated[str, Query(pattern=r"^\d{4}-\d{2}$")],
) -> list[RateOut]:  # fmt: skip
    """Return the indicators of an area in a month, each with the numbers behind it."""
    known = areas.named(session, [area]).get(area)
    if known is None or not area.startswith(actor.area_code):
        raise NotFound("area_not_found", code=area)
    counties = sorted({part.county_code for part in actor.scope})
    found = counters.totals(session, counties, area, codes.level_of(area), f"{month}.")
    return [
        RateOut(name=r.name, of=r.of, among=r.among, share=r.share)
        for r in rates(found.get(area, {}), month)
    ]
