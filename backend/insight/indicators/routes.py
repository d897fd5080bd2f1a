"""The leaders' page over HTTP."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.areas.views import AreaOut, Box, box_of
from backend.city.areas.views import show as show_area
from backend.core import clock, day
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.inputs import AreaCode, Month
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.insight.indicators import queries
from backend.insight.indicators.figures import figures
from backend.insight.indicators.service import numbers, rates, response
from backend.tools.counters import queries as counters
from backend.tools.counters.models import LENGTHS
from gis import codes

router = APIRouter(prefix="/indicators", tags=["indicators"])


class NumbersOut(BaseModel):
    """Counts and closing rate of one area."""

    area: AreaOut
    reported: int
    waiting: int
    working: int
    closed: int
    left_out: int
    overdue: int
    closure_rate: float | None


class FigureOut(BaseModel):
    """One number of the board and the list behind it.

    ``query`` holds the parameters of ``GET /api/events`` whose list has ``listed`` rows; the rest
    of ``n`` is restricted to people by name.
    """

    name: str
    n: int
    listed: int
    query: dict[str, list[str]]


class Board(BaseModel):
    """One area and the areas below it, as of a moment.

    ``elsewhere`` is how many of the whole lie in no area below: known only to the area itself, or
    in one that is no more; of a city also those that have no county yet.
    """

    as_of: datetime
    chain: list[AreaOut]
    whole: NumbersOut
    figures: list[FigureOut]
    elsewhere: int
    parts: list[NumbersOut]
    box: Box | None


@router.get("", dependencies=[allow(Right.READ_BOARD)])
def board(actor: ActorDep, session: SessionDep, area: Annotated[AreaCode, Query()]) -> Board:
    """Return counts and closing rates of an area and of the areas one level below."""
    chain = areas.chain(session, area)
    if not chain or chain[-1].code != area or not area.startswith(actor.area_code):
        raise NotFound("area_not_found", code=area)
    level = codes.level_of(area)
    counties = sorted({part.county_code for part in actor.scope})
    now = clock.now()
    families = ("state", "now", day.month(now))
    whole = queries.measures(session, actor, area, families)
    parts: list[NumbersOut] = []
    if level is not codes.Level.UNIT:
        below = codes.LEVELS[codes.LEVELS.index(level) + 1]
        found = counters.totals(session, counties, area, below, families[:2])
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
    in_all = NumbersOut(area=show_area(chain[-1]), **asdict(numbers(whole)))
    return Board(
        as_of=now,
        chain=[show_area(a) for a in chain if a.code.startswith(actor.area_code)],
        whole=in_all,
        figures=[FigureOut(**asdict(one)) for one in figures(whole, area, now)],
        elsewhere=in_all.reported - sum(p.reported for p in parts) if parts else 0,
        parts=parts,
        box=box_of(session, area),
    )


class RateOut(BaseModel):
    """One indicator of a month: how many of how many."""

    name: str
    of: int
    among: int
    share: float | None


@router.get("/rates", dependencies=[allow(Right.READ_BOARD)])
def month_rates(
    actor: ActorDep, session: SessionDep, area: Annotated[AreaCode, Query()],
    month: Annotated[Month, Query()],
) -> list[RateOut]:  # fmt: skip
    """Return the indicators of an area in a month, each with the numbers behind it."""
    found = _of_month(session, actor, area, month)
    return [
        RateOut(name=r.name, of=r.of, among=r.among, share=r.share) for r in rates(found, month)
    ]


class ResponseOut(BaseModel):
    """How soon duties were taken on in a month, in minutes (two significant figures)."""

    accepted: int
    median_minutes: int | None
    p90_minutes: int | None


@router.get("/response", dependencies=[allow(Right.READ_BOARD)])
def month_response(
    actor: ActorDep, session: SessionDep, area: Annotated[AreaCode, Query()],
    month: Annotated[Month, Query()],
) -> ResponseOut:  # fmt: skip
    """Return how long the first response took in an area in a month: median and 90th percentile."""
    found = _of_month(session, actor, area, month, LENGTHS)
    return ResponseOut(**asdict(response(found, month)))


def _of_month(
    session: Session, actor: Actor, area: str, month: str, part: str = ""
) -> dict[str, int]:
    known = areas.named(session, [area]).get(area)
    if known is None or not area.startswith(actor.area_code):
        raise NotFound("area_not_found", code=area)
    return queries.measures(session, actor, area, [month + part])
