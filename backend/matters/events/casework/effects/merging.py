"""Joining a report to the event that it repeats, and parting them again."""

from backend.core.errors import BadInput, Conflict
from backend.matters.events import kin
from backend.matters.events.casework.effects import Step, clock
from backend.matters.events.casework.locking import master_of
from backend.matters.events.vocabulary import TERMINAL, Ask


def merge(step: Step) -> None:
    """Join the event to a main one; both rows are locked (`casework.locking`).

    What was merged into this one stays with it: its main event is the one at the end of the chain.

    Raises
    ------
    BadInput
        The actor sees no such main event in this county, or it is this one.
    Conflict
        The main event has ended, or was itself merged into another.
    """
    number = (step.body.master or "").strip().upper()
    master = master_of(step.session, step.actor, step.event, number)
    if master is None:
        raise BadInput("master_unknown", number=number)
    if master.id == step.event.id:
        raise BadInput("master_itself", number=number)
    main = kin.main_of(step.session, master)
    if main is not None:
        raise Conflict("master_merged", number=number, main=main.event_no)
    if master.state in TERMINAL:
        raise Conflict("master_closed", number=number)
    step.event.master_id = master.id
    step.details["master_no"] = master.event_no
    back_to_the_start(step)


def part(step: Step) -> None:
    """Take the event out of the main one again: it goes on from its report.

    Whoever objected to the merge has what they asked for: nobody has to decide on it any more.
    """
    step.event.master_id = None
    step.event.closed_at = None
    step.event.asked = [one for one in step.event.asked if one != Ask.APPEAL]


def back_to_the_start(step: Step) -> None:
    """Forget a promise that was made before the event left the way."""
    if step.event.promised_at is not None or step.event.filed_at is not None:
        clock.over(step)
        step.event.promised_at = step.event.filed_at = step.event.due_at = None
        step.event.overdue_at = step.event.remind_at = step.event.remind_percent = None
        step.event.extension_count = 0
        step.event.limit_clock = step.event.limit_amount = step.event.condition_code = None
