"""The table of notices."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, func, text
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
    event_id: Mapped[UUID]
    action_id: Mapped[UUID]
    about: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="mine")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]
