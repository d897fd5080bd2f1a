"""Looking into one event: does its log hold, who looked at personal fields, and why."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.events import log, queries
from backend.events.models import Reveal
from backend.events.schemas import AuditOut, LookOut


def audit(session: Session, actor: Actor, event_id: UUID) -> AuditOut:
    """Check the chain of an event's log against its head, and list the looks at its contact.

    Raises
    ------
    NotFound
        No such event for this actor.
    """
    event = queries.one(session, actor, event_id)
    if event is None:
        raise NotFound("event_not_found")
    entries = queries.log_of(session, event)
    looks = session.scalars(
        select(Reveal)
        .where(Reveal.county_code == event.county_code, Reveal.event_id == event.id)
        .order_by(Reveal.at)
    ).all()
    names = accounts.names(session, {look.account_id for look in looks})
    return AuditOut(
        event_no=event.event_no, entries=len(entries), head=event.log_head.hex(),
        broken_at=log.broken_at(entries, event.log_head),
        looks=[
            LookOut(
                at=look.at, name=names.get(look.account_id, ""), field=look.field,
                reason=look.reason,
            )
            for look in looks
        ],
    )  # fmt: skip
