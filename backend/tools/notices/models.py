"""The table of notices."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, CountyFirst


class Kind(StrEnum):
    """Why somebody is told."""

    MINE = "mine"  # about a report of one's own
    TASK = "task"  # there is something to do
    REMINDER = "reminder"  # a limit is coming up, or has passed


class Notice(CountyFirst, Base):
    """Something that one person should know; ``about`` names a sentence in the locales."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("county_code", "account_id", "action_id"),
        Index("ix_notice_unread", "account_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notice_account", "account_id", "id"),
    )

    account_id: Mapped[UUID]
    # What it is about: an event, a list item, an item that carries an event on, or a motion.
    event_id: Mapped[UUID | None]
    item_id: Mapped[UUID | None]
    deliberation_id: Mapped[UUID | None]
    action_id: Mapped[UUID]
    about: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="mine")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]


class Channel(StrEnum):
    """A way out of the house."""

    SMS = "sms"
    WECOM = "wecom"
    MAIL = "mail"


class Message(CountyFirst, Base):
    """One message to one person by one way. data class: personal; the address is sealed."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("county_code", "event_id", "action_id", "to_blind", "channel"),
        Index(
            "ix_message_waiting", "county_code", "due_at",
            postgresql_where=text("status IN ('waiting', 'sending')"),
        ),
        Index("ix_message_event", "county_code", "event_id"),
        Index(
            "ix_message_failed", "county_code", "id", postgresql_where=text("status = 'failed'")
        ),
    )  # fmt: skip

    event_id: Mapped[UUID]
    action_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    channel: Mapped[str]
    to_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    to_blind: Mapped[bytes] = mapped_column(LargeBinary)
    about: Mapped[str]
    # As lists show them: stars for what opens the report. Whole and sealed until they are sent.
    words: Mapped[str]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # waiting, sending (a sender has it), sent, failed
    status: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    taken_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MessageTemplate(Base):
    """The words for one occasion and language; the newest edition is used, none is changed."""

    __tablename__ = "message_template"

    about: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[str]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
