"""Notices over HTTP."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from backend.core.language import say
from backend.core.permissions import ActorDep, allow
from backend.core.session import SessionDep
from backend.notices import service
from backend.notices.models import Kind

router = APIRouter(prefix="/notices", tags=["notices"])


class NoticeOut(BaseModel):
    """Something that the caller should know, in the caller's language."""

    id: UUID
    event_id: UUID
    kind: Kind
    words: str
    made_at: datetime
    read: bool


@router.get("", dependencies=[allow()])
def list_notices(
    actor: ActorDep, session: SessionDep, kind: Kind | None = None, event: UUID | None = None,
    unread: bool = False,
) -> list[NoticeOut]:  # fmt: skip
    """List the caller's newest notices."""
    return [
        NoticeOut(
            id=n.id, event_id=n.event_id, kind=Kind(n.kind),
            words=say(actor.language, n.about, **n.details),
            made_at=n.made_at, read=n.read_at is not None,
        )
        for n in service.of(session, actor, kind=kind, event_id=event, unread=unread)
    ]  # fmt: skip


@router.post("/read", status_code=204, dependencies=[allow()])
def mark_read(actor: ActorDep, session: SessionDep, event: UUID | None = None) -> None:
    """Mark the caller's notices as read: all, or those of one event."""
    service.mark_read(session, actor, event)
