"""The journal of a meeting: one numbered, sealed line after the other, which its screens follow."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import journal, wake
from backend.core.actor import Actor
from backend.matters.reviews.models import Review, ReviewLine


def channel(review_id: UUID) -> str:
    """Where the screens of a meeting wait."""
    return f"onemap.review.{review_id}"


def say(
    session: Session, actor: Actor, review: Review, kind: str, entry_id: UUID | None = None,
    **details: Any,
) -> None:  # fmt: skip
    """Append one line to a meeting's journal, and wake everybody's screen after the commit."""
    # NO KEY: rows that hang on the meeting (a signature, a vote) hold its key, and would otherwise
    # wait for each other here.
    session.refresh(review, with_for_update={"key_share": True})
    journal.append(
        session, actor, ReviewLine, review, kind, details=details,
        entry_id=entry_id, name=actor.name,
    )  # fmt: skip
    wake.after_commit(session, channel(review.id))
