"""Correcting where an event is; into another county it moves as a copy that leaves a tombstone."""

from datetime import timedelta
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import ids
from backend.core.actor import system
from backend.core.db import act_as
from backend.core.errors import BadInput
from backend.matters.events import kin, queries, sensitivity
from backend.matters.events.casework import counting
from backend.matters.events.casework.effects import Step, at_work
from backend.matters.events.casework.moving import move
from backend.matters.events.intake.placing import convert
from backend.matters.events.models import Event
from backend.matters.events.placeless import desk_of
from backend.matters.events.promises import alarms
from backend.matters.events.reading.whole import read
from backend.matters.events.vocabulary import State
from backend.tools.calendar import service as deadlines
from gis import codes


def correct_position(step: Step) -> None:
    """Put the event where it is: at a point, or in an area. What was sent stays as it was sent.

    What had no place begins with its village from now on.

    Raises
    ------
    BadInput
        The position cannot be read, or lies in no area of ours; there is no such area.
    """
    session, event = step.session, step.event
    point, code = _where(step)
    county = areas.named(session, [code])[code].managing_county
    step.details |= {"from_area": event.area_code, "to_area": code}
    if step.body.position is not None:
        step.details["position"] = step.body.position.model_dump(mode="json", exclude_none=True)
    found = desk_of(event.area_code) is not None
    # The new place may lie outside the caller's slice, where row-level security would refuse it.
    act_as(session, system(event.county_code, county))
    if county != event.county_code:
        step.details |= {"from_county": event.county_code, "to_county": county}
        along = kin.merged_into(session, event)
        logs = {one.id: read(session, one).facts.past for one in along}
        counted = {one.id: counting.numbers(one, logs[one.id]) for one in along}
        step.event = event = move(session, event, county)
        for one in kin.merged_into(session, event):
            # It belongs to the same place now, and so do its numbers.
            _lies_in(session, one, code, one.reporter_id)
            counting.changed(session, counted[one.id], counting.numbers(one, logs[one.id]))
    _lies_in(session, event, code, step.facts.reporter_id, *at_work(step))
    event.geom = from_shape(point, srid=4490) if point else None
    event.crs_suspect = None
    if found:
        if desk_of(code) is None:
            alarms.silence(session, event, alarms.Kind.PLACE)
        else:
            alarms.place_by(session, event.county_code, event.id, step.now)
        if event.state == State.REPORTED:
            _begin_again(step, event)
    session.flush()


def _where(step: Step) -> tuple[Point | None, str]:
    """The point, where there is one, and the smallest area that holds it."""
    position, area = step.body.position, step.body.area_code
    if position is not None:
        lon, lat = convert(position)
        code = areas.code_at(step.session, lon, lat)
        if code is None or codes.level_of(code) is codes.Level.CITY:
            raise BadInput("position_outside")
        return Point(lon, lat), code
    assert area is not None
    if codes.level_of(area) is codes.Level.CITY or area not in areas.named(step.session, [area]):
        raise BadInput("area_unknown", code=area)
    return None, area


def _begin_again(step: Step, event: Event) -> None:
    """The time of whoever takes it in counts from when they could know of it."""
    calendar = deadlines.current(step.session)
    event.step_due_at = deadlines.leave_by(calendar, State.REPORTED, step.now)
    if event.step_due_at is not None:
        alarms.expect(step.session, event, alarms.Kind.STEP, event.step_due_at)


def _lies_in(session: Session, event: Event, code: str, *keeps: UUID | None) -> None:
    before, event.area_code = event.area_code, code
    sensitivity.follow_place(session, event, before, keeps)


# The same kind of matter at the same place within three months is no new matter.
RECURS_WITHIN, RECURS_NEAR_M = timedelta(days=90), 50.0


def look_for_recurrence(step: Step) -> None:
    """Remember the closed event that this one repeats; looked for inside the same grid.

    The index by area serves it: keys are time-ordered, so a range of keys is a range of time.
    """
    event = step.event
    # An event that closed within the window may have been reported a good while before it.
    since = step.now - 4 * RECURS_WITHIN
    # Read as the system: whether it repeats another is true for whoever files it.
    with kin.unfiltered(step.session, event.county_code):
        event.recurrence_of = queries.recurrence(
            step.session, event, ids.id_at(since), step.now - RECURS_WITHIN, RECURS_NEAR_M
        )
    if event.recurrence_of is not None:
        step.details["recurrence_of"] = str(event.recurrence_of)
