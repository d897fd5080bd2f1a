"""The desk: who calls again, what they mean, and taking it down for them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.matters.categories import service as categories
from backend.matters.events import queries
from backend.matters.events.intake.reporting import phone_blind
from backend.matters.events.intake.suggesting import Proposal, propose
from backend.matters.events.models import Event, EventContact

PAST_CASES = 400


def earlier_of(session: Session, actor: Actor, phone: str, limit: int = 10) -> Sequence[Event]:
    """What a telephone number reported before, as far as the actor may see it; the newest first."""
    return session.scalars(
        queries.visible_to(actor)
        .join(
            EventContact,
            (EventContact.county_code == Event.county_code) & (EventContact.id == Event.id),
        )
        .where(EventContact.phone_blind == phone_blind(phone))
        .order_by(Event.id.desc())
        .limit(limit)
    ).all()


def proposals(session: Session, actor: Actor, words: str) -> Sequence[Proposal]:
    """Categories that the words suggest, and the newest cases in the actor's scope."""
    past = session.execute(
        select(Event.text, Event.category_code)
        .where(queries.arms(actor), Event.moved_to.is_(None))
        .order_by(Event.id.desc())
        .limit(PAST_CASES)
    ).all()
    return propose(words, categories.current(session), [(r.text, r.category_code) for r in past])
