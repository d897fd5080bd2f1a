"""Events over HTTP: read the request, call the service, show the row."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlalchemy.orm import Session

from backend.city.accounts import looks
from backend.city.accounts.audit import What
from backend.city.areas import queries as areas
from backend.city.duty import queries as department
from backend.core.actor import Actor
from backend.core.db import ONE_PLAN, unit_of_work
from backend.core.errors import NotFound
from backend.core.inputs import AreaCode, CategoryCode, Lat, Lon, Moment, Number, Radius, Search
from backend.core.paging import Cursor, Page, Size, page_of
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.rate import limited
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.matters.events import queries
from backend.matters.events.case_views import EventOut
from backend.matters.events.casework import stepping
from backend.matters.events.intake import public, reporting
from backend.matters.events.reading import auditing, listing, revealing, showing
from backend.matters.events.schemas import Answered, Opened, ReportIn, RevealIn, StepIn
from backend.matters.events.views import (
    AuditOut,
    ContactOut,
    EventLine,
    LookLine,
    NearOut,
    PointsOut,
    Receipt,
    receipt_of,
)
from backend.matters.events.vocabulary import Ask, State

router = APIRouter(prefix="/events", tags=["events"])
audit_router = APIRouter(prefix="/audit", tags=["audit"])
public_router = APIRouter(prefix="/public", tags=["public"])

AreaFilter = Annotated[AreaCode | None, Query()]


@router.post("", status_code=201, response_model=Receipt, dependencies=[allow(Right.REPORT)])
def report(body: ReportIn, actor: ActorDep) -> Response:
    """Report something; sending the same report again returns the same receipt."""
    # The one path that a storm hits, so it runs in one thread from end to end: its unit of work
    # opens here and not as a dependency, and its answer is written here and not by the framework,
    # which would each cross to another thread. Its statements have one good plan each; planning
    # them at every report took a third of the database's time.
    with unit_of_work(actor, ONE_PLAN) as session:
        receipt = receipt_of(session, reporting.report(session, actor, body))
    return Response(receipt.model_dump_json(), 201, media_type="application/json")


def _wanted(
    actor: ActorDep,
    session: SessionDep,
    state: Annotated[list[State] | None, Query(max_length=40)] = None,
    area: AreaFilter = None,
    category: Annotated[CategoryCode | None, Query()] = None,
    number: Annotated[Number | None, Query()] = None,
    mine: bool = False,
    assigned: bool = False,
    open_only: bool = False,
    overdue: bool = False,
    helpers_late: bool = False,
    supervised: bool = False,
    asked: Annotated[Literal["any"] | Ask | None, Query()] = None,
    sampled: bool = False,
    offered: bool = False,
    helping: bool = False,
    handled_by_me: bool = False,
    closed_since: Moment | None = None,
    closed_before: Moment | None = None,
    restricted: bool | None = None,
    placeless: bool = False,
) -> queries.Wanted:
    """The filters of a list: the same for its rows and for its points on the map.

    Without a state it lists all of them, whatever became of them; `open_only` leaves out what has
    ended. Each number of the board names the query whose list has that many rows.
    """
    counties = areas.managing(session, area) if area else None
    if number and counties is None:
        # The index of numbers begins with the county; that of a case may have changed.
        counties = areas.all_counties(session)
    wanted = queries.Wanted(
        state, area, category, number, mine, assigned, open_only=open_only, overdue=overdue,
        helpers_late=helpers_late, supervised=supervised,
        asked=asked, sampled=sampled, offered=offered, helping=helping, counties=counties,
        closed_since=closed_since, closed_before=closed_before, restricted=restricted,
        placeless=placeless,
    )  # fmt: skip
    if handled_by_me:
        mine_too = [actor.id, *department.stands_in_for(session, actor.id)]
        team = department.team_of(session, actor)
        wanted = replace(wanted, handlers=mine_too, team=team)
    return wanted


WantedDep = Annotated[queries.Wanted, Depends(_wanted, scope="function")]


@router.get("", dependencies=[allow(Right.READ_CASES)])
def list_events(
    actor: ActorDep,
    session: SessionDep,
    wanted: WantedDep,
    after: Cursor = None,
    size: Size = 50,
) -> Page[EventLine]:
    """List the events that the caller may know of, the newest first."""
    rows = queries.page(session, actor, wanted, after, size)
    return page_of(listing.lines(session, actor, rows), [row.id for row in rows], size)


@router.get("/points", response_model=PointsOut, dependencies=[allow(Right.READ_CASES)])
def list_points(actor: ActorDep, session: SessionDep, wanted: WantedDep) -> Response:
    """Return where the events of a list lie, the newest 2,000: a map shows what its list shows."""
    return Response(listing.points(session, actor, wanted), media_type="application/json")


@router.get("/near", dependencies=[allow(Right.READ_CASES)])
def list_nearby(
    actor: ActorDep,
    session: SessionDep,
    lon: Annotated[Lon, Query()],
    lat: Annotated[Lat, Query()],
    radius_m: Annotated[Radius, Query()] = 50,
    text: Annotated[Search, Query()] = "",
    category: Annotated[CategoryCode | Literal[""], Query()] = "",
) -> list[NearOut]:
    """List open events near a point (CGCS2000) that may be the same matter, the likeliest first."""
    return listing.nearby(session, actor, lon, lat, radius_m, text, category)


@router.get("/{event_id}", dependencies=[allow(Right.READ_CASES)])
def get_event(event_id: UUID, actor: ActorDep, session: SessionDep) -> EventOut:
    """Return one event, its history and the steps open to the caller."""
    return _whole(session, actor, event_id)


def _whole(session: Session, actor: Actor, event_id: UUID) -> EventOut:
    event = queries.one(session, actor, event_id)
    if event is None:
        raise NotFound("event_not_found")
    return showing.whole(session, actor, event)


@router.post("/{event_id}/steps", status_code=201, dependencies=[allow(Right.STEP_CASES)])
def take_step(
    event_id: UUID, body: StepIn, actor: ActorDep, session: SessionDep
) -> EventOut | None:
    """Take one step of the workflow; null when the event is out of the caller's sight now."""
    stepping.advance(session, actor, event_id, body)
    event = queries.one(session, actor, event_id)
    return None if event is None else showing.whole(session, actor, event)


