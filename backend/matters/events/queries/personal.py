"""Who can be called back, and who looked at it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.matters.events.models import Event, EventContact, Reveal
from backend.matters.events.queries.sight import visible_to


def contact_of(session: Session, event: Event) -> EventContact | None:
    """What the reporter of a visible event left, sealed."""
    return session.scalar(
        select(EventContact).where(
            EventContact.county_code == event.county_code, EventContact.id == event.id
        )
    )


def looks_at(session: Session, event: Event) -> Sequence[Reveal]:
    """The looks at the contact of a visible event, the first first."""
    return session.scalars(
        select(Reveal)
        .where(Reveal.county_code == event.county_code, Reveal.event_id == event.id)
        .order_by(Reveal.at)
    ).all()


def looks(
    session: Session, actor: Actor, after: UUID | None, most: int
) -> Sequence[Row[Reveal, str]]:
    """Looks with the number of their event, of events that the actor may see, the newest first.

    Keys are time-ordered.
    """
    of_events = visible_to(actor).subquery()
    query = (
        select(Reveal, of_events.c.event_no)
        .join(
            of_events,
            (of_events.c.county_code == Reveal.county_code) & (of_events.c.id == Reveal.event_id),
        )
        .order_by(Reveal.id.desc())
        .limit(most)
    )
    if after is not None:
        query = query.where(Reveal.id < after)
    return session.execute(query).all()
