"""Putting events into lists: a fixed number of queries, however long the list."""

from collections.abc import Sequence
from math import ceil, floor
from typing import Any
from uuid import UUID

from geoalchemy2.shape import to_shape
from sqlalchemy import Row
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.core import clock
from backend.core.actor import Actor, system
from backend.matters.categories import service as categories
from backend.matters.categories.models import Category
from backend.matters.events import queries
from backend.matters.events.models import Event
from backend.matters.events.views import (
    EventLine,
    NearOut,
    TimeLeft,
    placing,
)
from backend.matters.events.vocabulary import State
from backend.matters.events.whereabouts import positions
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.clocks import WORKING, Clock, elapsed, share
from backend.tools.search import alike
from gis import codes
from gis.measure import distance_m


def lines(session: Session, actor: Actor, events: Sequence[Event | Row[Any]]) -> list[EventLine]:
    """Events, or rows of `queries.LINE`, as a list shows them: at most five queries."""
    points = positions(events)
    wanted = {c for e in events for c in codes.chain(e.area_code)[1:]}
    names = areas.named(session, wanted)
    leads = organizations.names(
        session, (e.lead_organization_id for e in events if e.lead_organization_id)
    )
    first_photo = queries.first_photos(session, events)
    helps = queries.own_help(session, events, actor.organization_id)
    return [
        EventLine(
            **line(session, actor, e, names, points, leads), **own_help(helps.get(e.id)),
            photo=first_photo.get(e.id),
        )
        for e in events
    ]  # fmt: skip


def own_help(helping: queries.Helping | None) -> dict[str, Any]:
    """Until when the caller's own organization is to have helped, and whether it is late."""
    if helping is None:
        return {}
    late = helping.overdue_at is not None
    return {"help_due_at": helping.due_at, "help_late": late}


# A map with more dots than this says nothing; it draws the tiles instead.
MOST_POINTS = 2000


def points(session: Session, actor: Actor, wanted: queries.Wanted) -> str:
    """Where the events of a list lie, at most the newest 2,000: a `PointsOut` in JSON."""
    rows = queries.points(session, actor, wanted, MOST_POINTS)
    shown = [point for point in rows[:MOST_POINTS] if point is not None]
    placeless = min(len(rows), MOST_POINTS) - len(shown)
    more = "true" if len(rows) > MOST_POINTS else "false"
    return f'{{"points":[{",".join(shown)}],"placeless":{placeless},"more":{more}}}'


def line(
    session: Session, actor: Actor, event: Event | Row[Any], names: dict[str, areas.Named],
    points: dict[UUID, tuple[float, float]], leads: dict[UUID, str],
) -> dict[str, Any]:  # fmt: skip
    """The fields of a line, from what was read of it already."""
    lon, lat = points.get(event.id, (None, None))
    chain = codes.chain(event.area_code)
    place = " ".join(names[c].name for c in (chain[2:] or chain[1:]) if c in names)
    return {
        "id": event.id, "county_code": event.county_code, "event_no": event.event_no,
        "state": State(event.state), "area_code": event.area_code, "place": place,
        "category": _category(session, actor, event), "text": event.text,
        "severity": event.severity, "source": event.source,
        "reported_at": event.reported_at, "due_at": event.due_at, "overdue_at": event.overdue_at,
        "time": _time_left(session, event),
        "step_due_at": event.step_due_at, "asked": list(event.asked),
        "supervised_until": event.supervised_until, "supervision_no": event.supervision_no,
        "supervision_level": event.supervision_level,
        "supervision_answered_at": event.supervision_answered_at,
        "escalated_to": event.escalated_to,
        "restricted": event.restricted, "fed_back_at": event.fed_back_at,
        "closed_at": event.closed_at, "lon": lon, "lat": lat, "crs_suspect": event.crs_suspect,
        "late_helpers": event.late_helpers,
        "placed_by": None if event.closed_at else placing(event.area_code),
        "lead_organization": leads.get(event.lead_organization_id)
        if event.lead_organization_id else None,
    }  # fmt: skip


def _category(session: Session, actor: Actor, event: Event | Row[Any]) -> str:
    """What an event's category is called, as it was when the event took it."""
    category = categories.of_version(session, event.scheme_version, event.category_code)
    if category is None:
        return event.category_code
    return category.name_en if actor.language == "en" else category.name_zh


