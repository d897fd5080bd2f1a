"""Looking into one event: does its log hold, who looked at personal fields, and why."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.core import journal
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.matters.events import queries
from backend.matters.events.views import AuditOut, LookLine, LookOut


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
    looks = queries.looks_at(session, event)
    names = accounts.names(session, {look.account_id for look in looks})
    return AuditOut(
        event_no=event.event_no, entries=len(entries), head=event.log_head.hex(),
        broken_at=journal.broken_at(entries, event.log_head),
        looks=[
            LookOut(
                at=look.at, name=names.get(look.account_id, ""), field=look.field,
                reason=look.reason,
            )
            for look in looks
        ],
    )  # fmt: skip


def looks(session: Session, actor: Actor, after: UUID | None, size: int) -> list[LookLine]:
    """The looks at personal fields of the events that the actor may see, the newest first.

    One more than a page, to see whether others follow. Keys are time-ordered.
    """
    rows = queries.looks(session, actor, after, size + 1)
    names = accounts.names(session, {look.account_id for look, _ in rows})
    return [
        LookLine(
            id=look.id, event_id=look.event_id, event_no=number, at=look.at,
            name=names.get(look.account_id, ""), field=look.field, reason=look.reason,
        )
        for look, number in rows
    ]  # fmt: skip
