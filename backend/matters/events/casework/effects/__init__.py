"""What the steps change beside the state: one function an action, the table of them at the end.

An effect runs after the workflow allowed the step and before its entry is written. It changes the
locked event, and leaves in ``details`` what the entry keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.core.actor import Actor
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