def _time_left(session: Session, event: Event | Row[Any]) -> TimeLeft | None:
    """How far the promise is, in its own kind of time, or was when the result came or it ended.

    What was paused counts as passed.
    """
    if event.due_at is None or event.state == State.SUSPENDED:
        return None
    began = event.promised_at or event.filed_at or event.reported_at
    now = event.fed_back_at or event.closed_at or clock.now()
    kind = Clock(event.limit_clock) if event.limit_clock else Clock.URGENT_HOUR
    calendar = deadlines.of_version(session, event.calendar_version)
    left = elapsed(kind, calendar, now, event.due_at) - elapsed(kind, calendar, event.due_at, now)
    return TimeLeft(
        used=round(share(began, event.due_at, now, kind, calendar), 3), left_s=int(left),
        working=kind in WORKING,
        day_s=int(calendar.day_seconds) if kind in WORKING else 86_400,
    )  # fmt: skip


def nearby(
    session: Session, actor: Actor, lon: float, lat: float, radius_m: float,
    said: str = "", category: str = "",
) -> list[NearOut]:  # fmt: skip
    """Open events near a point that may be the same matter, the likeliest first.

    How likely follows from how near they are, whether they are of the same kind, and how alike the
    words are; it orders and explains, and decides nothing.
    """
    found = queries.near(session, actor, lon, lat, radius_m)
    shown = {line.id: line for line in lines(session, actor, [event for event, _ in found])}
    words = alike.pairs(said)
    rows = []
    for event, metres in found:
        kind = 1.0 if event.category_code == category else 0.5 if _siblings(event, category) else 0
        parts = 0.4 * (1 - metres / radius_m) + 0.4 * kind
        parts += 0.2 * alike.likeness(words, alike.pairs(event.text))
        rows.append(
            NearOut(
                id=event.id, event_no=event.event_no, category=shown[event.id].category,
                text=event.text, state=State(event.state), distance_m=round(metres, 1),
                reported_at=event.reported_at, likely=round(parts, 2),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: -row.likely)


STRANGERS_NEAR_M, STRANGERS_STEP_M, STRANGERS_MOST = 50.0, 10, 5
# Strangers are told how far it is to the middle of a cell of this size (20 m by 22 m here), never
# to the place itself: who asks from many places finds the cell, and nobody finds the door.
STRANGERS_CELL_DEG = 0.0002
STRANGERS_CELL_HALF_M = 16.0


def nearby_for_strangers(
    session: Session, county_code: str, lon: float, lat: float
) -> list[tuple[Event, Category, int]]:
    """Open matters near a point (EPSG:4490) that anybody may know of, the nearest first.

    Left out is what is restricted, and what is of a sensitive or personal category: that somebody
    old lives alone behind a door is for nobody to ask a map. Metres are rounded up to tens.
    """
    found = []
    around = STRANGERS_NEAR_M + STRANGERS_CELL_HALF_M
    for event, _ in queries.near(session, system(county_code), lon, lat, around):
        category = categories.of_version(session, event.scheme_version, event.category_code)
        if category is None or category.sensitive or category.personal or event.geom is None:
            continue
        there = to_shape(event.geom)
        metres = distance_m(lon, lat, _cell_middle(there.x), _cell_middle(there.y))
        rough = max(1, ceil(metres / STRANGERS_STEP_M)) * STRANGERS_STEP_M
        if rough <= STRANGERS_NEAR_M:
            found.append((event, category, rough))
    return sorted(found, key=lambda one: (one[2], one[0].id))[:STRANGERS_MOST]


def _cell_middle(degrees: float) -> float:
    return (floor(degrees / STRANGERS_CELL_DEG) + 0.5) * STRANGERS_CELL_DEG


def as_near(session: Session, actor: Actor, found: Sequence[Event]) -> list[NearOut]:
    """Earlier events at one place, in one line each, in the caller's language."""
    rows = []
    for event in found:
        rows.append(
            NearOut(
                id=event.id, event_no=event.event_no,
                category=_category(session, actor, event), text=event.text,
                state=State(event.state), distance_m=0, reported_at=event.reported_at, likely=0,
            )
        )  # fmt: skip
    return rows


def _siblings(event: Event, category: str) -> bool:
    return bool(category) and event.category_code[:2] == category[:2]
