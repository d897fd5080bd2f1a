"""Correcting where an event is; into another county it moves as a copy that leaves a tombstone."""

from datetime import timedelta
from typing import Any

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import ids
from backend.core.actor import system
from backend.core.db import act_as
from backend.core.errors import BadInput
from backend.matters.events.casework.effects import Step
from backend.matters.events.intake.placing import convert
from backend.matters.events.models import Alarm, Event, EventAction, EventContact
from backend.tools.media.models import Media
from gis import codes


def correct_position(step: Step) -> None:
    """Put the event where it is. What was sent stays as it was sent.

    Raises
    ------
    BadInput
        The position cannot be read, or lies in no area of ours.
    """
    assert step.body.position is not None
    session, event = step.session, step.event
    lon, lat = convert(step.body.position)
    code = areas.code_at(session, lon, lat)
    if code is None:
        raise BadInput("position_outside")
    county = areas.named(session, [code])[code].managing_county
    step.details |= {
        "from_area": event.area_code, "to_area": code,
        "position": step.body.position.model_dump(mode="json", exclude_none=True),
    }  # fmt: skip
    # The new place may lie outside the caller's slice, where row-level security would refuse it.
    act_as(session, system(event.county_code, county))
    if county != event.county_code:
        step.details |= {"from_county": event.county_code, "to_county": county}
        step.event = event = _move(session, event, county)
    event.area_code = code
    event.geom = from_shape(Point(lon, lat), srid=4490)
    event.crs_suspect = None
    session.flush()


def _move(session: Session, event: Event, county: str) -> Event:
    """Copy an event to the county that manages its true place; the copy.

    A county never changes by UPDATE (it says on which machine a row lives). Key, number, log and
    tracking code go along, so that every link still leads there. The tombstone is on no map and in
    no list, and keeps the log that was written in its county; personal fields leave it.
    """
    old = event.county_code
    for table in (Event, EventAction, EventContact, Alarm):
        _copy_rows(session, table, old, county, event)
    session.execute(
        update(Media)
        .where(Media.event_county == old, Media.event_id == event.id)
        .values(event_county=county)
    )
    session.execute(delete(Alarm).where(Alarm.county_code == old, Alarm.event_id == event.id))
    session.execute(
        delete(EventContact).where(EventContact.county_code == old, EventContact.id == event.id)
    )
    session.execute(
        update(Event)
        .where(Event.county_code == old, Event.id == event.id)
        .values(moved_to=county, geom=None, raw_position=None, address_text="", due_at=None)
        .execution_options(synchronize_session=False)
    )
    session.expunge(event)
    for merged in session.scalars(
        select(Event).where(
            Event.county_code == old, Event.master_id == event.id, Event.moved_to.is_(None)
        )
    ).all():
        # What was merged into it belongs to the same place, and its reporters hear of it there.
        _move(session, merged, county)
    moved = session.get(Event, (county, event.id))
    assert moved is not None
    return moved


def _copy_rows(session: Session, table: Any, old: str, county: str, event: Event) -> None:
    columns = [c.name for c in table.__table__.columns if c.name not in ("county_code", "moved_to")]
    key = "event_id" if "event_id" in columns else "id"
    session.execute(
        text(
            f"INSERT INTO {table.__tablename__} (county_code, {', '.join(columns)})"  # noqa: S608 (names of our own tables)
            f" SELECT :county, {', '.join(columns)} FROM {table.__tablename__}"
            f" WHERE county_code = :old AND {key} = :event"
        ),
        {"county": county, "old": old, "event": event.id},
    )


# D4.6: the same kind of matter at the same place within three months is no new matter.
RECURS_WITHIN, RECURS_NEAR_M = timedelta(days=90), 50.0

EARLIER = text(
    """
    SELECT earlier.id FROM event AS earlier, event AS this
    WHERE this.county_code = :county AND this.id = :event
      AND earlier.county_code = :county
      AND earlier.area_code >= :lo AND earlier.area_code < :hi AND earlier.id > :since
      AND earlier.id <> :event AND earlier.category_code = this.category_code
      AND earlier.state = 'closed' AND earlier.closed_at > :after
      AND ST_Distance(earlier.geom::geography, this.geom::geography) <= :near
    ORDER BY earlier.id DESC LIMIT 1
    """
)


def look_for_recurrence(step: Step) -> None:
    """Remember the closed event that this one repeats; looked for inside the same grid.

    The index by area serves it: keys are time-ordered, so a range of keys is a range of time.
    """
    event = step.event
    grid = event.area_code[:15]
    # An event that closed within the window may have been reported a good while before it.
    since = step.now - 4 * RECURS_WITHIN
    event.recurrence_of = step.session.execute(
        EARLIER,
        {
            "county": event.county_code, "lo": grid, "hi": codes.upper(grid),
            "since": ids.id_at(since), "event": event.id,
            "after": step.now - RECURS_WITHIN, "near": RECURS_NEAR_M,
        },
    ).scalar()  # fmt: skip
    if event.recurrence_of is not None:
        step.details["recurrence_of"] = str(event.recurrence_of)
