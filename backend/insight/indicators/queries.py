"""Reads of a place's year; each inside the actor's scope."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import Actor
from backend.matters.items import queries as items
from backend.matters.items.models import Item
from backend.matters.items.workflow import Kind, State


def lists(session: Session, actor: Actor, area: str) -> dict[Kind, dict[State, int]]:
    """How many items of each list stand in each state, in an area that the actor sees."""
    rows = session.execute(
        select(Item.kind, Item.state, func.count().label("n"))
        .where(items.arms(actor), scope.within(Item, area))
        .group_by(Item.kind, Item.state)
    )
    found: dict[Kind, dict[State, int]] = {kind: {} for kind in Kind}
    for row in rows:
        found[Kind(row.kind)][State(row.state)] = row.n
    return found
