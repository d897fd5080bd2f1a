"""Reads of hot spots, and of the items and events that lists put beside each other."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, false, or_, select, text
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import Actor
from backend.core.asking import among
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import TERMINAL
from backend.matters.events.vocabulary import State as EventState
from backend.matters.items.models import Item, ItemEvent
from backend.matters.items.workflow import Recurs, State
from backend.matters.lists.around_queries import NEAR_M
from backend.matters.lists.models import HotSpot
from gis import codes

KNOWN = text(
    """
    SELECT county_code, id FROM hot_spot
    WHERE county_code = ANY (:counties) AND category_code = :category
      AND geom && ST_Expand(ST_SetSRID(ST_Point(:lon, :lat), 4490), 0.001)
      AND ST_DWithin(geom::geography, ST_SetSRID(ST_Point(:lon, :lat), 4490)::geography, :near)
    ORDER BY ST_Distance(geom::geography, ST_SetSRID(ST_Point(:lon, :lat), 4490)::geography)
    LIMIT 1
    """
)


def nearest(
    session: Session, counties: Sequence[str], category: str, lon: float, lat: float
) -> tuple[str, UUID] | None:
    """The key of the hot spot of a kind nearest to a point, within reach of it."""
    row = session.execute(
        KNOWN,
        {"counties": counties, "category": category, "lon": lon, "lat": lat, "near": NEAR_M},
    ).first()
    return (row.county_code, row.id) if row else None


def points(session: Session, spots: Sequence[HotSpot]) -> dict[UUID, tuple[float, float]]:
    """Longitude and latitude of hot spots, in one query."""
    rows = session.execute(
        text("SELECT id, ST_X(geom) AS x, ST_Y(geom) AS y FROM hot_spot WHERE id = ANY(:ids)"),
        {"ids": [spot.id for spot in spots]},
    )
    return {row.id: (row.x, row.y) for row in rows}


def visible(
    session: Session, actor: Actor, area: str | None = None, limit: int = 200
) -> Sequence[HotSpot]:
    """The hot spots in the actor's scope or at its border, those with the most reports first."""
    return session.scalars(listed(actor, area, limit)).all()


def waiting(
    session: Session, actor: Actor, county_code: str, area: str, most: int
) -> Sequence[HotSpot]:
    """Those of a county for which nobody has raised an item; a neighbour's are the neighbour's."""
    return session.scalars(
        listed(actor, area, most).where(
            HotSpot.county_code == county_code, HotSpot.item_id.is_(None)
        )
    ).all()


def listed(actor: Actor, area: str | None, limit: int | None) -> Select[HotSpot]:
    """The query of `visible`; all of them without a limit."""
    inside = scope.arms(HotSpot, actor.scope)
    beside = [
        (HotSpot.beside_county == s.county_code)
        & (HotSpot.beside_area >= s.lo) & (HotSpot.beside_area < s.hi)
        for s in actor.scope
        if s.lo
    ]  # fmt: skip
    # Of which everything is restricted by now, nothing comes back that anybody may know of.
    query = select(HotSpot).where(or_(false(), *inside, *beside), HotSpot.count > 0)
    if area:
        hi = codes.upper(area)
        query = query.where(
            (HotSpot.area_code >= area) & (HotSpot.area_code < hi)
            | (HotSpot.beside_area >= area) & (HotSpot.beside_area < hi)
        )
    return query.order_by(HotSpot.count.desc(), HotSpot.last_at.desc()).limit(limit)


def uncounted(
    session: Session, county_code: str, aside: Collection[UUID], most: int
) -> Sequence[HotSpot]:
    """Hot spots of a county that had reports since they were counted; locked."""
    return session.scalars(
        select(HotSpot)
        .where(
            HotSpot.county_code == county_code, HotSpot.uncounted, HotSpot.id.not_in(aside)
        )
        .order_by(HotSpot.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip


def spot(session: Session, spot_id: UUID) -> HotSpot | None:
    """A hot spot by its key, wherever it is; the caller asks whether it may be seen."""
    return session.scalar(select(HotSpot).where(HotSpot.id == spot_id))


def items_by_id(session: Session, ids: Iterable[UUID]) -> dict[UUID, Item]:
    """Items by their keys, as far as row-level security shows them."""
    return {item.id: item for item in session.scalars(select(Item).where(among(Item.id, ids)))}


def due(
    session: Session, county_code: str, stage: int, last: date, aside: Collection[UUID], most: int
) -> Sequence[Item]:
    """Open items due until a day that were not told of at this stage; locked, the first first."""
    return session.scalars(
        select(Item)
        .where(
            Item.county_code == county_code, Item.closed_at.is_(None), Item.reminded < stage,
            Item.due_on <= last, Item.id.not_in(aside),
        )
        .order_by(Item.due_on)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip


def over_terms(
    session: Session, county_code: str, recurs: Recurs, term: str | None, states: Sequence[State],
    aside: Collection[UUID], most: int,
) -> Sequence[Item]:  # fmt: skip
    """Recurring items of a term before this one that did not go on yet; locked."""
    return session.scalars(
        select(Item)
        .where(
            Item.county_code == county_code, Item.recurs == recurs, Item.to_item_id.is_(None),
            Item.term < term, Item.state.in_(states), Item.id.not_in(aside),
        )
        .order_by(Item.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip


def behind(session: Session, actor: Actor, item: Item) -> Sequence[Event | None]:
    """The events that an item goes back to; None stands for one that the actor may not see."""
    mine = and_(
        Event.county_code == ItemEvent.event_county, Event.id == ItemEvent.event_id,
        Event.moved_to.is_(None), events.arms(actor),
    )  # fmt: skip
    return session.scalars(
        select(Event)
        .select_from(ItemEvent)
        .outerjoin(Event, mine)
        .where(ItemEvent.county_code == item.county_code, ItemEvent.item_id == item.id)
        .order_by(ItemEvent.event_id)
    ).all()


def carried_by(session: Session, item: Item) -> Sequence[Event]:
    """The events that go on as an item, as far as the transaction's scope reaches."""
    return session.scalars(
        select(Event)
        .join(
            ItemEvent,
            (ItemEvent.event_county == Event.county_code) & (ItemEvent.event_id == Event.id),
        )
        .where(
            ItemEvent.county_code == item.county_code, ItemEvent.item_id == item.id,
            ItemEvent.carried, Event.moved_to.is_(None),
        )
    ).all()  # fmt: skip


def waiting_for(session: Session, item: Item) -> Sequence[Event]:
    """The events that are suspended until an item is achieved; locked, for the system."""
    return session.scalars(
        select(Event)
        .join(
            ItemEvent,
            (ItemEvent.event_county == Event.county_code) & (ItemEvent.event_id == Event.id),
        )
        .where(
            ItemEvent.county_code == item.county_code, ItemEvent.item_id == item.id,
            ItemEvent.awaited, Event.state == EventState.SUSPENDED, Event.moved_to.is_(None),
        )
        .order_by(Event.id)
        .with_for_update(of=Event)
        .execution_options(populate_existing=True)
    ).all()  # fmt: skip


def some_open(session: Session, item: Item) -> bool:
    """Whether an event that an item goes back to is still open."""
    open_one = session.scalar(
        select(Event.id)
        .join(
            ItemEvent,
            (ItemEvent.event_county == Event.county_code) & (ItemEvent.event_id == Event.id),
        )
        .where(
            ItemEvent.county_code == item.county_code, ItemEvent.item_id == item.id,
            Event.state.not_in(TERMINAL), Event.moved_to.is_(None),
        )
        .limit(1)
    )  # fmt: skip
    return open_one is not None
