"""What the steps change beside the state: one function an action, the table of them at the end.

An effect runs after the workflow allowed the step and before its entry is written. It changes the
locked event, and leaves in ``details`` what the entry keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.core.actor import Actor
from backend.matters.events import queries
from backend.matters.events.facts import Facts
from backend.matters.events.models import Event
from backend.matters.events.schemas import StepIn


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
    people: set[UUID] = set()
    for organization_id, accepted_by in queries.at_it(step.session, step.event):
        members = accounts.members(step.session, organization_id)
        people |= {accepted_by} if accepted_by else members
    return people
