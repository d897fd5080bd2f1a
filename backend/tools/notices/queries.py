"""What a person was told: read, and marked as read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.actor import Actor
from backend.tools.notices.models import Kind, Message, Notice


def of(
    session: Session, actor: Actor, *, kind: Kind | None = None, event_id: UUID | None = None,
    unread: bool = False, limit: int = 50,
) -> list[Notice]:  # fmt: skip
    """A person's newest notices; of one kind, of one event, or only those not read yet."""
    query = select(Notice).where(Notice.account_id == actor.id)
    if kind is not None:
        query = query.where(Notice.kind == kind)
    if event_id is not None:
        query = query.where(Notice.event_id == event_id)
    if unread:
        query = query.where(Notice.read_at.is_(None))
    return list(session.scalars(query.order_by(Notice.id.desc()).limit(limit)))


def messages_about(session: Session, event_id: UUID) -> Sequence[Message]:
    """What was sent about an event, the newest first; the caller asks whether it may be seen."""
    return session.scalars(
        select(Message).where(Message.event_id == event_id).order_by(Message.id.desc())
    ).all()


def mark_read(
    session: Session,
    actor: Actor,
    event_id: UUID | None = None,
    item_id: UUID | None = None,
    deliberation_id: UUID | None = None,
) -> None:
    """Mark a person's notices as read: all, or those of one event or list item."""
    query = update(Notice).where(Notice.account_id == actor.id, Notice.read_at.is_(None))
    if event_id is not None:
        query = query.where(Notice.event_id == event_id)
    if item_id is not None:
        query = query.where(Notice.item_id == item_id)
    if deliberation_id is not None:
        query = query.where(Notice.deliberation_id == deliberation_id)
    session.execute(query.values(read_at=clock.now()))
