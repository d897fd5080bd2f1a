"""Formal pressure from above: a number, a level, an answer by a day, and its end."""

from sqlalchemy.dialects.postgresql import insert

from backend.core import day
from backend.core.errors import BadInput
from backend.matters.events.casework.effects import Step
from backend.matters.events.guards.supervising import level_of
from backend.matters.events.models import Event, SupervisionSerial
from backend.matters.events.promises import alarms


def supervise(step: Step) -> None:
    """A higher level wants to hear, by a day. The event's own limit stays as it is.

    Asked again by the same level, it keeps its number; a level above gives one of its own.
    """
    event, until, level = step.event, step.body.until, level_of(step.actor)
    assert until is not None
    if until <= step.now:
        raise BadInput("until_in_the_past")
    if event.supervision_no is None or event.supervision_level != level:
        event.supervision_no = _number(step)
    event.supervision_level, event.supervision_by = level, step.actor.id
    event.supervised_until, event.supervision_answered_at = until, None
    alarms.expect(step.session, event, alarms.Kind.SUPERVISION, until)
    step.details |= {
        "until": until.isoformat(), "supervision_no": event.supervision_no, "level": level,
    }  # fmt: skip


def _number(step: Step) -> str:
    """The next number of the county and year: ``S2026-359902-0012``.

    Serial, unlike the numbers of events: a county gives few, and files them by it.
    """
    year = day.of(step.now).year
    row = insert(SupervisionSerial).values(
        county_code=step.event.county_code, year=year, last=1
    )  # fmt: skip
    serial = step.session.scalar(
        row.on_conflict_do_update(
            index_elements=["county_code", "year"], set_={"last": SupervisionSerial.last + 1}
        ).returning(SupervisionSerial.last)
    )
    return f"S{year}-{step.event.county_code}-{serial:04d}"


def answer(step: Step) -> None:
    """The higher level has its answer; it lifts the supervision when that is enough."""
    event = step.event
    alarms.silence(step.session, event, alarms.Kind.SUPERVISION)
    event.supervision_answered_at = step.now
    in_time = event.supervised_until is not None and step.now <= event.supervised_until
    step.details |= {"supervision_no": event.supervision_no, "on_time": in_time}


def lift(step: Step) -> None:
    """The supervision ends."""
    alarms.silence(step.session, step.event, alarms.Kind.SUPERVISION)
    step.details["supervision_no"] = step.event.supervision_no
    over(step.event)


def over(event: Event) -> None:
    """Nobody presses any more; what was, stands in the log."""
    event.supervised_until = event.supervision_answered_at = None
    event.supervision_no = event.supervision_level = event.supervision_by = None
