"""Which events an actor may know of: every other query of this package starts here."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import Actor, Role
from backend.matters.events.models import Assignment, Event


def given_to(organization_id: UUID) -> ColumnElement[bool]:
    """Whether an organization was given an event, and not asked to leave it."""
    return exists().where(
        Assignment.county_code == Event.county_code, Assignment.event_id == Event.id,
        Assignment.organization_id == organization_id, Assignment.status != "withdrawn",
    )  # fmt: skip


def arms(actor: Actor) -> ColumnElement[bool]:
    """In my scope, or assigned to my organization, or reported by me, or opened by its code.

    A restricted event has one arm only: I am named in it, or I hold its code.

    For events that are found by something else: whether they were assigned is looked up by their
    keys. A list of everything that is visible reads each arm by itself (`listed`).
    """
    found = [*scope.arms(Event, actor.scope), Event.reporter_id == actor.id]
    if actor.organization_id is not None:
        found.append(given_to(actor.organization_id))
    if actor.tracked is not None:
        found.append(Event.id == actor.tracked)
    known: ColumnElement[bool] = Event.named.contains([actor.id])
    if actor.tracked is not None:
        known = or_(known, Event.id == actor.tracked)
    named = and_(Event.restricted, known)
    if actor.role is Role.SYSTEM:
        return or_(*found)
    return or_(and_(Event.restricted.is_(False), or_(*found)), named)


def visible_to(actor: Actor) -> Select[Event]:
    """The events that the actor may know of; row-level security holds the same arms behind it."""
    return select(Event).where(Event.moved_to.is_(None), arms(actor))


def one(session: Session, actor: Actor, event_id: UUID, *, lock: bool = False) -> Event | None:
    """One visible event; locked and read afresh when it is going to change.

    A copy already in the session may be stale: without ``populate_existing`` two people can accept
    one event.
    """
    query = visible_to(actor).where(Event.id == event_id)
    if lock:
        query = query.with_for_update(of=Event).execution_options(populate_existing=True)
    return session.scalar(query)
