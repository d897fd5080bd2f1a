"""Putting hot spots together for their readers: a fixed number of queries."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.core.actor import Actor
from backend.core.asking import among
from backend.matters.categories import service as categories
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.events.reading import listing
from backend.matters.events.views import EventLine
from backend.matters.items import queries
from backend.matters.items.models import Item
from backend.matters.items.workflow import State
from backend.matters.lists import hot_spots
from backend.matters.lists import queries as reads
from backend.matters.lists.models import HotSpot
from backend.matters.lists.showing import ItemBrief, brief
from gis import codes

# Of a hot spot's reports its page shows the newest.
SHOWN = 60


class HotSpotLine(BaseModel):
    """A place where the same kind of matter comes back."""

    id: UUID
    category: str
    category_code: str
    area_code: str
    place: str
    count: int
    first_at: str
    last_at: str
    cause: str
    lon: float
    lat: float
    item: ItemBrief | None


class HotSpotOut(HotSpotLine):
    """One hot spot: reports by month, what was tried, and whether it stopped."""

    months: dict[str, int]
    since_achieved: int | None
    events: list[EventLine]
    tried: list[ItemBrief]
    responsible: list[str]


def spot_lines(session: Session, actor: Actor, spots: Sequence[HotSpot]) -> list[HotSpotLine]:
    """Hot spots as a list shows them: three queries."""
    names = areas.named(session, {c for s in spots for c in codes.chain(s.area_code)[2:]})
    known = categories.current(session)
    raised = reads.items_by_id(session, [s.item_id for s in spots if s.item_id])
    points = reads.points(session, spots)
    rows = []
    for spot in spots:
        category = known.get(spot.category_code)
        name = spot.category_code
        if category is not None:
            name = category.name_en if actor.language == "en" else category.name_zh
        lon, lat = points[spot.id]
        item = raised.get(spot.item_id) if spot.item_id else None
        rows.append(
            HotSpotLine(
                id=spot.id, category=name, category_code=spot.category_code,
                area_code=spot.area_code,
                place=" ".join(
                    names[c].name for c in codes.chain(spot.area_code)[2:] if c in names
                ),
                count=spot.count, first_at=spot.first_at.isoformat(),
                last_at=spot.last_at.isoformat(), cause=spot.cause, lon=lon, lat=lat,
                item=brief(item) if item else None,
            )
        )  # fmt: skip
    return rows


def whole_spot(session: Session, actor: Actor, spot: HotSpot) -> HotSpotOut:
    """One hot spot with its months, its newest events, and whether the reports stopped."""
    (line,) = spot_lines(session, actor, [spot])
    tried = session.scalars(
        queries.visible_to(actor)
        .where(Item.county_code == spot.county_code, Item.hot_spot_id == spot.id)
        .order_by(Item.id)
    ).all()
    ended = max(
        (i.closed_at for i in tried if i.state == State.ACHIEVED and i.closed_at), default=None
    )
    counted = hot_spots.history(session, spot, ended, SHOWN)
    newest = session.scalars(
        events.visible_to(actor)
        .where(Event.county_code.in_(counted.counties), among(Event.id, counted.event_ids))
        .order_by(Event.id.desc())
    ).all()
    return HotSpotOut(
        **line.model_dump(), months=counted.months,
        since_achieved=counted.after if ended else None,
        events=listing.lines(session, actor, newest), tried=[brief(i) for i in tried],
        responsible=accounts.leaders_of(session, codes.chain(spot.area_code)),
    )  # fmt: skip