@router.post(
    "/{event_id}/contact",
    dependencies=[allow(Right.REVEAL_CONTACT), looks.limited(What.REVEALED)],
)  # fmt: skip
def reveal_contact(
    event_id: UUID, body: RevealIn, actor: ActorDep, session: SessionDep
) -> ContactOut:
    """Show the reporter's contact in full; the look is logged with its reason."""
    return revealing.reveal(session, actor, event_id, body.reason)


@router.get(
    "/{event_id}/audit",
    dependencies=[allow(Right.AUDIT)],
)
def audit_event(event_id: UUID, actor: ActorDep, session: SessionDep) -> AuditOut:
    """Return whether an event's log holds, and who looked at its reporter's contact."""
    return auditing.audit(session, actor, event_id)


@audit_router.get("/looks", dependencies=[allow(Right.AUDIT)])
def list_looks(
    actor: ActorDep, session: SessionDep, after: Cursor = None, size: Size = 50
) -> Page[LookLine]:
    """List who looked at a personal field in the caller's area, the newest first."""
    rows = auditing.looks(session, actor, after, size)
    return page_of(rows, [row.id for row in rows], size)


@public_router.post(
    "/events", status_code=201,
    dependencies=[allow_public(Right.REPORT), limited("public_reports_per_hour")],
)  # fmt: skip
def report_publicly(body: ReportIn, actor: ActorDep, session: SessionDep) -> Receipt:
    """Report something without an account."""
    reporting.check_number(body.contact)
    return receipt_of(session, reporting.report(session, actor, body))


@public_router.post(
    "/events/{number}/open", dependencies=[allow_public(), limited("public_opens_per_hour")]
)
def follow(
    number: Annotated[Number, Path()], body: Opened, actor: ActorDep, session: SessionDep
) -> EventOut:
    """Return one's own report by its number and code (in the body: no secret stands in a URL)."""
    event_id = public.open_tracked(session, actor, number, body.code)
    return _whole(session, session.info["actor"], event_id)


@public_router.post(
    "/events/{number}/steps", status_code=201,
    dependencies=[allow_public(), limited("track_steps_per_hour")],
)  # fmt: skip
def answer(
    number: Annotated[Number, Path()], body: Answered, actor: ActorDep, session: SessionDep
) -> EventOut:
    """Answer a question about one's own report: solved, or not solved and why."""
    event_id = public.open_tracked(session, actor, number, body.code)
    opened = session.info["actor"]
    stepping.advance(session, opened, event_id, body.step)
    return _whole(session, opened, event_id)
