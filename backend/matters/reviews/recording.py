"""The record of a meeting: one numbered, sealed line after the other."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.core import chain, clock, ids, wake
from backend.core.actor import Actor
from backend.matters.reviews.models import Review, ReviewLine

SEALED = ("review_id", "seq", "kind", "entry_id", "actor_id", "name", "details", "at")


def channel(review_id: UUID) -> str:
    """Where the screens of a meeting wait."""
    return f"onemap.review.{review_id}"


def say(
    session: Session, actor: Actor, review: Review, kind: str, entry_id: UUID | None = None,
    **details: Any,
) -> None:  # fmt: skip
    """Append one line to a meeting's record, and wake everybody's screen after the commit."""
    # NO KEY: rows that hang on the meeting (a signature, a vote) hold its key, and would otherwise
    # wait for each other here.
    session.refresh(review, with_for_update={"key_share": True})
    line: dict[str, Any] = {
        "review_id": review.id, "seq": review.seq + 1, "kind": kind, "entry_id": entry_id,
        "actor_id": actor.id, "name": actor.name, "details": details, "at": clock.now(),
    }  # fmt: skip
    sealed = chain.seal(review.head, line, SEALED)
    session.execute(
        insert(ReviewLine).values(
            county_code=review.county_code, id=ids.new_id(), hash=sealed, **line
        )
    )
    review.seq, review.head = line["seq"], sealed
    session.flush()
    wake.after_commit(session, channel(review.id))
