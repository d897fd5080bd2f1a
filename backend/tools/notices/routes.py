"""Notices over HTTP."""

from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from fastapi import APIRouter
from pydantic import BaseModel

from backend.core import clock, crypto
from backend.core.owners import SeesDep
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.tools.notices import queries, saying
from backend.tools.notices.models import Kind, Message

router = APIRouter(prefix="/notices", tags=["notices"])


class NoticeOut(BaseModel):
    """Something that the caller should know, in the caller's language."""

    id: UUID
    event_id: UUID | None
    item_id: UUID | None
    deliberation_id: UUID | None
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
            id=n.id, event_id=n.event_id, item_id=n.item_id,
            deliberation_id=n.deliberation_id, kind=Kind(n.kind),
            words=saying.words(actor.language, n.about, n.details, clock.now()),
            made_at=n.made_at, read=n.read_at is not None,
        )
        for n in queries.of(session, actor, kind=kind, event_id=event, unread=unread)
    ]  # fmt: skip


@router.post("/read", status_code=204, dependencies=[allow()])
def mark_read(
    actor: ActorDep, session: SessionDep, event: UUID | None = None, item: UUID | None = None,
    deliberation: UUID | None = None,
) -> None:  # fmt: skip
    """Mark the caller's notices as read: all, or those of one event, item or village decision."""
    queries.mark_read(session, actor, event, item, deliberation)


class MessageOut(BaseModel):
    """What was sent to whom; the address is masked."""

    id: UUID
    channel: str
    to: str
    about: str
    words: str
    status: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    error: str


def _masked(message: Message) -> str:
    """The address, masked; stars alone when its box was damaged."""
    try:
        return crypto.mask_phone(crypto.unseal(message.to_sealed, f"message.to/{message.id}"))
    except (InvalidTag, ValueError, IndexError):
        return "****"


@router.get(
    "/messages",
    dependencies=[allow(Right.READ_MESSAGES)],
)
def list_messages(
    event: UUID, actor: ActorDep, session: SessionDep, sees: SeesDep
) -> list[MessageOut]:
    """List what was sent about an event, as far as the caller may see it; addresses masked."""
    rows = queries.messages_about(session, event)
    mine = {c for c in {m.county_code for m in rows} if sees(session, actor, c, event)}
    return [
        MessageOut(
            id=m.id, channel=m.channel, about=m.about, words=m.words, status=m.status,
            to=_masked(m),
            attempts=m.attempts, due_at=m.due_at, sent_at=m.sent_at, error=m.error,
        )
        for m in rows if m.county_code in mine
    ]  # fmt: skip
