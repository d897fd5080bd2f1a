"""Joining a report to the event that it repeats, and parting them again."""

from backend.core.errors import BadInput, Conflict
from backend.matters.events import queries
from backend.matters.events.casework.effects import Step, clock
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import TERMINAL


def merge(step: Step) -> None:
    """Join the event to a main one.

    Raises
    ------
    BadInput
        The actor sees no such main event in this county.
    Conflict
        The main event has ended.
    """
    number = (step.body.master or "").strip().upper()
    master = step.session.scalar(
        queries.visible_to(step.actor).where(
            Event.event_no == number, Event.county_code == step.event.county_code
        )
    )
    if master is None or master.id == step.event.id:
        raise BadInput("master_unknown", number=number)
    if master.state in TERMINAL:
        raise Conflict("master_closed", number=number)
    step.event.master_id = master.id
    step.details["master_no"] = master.event_no
    back_to_the_start(step)


def part(step: Step) -> None:
    """Take the event out of the main one again: it goes on from its report."""
    step.event.master_id = None
    step.event.closed_at = None


def back_to_the_start(step: Step) -> None:
    """Forget a promise that was made before the event left the way."""
    if step.event.filed_at is not None:
        clock.stop(step, "closed")
        step.event.filed_at = step.event.due_at = None
        step.event.limit_clock = step.event.limit_amount = step.event.condition_code = None
