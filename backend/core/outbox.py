"""Facts that must be heard after the commit: left in the same transaction, delivered at least once.

A row is a fact and ids, nothing more. The relay wakes a worker; the worker drains rows under
``SKIP LOCKED`` inside one county and marks them done in the transaction of their effects. Redis
only wakes: when it is flushed, the relay's next look finds what is not done.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.core.db import Base, CountyFirst
from backend.core.ids import new_id

MAX_ATTEMPTS = 5


class Outbox(CountyFirst, Base):
    """One fact that somebody has yet to hear."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting", "county_code", "due_at", postgresql_where=text("done_at IS NULL")
        ),
    )

    fact: Mapped[str]
    subject_id: Mapped[UUID]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    left_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    # Set after MAX_ATTEMPTS: a poisoned row waits for a person and holds up nobody.
    parked_because: Mapped[str | None]


def leave(session: Session, county_code: str, fact: str, subject_id: UUID, **details: Any) -> None:
    """Leave a fact in the caller's transaction."""
    session.execute(
        insert(Outbox).values(
            county_code=county_code,
            id=new_id(),
            fact=fact,
            subject_id=subject_id,
            details=details,
        )
    )
