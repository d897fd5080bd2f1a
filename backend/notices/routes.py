"""Notices over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select

from backend.core import crypto
from backend.core.actor import DISPATCHERS, Role
from backend.core.language import say
from backend.core.permissions import ActorDep, allow
from backend.core.session import SessionDep
from backend.notices import service, templates
from backend.notices.models import Kind, Message

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
            words=say(actor.language, n.about, **n.details),
            made_at=n.made_at, read=n.read_at is not None,
        )
        for n in service.of(session, actor, kind=kind, event_id=event, unread=unread)
    ]  # fmt: skip


@router.post("/read", status_code=204, dependencies=[allow()])
def mark_read(
    actor: ActorDep, session: SessionDep, event: UUID | None = None, item: UUID | None = None,
    deliberation: UUID | None = None,
) -> None:  # fmt: skip
    """Mark the caller's notices as read: all, or those of one event, item or village decision."""
    service.mark_read(session, actor, event, item, deliberation)


class TemplateOut(BaseModel):
    """The words for one occasion, and what the locale itself would say."""

    about: str
    words: str
    default: str
    preview: str


class TemplateIn(BaseModel):
    """Other words for an occasion."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, StringConstraints(max_length=1000)]


class PreviewOut(BaseModel):
    """What a template would say."""

    words: str


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


Language = Annotated[Literal["zh-CN", "en"], Query()]


@router.get("/templates", dependencies=[allow(Role.SYS_ADMIN, Role.AUDITOR)])
def list_templates(session: SessionDep, language: Language = "zh-CN") -> list[TemplateOut]:
    """List the words of every occasion."""
    found = []
    for about in templates.occasions():
        words = templates.words(session, about, language)
        found.append(
            TemplateOut(
                about=about, words=words, default=templates.default(about, language),
                preview=templates.filled(words, templates.FIELDS),
            )
        )  # fmt: skip
    return found


@router.post("/templates/preview", dependencies=[allow(Role.SYS_ADMIN)])
def preview_template(body: TemplateIn) -> PreviewOut:
    """Say what a template would say, and keep nothing."""
    return PreviewOut(words=templates.preview(body.words))


@router.put("/templates/{about}", status_code=204, dependencies=[allow(Role.SYS_ADMIN)])
def write_template(
    about: str, body: TemplateIn, actor: ActorDep, session: SessionDep, language: Language = "zh-CN"
) -> None:
    """Put other words in use."""
    templates.write(session, actor, about, language, body.words)


@router.get(
    "/messages",
    dependencies=[allow(Role.VILLAGE_SECRETARY, Role.AUDITOR, Role.SYS_ADMIN, *DISPATCHERS)],
)
def list_messages(event: UUID, session: SessionDep) -> list[MessageOut]:
    """List what was sent about an event, as far as the caller may see it; addresses masked."""
    rows = session.scalars(
        select(Message).where(Message.event_id == event).order_by(Message.id.desc())
    )
    return [
        MessageOut(
            id=m.id, channel=m.channel, about=m.about, words=m.words, status=m.status,
            to=crypto.mask_phone(crypto.unseal(m.to_sealed, f"message.to/{m.id}")),
            attempts=m.attempts, due_at=m.due_at, sent_at=m.sent_at, error=m.error,
        )
        for m in rows
    ]  # fmt: skip
