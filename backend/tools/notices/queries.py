"""What a person was told: read, and marked as read; and what is to be sent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.actor import Actor
from backend.tools.notices.models import Channel, Kind, Message, Notice


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


def due(
    session: Session, county_code: str, channel: Channel | None, now: datetime, lost: datetime
) -> Sequence[Message]:
    """The next messages to be sent, of one way or any, locked: what others send is left out.

    ``lost`` is when a sender that has not come back since counts as killed.
    """
    of: ColumnElement[bool] = true() if channel is None else Message.channel == channel
    taken = (Message.status == "sending") & (Message.taken_at < lost)
    waiting = (Message.status == "waiting") & (Message.due_at <= now)
    return session.scalars(
        select(Message)
        .where(Message.county_code == county_code, of, waiting | taken)
        .order_by(Message.due_at)
        .limit(50)
        .with_for_update(skip_locked=True)
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
