"""Notices over HTTP."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from backend.core.language import say
from backend.core.permissions import ActorDep, allow
from backend.core.session import SessionDep
from backend.notices import service

router = APIRouter(prefix="/notices", tags=["notices"])


class NoticeOut(BaseModel):
    """Something that the caller should know, in the caller's language."""

    id: UUID
    event_id: UUID
    words: str
    made_at: datetime
    read: bool


@router.get("", dependencies=[allow()])
def list_notices(actor: ActorDep, session: SessionDep) -> list[NoticeOut]:
    """List the caller's newest notices."""
    return [
        NoticeOut(
            id=n.id, event_id=n.event_id, words=say(actor.language, n.about, **n.details),
            made_at=n.made_at, read=n.read_at is not None,
        )
        for n in service.of(session, actor)
    ]  # fmt: skip


@router.post("/read", status_code=204, dependencies=[allow()])
def mark_read(actor: ActorDep, session: SessionDep) -> None:
    """Mark the caller's notices as read."""
    service.mark_read(session, actor)
