"""The journal of an item: what each entry says, and what it moves."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import clock, journal
from backend.core.actor import Actor
from backend.matters.items.models import Item, ItemAction
from backend.matters.items.workflow import Action, State


def write(
    session: Session, actor: Actor, item: Item, action: Action, target: State, note: str,
    details: dict[str, Any],
) -> UUID:  # fmt: skip
    """Append one entry to a locked item's journal and move the item; the entry's id."""
    now = clock.now()
    before = None if item.log_seq == 0 else item.state
    item.state = target
    if action is not Action.COMMENT:
        item.moved_at = now
    return journal.append(
        session, actor, ItemAction, item, action, note=note, details=details, at=now,
        from_state=before, to_state=target.value,
    )  # fmt: skip
