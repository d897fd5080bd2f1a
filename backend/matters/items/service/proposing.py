"""Putting a matter on a list."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2.shape import from_shape
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.core import clock, day, ids
from backend.core.actor import Actor, Role
from backend.core.errors import BadInput, Forbidden
from backend.core.idempotency import fingerprint, once
from backend.matters.items.models import Item, ItemEvent
from backend.matters.items.schemas import ItemIn, ShapeIn
from backend.matters.items.service.journal import write
from backend.matters.items.workflow import Action, Kind, Recurs, State
from gis import codes, crs
from gis.errors import GisError

LETTERS = {Kind.PROBLEM: "P", Kind.DEVELOPMENT: "D", Kind.TASK: "T"}
# Who may put a matter on a list at once; what others propose is confirmed by these.
CONFIRMS = frozenset(
    {
        Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER, Role.CITY_DISPATCHER,
        Role.SYSTEM,
    }
)  # fmt: skip
VERTICES_MOST = 2_000


def propose(
    session: Session, actor: Actor, body: ItemIn, origin: Mapping[str, str] | None = None
) -> UUID:
    """Put a matter on a list; whoever governs the place confirms it by that.

    ``origin`` says where it comes from (a meeting's number and key), and stays in its log.

    Raises
    ------
    BadInput
        No place, a place outside of ours, a shape that cannot be read, an organization that does
        not serve there, a term without a task.
    Forbidden
        The place is not the actor's.
    """
    answer = once(
        session, actor, body.client_id, fingerprint("propose item", body),
        lambda: {"id": str(_propose(session, actor, body, origin or {}).id)},
    )  # fmt: skip
    return UUID(answer["id"])


def _propose(session: Session, actor: Actor, body: ItemIn, origin: Mapping[str, str]) -> Item:
    shape = read_shape(body.shape) if body.shape else None
    area_code = _area_of(session, shape, body.area_code)
    named = areas.named(session, [area_code]).get(area_code)
    if named is None:
        raise BadInput("area_unknown", code=area_code)
    if not actor.covers(named.managing_county, area_code):
        raise Forbidden("not_your_area")
    if body.recurs and body.kind is not Kind.TASK:
        raise BadInput("only_tasks_recur")
    if body.organization_id is not None:
        check_serves(session, body.organization_id, area_code)
    item = make(
        session, actor, county_code=named.managing_county, kind=body.kind, title=body.title,
        plan=body.plan, cause=body.cause, area_code=area_code, category_code=body.category,
        geom=from_shape(shape, srid=4490) if shape else None,
        organization_id=body.organization_id, due_on=body.due_on, recurs=body.recurs,
        hot_spot_id=body.hot_spot_id, origin=origin,
    )  # fmt: skip
    link(session, item, body.events)
    if actor.role in CONFIRMS:
        write(session, actor, item, Action.CONFIRM, State.CONFIRMED, "", {})
    return item


def make(
    session: Session, actor: Actor, *, county_code: str, kind: Kind, recurs: Recurs | None = None,
    origin: Mapping[str, str] | None = None, **fields: Any,
) -> Item:  # fmt: skip
    """Make an item with the first entry of its log."""
    now = clock.now()
    item = Item(
        county_code=county_code, id=ids.new_id(), kind=kind, state=State.PROPOSED, recurs=recurs,
        item_no=ids.event_number(county_code, now, LETTERS[kind]), made_at=now, moved_at=now,
        made_by=actor.id, fund_source="", progress=0, **fields,
    )  # fmt: skip
    if item.term is None and recurs is not None:
        item.term = term_of(recurs, day.of(now))
    session.add(item)
    session.flush()
    details = {"kind": kind.value, **(origin or {})}
    write(session, actor, item, Action.PROPOSE, State.PROPOSED, "", details)
    return item


def link(
    session: Session, item: Item, events: Iterable[UUID], *, carried: bool = False,
    awaited: bool = False, county: str | None = None,
) -> None:  # fmt: skip
    """Remember that an item goes back to events of its own county, or to ones that moved away."""
    rows = [
        {"county_code": item.county_code, "id": ids.new_id(), "item_id": item.id, "event_id": e,
         "event_county": county or item.county_code, "carried": carried,
         "awaited": awaited}
        for e in dict.fromkeys(events)
    ]  # fmt: skip
    if rows:
        session.execute(insert(ItemEvent), rows)


def check_serves(session: Session, organization_id: UUID, area_code: str) -> None:
    """Raises `BadInput` when an organization does not serve a place."""
    if organization_id not in {row.id for row in organizations.assignable(session, area_code)}:
        raise BadInput("organization_not_here")


def read_shape(body: ShapeIn) -> BaseGeometry:
    """A point, line or area as EPSG:4490.

    Raises
    ------
    BadInput
        No GeoJSON of these kinds, too many vertices, an unknown system, numbers outside of it.
    """
    try:
        shape = shapely.geometry.shape(body.geometry)
        good = shape.geom_type in ("Point", "LineString", "Polygon") and not shape.is_empty
        if not good or shapely.get_num_coordinates(shape) > VERTICES_MOST:
            raise BadInput("shape_unreadable")
        found = crs.geometry_to_4490(shapely.force_2d(shape), body.crs)
        return shapely.make_valid(found) if found.geom_type == "Polygon" else found
    except GisError as error:
        raise BadInput("position_unreadable", reason=str(error)) from error
    except (GEOSException, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise BadInput("shape_unreadable") from error


def _area_of(session: Session, shape: BaseGeometry | None, area_code: str | None) -> str:
    """The smallest area that covers the whole shape; without a shape, the area that was named."""
    if shape is None:
        if area_code is None:
            raise BadInput("item_needs_place")
        return area_code
    points = shapely.get_coordinates(shape)
    # The corners and the middle: a plot may lie in two units, a road in three grids.
    middle = shape.representative_point()
    corners = points[:: max(1, len(points) // 24)]
    found = {
        areas.code_at(session, float(x), float(y)) for x, y in (*corners, (middle.x, middle.y))
    }
    inside = [code for code in found if code]
    if not inside:
        raise BadInput("position_outside")
    common = set(codes.chain(inside[0])).intersection(*(codes.chain(c) for c in inside))
    return max(common, key=len)


def term_of(recurs: Recurs, on: date) -> str:
    """The term that a day lies in: ``2026``, ``2026-H2``, ``2026-Q4``, ``2026-11``."""
    match recurs:
        case Recurs.YEAR:
            return f"{on.year}"
        case Recurs.HALF:
            return f"{on.year}-H{(on.month + 5) // 6}"
        case Recurs.QUARTER:
            return f"{on.year}-Q{(on.month + 2) // 3}"
        case Recurs.MONTH:
            return f"{on.year}-{on.month:02}"


MONTHS = {Recurs.YEAR: 12, Recurs.HALF: 6, Recurs.QUARTER: 3, Recurs.MONTH: 1}


def next_term(recurs: Recurs, term: str) -> str:
    """The term that follows: after ``2026-Q4`` comes ``2027-Q1``."""
    year, _, part = term.partition("-")
    first = (int(part.lstrip("HQ")) - 1) * MONTHS[recurs] if part else 0
    month = first + MONTHS[recurs]
    return term_of(recurs, date(int(year) + month // 12, month % 12 + 1, 1))
