"""Meetings that set themselves up: every working day, or one day a week, at a time."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import clock, day
from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.errors import Conflict, Forbidden, NotFound
from backend.core.jobs import job_unit
from backend.core.rows import Aside
from backend.matters.reviews import pattern_queries
from backend.matters.reviews.models import ReviewPattern
from backend.matters.reviews.schemas import PatternIn
from backend.matters.reviews.service import call, cancel_planned
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.clocks import Calendar

# So far ahead a meeting stands in the calendar: people see tomorrow's agenda today.
AHEAD = {"daily": timedelta(days=2), "weekly": timedelta(days=8)}
# A free day is looked past for so long: the longest holiday with its weekends is shorter.
LONGEST_BREAK = 20


def keep(session: Session, actor: Actor, body: PatternIn) -> UUID:
    """Let meetings of an area set themselves up; the next ones are called at once.

    Raises
    ------
    Forbidden
        The area is not the actor's.
    Conflict
        The same is set up already: pressed twice is not meant twice.
    """
    area = areas.named(session, [body.area_code]).get(body.area_code)
    if area is None or not actor.covers(area.managing_county, body.area_code):
        raise Forbidden("not_your_area")
    weekday = body.weekday if body.rhythm == "weekly" else None
    same = (body.area_code, body.rhythm, weekday, body.at)
    if same in {
        (p.area_code, p.rhythm, p.weekday, p.at) for p in pattern_queries.of(session, actor)
    }:
        raise Conflict("review_pattern_known")
    row = ReviewPattern(
        county_code=area.managing_county, area_code=body.area_code, rhythm=body.rhythm,
        weekday=weekday, at=body.at,
        title=body.title, made_by=actor.id, made_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _call(session, actor, row)
    return row.id


def stop(session: Session, actor: Actor, pattern_id: UUID) -> None:
    """End a pattern; what it has called and nobody has opened is cancelled.

    Raises
    ------
    NotFound
        No such pattern for this actor.
    """
    row = pattern_queries.locked(session, pattern_id)
    if row is None or row.ended_at is not None or not actor.covers(row.county_code, row.area_code):
        raise NotFound("review_pattern_not_found")
    row.ended_at = clock.now()
    for review in pattern_queries.planned(session, actor, row):
        cancel_planned(session, actor, review)


def call_due(session: Session, county_code: str, aside: Aside | None = None) -> int:
    """Call what the patterns of a county want next; how many meetings were called.

    Safe to run twice, and at once: each pattern is locked, and has one meeting a moment.
    """
    act_as(session, system(county_code))
    aside = aside or Aside()
    rows = pattern_queries.next_in_line(session, county_code, aside.keys)
    called: dict[UUID, int] = {}
    aside.each(session, rows, partial(_call_next, session, called))
    return sum(called.values())


def _call_next(session: Session, called: dict[UUID, int], row: ReviewPattern) -> None:
    called.pop(row.id, None)
    if row.area_code in areas.named(session, [row.area_code]):
        called[row.id] = _call(session, system(row.county_code), row)
    else:
        # The area is no more; whoever governs its heir sets up their own.
        row.ended_at = clock.now()


def call_for(county_code: str, aside: Aside) -> int:
    """A slice of the job that calls meetings; the next one finds nothing more to call."""
    with job_unit(county_code) as session:
        return call_due(session, county_code, aside)


def _call(session: Session, actor: Actor, row: ReviewPattern) -> int:
    now = clock.now()
    known = pattern_queries.called(session, row, now)
    called = 0
    for moment in moments(row, deadlines.current(session), now):
        if moment not in known:
            call(session, actor, row.made_by, row.area_code, moment, row.title, row.id)
            called += 1
    return called


def moments(row: ReviewPattern, calendar: Calendar, now: datetime) -> Iterator[datetime]:
    """When a pattern meets, as far ahead as it is called; on free days it does not.

    A weekly meeting whose day is free is held on the next working day.
    """
    today, until = day.of(now), day.of(now + AHEAD[row.rhythm])
    seen: set[date] = set()
    for n in range((until - today).days + 1):
        on = today + timedelta(days=n)
        if row.rhythm == "weekly":
            if on.weekday() != row.weekday:
                continue
            on = _working(calendar, on)
        elif not calendar.works_on(on):
            continue
        moment = day.at(on, time.fromisoformat(row.at))
        if moment > now and on not in seen:
            seen.add(on)
            yield moment


def _working(calendar: Calendar, wanted: date) -> date:
    for n in range(LONGEST_BREAK):
        if calendar.works_on(wanted + timedelta(days=n)):
            return wanted + timedelta(days=n)
    return wanted
