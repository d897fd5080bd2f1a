"""The desk: who calls again, what they mean, and taking it down for them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.core.actor import Actor, system
from backend.core.db import acting_as
from backend.core.memory import Memory
from backend.matters.categories import service as categories
from backend.matters.events import queries
from backend.matters.events.intake.reporting import phone_blind
from backend.matters.events.intake.suggesting import Proposal, propose
from backend.matters.events.models import Event, EventContact
from backend.tools.search.past import Past

# Enough to know every usual matter; each process reads them once in ten minutes.
PAST_CASES = 2_000
_known: Memory[tuple[str, ...], Past] = Memory(seconds=600)


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
    """Categories that the words suggest, and earlier cases of the actor's counties."""
    return propose(words, categories.current(session), _past(session, actor))


def _past(session: Session, actor: Actor) -> Past | None:
    """Earlier cases of the actor's counties, whose categories a desk confirmed.

    They are counted, never shown; what is restricted is not among them.
    """
    counties = tuple(sorted({part.county_code for part in actor.scope}))
    if not counties:
        return None
    known = _known.get(session, counties)
    if known is None:
        with acting_as(session, system(*counties)):
            known = Past(queries.confirmed(session, counties, PAST_CASES))
        _known.put(session, counties, known)
    return known
