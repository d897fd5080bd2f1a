"""A report opened by its number and code, without an account."""

import dataclasses
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.db import act_as
from backend.core.errors import NotFound
from backend.matters.events import queries
from backend.matters.events.intake.reporting import track_hash


def open_tracked(session: Session, actor: Actor, number: str, code: str) -> UUID:
    """Let the session see one event, and no other; the event's id.

    Raises
    ------
    NotFound
        No event has this number and this code; which of the two was wrong is not said.
    """
    found = queries.tracked(session, number.strip().upper(), track_hash(code))
    if found is None:
        raise NotFound("nothing_under_number_and_code")
    act_as(session, dataclasses.replace(actor, tracked=found))
    return found
