"""The three lists and the hot spots over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import clock, day
from backend.core.actor import Actor
from backend.core.asking import among
from backend.core.errors import BadInput, NotFound
from backend.core.inputs import AreaCode, Cause, ShortSearch, Strict
from backend.core.paging import Cursor, Page, Size, page_of
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.items import queries
from backend.matters.items.schemas import ItemIn, ItemLine, ItemStepIn
from backend.matters.items.service import proposing, stepping
from backend.matters.items.workflow import Kind, State
from backend.matters.lists import exporting, hot_spots, showing, spots
from backend.matters.lists import queries as spot_reads
from backend.matters.lists.showing import ItemOut
from backend.matters.lists.spots import HotSpotLine, HotSpotOut
from backend.tools.importing import handing

router = APIRouter(tags=["lists"])

AreaFilter = Annotated[AreaCode | None, Query()]
# Who may put something on a list: those who govern a place, and those who walk it.


def _wanted(
    actor: ActorDep,
    session: SessionDep,
    kind: Kind | None = None,
    state: Annotated[list[State] | None, Query(max_length=40)] = None,
    area: AreaFilter = None,
    mine: bool = False,
    claimable: bool = False,
    open_only: bool = False,
    late: bool = False,
    stuck: bool = False,
    q: Annotated[ShortSearch, Query()] = "",
) -> queries.Wanted:
    """The filters of a list, the same for every look at it."""
    return queries.Wanted(
        kind, state, area, areas.managing(session, area) if area else None,
        actor.organization_id if mine else None, claimable, open_only,
        day.today() if late else None,
        clock.now() - showing.STUCK_AFTER if stuck else None, q.strip(),
    )  # fmt: skip


WantedDep = Annotated[queries.Wanted, Depends(_wanted)]


@router.get("/items", dependencies=[allow(Right.READ_LISTS)])
def list_items(
    wanted: WantedDep, actor: ActorDep, session: SessionDep, after: Cursor = None, size: Size = 50
) -> Page[ItemLine]:
    """List the items that the caller may know of, the newest first."""
    rows = session.scalars(queries.listed(actor, wanted, after, size)).all()
    return page_of(showing.lines(session, rows), [row.id for row in rows], size)


@router.get("/items.xlsx", dependencies=[allow(Right.READ_LISTS)], response_class=Response)
async def download_items(wanted: WantedDep, actor: ActorDep) -> Response:
    """Return the same list as a spreadsheet, all of it."""
    count = partial(exporting.count_items, actor, wanted)
    return await handing.handed("items.xlsx", count, exporting.save_items, actor, wanted)


@router.post("/items", status_code=201, dependencies=[allow(Right.PROPOSE_ITEMS)])
def propose_item(body: ItemIn, actor: ActorDep, session: SessionDep) -> ItemOut:
    """Put a matter on a list; its events must be in the caller's sight."""
    rows = session.execute(
        events.visible_to(actor)
        .where(among(Event.id, body.events))
        .with_only_columns(Event.id, Event.county_code)
    )
    seen = {row.id: row.county_code for row in rows}
    if set(seen) != set(body.events):
        raise NotFound("event_not_found")
    item_id = proposing.propose(session, actor, body)
    item = queries.one(session, actor, item_id)
    assert item is not None
    if any(county != item.county_code for county in seen.values()):
        raise BadInput("item_other_county")
    if body.hot_spot_id is not None:
        spot = hot_spots.one(session, actor, body.hot_spot_id)
        hot_spots.raised(session, spot.county_code, spot.id, item.id)
    return showing.whole(session, actor, item)


@router.get("/items/{item_id}", dependencies=[allow(Right.READ_LISTS)])
def get_item(item_id: UUID, actor: ActorDep, session: SessionDep) -> ItemOut:
    """Return one item with its thread, its events and the steps open to the caller."""
    return _whole(session, actor, item_id)


def _whole(session: Session, actor: Actor, item_id: UUID) -> ItemOut:
    item = queries.one(session, actor, item_id)
    if item is None:
        raise NotFound("item_not_found")
    return showing.whole(session, actor, item)


@router.post("/items/{item_id}/steps", status_code=201, dependencies=[allow(Right.STEP_ITEMS)])
def take_item_step(
    item_id: UUID, body: ItemStepIn, actor: ActorDep, session: SessionDep
) -> ItemOut | None:
    """Take one step of an item; null when it is out of the caller's sight now."""
    stepping.advance(session, actor, item_id, body)
    item = queries.one(session, actor, item_id)
    return None if item is None else showing.whole(session, actor, item)


@router.get("/hot-spots", dependencies=[allow(Right.READ_HOT_SPOTS)])
def list_hot_spots(
    actor: ActorDep, session: SessionDep, area: AreaFilter = None
) -> list[HotSpotLine]:
    """List the places where the same kind of matter comes back, the busiest first."""
    return spots.spot_lines(session, actor, spot_reads.visible(session, actor, area))


@router.get(
    "/hot-spots.xlsx", dependencies=[allow(Right.READ_HOT_SPOTS)],
    response_class=Response,
)  # fmt: skip
async def download_hot_spots(actor: ActorDep, area: AreaFilter = None) -> Response:
    """Return the hot spots as a spreadsheet, all of them."""
    count = partial(exporting.count_spots, actor, area)
    return await handing.handed("hot-spots.xlsx", count, exporting.save_spots, actor, area)


@router.get("/hot-spots/{spot_id}", dependencies=[allow(Right.READ_HOT_SPOTS)])
def get_hot_spot(spot_id: UUID, actor: ActorDep, session: SessionDep) -> HotSpotOut:
    """Return one hot spot: its months, its events, what was tried, and whether it stopped."""
    return spots.whole_spot(session, actor, hot_spots.one(session, actor, spot_id))


class CauseIn(Strict):
    """What a hot spot goes back to."""

    cause: Cause


@router.put("/hot-spots/{spot_id}/cause", dependencies=[allow(Right.NAME_CAUSES)])
def say_cause(spot_id: UUID, body: CauseIn, actor: ActorDep, session: SessionDep) -> HotSpotOut:
    """Keep what people found a hot spot goes back to."""
    hot_spots.set_cause(session, actor, spot_id, body.cause)
    return spots.whole_spot(session, actor, hot_spots.one(session, actor, spot_id))
