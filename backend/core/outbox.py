"""Facts that must be heard after the commit: left in the same transaction, delivered at least once.

A row is a fact and ids, nothing more. The relay wakes a worker; the worker takes rows inside one
county, counts the try and commits it, and marks them done in the transaction of their effects.
Redis only wakes: when it is flushed, the relay's next look finds what is not done.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, func, insert, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.core.db import Base, CountyFirst
from backend.core.ids import new_id

MAX_ATTEMPTS = 5


class Outbox(CountyFirst, Base):
    """One fact that somebody has yet to hear."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting", "county_code", "due_at",
            postgresql_where=text("done_at IS NULL AND parked_because IS NULL"),
        ),
        Index(
            "ix_outbox_parked", "county_code", "id",
            postgresql_where=text("done_at IS NULL AND parked_because IS NOT NULL"),
        ),
    )  # fmt: skip

    fact: Mapped[str]
    subject_id: Mapped[UUID]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    left_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # Counted and committed before the work: what kills its worker has left its number here.
    attempts: Mapped[int] = mapped_column(default=0)
    # Which listeners are done with it, where not all are at once; each hears a fact once.
    heard: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}", default=list)
    # The listener that was at it when a worker ended; the others come first the next time.
    hearing: Mapped[str | None]
    # What it waits for that is nobody's fault (a full disk): such tries are not counted.
    waits_because: Mapped[str | None]
    done_at: Mapped[datetime | None]
    # Set after MAX_ATTEMPTS: a poisoned row waits for a person and holds up nobody.
    parked_because: Mapped[str | None]


def leave(session: Session, county_code: str, fact: str, subject_id: UUID, **details: Any) -> None:
    """Leave a fact in the caller's transaction."""
    leave_all(session, county_code, fact, [(subject_id, details)])


def leave_all(
    session: Session, county_code: str, fact: str,
    about: Sequence[tuple[UUID, dict[str, Any]]],
) -> None:  # fmt: skip
    """Leave the same fact about several subjects in the caller's transaction, in one statement."""
    if about:
        session.execute(
            insert(Outbox),
            [
                {
                    "county_code": county_code, "id": new_id(), "fact": fact,
                    "subject_id": subject_id, "details": details,
                }
                for subject_id, details in about
            ],
        )  # fmt: skip
