"""Calendars in force and of old; the stretches of an event's clock; what they make due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.db import one_at_a_time
from backend.core.errors import BadInput
from backend.core.ids import new_id
from backend.core.memory import Memory
from backend.tools.calendar import queries
from backend.tools.calendar.clocks import (
    USUAL_HOURS,
    Calendar,
    Clock,
    Kind,
    Limit,
    Segment,
    add,
    budget,
    due,
    elapsed,
    granted,
)
from backend.tools.calendar.models import CalendarDay, CalendarVersion, ClockSegment
from backend.tools.calendar.queries import days_of
from backend.tools.calendar.stages import FAST_ACCEPT, REMINDERS, STAGES


def plain() -> Calendar:
    """The calendar before any edition: weekends are free, and nothing else."""
    return Calendar(0, USUAL_HOURS, {})


_newest: Memory[str, Calendar] = Memory(seconds=30)
# Published calendars never change.
_editions: Memory[int, Calendar] = Memory(seconds=3600)


def forget(session: Session | None = None) -> None:
    """Read the calendar again at the next question; a session that has changed it names itself."""
    _newest.forget(session)
    _editions.forget(session)


def current(session: Session) -> Calendar:
    """The calendar in force; at most half a minute old."""
    known = _newest.get(session, "")
    if known is None:
        version = queries.newest(session)
        known = plain() if version is None else of_version(session, version)
        _newest.put(session, "", known)
    return known


def held(session: Session) -> Calendar:
    """The calendar in force now; nobody else publishes until the transaction ends."""
    one_at_a_time(session, "calendar")
    return of_version(session, queries.newest(session))


def of_version(session: Session, version: int | None) -> Calendar:
    """The calendar as it was in one edition."""
    if not version:
        return plain()
    known = _editions.get(session, version)
    if known is None:
        row = session.get(CalendarVersion, version)
        assert row is not None
        hours = tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in row.hours)
        known = Calendar(version, hours, {d.day: Kind(d.kind) for d in days_of(session, version)})
        _editions.put(session, version, known)
    return known


@dataclass(frozen=True)
class Day:
    """A day that is not what its weekday says."""

    day: date
    kind: Kind
    name: str = ""


def publish(
    session: Session, actor: Actor | None, hours: Sequence[tuple[time, time]],
    days: Iterable[Day], note: str = "",
) -> int:  # fmt: skip
    """Put a new edition in force; its number. Running promises keep the one they were made under.

    What says the same as the edition in force makes none: its number is that one's.

    Raises
    ------
    BadInput
        Working hours that overlap or end before they begin; a make-up day on a working weekday.
    """
    if not hours or any(a >= b for a, b in hours):
        raise BadInput("calendar_hours")
    if any(b > a for (_, b), (a, _) in pairwise(hours)):
        raise BadInput("calendar_hours")
    listed = list(days)
    if len({d.day for d in listed}) != len(listed):
        raise BadInput("calendar_day_twice")
    for d in listed:
        if d.kind is Kind.MAKE_UP and d.day.weekday() < 5:
            raise BadInput("make_up_on_weekday", day=d.day.isoformat())
    before = held(session).version
    written = [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in hours]
    if before and _says(session, before, written, listed, note):
        return before
    version = before + 1
    session.add(
        CalendarVersion(
            version=version, hours=written, note=note, made_by=actor.id if actor else None
        )
    )
    session.flush()
    if listed:
        session.execute(
            insert(CalendarDay),
            [{"version": version, "day": d.day, "kind": d.kind, "name": d.name} for d in listed],
        )
    forget(session)
    return version


def _says(
    session: Session, version: int, hours: list[list[str]], days: list[Day], note: str
) -> bool:
    """Whether an edition says exactly this."""
    row = session.get(CalendarVersion, version)
    known = {Day(d.day, Kind(d.kind), d.name) for d in queries.days_of(session, version)}
    return row is not None and (row.hours, row.note) == (hours, note) and known == set(days)


def missing_years(calendar: Calendar, today: date) -> list[int]:
    """This year and, from October on, the next one, where their holidays are not entered.

    The State Council announces the next year's holidays in late October or November.
    """
    years = [today.year] + ([today.year + 1] if today.month >= 10 else [])
    return [year for year in years if not calendar.knows(year)]


# --- The clock of one event.

# Why the last stretch of a promise ended.
OVER = "closed"


def run(session: Session, county_code: str, event_id: UUID, at: datetime) -> None:
    """Let an event's clock run from a moment."""
    session.execute(
        insert(ClockSegment).values(
            county_code=county_code, id=new_id(), event_id=event_id, started_at=at
        )
    )


