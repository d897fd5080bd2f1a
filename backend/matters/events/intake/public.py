"""A report opened by its number and code, without an account."""

import dataclasses
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.db import act_as
from backend.core.errors import NotFound
from backend.matters.events.intake.reporting import track_hash


def open_tracked(session: Session, actor: Actor, number: str, code: str) -> UUID:
    """Let the session see one event, and no other; the event's id.

    Raises
    ------
    NotFound
        No event has this number and this code; which of the two was wrong is not said.
    """
    row = session.execute(
        text("SELECT county_code, id FROM find_tracked(:number, :hash)"),
        {"number": number.strip().upper(), "hash": track_hash(code)},
    ).one_or_none()
    if row is None:
        raise NotFound("nothing_under_number_and_code")
    act_as(session, dataclasses.replace(actor, tracked=row.id))
    found: UUID = row.id
    return found
