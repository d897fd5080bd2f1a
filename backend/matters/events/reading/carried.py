"""The list item that an event goes on as, or waits for: whoever sees the event follows it.

Read as the system: the caller may not see the item itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.matters.events.case_views import CarriedBy
from backend.matters.events.kin import Main
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import State
from backend.matters.items import queries as items
from backend.matters.items.models import Item


@dataclass(frozen=True)
class Carrying:
    """The item that stands for an event now, and the last word on it."""

    item: Item
    last: str


def carried_on(session: Session, event: Event, main: Main | None) -> Carrying | None:
    """The item that an event, or its main event, goes on as."""
    return _read(session, event, main.item_id if main else event.item_id)


def waited_for(session: Session, event: Event) -> Carrying | None:
    """The item that a suspended event waits for."""
    if event.state != State.SUSPENDED:
        return None
    return _read(session, event, items.awaited_by(session, event.county_code, event.id))


def _read(session: Session, event: Event, item_id: UUID | None) -> Carrying | None:
    if item_id is None:
        return None
    item = items.standing_for(session, event.county_code, item_id)
    told = [e.note for e in items.log_of(session, item) if e.note and e.action != "comment"]
    return Carrying(item, told[-1] if told else "")


def shown_to(known: Carrying | None, bodies: Mapping[UUID, str]) -> CarriedBy | None:
    """The item as the event's page shows it; ``bodies`` has the name of whoever does it."""
    if known is None:
        return None
    item = known.item
    return CarriedBy(
        id=item.id, item_no=item.item_no, kind=item.kind, title=item.title, state=item.state,
        progress=item.progress, due_on=item.due_on, moved_at=item.moved_at,
        organization=bodies.get(item.organization_id) if item.organization_id else None,
        last=known.last,
    )  # fmt: skip
