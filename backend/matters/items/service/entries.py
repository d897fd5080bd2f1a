"""The log of an item: appended to, never changed."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.core import chain, clock, ids
from backend.core.actor import Actor
from backend.matters.items.models import Item, ItemAction
from backend.matters.items.workflow import Action, State

SEALED = (
    "item_id", "seq", "action", "from_state", "to_state", "actor_id", "post_id", "role",
    "organization_id", "note", "details", "at",
)  # fmt: skip


def write(
    session: Session, actor: Actor, item: Item, action: Action, target: State, note: str,
    details: dict[str, Any],
) -> UUID:  # fmt: skip
    """Append one entry to a locked item's log and move the item; the entry's id."""
    now = clock.now()
    first = item.log_seq == 0
    entry: dict[str, Any] = {
        "item_id": item.id, "seq": item.log_seq + 1, "action": action.value,
        "from_state": None if first else item.state, "to_state": target.value,
        "actor_id": actor.id, "post_id": actor.post_id, "role": actor.role.value,
        "organization_id": actor.organization_id, "note": note, "details": details, "at": now,
    }  # fmt: skip
    sealed = chain.seal(item.log_head, entry, SEALED)
    entry_id = ids.new_id()
    with session.no_autoflush:
        session.execute(
            insert(ItemAction).values(
                county_code=item.county_code, id=entry_id, hash=sealed, **entry
            )
        )
    item.state = target
    item.log_seq, item.log_head = entry["seq"], sealed
    if action is not Action.COMMENT:
        item.moved_at = now
    session.flush()
    return entry_id