def stop(session: Session, county_code: str, event_id: UUID, at: datetime, because: str) -> None:
    """Stop an event's clock where it runs."""
    session.execute(
        update(ClockSegment)
        .where(
            ClockSegment.county_code == county_code, ClockSegment.event_id == event_id,
            ClockSegment.ended_at.is_(None),
        )
        .values(ended_at=at, ended_because=because)
    )  # fmt: skip


def took_no_time(session: Session, county_code: str, event_id: UUID, because: str) -> None:
    """The stretch that runs counts for nothing: it ends where it began."""
    session.execute(
        update(ClockSegment)
        .where(
            ClockSegment.county_code == county_code, ClockSegment.event_id == event_id,
            ClockSegment.ended_at.is_(None),
        )
        .values(ended_at=ClockSegment.started_at, ended_because=because)
    )  # fmt: skip


def over(session: Session, county_code: str, event_id: UUID, at: datetime) -> None:
    """The present promise is over: what runs from here on is counted anew.

    A clock that stood still already (the result was in, and was looked at) has no stretch that
    could say so: an empty one does.
    """
    stop(session, county_code, event_id, at, OVER)
    last = queries.last_reason(session, county_code, event_id)
    if last not in (None, OVER):
        session.execute(
            insert(ClockSegment).values(
                county_code=county_code, id=new_id(), event_id=event_id, started_at=at,
                ended_at=at, ended_because=OVER,
            )
        )  # fmt: skip


def segments(session: Session, county_code: str, event_id: UUID) -> list[Segment]:
    """The stretches since the event's present promise was made, the first first."""
    rows = queries.stretches(session, county_code, event_id)
    found: list[Segment] = []
    for row in rows:
        found.append(Segment(row.started_at, row.ended_at))
        if row.ended_because == OVER:
            found = []
    return found


@dataclass(frozen=True)
class Promise:
    """When something is due, and when people are told how far it is."""

    due_at: datetime | None
    reminders: Mapping[int, datetime]

    def next_after(self, percent: int) -> tuple[int, datetime] | None:
        """The first reminder beyond a percentage."""
        later = [(p, at) for p, at in self.reminders.items() if p > percent]
        return min(later, default=None)


def promise(
    limit: Limit, calendar: Calendar, stretches: Sequence[Segment], extensions: int = 0
) -> Promise:
    """Work a promise out from its limit, its calendar and the stretches of its clock."""
    due_at = due(limit, calendar, stretches, extensions)
    if due_at is None:
        return Promise(None, {})
    first, last = stretches[0].start, stretches[-1].start
    whole = granted(limit, calendar, first, extensions)
    used = sum(elapsed(limit.clock, calendar, s.start, s.end) for s in stretches if s.end)
    moments: dict[int, datetime] = {}
    for percent in REMINDERS:
        if percent == 100:
            moments[percent] = due_at
        elif percent < 100:
            left = max(whole * percent / 100 - used, 0.0)
            moments[percent] = add(limit.clock, calendar, last, left)
        else:
            late = (due_at - first).total_seconds() * (percent / 100 - 1)
            moments[percent] = due_at + timedelta(seconds=late)
    return Promise(due_at, moments)


def leave_by(
    calendar: Calendar, state: str, now: datetime, *, fast: bool = False
) -> datetime | None:
    """Until when an event that entered a state now should have left it."""
    limit = FAST_ACCEPT if fast and state == "dispatched" else STAGES.get(state)
    return None if limit is None else after(calendar, limit, now)


def after(calendar: Calendar, limit: Limit, now: datetime) -> datetime:
    """The moment at which a limit that begins now is over."""
    return add(limit.clock, calendar, now, budget(limit, calendar, now))


def limit_of(clock: str | None, amount: float | None) -> Limit | None:
    """A stored limit; None when there is none."""
    return None if clock is None or amount is None else Limit(Clock(clock), amount)
