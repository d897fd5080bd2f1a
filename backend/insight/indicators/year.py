"""A place's year on one page: what came, what was solved, what is being built."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from backend.city.accounts import audit
from backend.city.areas import queries as areas
from backend.core import day
from backend.core.errors import NotFound
from backend.core.inputs import AreaCode, Year
from backend.core.language import say
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.insight.indicators import queries
from backend.matters.items import queries as items
from backend.matters.items.models import Item
from backend.matters.items.schemas import ItemLine
from backend.matters.items.workflow import Kind, State
from backend.matters.lists import queries as spot_reads
from backend.matters.lists import sheet, showing, spots
from backend.matters.lists.spots import HotSpotLine
from backend.matters.reviews.deciding import HELD
from backend.tools.importing import sheets

router = APIRouter(prefix="/indicators", tags=["indicators"])
# As many as a page holds.
LINES, SPOTS = 20, 5
BUILDING = (State.CLAIMED, State.IN_PROGRESS, State.BLOCKED)


class MonthOut(BaseModel):
    """What happened in a month, by the month in which it happened."""

    month: str
    came: int
    solved: int
    recurred: int
    carried: int


class YearOut(BaseModel):
    """One area's year."""

    area: str
    year: int
    months: list[MonthOut]
    meetings: int
    lists: dict[Kind, dict[State, int]]
    building: list[ItemLine]
    achieved: list[ItemLine]
    hot_spots: list[HotSpotLine]


@router.get("/year", dependencies=[allow(Right.READ_BOARD)])
def year_of(
    actor: ActorDep, session: SessionDep, area: Annotated[AreaCode, Query()],
    year: Annotated[Year, Query()],
) -> YearOut:  # fmt: skip
    """Return an area's year: events by month, its lists, what is being built, its hot spots."""
    known = areas.named(session, [area]).get(area)
    if known is None or not area.startswith(actor.area_code):
        raise NotFound("area_not_found", code=area)
    months = [f"{year}-{month:02}" for month in range(1, 13)]
    numbers = queries.measures(session, actor, area, months)
    begins, ends = day.months(year)
    building = items.latest(session, actor, area, BUILDING, Item.moved_at, LINES)
    achieved = items.latest(
        session, actor, area, [State.ACHIEVED], Item.closed_at, LINES, begins, ends
    )
    both = showing.lines(session, [*building, *achieved])
    places = spot_reads.visible(session, actor, area, SPOTS)
    return YearOut(
        area=known.name, year=year, months=_months(numbers, year),
        meetings=sum(numbers.get(f"{month}.{HELD}", 0) for month in months),
        lists=queries.lists(session, actor, area),
        building=both[: len(building)], achieved=both[len(building) :],
        hot_spots=spots.spot_lines(session, actor, places),
    )  # fmt: skip


@router.get(
    "/year.xlsx", response_class=Response,
    dependencies=[allow(Right.READ_BOARD)],
)  # fmt: skip
def download_year(
    actor: ActorDep, session: SessionDep, area: Annotated[AreaCode, Query()],
    year: Annotated[Year, Query()],
) -> Response:  # fmt: skip
    """Return an area's year as a workbook: the months, what is built and achieved, hot spots."""
    shown = year_of(actor, session, area, year)
    count = len(shown.building) + len(shown.achieved) + len(shown.hot_spots)
    audit.exported(session, actor, f"year-{area}-{year}.xlsx", count)
    months = sheets.titled(
        actor.language, "year",
        [m.model_dump() | {"month": _said(actor.language, m.month)} for m in shown.months],
    )  # fmt: skip
    lines = sheet.of_items(actor.language, [*shown.building, *shown.achieved])
    places = sheet.of_spots(actor.language, shown.hot_spots)
    return sheets.answer([months, lines, places], f"year-{area}-{year}.xlsx")


def _said(language: str, month: str) -> str:
    year, of_year = month.split("-")
    return say(language, "month_of_year", year=year, month=int(of_year))


def _months(numbers: Mapping[str, int], year: int) -> list[MonthOut]:
    def of(month: int, *names: str) -> int:
        return sum(numbers.get(f"{year}-{month:02}.{name}", 0) for name in names)

    return [
        MonthOut(
            month=f"{year}-{m:02}", came=of(m, "filed", "self_resolved"),
            solved=of(m, "closed", "self_resolved"), recurred=of(m, "recurred"),
            carried=of(m, "carried"),
        )
        for m in range(1, 13)
    ]  # fmt: skip
