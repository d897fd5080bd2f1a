"""Seeing a reporter's contact in full: only with a reason, and the look is logged."""

from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.city.accounts import audit
from backend.core import crypto, ids
from backend.core.actor import Actor
from backend.core.errors import Forbidden, NotFound
from backend.matters.events import queries
from backend.matters.events.models import Reveal
from backend.matters.events.views import ContactOut


def reveal(session: Session, actor: Actor, event_id: UUID, reason: str) -> ContactOut:
    """The reporter's name and number; a row of `reveal` says who looked, when and why.

    Raises
    ------
    NotFound
        No such event for this actor, or nobody left a contact.
    Forbidden
        The event was only assigned to the actor, who does not need to know its reporter.
    """
    event = queries.one(session, actor, event_id)
    if event is None:
        raise NotFound("event_not_found")
    if not actor.covers(event.county_code, event.area_code):
        raise Forbidden("contact_not_for_you")
    row = queries.contact_of(session, event)
    if row is None:
        raise NotFound("no_contact")
    session.execute(
        insert(Reveal).values(
            county_code=event.county_code, id=ids.new_id(), event_id=event.id, field="contact",
            account_id=actor.id, post_id=actor.post_id, reason=reason,
        )
    )  # fmt: skip
    audit.note(
        session, actor, audit.What.REVEALED, county_code=event.county_code,
        area_code=event.area_code, subject_id=event.id, about=event.event_no, reason=reason,
        **({audit.RESTRICTED: True} if event.restricted else {}),
    )  # fmt: skip
    return ContactOut(
        name=crypto.unseal(row.name_sealed, f"event_contact.name/{event.id}")
        if row.name_sealed else "",
        phone=crypto.unseal(row.phone_sealed, f"event_contact.phone/{event.id}")
        if row.phone_sealed else "",
        phone_proved=row.phone_proved,
    )  # fmt: skip
