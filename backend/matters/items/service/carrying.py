"""Events that go on as an item."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict
from backend.matters.items import queries
from backend.matters.items.models import Item, ItemEvent
from backend.matters.items.service.proposing import link
from backend.matters.items.workflow import OPEN, State


def carry(session: Session, actor: Actor, county_code: str, event_id: UUID, item_id: UUID) -> Item:
    """Let an item carry an event on: it must stand, have somebody who does it, and a day.

    Raises
    ------
    BadInput
        The actor sees no such item in the event's county.
    Conflict
        The item has ended, or nobody has promised anything yet.
    """
    item = queries.one(session, actor, item_id, lock=True)
    if item is None or item.county_code != county_code:
        raise BadInput("item_unknown")
    if State(item.state) not in OPEN:
        raise Conflict("item_ended", number=item.item_no)
    if item.organization_id is None or item.due_on is None:
        raise Conflict("item_promises_nothing", number=item.item_no)
    linked = {row.event_id for row in queries.events_of(session, item)}
    if event_id not in linked:
        link(session, item, [event_id], carried=True)
    else:
        _mark(session, item.county_code, event_id, carried=True, item_id=item.id)
    return item


def take_back(session: Session, county_code: str, event_id: UUID) -> None:
    """The event is open again: no item carries it, though each still knows of it."""
    _mark(session, county_code, event_id, carried=False)


def wait_no_more(session: Session, county_code: str, event_id: UUID) -> None:
    """The event is at work again, and waits for no item."""
    session.execute(
        update(ItemEvent)
        .where(
            ItemEvent.event_county == county_code, ItemEvent.event_id == event_id,
            ItemEvent.awaited,
        )
        .values(awaited=False)
    )  # fmt: skip


def _mark(
    session: Session,
    county_code: str,
    event_id: UUID,
    *,
    carried: bool,
    item_id: UUID | None = None,
) -> None:
    query = update(ItemEvent).where(
        ItemEvent.event_county == county_code, ItemEvent.event_id == event_id
    )
    if item_id is not None:
        query = query.where(ItemEvent.item_id == item_id)
    session.execute(query.values(carried=carried))
