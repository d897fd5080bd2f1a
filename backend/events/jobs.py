"""Work on events after the request: ids in, own transaction, safe to run twice."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.actor import system
from backend.core.db import act_as
from backend.core.ids import new_id
from backend.core.outbox import Outbox
from backend.events.models import Event
from backend.events.vocabulary import CLOCK_RUNS


def scan_overdue(session: Session, county_code: str, batch: int = 500) -> int:
    """Mark the events of a county whose clock ran out; the number newly marked.

    A scan over stored moments finds what any lost message would have told, however late it runs.
    """
    act_as(session, system(county_code))
    now = clock.now()
    late = session.scalars(
        select(Event.id)
        .where(
            Event.county_code == county_code,
            Event.due_at <= now,
            Event.overdue_at.is_(None),
            Event.closed_at.is_(None),
            Event.state.in_(CLOCK_RUNS),
        )
        .order_by(Event.due_at)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    if late:
        session.execute(
            update(Event)
            .where(Event.county_code == county_code, Event.id.in_(late))
            .values(overdue_at=now)
        )
        session.add_all(
            Outbox(county_code=county_code, id=new_id(), fact="event.overdue", subject_id=event_id)
            for event_id in late
        )
    return len(late)
