"""Work on events after the request: ids in, own transaction, safe to run twice.

Scans over stored moments find what any lost message would have told, however late they run. An
event that fails is put aside for this run and holds up no other.
"""

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core import clock, outbox
from backend.core.actor import system
from backend.core.asking import among
from backend.core.db import act_as
from backend.core.jobs import job_unit
from backend.core.rows import Aside
from backend.matters.events import queries
from backend.matters.events.casework import counting
from backend.matters.events.casework.stepping import by_itself
from backend.matters.events.models import Event
from backend.matters.events.promises import alarms, helping
from backend.matters.events.vocabulary import Action, State
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.stages import GOES_UP_AT
from backend.tools.counters import service as counters

BATCH = 500


def scan_overdue(session: Session, county_code: str, batch: int = BATCH) -> int:
    """Mark the events of a county whose clock ran out; the number newly marked."""
    act_as(session, system(county_code))
    now = clock.now()
    late = queries.out_of_time(session, county_code, now, batch)
    if late:
        session.execute(
            update(Event)
            .where(Event.county_code == county_code, among(Event.id, [row.id for row in late]))
            .values(overdue_at=now)
        )
        outbox.leave_all(session, county_code, "event.overdue", [(row.id, {}) for row in late])
        for row in late:
            counters.count(
                session, county_code, row.area_code, counting.overdue(restricted=row.restricted)
            )
    return len(late)


def scan_reminders(session: Session, county_code: str, aside: Aside | None = None) -> int:
    """Tell how far each promise is, at 50, 75, 100 and 150 percent; at the last it goes up.

    Reminders that were slept through are not sent one after the other: only the furthest is.
    """
    act_as(session, system(county_code))
    aside = aside or Aside()
    which = Event.remind_at <= clock.now()
    events = queries.at_their_time(session, county_code, which, Event.remind_at, aside.keys, BATCH)
    aside.each(session, events, lambda event: _remind(session, event))
    return len(events)


def _remind(session: Session, event: Event) -> None:
    now = clock.now()
    percent, following = event.remind_percent or 0, None
    limit = deadlines.limit_of(event.limit_clock, event.limit_amount)
    if limit is not None:
        made = deadlines.promise(
            limit, deadlines.of_version(session, event.calendar_version),
            deadlines.segments(session, event.county_code, event.id), event.extension_count,
        )  # fmt: skip
        percent = max((p for p, at in made.reminders.items() if at <= now), default=percent)
        following = made.next_after(percent)
    event.remind_percent, event.remind_at = following or (None, None)
    outbox.leave(session, event.county_code, "event.reminder", event.id, percent=percent)
    if percent >= GOES_UP_AT and event.escalated_to is None:
        by_itself(session, event, Action.ESCALATE, reason="overdue", note=f"{percent} %")


def scan_late(session: Session, county_code: str, batch: int = 2_000) -> int:
    """Say which expected things did not happen in time."""
    late = alarms.scan(session, county_code, batch)
    helping.found_late(session, county_code, late, clock.now())
    return len(late)


def scan_suspended(session: Session, county_code: str, aside: Aside | None = None) -> int:
    """Take up again what was put by until now."""
    act_as(session, system(county_code))
    aside = aside or Aside()
    which = (Event.state == State.SUSPENDED) & (Event.suspended_until <= clock.now())
    events = queries.at_their_time(
        session, county_code, which, Event.suspended_until, aside.keys, BATCH
    )
    aside.each(session, events, lambda event: by_itself(session, event, Action.RESUME))
    return len(events)


def overdue(county_code: str, _: Aside) -> int:
    """A slice of the job that marks what ran out of time."""
    with job_unit(county_code) as session:
        return scan_overdue(session, county_code)


def reminders(county_code: str, aside: Aside) -> int:
    """A slice of the job that reminds of promises."""
    with job_unit(county_code) as session:
        return scan_reminders(session, county_code, aside)


def late(county_code: str, _: Aside) -> int:
    """A slice of the job that tells what was expected and did not happen."""
    with job_unit(county_code) as session:
        return scan_late(session, county_code)


def suspended(county_code: str, aside: Aside) -> int:
    """A slice of the job that takes up what was put by."""
    with job_unit(county_code) as session:
        return scan_suspended(session, county_code, aside)
