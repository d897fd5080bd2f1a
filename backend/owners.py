"""Which domain says whether somebody sees a thing: the one table."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.asking import there
from backend.matters.deliberations import queries as deliberations
from backend.matters.deliberations.models import Deliberation
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.items import queries as items
from backend.matters.items.models import Item

# What photos and documents hang on, and the rule of its domain.
OWNERS: tuple[tuple[Any, Any], ...] = (
    (Event, events.visible_to),
    (Item, items.visible_to),
    (Deliberation, deliberations.visible_to),
)


def sees(session: Session, actor: Actor, county_code: str, thing_id: UUID) -> bool:
    """Whether an event, list item or village decision is in somebody's sight."""
    return any(
        there(
            session,
            visible_to(actor).where(table.county_code == county_code, table.id == thing_id),
        )
        for table, visible_to in OWNERS
    )
