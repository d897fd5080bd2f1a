"""What the steps change beside the state: one function an action, the table of them at the end.

An effect runs after the workflow allowed the step and before its entry is written. It changes the
locked event, and leaves in ``details`` what the entry keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.core.actor import Actor
from backend.matters.events.facts import Facts
from backend.matters.events.models import Assignment, Event
from backend.matters.events.schemas import StepIn

# A duty in one of these is over.
OVER = ("returned", "withdrawn", "declined", "done")


@dataclass
class Step:
    """A step while it is being taken."""

    session: Session
    actor: Actor
    event: Event
    facts: Facts
    body: StepIn
    now: datetime
    details: dict[str, Any] = field(default_factory=dict)


Effect = Callable[[Step], None]


def at_work(step: Step) -> set[UUID]:
    """Who is at it now: those who accepted, and everyone of a body that has not accepted yet."""
    rows = step.session.execute(
        select(Assignment.organization_id, Assignment.accepted_by).where(
            Assignment.county_code == step.event.county_code,
            Assignment.event_id == step.event.id,
            Assignment.status.not_in(OVER),
        )
    )
    people: set[UUID] = set()
    for row in rows:
        members = accounts.members(step.session, row.organization_id)
        people |= {row.accepted_by} if row.accepted_by else members
    return people
