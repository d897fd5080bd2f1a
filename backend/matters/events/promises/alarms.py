"""Moments at which people are told that something waits too long; a scan finds them.

A row stands for what is expected by a moment and goes when it happened, so that what the scan finds
is late. Setting one again moves it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core import clock, ids, outbox
from backend.core.actor import system
from backend.core.asking import among
from backend.core.db import act_as
from backend.matters.categories.models import FilingCondition
from backend.matters.events import queries
from backend.matters.events.models import Alarm, Event
from backend.matters.events.placeless import PLACE_WITHIN
from backend.matters.events.vocabulary import CLOCK_RUNS
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.clocks import Clock, Limit, Segment

# What went out by the fast track is filed within a day.
FILE_WITHIN = timedelta(hours=24)


class Kind(StrEnum):
    """What is late."""

    STEP = "step"  # the event should have left its state
    FILING = "filing"  # sent out by the fast track and not filed yet
    SUPERVISION = "supervision"  # a higher level waits for its answer
    ARRIVAL = "arrival"  # whoever was whistled for has not come; the name is the organization
    HELP = "help"  # a helper is not done by its own time; the name is the organization
    HELP_SOON = "help_soon"  # that time comes near
    PLACE = "place"  # nobody has said yet where it is
    STAGE = "stage"  # a stage of the filing condition is over; the name is its place in the list


def expect(session: Session, event: Event, kind: Kind, at: datetime, name: str = "") -> None:
    """Ring at a moment, unless it is silenced before."""
    _ring(session, event.county_code, event.id, kind, at, name)


def _ring(
    session: Session, county_code: str, event_id: UUID, kind: Kind, at: datetime, name: str = ""
) -> None:
    values = {
        "county_code": county_code, "id": ids.new_id(), "event_id": event_id, "kind": kind,
        "name": name, "at": at,
    }  # fmt: skip
    session.execute(
        insert(Alarm)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["county_code", "event_id", "kind", "name"], set_={"at": at}
        )
    )


def place_by(session: Session, county_code: str, event_id: UUID, now: datetime) -> None:
    """Somebody must have said in time where an event is that has no place yet."""
    at = deadlines.after(deadlines.current(session), PLACE_WITHIN, now)
    _ring(session, county_code, event_id, Kind.PLACE, at)


def silence(session: Session, event: Event, *kinds: Kind, name: str | None = None) -> None:
    """It happened, or does not matter any more; without a kind, all of them."""
    query = delete(Alarm).where(
        Alarm.county_code == event.county_code, Alarm.event_id == event.id
    )  # fmt: skip
    if kinds:
        query = query.where(Alarm.kind.in_(kinds))
    if name is not None:
        query = query.where(Alarm.name == name)
    session.execute(query.execution_options(synchronize_session=False))


def stages(
    session: Session, event: Event, condition: FilingCondition | None, *, suspended_before: bool
) -> Iterable[tuple[dict[str, object], datetime]]:
    """Until when each stage of an event's filing condition should be over.

    Every stage counts from where the promise does, in its own kind of time, and stops with the
    event's clock; while that stands still there are none.
    """
    if condition is None or not condition.stages:
        return
    calendar = deadlines.of_version(session, event.calendar_version)
    if event.filed_at is not None and not (
        suspended_before
        or event.rework_count
        or event.reopen_count
        or event.state not in CLOCK_RUNS
    ):
        # The clock never stood still: one stretch, and nothing to read. What went out before it was
        # filed has run since then.
        stretches = [Segment(event.promised_at or event.filed_at)]
    else:
        stretches = deadlines.segments(session, event.county_code, event.id)
    for stage in condition.stages:
        limit = Limit(Clock(stage["clock"]), stage["amount"])
        due_at = deadlines.promise(limit, calendar, stretches).due_at
        if due_at is not None:
            yield stage, due_at


def scan(session: Session, county_code: str, batch: int) -> Sequence[Alarm]:
    """Say what is late by now, each once; what was said.

    Cases whose helpers are late are locked; one that somebody is at work on waits for the next run.
    """
    act_as(session, system(county_code))
    now = clock.now()
    held = queries.rung_for(session, county_code, Kind.HELP, now, batch)
    late = queries.alarms_by(session, county_code, now, batch, Kind.HELP, held)
    outbox.leave_all(
        session, county_code, "event.late",
        [
            (alarm.event_id, {"kind": alarm.kind, "name": alarm.name, "at": alarm.at.isoformat()})
            for alarm in late
        ],
    )  # fmt: skip
    _remove(session, county_code, [alarm.id for alarm in late])
    return late


def _remove(session: Session, county_code: str, alarm_ids: list[UUID]) -> None:
    session.execute(
        delete(Alarm)
        .where(Alarm.county_code == county_code, among(Alarm.id, alarm_ids))
        .execution_options(synchronize_session=False)
    )
