"""Reads of photos and documents. Who may see one is asked of what it belongs to (`service`)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.tools.media.models import Media


def one(session: Session, media_id: UUID, kind: str) -> Media | None:
    """A photo, or document, by its key, as far as row-level security shows it."""
    return session.scalar(select(Media).where(Media.id == media_id, Media.kind == kind))


def of_thing(session: Session, county_code: str, thing_id: UUID) -> Sequence[Media]:
    """The photos and documents of an event, an item or a village decision, in their order."""
    return session.scalars(
        select(Media)
        .where(Media.event_county == county_code, Media.event_id == thing_id)
        .order_by(Media.id)
    ).all()


def remove_orphaned(
    session: Session, county_code: str, before: datetime, public_before: datetime, most: int
) -> list[UUID]:
    """Delete rows that no case took in time, a stranger's earlier; the keys of what was deleted.

    The function passes row-level security: whose they were does not matter any more.
    """
    rows = session.execute(
        text("SELECT media_id FROM remove_orphaned_media(:county, :before, :public, :most)"),
        {"county": county_code, "most": most, "before": before, "public": public_before},
    )
    return list(rows.scalars())


def known(session: Session, keys: Iterable[UUID]) -> set[UUID]:
    """Which of these keys some row has, whoever may see it."""
    rows = session.execute(
        text("SELECT media_id FROM known_media(CAST(:keys AS uuid[]))"), {"keys": list(keys)}
    )
    return set(rows.scalars())
