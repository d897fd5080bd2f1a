"""Reads of the words that an administrator has put in use, and of who is at an event."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.matters.events.models import Assignment, Event
from backend.tools.notices.models import MessageTemplate


def written(session: Session, about: str, language: str) -> str | None:
    """The newest words about an occasion; None where nobody has written any."""
    return session.scalar(
        select(MessageTemplate.words)
        .where(MessageTemplate.about == about, MessageTemplate.language == language)
        .order_by(MessageTemplate.version.desc())
        .limit(1)
    )


def all_written(session: Session, language: str) -> dict[str, str]:
    """The newest words about every occasion that somebody has written about."""
    rows = session.execute(
        select(MessageTemplate.about, MessageTemplate.words)
        .ext(distinct_on(MessageTemplate.about))
        .where(MessageTemplate.language == language)
        .order_by(MessageTemplate.about, MessageTemplate.version.desc())
    )
    return {row.about: row.words for row in rows}


def last_version(session: Session, about: str, language: str) -> int:
    """The number of the newest words about an occasion; 0 before the first."""
    newest = select(func.max(MessageTemplate.version)).where(
        MessageTemplate.about == about, MessageTemplate.language == language
    )
    return session.scalar(newest) or 0


def open_duty(session: Session, event: Event, organization_id: UUID) -> Assignment | None:
    """The newest duty of an organization at an event that has not ended."""
    return session.scalars(
        select(Assignment)
        .where(
            Assignment.county_code == event.county_code, Assignment.event_id == event.id,
            Assignment.organization_id == organization_id, Assignment.ended_at.is_(None),
        )
        .order_by(Assignment.id.desc())
    ).first()  # fmt: skip
